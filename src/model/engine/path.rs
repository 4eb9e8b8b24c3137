//! Which instructions the kernels use: found out when the program starts, never when it is built.

use super::super::error::ModelError;
use pulp::{Simd, WithSimd};

/// A set of instructions that this processor has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path {
    /// 16 numbers at a time.
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
    /// 8 numbers at a time, with fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    /// 4 numbers at a time.
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
    /// What every processor of the architecture has; the compiler sees four numbers at a time.
    Portable,
}

/// The names of all paths, on whatever processor: what `kernel` may be beside `auto`.
#[must_use]
pub fn kernels() -> &'static [&'static str] {
    &["avx512", "avx2", "neon", "portable"]
}

/// The one of them that `auto` stands for on this processor.
#[must_use]
pub fn widest_kernel() -> &'static str {
    Path::widest().name()
}

impl Path {
    /// The widest of this processor.
    pub(crate) fn widest() -> Self {
        Self::all().into_iter().next().unwrap_or(Self::Portable)
    }

    /// Those of this processor, the widest first.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(pulp::x86::V4::try_new().map(Self::Avx512));
            all.extend(pulp::x86::V3::try_new().map(Self::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        all.extend(pulp::aarch64::Neon::try_new().map(Self::Neon));
        all.push(Self::Portable);
        all
    }

    /// The path of that name; the widest for `auto`.
    pub(crate) fn named(name: &str) -> Result<Self, ModelError> {
        if name == "auto" {
            return Ok(Self::widest());
        }
        match Self::all().into_iter().find(|path| path.name() == name) {
            Some(path) => Ok(path),
            None if kernels().contains(&name) => {
                let here = Self::all().iter().map(|path| path.name()).collect();
                Err(ModelError::Kernel { name: name.to_owned(), here })
            }
            None => Err(ModelError::unknown("kernel", name, kernels())),
        }
    }

    /// Its name in options and records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => "neon",
            Self::Portable => "portable",
        }
    }

    /// Runs `work` with these instructions.
    pub(super) fn run<W: WithSimd>(self, work: W) -> W::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(simd) => Simd::vectorize(simd, work),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => Simd::vectorize(simd, work),
            #[cfg(target_arch = "aarch64")]
            Self::Neon(simd) => Simd::vectorize(simd, work),
            Self::Portable => Simd::vectorize(pulp::Scalar128b, work),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_there_is_refused_with_those_that_are() {
        assert_eq!(Path::named("auto").unwrap().name(), Path::widest().name());
        assert_eq!(Path::named("portable").unwrap().name(), "portable");
        let absent = if cfg!(target_arch = "aarch64") { "avx2" } else { "neon" };
        let message = Path::named(absent).unwrap_err().to_string();
        assert!(message.starts_with(&format!("this processor has no `{absent}`; it has ")));
        let message = Path::named("avx22").unwrap_err().to_string();
        assert!(message.contains("did you mean `avx2`?"), "{message}");
    }
}
