//! The files that make a consortium: its members, its sharing groups, and the collections that
//! follow from both.

use crate::classify::{Classify, Kind, kind_of_io};
use crate::infile;
use medveil_collections_config::{CollectionsConfig, Consortium, Problems, SharingGroups};
use std::io;
use std::path::{Path, PathBuf};

const TEMPLATE: &str = include_str!("../../../data/quickstart/consortium.json");
const TEMPLATE_GROUPS: &str = include_str!("../../../data/quickstart/sharing-groups.json");

/// Why the files make no consortium.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The file system refused.
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("consortium")]
    Consortium(#[source] Problems),
    #[error("sharing groups")]
    Groups(#[source] Problems),
    #[error("collections")]
    Collections(#[source] Problems),
    /// The template's groups are of the template's members.
    #[error("a consortium file needs a sharing-groups file: give --groups FILE")]
    NoGroups,
}

impl Classify for FilesError {
    fn kind(&self) -> Kind {
        match self {
            FilesError::File { source, .. } => kind_of_io(source),
            FilesError::Consortium(_)
            | FilesError::Groups(_)
            | FilesError::Collections(_)
            | FilesError::NoGroups => Kind::Input,
        }
    }
}

/// The files of a consortium, checked.
pub struct ConsortiumFiles {
    pub consortium: Consortium,
    /// The text of the sharing-groups file.
    pub groups: String,
    pub collections: CollectionsConfig,
}

impl ConsortiumFiles {
    /// From paths, or from the template with this nonce.
    ///
    /// **Errors**: every problem of each file.
    pub fn read(
        consortium: Option<&Path>,
        groups: Option<&Path>,
        nonce: &str,
    ) -> Result<Self, FilesError> {
        let parsed = match consortium {
            Some(path) => read_consortium(path)?,
            None => template(nonce)?,
        };
        match (groups, consortium) {
            (Some(path), _) => ConsortiumFiles::with_groups(parsed, path),
            (None, None) => ConsortiumFiles::new(parsed, TEMPLATE_GROUPS.to_owned()),
            (None, Some(_)) => Err(FilesError::NoGroups),
        }
    }

    /// A consortium with the sharing groups of a file.
    ///
    /// **Errors**: every problem of the file.
    pub fn with_groups(consortium: Consortium, groups: &Path) -> Result<Self, FilesError> {
        ConsortiumFiles::new(consortium, text(groups)?)
    }

    fn new(consortium: Consortium, groups: String) -> Result<Self, FilesError> {
        let parsed = SharingGroups::from_json(&groups, &consortium).map_err(FilesError::Groups)?;
        let collections = CollectionsConfig::derive(&consortium, &parsed);
        Ok(ConsortiumFiles {
            collections: collections.map_err(FilesError::Collections)?,
            consortium,
            groups,
        })
    }
}

/// A consortium file in any JSON form.
///
/// **Errors**: every problem of the file.
pub fn read_consortium(path: &Path) -> Result<Consortium, FilesError> {
    Consortium::from_json(&text(path)?).map_err(FilesError::Consortium)
}

/// A consortium file in the one form that is written onto a ledger.
///
/// **Errors**: every problem of the file, or another form.
pub fn read_canonical(path: &Path) -> Result<Consortium, FilesError> {
    Consortium::from_canonical(text(path)?.as_bytes()).map_err(FilesError::Consortium)
}

fn template(nonce: &str) -> Result<Consortium, FilesError> {
    let text = TEMPLATE.replace("@NONCE@", nonce);
    Consortium::from_json(&text).map_err(FilesError::Consortium)
}

pub(in crate::journey) fn text(path: &Path) -> Result<String, FilesError> {
    infile::text(path).map_err(|source| FilesError::File {
        path: path.to_owned(),
        source,
    })
}
