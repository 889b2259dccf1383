//! The chaincode package: the same bytes on every machine, so that every organisation installs the
//! same package id.
//!
//! Source: Fabric's package format (a gzipped tar of `metadata.json` and `code.tar.gz`) and its
//! chaincode-as-a-service builder, whose `connection.json` may hold fields that each peer's own
//! builder configuration fills; so no address and no key is inside.

use crate::error::NetError;
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

/// A chaincode package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its id on every peer: the label, a colon, and the SHA-256 of the file in hex.
    pub id: String,
}

/// Packs a contract that runs as a service.
///
/// **Errors**: none in practice; packing writes to memory.
pub fn package(label: &str) -> Result<Package, NetError> {
    let fail = |e: std::io::Error| NetError::Input(format!("package: {e}"));
    let metadata = format!("{{\"path\":\"\",\"type\":\"ccaas\",\"label\":\"{label}\"}}");
    let code =
        gzip(&tar(&[("connection.json", CONNECTION.as_bytes())]).map_err(fail)?).map_err(fail)?;
    let bytes = gzip(
        &tar(&[
            ("metadata.json", metadata.as_bytes()),
            ("code.tar.gz", &code),
        ])
        .map_err(fail)?,
    )
    .map_err(fail)?;
    let id = format!("{label}:{}", hex::encode(Sha256::digest(&bytes)));
    Ok(Package { bytes, id })
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

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::new(6));
    out.write_all(bytes)?;
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_the_same_bytes_each_time_and_another_label_is_another_package() {
        let one = package("medveil_00").expect("a package");
        assert_eq!(one, package("medveil_00").expect("a package"));
        // On every machine and with every later version: members who packed at other times approve
        // one package id.
        assert_eq!(
            one.id,
            "medveil_00:696d111c20c179de69397579142ec27ebfb881d95fa3d9b4a29f992945558ebe"
        );
        assert_ne!(one.id, package("medveil_01").expect("a package").id);
        assert!(one.id.starts_with("medveil_00:") && one.id.len() == "medveil_00:".len() + 64);
    }

    #[test]
    fn a_package_holds_no_address_and_no_key() {
        let bytes = package("medveil_00").expect("a package").bytes;
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
        let names: Vec<String> = archive
            .entries()
            .expect("entries")
            .map(|e| {
                e.expect("an entry")
                    .path()
                    .expect("a path")
                    .display()
                    .to_string()
            })
            .collect();
        assert_eq!(names, ["metadata.json", "code.tar.gz"]);
        assert!(CONNECTION.contains("{{.client_key}}") && !CONNECTION.contains("BEGIN"));
    }
}
