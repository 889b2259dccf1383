//! Words that are no command: help and version go to standard output; what cannot be parsed goes to
//! standard error, and with `--json` as a line to standard output too.

use super::args::Cli;
use super::error::Failure;
use super::output::Output;
use crate::streams::{self, Shown, Styled};
use clap::Parser;
use clap::error::ErrorKind;
use std::ffi::OsString;

/// How the program is called, whatever it was started as.
const NAME: &str = "medveil";

/// Parses the process's arguments. Where that ends the process, gives its exit code.
pub fn parse() -> Result<Cli, i32> {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    parse_words(&words).map_err(|error| told(&words, &error))
}

fn parse_words(words: &[OsString]) -> Result<Cli, clap::Error> {
    let named = std::iter::once(OsString::from(NAME)).chain(words.iter().cloned());
    Cli::try_parse_from(named)
}

fn told(words: &[OsString], error: &clap::Error) -> i32 {
    if !error.use_stderr() {
        streams::help(&Styled::help(error));
        return 0;
    }
    let printed = error.render().to_string();
    let said = match error.kind() {
        // What is printed is the whole page of help.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "expected a command after these words: `--help` lists them"
        }
        _ => printed.trim_start_matches("error: ").trim_end(),
    };
    let output = Output::new(is_json(words));
    output.give_up(&Failure::usage(said), &shown(words, &printed))
}

/// What is printed of words that cannot be parsed, each of them as one line.
fn shown(words: &[OsString], printed: &str) -> Shown {
    let plain = |word: &OsString| Shown::line(&word.to_string_lossy()).as_str().into();
    let plain: Vec<OsString> = words.iter().map(plain).collect();
    match parse_words(&plain) {
        Err(error) if plain != words => Shown::lines(error.render().to_string().trim_end()),
        _ => Shown::lines(printed.trim_end()),
    }
}

/// Whether `--json` stands among words that could not be parsed.
fn is_json(words: &[OsString]) -> bool {
    words
        .iter()
        .take_while(|a| *a != "--")
        .any(|a| a == "--json")
}
