//! Private data collections of a consortium: derived, checked, checked against an upgrade.

use super::consortium::{ConsortiumFiles, FilesError, read_consortium};
use crate::classify::{Classify, Kind, kind_of_io};
use crate::infile;
use crate::step::Step;
use medveil_collections_config::{CollectionsConfig, Problems};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Why collections could not be derived or checked.
#[derive(Debug, thiserror::Error)]
pub enum CollectionsError {
    /// The consortium file or the sharing groups.
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("collections {}", path.display())]
    Config { path: PathBuf, source: Problems },
    /// Fabric would refuse the upgrade, or data would be lost.
    #[error("{} cannot replace {}", next.display(), now.display())]
    Upgrade {
        now: PathBuf,
        next: PathBuf,
        source: Problems,
    },
    /// What was derived is no JSON.
    #[error("collections")]
    Json(#[from] serde_json::Error),
}

impl Classify for CollectionsError {
    fn kind(&self) -> Kind {
        match self {
            CollectionsError::Files(e) => e.kind(),
            CollectionsError::File { source, .. } => kind_of_io(source),
            CollectionsError::Config { .. } => Kind::Input,
            CollectionsError::Upgrade { .. } => Kind::Refused,
            CollectionsError::Json(_) => Kind::Internal,
        }
    }
}

/// The collections of a consortium.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CollectionsDerived {
    /// Fabric's `collections_config.json`.
    pub collections: serde_json::Value,
    /// The same as text, in the form of a file.
    #[serde(skip)]
    pub json: String,
}

impl Step for CollectionsDerived {
    const NAME: &'static str = "collections.derive";
}

/// Derives the collections of a consortium and its sharing groups.
///
/// **Errors**: every problem of either file.
pub fn derive(consortium: &Path, groups: &Path) -> Result<CollectionsDerived, CollectionsError> {
    let files = ConsortiumFiles::with_groups(read_consortium(consortium)?, groups)?;
    let json = files.collections.to_json();
    Ok(CollectionsDerived {
        collections: serde_json::from_str(&json)?,
        json,
    })
}

/// A configuration is sound and, where another one was given, may be replaced by it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CollectionsChecked {
    /// How many there are.
    pub collections: usize,
    /// The file.
    pub file: String,
    /// The file that may replace it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Step for CollectionsChecked {
    const NAME: &'static str = "collections.check";
}

/// Checks a configuration, and whether another may replace it.
///
/// **Errors**: every problem of either file, or of the step between them.
pub fn check(file: &Path, next: Option<&Path>) -> Result<CollectionsChecked, CollectionsError> {
    let now = read(file)?;
    if let Some(next) = next {
        let upgrade = now.check_upgrade(&read(next)?);
        upgrade.map_err(|source| CollectionsError::Upgrade {
            now: file.to_owned(),
            next: next.to_owned(),
            source,
        })?;
    }
    Ok(CollectionsChecked {
        collections: now.as_slice().len(),
        file: file.display().to_string(),
        next: next.map(|n| n.display().to_string()),
    })
}

fn read(path: &Path) -> Result<CollectionsConfig, CollectionsError> {
    let text = infile::text(path).map_err(|source| CollectionsError::File {
        path: path.to_owned(),
        source,
    })?;
    CollectionsConfig::from_json(&text).map_err(|source| CollectionsError::Config {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use medveil_collections_config::error_chain;

    #[test]
    fn collections_are_derived_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let consortium = include_str!("../../data/quickstart/consortium.json");
        let consortium = put("c.json", &consortium.replace("@NONCE@", &"5a".repeat(16)));
        let groups = put(
            "g.json",
            include_str!("../../data/quickstart/sharing-groups.json"),
        );
        let derived = derive(&consortium, &groups).unwrap();
        let file = put("collections.json", &derived.json);
        let checked = check(&file, Some(&file)).unwrap();
        assert_eq!(
            Some(checked.collections),
            derived.collections.as_array().map(Vec::len)
        );
        assert_eq!(checked.next.as_deref(), file.to_str());

        let none = put("none.json", "[]");
        let error = check(&file, Some(&none)).unwrap_err();
        assert_eq!(error.kind(), Kind::Refused, "{}", error_chain(&error));
        let bad = put("bad.json", "{}");
        let error = check(&bad, None).unwrap_err();
        assert_eq!(error.kind(), Kind::Input);
        assert!(error_chain(&error).contains("bad.json: "));
        let error = check(&folder.path().join("missing"), None).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
    }
}
