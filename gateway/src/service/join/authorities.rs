//! An organisation's authorities as Fabric's tools leave them: an MSP folder, or a file.
//!
//! Source: the `cacerts`, `intermediatecerts` and `crls` folders of an MSP. Its other folders say
//! nothing of who may certify.

use super::{STAGE, text};
use crate::error::GatewayError;
use crate::msp::{Certificate, Msp, MspError, RevocationList};
use collections_config::MspId;
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// The authorities of an organisation: of an MSP folder, or of a PEM file that holds one or more of
/// them and may hold their revocation lists.
///
/// **Errors**: a file is missing or of another form; no root; an intermediate that leads to none; a
/// list that none of them signed.
pub(super) fn authorities(msp_id: &MspId, path: &Path) -> Result<Msp, GatewayError> {
    if !path.is_dir() {
        return Msp::from_pem(msp_id.clone(), &text(path)?).map_err(|e| at(path, &e));
    }
    let roots = read(&path.join("cacerts"), Certificate::from_pem)?;
    if roots.is_empty() {
        return Err(at(
            path,
            &"expected an MSP folder with an authority's certificate in cacerts",
        ));
    }
    let intermediates = read(&path.join("intermediatecerts"), Certificate::from_pem)?;
    let lists = read(&path.join("crls"), RevocationList::from_pem)?;
    Msp::of(msp_id.clone(), roots, intermediates, lists).map_err(|e| at(path, &e))
}

fn at(path: &Path, what: &dyn Display) -> GatewayError {
    GatewayError::input(STAGE, format!("{}: {what}", path.display()))
}

/// What the files of a folder hold; nothing where there is no such folder.
fn read<T>(
    dir: &Path,
    parse: impl Fn(&str) -> Result<T, MspError>,
) -> Result<Vec<T>, GatewayError> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(dir).and_then(|entries| {
        entries
            .map(|e| e.map(|e| e.path()))
            .collect::<Result<Vec<PathBuf>, _>>()
    });
    let entries = entries.map_err(|e| at(dir, &e))?;
    entries
        .into_iter()
        .filter(|p| p.is_file())
        .map(|p| parse(&text(&p)?).map_err(|e| at(&p, &e)))
        .collect()
}
