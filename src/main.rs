//! Arguments in, exit code out.

use audit::cli::{self, registry};
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cli::main(std::env::args_os(), registry::all).code())
}
