//! An identity as Fabric's tools leave it: an MSP folder, or a file of a wallet.
//!
//! Sources: the `msp` folders that cryptogen and the CA client write; the wallet files (`NAME.id`,
//! version 1, type X.509) of Fabric's application kits.

use crate::classify::{Classify, Kind, kind_of_io};
use crate::infile;
use medveil_collections_config::MspId;
use medveil_msp::{Certificate, Identity, MspError, SecretKey};
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why an identity could not be read. Never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: expected one file, got {got}", path.display())]
    Files { path: PathBuf, got: usize },
    /// Only the place is told: a parser's words could repeat what it read.
    #[error("{}: expected a wallet's file (line {line}, column {column})", path.display())]
    Wallet {
        path: PathBuf,
        line: usize,
        column: usize,
    },
    #[error(
        "{}: expected an X.509 identity of version 1, got {got} of version {version}", path.display()
    )]
    Form {
        path: PathBuf,
        got: String,
        version: u32,
    },
    #[error("{}: expected an identity of {wanted}, got one of {got}", path.display())]
    Organisation {
        path: PathBuf,
        wanted: MspId,
        got: String,
    },
    /// A certificate or key of another form, or a key that is another certificate's.
    #[error("{}", path.display())]
    Msp { path: PathBuf, source: MspError },
}

impl Classify for IdentityError {
    fn kind(&self) -> Kind {
        match self {
            IdentityError::File { source, .. } => kind_of_io(source),
            IdentityError::Files { .. }
            | IdentityError::Wallet { .. }
            | IdentityError::Form { .. }
            | IdentityError::Organisation { .. }
            | IdentityError::Msp { .. } => Kind::Input,
        }
    }
}

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

fn file(path: &Path) -> impl Fn(io::Error) -> IdentityError + '_ {
    move |source| IdentityError::File {
        path: path.to_owned(),
        source,
    }
}

fn text(path: &Path) -> Result<String, IdentityError> {
    infile::text(path).map_err(file(path))
}

/// The one file of a folder.
fn only_file(dir: &Path) -> Result<PathBuf, IdentityError> {
    let entries = std::fs::read_dir(dir).map_err(file(dir))?;
    let paths = entries.flatten().map(|e| e.path());
    let files: Vec<PathBuf> = paths.filter(|p| p.is_file()).collect();
    match files.as_slice() {
        [file] => Ok(file.clone()),
        other => Err(IdentityError::Files {
            path: dir.to_owned(),
            got: other.len(),
        }),
    }
}

/// The identity of an MSP folder (`signcerts` and `keystore`) or of a wallet's file.
///
/// **Errors**: a file is missing or of another form; the key is another certificate's; a wallet's
/// identity is another organisation's.
pub fn identity(msp_id: &MspId, path: &Path) -> Result<Identity, IdentityError> {
    let (certificate, key) = if path.is_file() {
        wallet(msp_id, path)?
    } else {
        (
            text(&only_file(&path.join("signcerts"))?)?,
            Zeroizing::new(text(&only_file(&path.join("keystore"))?)?),
        )
    };
    let at = |source| IdentityError::Msp {
        path: path.to_owned(),
        source,
    };
    let certificate = Certificate::from_pem(&certificate).map_err(at)?;
    let key = SecretKey::from_pkcs8_pem(&key).map_err(at)?;
    Identity::new(msp_id.clone(), &certificate, key).map_err(at)
}

fn wallet(msp_id: &MspId, path: &Path) -> Result<(String, Zeroizing<String>), IdentityError> {
    let text = Zeroizing::new(text(path)?);
    let file: WalletFile = serde_json::from_str(&text).map_err(|e| IdentityError::Wallet {
        path: path.to_owned(),
        line: e.line(),
        column: e.column(),
    })?;
    let key = Zeroizing::new(file.credentials.private_key);
    if file.r#type != "X.509" || file.version != 1 {
        return Err(IdentityError::Form {
            path: path.to_owned(),
            got: file.r#type,
            version: file.version,
        });
    }
    if file.msp_id != msp_id.as_str() {
        return Err(IdentityError::Organisation {
            path: path.to_owned(),
            wanted: msp_id.clone(),
            got: file.msp_id,
        });
    }
    Ok((file.credentials.certificate, key))
}
