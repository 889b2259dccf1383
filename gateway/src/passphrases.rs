//! Where the passphrase of each vault comes from: said by name, said for all, or found.

use crate::actor::Actor;
use crate::classify::{Classify, Kind};
use crate::home::Home;
use medveil_custody::PassphraseSource;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

/// The environment variable that may hold the passphrase of every vault that has none of its own.
pub const PASSPHRASE_VARIABLE: &str = "MEDVEIL_PASSPHRASE";

/// A file with a passphrase, as `FILE`, or as `NAME=FILE` where it is of one vault alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassphraseFile {
    /// Whose; none is everybody's who is not named.
    pub whose: Option<Actor>,
    pub file: PathBuf,
}

impl FromStr for PassphraseFile {
    type Err = Infallible;

    /// A text whose part before `=` names nobody is a path.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let named = text.split_once('=');
        let named = named.and_then(|(name, file)| Some((Actor::parse(name).ok()?, file)));
        Ok(match named {
            Some((actor, file)) => PassphraseFile {
                whose: Some(actor),
                file: file.into(),
            },
            None => PassphraseFile {
                whose: None,
                file: text.into(),
            },
        })
    }
}

/// Two files were given for one vault.
#[derive(Debug, thiserror::Error)]
#[error("passphrase: expected one file {}, got two", whose(.0))]
pub struct TwoFiles(Option<Actor>);

fn whose(actor: &Option<Actor>) -> String {
    match actor {
        Some(actor) => format!("for {actor}"),
        None => "for all vaults (`NAME=FILE` is of one alone)".to_owned(),
    }
}

impl Classify for TwoFiles {
    fn kind(&self) -> Kind {
        Kind::Input
    }
}

/// What a caller said about passphrases.
#[derive(Clone, Debug, Default)]
pub struct Passphrases {
    /// For every vault that is not named.
    others: Option<PassphraseSource>,
    named: BTreeMap<Actor, PassphraseSource>,
}

impl From<Option<PassphraseSource>> for Passphrases {
    fn from(others: Option<PassphraseSource>) -> Self {
        Passphrases {
            others,
            ..Passphrases::default()
        }
    }
}

impl Passphrases {
    /// From files.
    ///
    /// **Errors**: two are for one vault, or two for all.
    pub fn of(files: &[PassphraseFile]) -> Result<Self, TwoFiles> {
        let mut said = Passphrases::default();
        for PassphraseFile { whose, file } in files {
            let source = PassphraseSource::File(file.clone());
            let before = match whose {
                Some(actor) => said.named.insert(actor.clone(), source),
                None => said.others.replace(source),
            };
            if before.is_some() {
                return Err(TwoFiles(whose.clone()));
            }
        }
        Ok(said)
    }

    /// For whom files were named.
    pub(crate) fn named(&self) -> impl Iterator<Item = &Actor> {
        self.named.keys()
    }

    /// Whether an actor's passphrase is one that others have as well.
    pub(crate) fn is_shared(&self, home: &Home, actor: &Actor) -> bool {
        let source = self.source(home, actor);
        let of_all = PassphraseSource::Env(PASSPHRASE_VARIABLE.to_owned());
        !self.named.contains_key(actor)
            && (Some(&source) == self.others.as_ref() || source == of_all)
    }

    /// Where an actor's passphrase is. What is the actor's own comes first: a file that names it,
    /// its variable; then a file for all, the variable for all, the file that `quickstart` wrote, a
    /// prompt.
    pub(crate) fn source(&self, home: &Home, actor: &Actor) -> PassphraseSource {
        let set = |name: String| {
            let is_set = std::env::var_os(&name).is_some();
            is_set.then_some(PassphraseSource::Env(name))
        };
        let file = home.passphrase(actor);
        let own = self.named.get(actor).cloned();
        own.or_else(|| set(variable(actor)))
            .or_else(|| self.others.clone())
            .or_else(|| set(PASSPHRASE_VARIABLE.to_owned()))
            .or_else(|| file.is_file().then_some(PassphraseSource::File(file)))
            .unwrap_or(PassphraseSource::Prompt)
    }
}

/// The environment variable of one vault: `MEDVEIL_PASSPHRASE_University_alice`.
pub fn variable(actor: &Actor) -> String {
    let name = actor.to_string();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!(
        "{PASSPHRASE_VARIABLE}_{}",
        name.chars().map(plain).collect::<String>()
    )
}

/// A source, as a part of a sentence about its passphrase.
pub(crate) fn came_from(source: &PassphraseSource) -> String {
    match source {
        PassphraseSource::Prompt => "that was typed".to_owned(),
        PassphraseSource::File(path) => format!("of {}", path.display()),
        PassphraseSource::Env(name) => format!("in {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> PassphraseFile {
        text.parse().unwrap()
    }

    #[test]
    fn files_are_of_one_vault_or_of_all() {
        let alice = Actor::parse("University/alice").unwrap();
        assert_eq!(file("University/alice=a.txt").whose, Some(alice.clone()));
        assert_eq!(file("./a=b").file, PathBuf::from("./a=b"));
        let home = Home::new("nowhere");
        let said = Passphrases::of(&[file("all.txt"), file("University/alice=hers.txt")]).unwrap();
        let of = |actor: &Actor| said.source(&home, actor);
        assert_eq!(of(&alice), PassphraseSource::File("hers.txt".into()));
        let university = Actor::parse("University").unwrap();
        assert_eq!(of(&university), PassphraseSource::File("all.txt".into()));
        for twice in [["a", "b"], ["University=a", "University=b"]] {
            let error = Passphrases::of(&twice.map(file)).unwrap_err();
            assert!(error.to_string().contains("got two"), "{error}");
        }
        assert_eq!(variable(&alice), "MEDVEIL_PASSPHRASE_University_alice");
    }
}
