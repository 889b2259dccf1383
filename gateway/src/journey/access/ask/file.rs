//! The file between a person and the institution's client.

use super::AskError;
use crate::actor::Actor;
use crate::home::Home;
use crate::infile;
use crate::outfile;
use crate::session::Session;
use medveil_circuits::ids::ConsortiumId;
use medveil_collections_config::MspId;
use medveil_contract::call::Call;
use medveil_contract::call::transient::SealedRequest;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::Path;

/// The value of `format`.
pub const FORMAT: &str = "medveil-ask-1";
/// Longest file: a sealed body of 1 MiB, padded, in hex, with room for the rest.
///
/// **Units**: bytes.
const LONGEST: u64 = 8 << 20;

/// A call that a person proved, and that the institution's client submits.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskFile {
    /// `medveil-ask-1`.
    format: String,
    consortium: String,
    /// The institution, which submits.
    organisation: String,
    /// The dataset as the person named it; for further columns the grant, for an affirmation the
    /// request.
    pub dataset: String,
    /// Columns or groups as the person named them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The contract's function and its argument, each in hex.
    call: Vec<String>,
    /// The sealed body of a request, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

impl AskFile {
    /// A call without a body.
    pub fn new(session: &Session, person: &Actor, dataset: &str, call: &Call) -> Self {
        AskFile {
            format: FORMAT.to_owned(),
            consortium: session.consortium_id().to_string(),
            organisation: person.org.to_string(),
            dataset: dataset.to_owned(),
            columns: Vec::new(),
            call: call.to_args().iter().map(hex::encode).collect(),
            sealed: None,
        }
    }

    /// Checks that a path may be written: nothing is there, or an earlier ask.
    ///
    /// **Errors**: something else is there.
    pub fn check_place(path: &Path) -> Result<(), AskError> {
        if outfile::is_standard_output(path) {
            return Ok(());
        }
        match AskFile::read(path) {
            Ok(_) => Ok(()),
            Err(AskError::File { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(()),
            Err(AskError::File { path, source }) => Err(AskError::File { path, source }),
            Err(_) => Err(AskError::Occupied(path.to_owned())),
        }
    }

    /// Writes it, mode 0600, in place of an earlier one.
    ///
    /// **Errors**: the file system refused.
    pub fn write(&self, home: &Home, path: &Path) -> Result<(), AskError> {
        let text = serde_json::to_string_pretty(self).map_err(|source| AskError::Form {
            path: path.to_owned(),
            source,
        })?;
        Ok(outfile::write_secret(home, path, text.as_bytes())?)
    }

    /// Reads one.
    ///
    /// **Errors**: no such file; too long; not of the form.
    pub fn read(path: &Path) -> Result<Self, AskError> {
        let failed = |source| AskError::File {
            path: path.to_owned(),
            source,
        };
        let text = infile::bytes(path, LONGEST).map_err(failed)?;
        let form = |source| AskError::Form {
            path: path.to_owned(),
            source,
        };
        let file: AskFile = serde_json::from_slice(&text).map_err(form)?;
        match file.format == FORMAT {
            true => Ok(file),
            false => Err(AskError::Format {
                path: path.to_owned(),
                got: file.format,
            }),
        }
    }

    /// Checks for whom it was made.
    ///
    /// **Errors**: another consortium's, or another institution's.
    pub fn check_for(&self, consortium: ConsortiumId, org: &MspId) -> Result<(), AskError> {
        differs("consortium", &consortium.to_string(), &self.consortium)?;
        differs("institution", org.as_str(), &self.organisation)
    }

    /// The call.
    ///
    /// **Errors**: not the canonical bytes of one.
    pub fn call(&self) -> Result<Call, AskError> {
        let args = self.call.iter().map(hex::decode);
        let args: Vec<Vec<u8>> = args.collect::<Result<_, _>>().map_err(AskError::Hex)?;
        Call::from_args(&args).map_err(AskError::Call)
    }

    /// The sealed body.
    ///
    /// **Errors**: there is none, or not of its form.
    pub fn sealed(&self) -> Result<SealedRequest, AskError> {
        let text = self.sealed.as_ref().ok_or(AskError::NoBody)?;
        let bytes = hex::decode(text).map_err(AskError::Hex)?;
        borsh::from_slice(&bytes).map_err(AskError::Body)
    }
}

/// Refuses what the ledger says otherwise.
pub fn differs(what: &'static str, expected: &str, got: &str) -> Result<(), AskError> {
    match expected == got {
        true => Ok(()),
        false => Err(AskError::Differs {
            what,
            expected: expected.to_owned(),
            got: got.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<AskFile, AskError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ask.json");
        std::fs::write(&path, text).unwrap();
        AskFile::read(&path)
    }

    #[test]
    fn m9_only_an_ask_of_this_release_is_read() {
        let good = format!(
            r#"{{"format": "{FORMAT}", "consortium": "c", "organisation": "University", "dataset": "A/b", "call": ["00", "zz"]}}"#
        );
        let file = read(good.as_bytes()).unwrap();
        assert!(matches!(file.call(), Err(AskError::Hex(_))));
        assert!(matches!(file.sealed(), Err(AskError::NoBody)));
        let other = good.replace(FORMAT, "medveil-ask-2");
        assert!(matches!(
            read(other.as_bytes()),
            Err(AskError::Format { .. })
        ));
        let extra = good.replace("{", "{\"more\": 1, ");
        assert!(matches!(read(extra.as_bytes()), Err(AskError::Form { .. })));
        let long = vec![b' '; LONGEST as usize + 1];
        assert!(matches!(read(&long), Err(AskError::File { .. })));
    }

    #[test]
    fn m9_an_ask_never_replaces_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.pdf");
        assert!(AskFile::check_place(&path).is_ok());
        std::fs::write(&path, "a letter").unwrap();
        let error = AskFile::check_place(&path).unwrap_err();
        assert!(matches!(error, AskError::Occupied(_)), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a letter");
    }
}
