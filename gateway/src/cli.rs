//! The command line: words to journeys, answers to text or JSON Lines.
//!
//! Thin on purpose: every command is one call of a journey, and `quickstart` calls the same ones.
//! What people read of an answer is in `render`, of a failure in `error`; what machines read is
//! documented by `json_page`.

mod args;
mod args_data;
mod args_net;
mod args_trust;
mod dispatch;
pub mod error;
mod failed;
pub mod json_page;
pub mod output;
mod quickstart;
pub mod render;
mod visible;

pub use args::Cli;

use clap::Parser;
use clap::error::ErrorKind;
use error::Failure;
use output::Output;
use std::ffi::OsString;
use std::io::Write;

/// Parses the process's arguments, runs the command and returns the exit code.
pub fn run() -> i32 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let output = Output::new(cli.json);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let code = match runtime {
        Ok(runtime) => runtime.block_on(dispatch::run(cli, &output)),
        Err(error) => {
            let error = crate::SessionError::System("the system refuses threads", error.into());
            output.fail("start", &error)
        }
    };
    if code == 0 && output.is_lost() {
        let lost = "the command is done, and standard output could not be written";
        let _ = writeln!(std::io::stderr(), "medveil: {lost}");
        return 1;
    }
    code
}

/// Help and version go to standard output; what cannot be parsed goes to standard error, and with
/// `--json` as a line to standard output too.
fn usage(error: &clap::Error) -> i32 {
    let _ = error.print();
    if !error.use_stderr() {
        return 0;
    }
    let printed = error.render().to_string();
    let words = match error.kind() {
        // What is printed is the whole page of help.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "expected a command after these words: `--help` lists them"
        }
        _ => printed.trim_start_matches("error: ").trim_end(),
    };
    let failure = Failure::usage(words);
    if is_json(std::env::args_os()) {
        let line = serde_json::Value::Object(failure.to_json());
        Output::new(true).print(&line.to_string());
    }
    failure.exit_code()
}

/// Whether `--json` stands among words that could not be parsed.
fn is_json(args: impl Iterator<Item = OsString>) -> bool {
    args.take_while(|a| a != "--").any(|a| a == "--json")
}
