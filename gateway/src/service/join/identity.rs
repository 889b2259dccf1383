//! An identity as Fabric's tools leave it: an MSP folder, or a file of a wallet.
//!
//! Sources: the `msp` folders that cryptogen and the CA client write; the wallet files (`NAME.id`,
//! version 1, type X.509) of Fabric's application kits.

use super::{STAGE, text};
use crate::error::GatewayError;
use crate::msp::{Certificate, Identity, SecretKey};
use collections_config::MspId;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A file of a wallet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WalletFile {
    credentials: Credentials,
    msp_id: String,
    r#type: String,
    version: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    certificate: String,
    private_key: String,
}

/// The one file of a folder.
fn only_file(dir: &Path) -> Result<PathBuf, GatewayError> {
    let entries = std::fs::read_dir(dir)
        .map_err(|e| GatewayError::not_found(STAGE, format!("{}: {e}", dir.display())))?;
    let files: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.is_file())
        .collect();
    match files.as_slice() {
        [file] => Ok(file.clone()),
        other => Err(GatewayError::input(
            STAGE,
            format!("{}: expected one file, got {}", dir.display(), other.len()),
        )),
    }
}

/// The identity of an MSP folder (`signcerts` and `keystore`) or of a wallet's file.
///
/// **Errors**: a file is missing or of another form; the key is another certificate's; a wallet's
/// identity is another organisation's.
pub fn identity(msp_id: &MspId, path: &Path) -> Result<Identity, GatewayError> {
    let (certificate, key) = if path.is_file() {
        wallet(msp_id, path)?
    } else {
        (
            text(&only_file(&path.join("signcerts"))?)?,
            Zeroizing::new(text(&only_file(&path.join("keystore"))?)?),
        )
    };
    let at =
        |e: &dyn std::fmt::Display| GatewayError::input(STAGE, format!("{}: {e}", path.display()));
    let certificate = Certificate::from_pem(&certificate).map_err(|e| at(&e))?;
    let key = SecretKey::from_pkcs8_pem(&key).map_err(|e| at(&e))?;
    Identity::new(msp_id.clone(), &certificate, key).map_err(|e| at(&e))
}

fn wallet(msp_id: &MspId, path: &Path) -> Result<(String, Zeroizing<String>), GatewayError> {
    let text = Zeroizing::new(text(path)?);
    // The parser's own words could repeat what it read: only the place is told.
    let file: WalletFile = serde_json::from_str(&text).map_err(|e| {
        let place = format!("line {}, column {}", e.line(), e.column());
        GatewayError::input(
            STAGE,
            format!("{}: expected a wallet's file ({place})", path.display()),
        )
    })?;
    let key = Zeroizing::new(file.credentials.private_key);
    let expected = |what: String| {
        Err(GatewayError::input(
            STAGE,
            format!("{}: expected {what}", path.display()),
        ))
    };
    if file.r#type != "X.509" || file.version != 1 {
        return expected(format!(
            "an X.509 identity of version 1, got {} of version {}",
            file.r#type, file.version
        ));
    }
    if file.msp_id != msp_id.as_str() {
        return expected(format!(
            "an identity of {msp_id}, got one of {}",
            file.msp_id
        ));
    }
    Ok((file.credentials.certificate, key))
}
