//! What a person sends to an issuer.

use super::VisaError;
use crate::infile;
use medveil_circuits::field::Felt;
use medveil_circuits::visa::SignedVisa;
use medveil_circuits::visa::signed::MAX_BYTES;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The value of `format`.
pub const REQUEST_FORMAT: &str = "medveil-visa-request-1";
/// Longest request file.
///
/// **Units**: bytes.
const MAX_REQUEST: u64 = 4096;

/// A request for a visa: no secret in it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFile {
    pub format: String,
    pub schema: String,
    /// Holder commitment C.
    pub commitment: Felt,
}

impl RequestFile {
    /// Reads a request file.
    ///
    /// **Errors**: no such file, or another form.
    pub fn read(path: &Path) -> Result<Self, VisaError> {
        let text = read_text(path, MAX_REQUEST)?;
        let form = |source| VisaError::RequestForm {
            path: path.to_owned(),
            source,
        };
        let file: RequestFile = serde_json::from_str(&text).map_err(form)?;
        if file.format != REQUEST_FORMAT || file.commitment.is_zero() {
            return Err(VisaError::RequestFormat(path.to_owned()));
        }
        Ok(file)
    }
}

/// Reads a signed visa, whose signature holds.
///
/// **Errors**: no such file, or no signed visa.
pub fn read_signed(path: &Path) -> Result<SignedVisa, VisaError> {
    let text = read_text(path, MAX_BYTES as u64)?;
    SignedVisa::from_json(&text).map_err(|source| VisaError::Signed {
        path: path.to_owned(),
        source,
    })
}

/// Reads a text file of at most so many bytes.
fn read_text(path: &Path, limit: u64) -> Result<String, VisaError> {
    infile::text_within(path, limit).map_err(|source| VisaError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Classify, Kind};

    fn read(content: &str) -> Result<RequestFile, VisaError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        std::fs::write(&path, content).unwrap();
        RequestFile::read(&path)
    }

    #[test]
    fn requests_are_read_strictly() {
        let one = Felt::from_u64(1).to_hex();
        let good =
            format!(r#"{{"format":"{REQUEST_FORMAT}","schema":"ethics","commitment":"{one}"}}"#);
        assert!(read(&good).is_ok());
        let zero = Felt::ZERO.to_hex();
        for bad in [
            good.replace(REQUEST_FORMAT, "medveil-visa-request-2"),
            good.replace(&one, &zero),
            good.replace(&one, "00"),
            good.replacen('{', "{\"more\": 1,", 1),
            " ".repeat(MAX_REQUEST as usize + 1),
            "{}".to_owned(),
            String::new(),
        ] {
            assert_eq!(read(&bad).err().unwrap().kind(), Kind::Input, "{bad}");
        }
        let absent = RequestFile::read(Path::new("no-such-file"));
        assert_eq!(absent.err().unwrap().kind(), Kind::NotFound);
    }
}
