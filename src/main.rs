//! Arguments in, exit code out.

use audit::cli::{self, registry};
use audit::dataset;
use std::process::ExitCode;

fn main() -> ExitCode {
    dataset::silence_guarded_panics();
    ExitCode::from(cli::main(std::env::args_os(), registry::all).code())
}
