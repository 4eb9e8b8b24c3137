//! Runs the kernels with unsafe code over odd shapes, in buffers of exactly the size that they ask for,
//! so that an address sanitizer sees each access beyond. Without arguments: everything. `control`: a
//! read beyond a buffer, which must end the program. `portable`: without instructions of the processor
//! and without the `gemm` crate, for Miri.
#![deny(unsafe_code)]
#![allow(dead_code, reason = "the modules serve more than this program")]

mod engine;
#[path = "../../../src/model/kernels/mod.rs"]
mod kernels;

/// What the kernels need of their neighbours.
mod network {
    pub(crate) fn narrow(number: f64) -> f32 {
        number as f32
    }
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("control") => control(),
        Some("portable") => {
            println!("portable: {} calls", engine::run("portable", pulp::Scalar128b))
        }
        _ => everything(),
    }
}

fn everything() {
    let mut calls = vec![("portable", engine::run("portable", pulp::Scalar128b))];
    if let Some(simd) = pulp::x86::V3::try_new() {
        calls.push(("avx2", engine::run("avx2", simd)));
    }
    if let Some(simd) = pulp::x86::V4::try_new() {
        calls.push(("avx512", engine::run("avx512", simd)));
    }
    calls.push(("gemm", products()));
    for (path, calls) in &calls {
        println!("{path}: {calls} calls");
    }
    for path in ["avx2", "avx512"].iter().filter(|p| calls.iter().all(|(path, _)| path != *p)) {
        println!("{path}: not run, because this processor lacks it");
    }
}

/// Rows and columns of matrices.
const SIDES: [usize; 11] = [0, 1, 2, 3, 7, 8, 15, 16, 17, 33, 64];

/// Matrix products of all small shapes, each side as it lies and transposed.
fn products() -> usize {
    use kernels::gemm::{Before, Matrix, MatrixMut, multiply};
    let of = |m| SIDES.iter().flat_map(move |&k| SIDES.iter().map(move |&n| (m, k, n)));
    let mut calls = 0;
    for (m, k, n) in SIDES.iter().flat_map(|&m| of(m)) {
        let numbers = |len: usize| engine::numbers(1, len);
        let (a, b) = (numbers(m * k), numbers(k * n));
        let lefts = [Matrix::new(&a, m, k, k), Matrix::new(&a, k, m, m).transposed()];
        let rights = [Matrix::new(&b, k, n, n), Matrix::new(&b, n, k, k).transposed()];
        for (left, right) in lefts.iter().flat_map(|l| rights.iter().map(move |r| (*l, *r))) {
            let mut out = vec![0.0; m * n];
            for before in [Before::Drop, Before::Keep] {
                multiply(&mut MatrixMut::new(&mut out, m, n, n), before, left, right);
                calls += 1;
            }
        }
    }
    calls
}

/// Reads one number behind a buffer.
#[allow(unsafe_code, reason = "the sanitizer must see it")]
fn control() {
    let numbers = std::hint::black_box(engine::numbers(1, 64));
    // SAFETY: none; this is what a sanitizer is for.
    let beyond = unsafe { std::hint::black_box(numbers.as_ptr().add(64)).read() };
    println!("read {beyond} behind a buffer, and nobody noticed");
}
