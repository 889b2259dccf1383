//! The chaincode package: the same bytes on every machine, so that every organisation installs the
//! same package id.
//!
//! Source: Fabric's package format (a gzipped tar of `metadata.json` and `code.tar.gz`) and its
//! chaincode-as-a-service builder, whose `connection.json` may hold fields that each peer's own
//! builder configuration fills; so no address and no key is inside.

use crate::error::{InputError, NetError};
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use std::io::Write;

/// Filled by Fabric's own builder where an operator uses that one; ours takes the peer's connection
/// file as it is.
const CONNECTION: &str = r#"{
  "address": "{{.address}}",
  "dial_timeout": "10s",
  "tls_required": true,
  "client_auth_required": true,
  "client_key": "{{.client_key}}",
  "client_cert": "{{.client_cert}}",
  "root_cert": "{{.root_cert}}"
}
"#;

/// A chaincode package: what organisations install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Names the build of the contract's program.
    pub label: String,
    pub bytes: Vec<u8>,
    /// Its id on every peer: the label, a colon, and the SHA-256 of the file in hex.
    pub id: String,
}

/// Packs a contract that runs as a service.
///
/// **Errors**: none in practice; packing writes to memory.
pub fn package(label: &str) -> Result<Package, NetError> {
    let bytes = pack(label).map_err(InputError::Package)?;
    let id = format!("{label}:{}", hex::encode(Sha256::digest(&bytes)));
    let label = label.to_owned();
    Ok(Package { label, bytes, id })
}

fn pack(label: &str) -> std::io::Result<Vec<u8>> {
    let metadata = format!("{{\"path\":\"\",\"type\":\"ccaas\",\"label\":\"{label}\"}}");
    let code = gzip(&tar(&[("connection.json", CONNECTION.as_bytes())])?)?;
    gzip(&tar(&[
        ("metadata.json", metadata.as_bytes()),
        ("code.tar.gz", &code),
    ])?)
}

/// Nothing of this machine or moment: owner 0, time 0.
fn tar(files: &[(&str, &[u8])]) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        archive.append_data(&mut header, name, *bytes)?;
    }
    archive.into_inner()
}

/// Stored and not packed: what a library makes of bytes differs by its version and its features, and
/// everybody must make the same.
fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::none());
    out.write_all(bytes)?;
    out.finish()
}

#[cfg(test)]
mod tests;
