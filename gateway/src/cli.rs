//! The command line: words to journeys, answers to text or JSON Lines.
//!
//! Thin on purpose: every command is one call of a journey, and `quickstart` calls the same ones.
//! What people read of an answer is in `render`, of a failure in `error`; what machines read is
//! documented by `json_page`. Both leave by [`crate::streams`].

mod args;
mod args_bench;
mod args_data;
mod args_groth16;
mod args_net;
mod args_trust;
mod dispatch;
pub mod error;
mod failed;
mod interrupt;
pub mod json_page;
pub mod output;
mod outputs;
mod quickstart;
pub mod render;
mod usage;

pub use args::Cli;

use crate::streams;
use error::Failure;
use output::{Output, say};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Parses the process's arguments, runs the command and returns the exit code.
pub fn run() -> i32 {
    streams::show_panics();
    // Before anything is secret. A system that refuses is told of, and not worked around.
    if let Err(error) = medveil_custody::forbid_dumps() {
        say(&format!(
            "memory dumps of this process stay possible: {error}"
        ));
    }
    // What a panic leaves behind is not looked at: the process ends.
    let code = catch_unwind(AssertUnwindSafe(run_command)).unwrap_or(error::INTERNAL);
    match streams::lost() {
        Some(kind) if code == 0 => lost(kind),
        _ => code,
    }
}

fn run_command() -> i32 {
    let cli = match usage::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let output = Output::new(cli.json);
    interrupt::watch(output, dispatch::step_of(&cli));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(dispatch::run(cli, &output)),
        Err(error) => {
            let error = crate::SessionError::System("the system refuses threads", error.into());
            output.fail("start", &error)
        }
    }
}

/// The command is done, and nobody was told. A reader of a pipe who went away knows it.
fn lost(kind: std::io::ErrorKind) -> i32 {
    if kind != std::io::ErrorKind::BrokenPipe {
        say(&format!(
            "the command is done, and standard output could not be written: {kind}"
        ));
    }
    Failure::lost(kind).exit_code()
}
