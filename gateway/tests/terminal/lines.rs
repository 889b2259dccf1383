//! Command lines: every command there is with somebody's text for every value, and commands that
//! do their work on files and a home that hold such text.

use crate::model::{HARMLESS, HOSTILE};
use clap::{Arg, Command, CommandFactory};
use medveil_gateway::cli::Cli;
use std::any::TypeId;
use std::path::{Path, PathBuf};

/// A name of a file that lies in the folder, with somebody's text in it and in its name.
pub fn hostile_file(folder: &Path, ending: &str, text: &str) -> PathBuf {
    let name = format!("{}{HARMLESS}{ending}", HOSTILE.replace('/', ""));
    std::fs::write(folder.join(&name), text).unwrap();
    name.into()
}

/// Every command with a value for each of its arguments; flags are left out.
pub fn every_command(file: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut root = Cli::command();
    root.build();
    collect(&root, &[], file, &mut all);
    all
}

fn collect(command: &Command, words: &[String], file: &str, all: &mut Vec<Vec<String>>) {
    if !command.has_subcommands() && command.get_name() != "help" {
        let mut line = words.to_vec();
        for arg in command.get_arguments() {
            line.extend(value(arg, file));
        }
        all.push(line);
    }
    for inner in command.get_subcommands().filter(|c| c.get_name() != "help") {
        collect(
            inner,
            &[words, &[inner.get_name().to_owned()]].concat(),
            file,
            all,
        );
    }
}

/// An argument with its value; none for flags and for what every command has.
fn value(arg: &Arg, file: &str) -> Vec<String> {
    let takes = arg.get_num_args().is_none_or(|n| n.takes_values());
    let is_everywhere =
        ["home", "json", "actor", "passphrase_file"].contains(&arg.get_id().as_str());
    if !takes || is_everywhere || matches!(arg.get_id().as_str(), "help" | "version") {
        return Vec::new();
    }
    let kind = arg.get_value_parser().type_id();
    let possible = arg.get_possible_values();
    let text = match possible.last() {
        Some(last) => last.get_name().to_owned(),
        None if kind == TypeId::of::<PathBuf>() => file.to_owned(),
        None if kind == TypeId::of::<String>() => format!("{HARMLESS}{HOSTILE}"),
        // A word and its value.
        None if kind == TypeId::of::<(String, String)>() => format!("encoding={HOSTILE}"),
        None => "1".to_owned(),
    };
    match arg.get_long() {
        Some(name) => vec![format!("--{name}={text}")],
        None => vec![text],
    }
}
