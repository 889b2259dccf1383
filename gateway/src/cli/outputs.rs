//! Which files a command line names for the command to write.

use super::args::{
    AccessCommand, ClaimCommand, Command, ConsortiumCommand, DatasetCommand, Groth16Command,
    IssuerCommand, R1csCommand, SchemaCommand, VisaCommand, ZkeyCommand,
};
use std::path::{Path, PathBuf};

/// The files that a command is asked to write, where it names some. `schema omop` names a folder.
pub fn of(command: &Command) -> Vec<&Path> {
    match command {
        Command::Groth16(Groth16Command::Prove { proof, public, .. }) => vec![proof, public],
        Command::Groth16(Groth16Command::Setup { files, .. }) => {
            files.last().map(PathBuf::as_path).into_iter().collect()
        }
        Command::Zkey(ZkeyCommand::ExportVkey { vkey, .. } | ZkeyCommand::Export { vkey, .. }) => {
            vec![vkey]
        }
        Command::R1cs(R1csCommand::Export { out, .. }) => vec![out],
        other => by_option(other).into_iter().collect(),
    }
}

fn by_option(command: &Command) -> Option<&Path> {
    match command {
        Command::Consortium(ConsortiumCommand::Trust { out })
        | Command::Visa(VisaCommand::Request { out, .. })
        | Command::Claim(ClaimCommand::Bundle { out, .. }) => Some(out),
        Command::Issuer(IssuerCommand::Issue(args)) => Some(&args.out),
        Command::Schema(SchemaCommand::Draft { out, .. })
        | Command::Dataset(DatasetCommand::Read { out, .. }) => out.as_deref(),
        Command::Dataset(DatasetCommand::Report(args)) => args.out.as_deref(),
        Command::Access(command) => access(command),
        Command::Claim(ClaimCommand::Prove(args)) => args.witness.as_deref(),
        _ => None,
    }
}

fn access(command: &AccessCommand) -> Option<&Path> {
    match command {
        AccessCommand::Request(args) => args.ask.as_deref().or(args.witness.as_deref()),
        AccessCommand::Extend(args) => args.ask.as_deref().or(args.witness.as_deref()),
        AccessCommand::Confirm { witness, .. } => witness.as_deref(),
        AccessCommand::Affirm { ask, .. } => ask.as_deref(),
        AccessCommand::Show { letter_out, .. } => letter_out.as_deref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::{Arg, CommandFactory, Parser};

    /// Every command with each of its arguments that names a file to write.
    fn writers(command: &clap::Command, words: &[String], all: &mut Vec<(Vec<String>, String)>) {
        let is_out = |arg: &&Arg| {
            let name = arg.get_long().unwrap_or_default();
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let names_a_file = arg.get_value_names().is_some_and(|n| n == ["FILE"]);
            name.ends_with("out") || (names_a_file && help.to_lowercase().contains("write"))
        };
        let named = command.get_arguments().filter(is_out);
        for name in named.filter_map(Arg::get_long) {
            all.push((words.to_vec(), name.to_owned()));
        }
        for inner in command.get_subcommands() {
            let words = [words, &[inner.get_name().to_owned()]].concat();
            writers(inner, &words, all);
        }
    }

    /// The least that a command needs to be parsed.
    fn needs(words: &str) -> &'static str {
        match words {
            "schema draft" => "x.csv",
            "schema omop" => "cdm",
            "dataset read" => "--grant 00",
            "dataset report" => "--name x",
            "access request" => "--dataset A/x --study s",
            "access extend" => "00 --columns x",
            "access affirm" | "access show" | "access confirm" | "claim bundle" => "00",
            "claim prove" => "--dataset x --where y --largest",
            "issuer issue" => "--request r.json --group g",
            "visa request" => "--schema ethics",
            _ => "",
        }
    }

    #[test]
    fn every_argument_that_names_a_file_to_write_is_known() {
        let mut all = Vec::new();
        writers(&Cli::command(), &[], &mut all);
        assert!(all.len() >= 16, "{all:?}");
        for (words, name) in all {
            let words = words.join(" ");
            let line = format!("medveil {words} {} --{name} FILE", needs(&words));
            let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
            let expected = match words.as_str() {
                "schema omop" => vec![],
                _ => vec![Path::new("FILE")],
            };
            assert_eq!(of(&cli.command), expected, "{line}");
        }
    }
}
