//! The command line: words to service calls, answers to text or JSON Lines.
//!
//! Thin on purpose: every command is one call into `service`, and `quickstart` calls the same ones.

mod args;
mod args_data;
mod args_net;
mod args_trust;
mod dispatch;
mod dispatch_trust;

pub use args::Cli;

use crate::error::GatewayError;
use crate::output::Output;
use clap::Parser;

/// Parses the process's arguments, runs the command and returns the exit code.
///
/// Exit codes: 0 done, 1 internal, 2 bad usage or input, 3 refused, 4 not found or not reachable.
pub fn run() -> i32 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return code;
        }
    };
    let output = Output::new(cli.json);
    match dispatch::run(cli, &output) {
        Ok(()) => 0,
        Err(error) => report(&output, &error),
    }
}

fn report(output: &Output, error: &GatewayError) -> i32 {
    output.failed(error);
    error.kind().exit_code()
}
