//! PEM, as Fabric's tools write it.
//!
//! Source: RFC 7468, with lines of 64 characters and `\n`.

use super::error::MspError;
use x509_parser::pem::Pem;

pub(super) fn encode(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    // Base64 is ASCII, so every cut is between characters.
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .filter_map(|at| text.get(at..text.len().min(at + 64)))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// The content of the one block of a text.
///
/// **Errors**: none, another label, or something after it.
pub(super) fn one(label: &'static str, text: &str) -> Result<Vec<u8>, MspError> {
    let bad = || MspError::Certificate("one PEM block");
    let (rest, block) = x509_parser::pem::parse_x509_pem(text.as_bytes()).map_err(|_| bad())?;
    if block.label != label || !rest.iter().all(u8::is_ascii_whitespace) {
        return Err(bad());
    }
    Ok(block.contents)
}

/// The blocks of a text: label and content. What stands between them is for people.
///
/// **Errors**: a block that is not whole.
pub(super) fn blocks(text: &str) -> Result<Vec<(String, Vec<u8>)>, MspError> {
    let found =
        Pem::iter_from_buffer(text.as_bytes()).map(|block| block.map(|b| (b.label, b.contents)));
    found
        .collect::<Result<_, _>>()
        .map_err(|_| MspError::Certificate("whole PEM blocks"))
}
