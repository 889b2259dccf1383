//! An organisation's authorities as Fabric's tools leave them: an MSP folder, or a file.
//!
//! Source: the `cacerts`, `intermediatecerts` and `crls` folders of an MSP. Its other folders say
//! nothing of who may certify.

use super::{JoinError, text};
use medveil_collections_config::MspId;
use medveil_msp::{Certificate, Msp, MspError, RevocationList};
use std::path::{Path, PathBuf};

/// The authorities of an organisation: of an MSP folder, or of a PEM file that holds one or more of
/// them and may hold their revocation lists.
///
/// **Errors**: a file is missing or of another form; no root; an intermediate that leads to none; a
/// list that none of them signed.
pub(super) fn authorities(msp_id: &MspId, path: &Path) -> Result<Msp, JoinError> {
    if !path.is_dir() {
        return Msp::from_pem(msp_id.clone(), &text(path)?).map_err(at(path));
    }
    let roots = read(&path.join("cacerts"), Certificate::from_pem)?;
    if roots.is_empty() {
        return Err(JoinError::NoRoot(path.to_owned()));
    }
    let intermediates = read(&path.join("intermediatecerts"), Certificate::from_pem)?;
    let lists = read(&path.join("crls"), RevocationList::from_pem)?;
    Msp::of(msp_id.clone(), roots, intermediates, lists).map_err(at(path))
}

pub(super) fn at(path: &Path) -> impl Fn(MspError) -> JoinError + '_ {
    move |source| JoinError::Msp {
        path: path.to_owned(),
        source,
    }
}

/// What the files of a folder hold; nothing where there is no such folder.
fn read<T>(dir: &Path, parse: impl Fn(&str) -> Result<T, MspError>) -> Result<Vec<T>, JoinError> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let paths = |entries: std::fs::ReadDir| -> std::io::Result<Vec<PathBuf>> {
        entries.map(|entry| entry.map(|e| e.path())).collect()
    };
    let entries = std::fs::read_dir(dir).and_then(paths);
    let entries = entries.map_err(|source| JoinError::File {
        path: dir.to_owned(),
        source,
    })?;
    let files = entries.into_iter().filter(|p| p.is_file());
    files.map(|p| parse(&text(&p)?).map_err(at(&p))).collect()
}
