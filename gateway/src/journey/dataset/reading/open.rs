//! An opened report as a file: whoever has it and the root checks that the holder said just that.

use super::{OwnPart, Part, ReportError};
use medveil_circuits::field::Digest;
use medveil_contract::judge::reading::{SALT_BYTES, commitment, leaf, root};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A reading report of which some parts are open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenReport {
    #[schemars(with = "String")]
    pub root: Digest,
    /// The leaves of all parts, in order.
    #[schemars(with = "Vec<String>")]
    pub leaves: Vec<Digest>,
    /// Open parts by rising place.
    pub parts: Vec<OpenPart>,
}

/// An open part of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenPart {
    /// Its place among the leaves.
    pub index: u32,
    /// 16 bytes, as lower-case hex.
    pub salt: String,
    /// SHA-256 of the sealed part.
    #[schemars(with = "String")]
    pub sealed: Digest,
    /// Canonical JSON.
    pub content: String,
}

impl OpenReport {
    /// A report with some of its parts open.
    pub fn new(leaves: Vec<Digest>, parts: impl IntoIterator<Item = (usize, OwnPart)>) -> Self {
        let open = |(index, part): (usize, OwnPart)| OpenPart {
            index: index as u32,
            salt: hex::encode(part.salt),
            sealed: part.sealed,
            content: String::from_utf8_lossy(&part.content).into_owned(),
        };
        OpenReport {
            root: root(&leaves),
            leaves,
            parts: parts.into_iter().map(open).collect(),
        }
    }

    /// Reads a report that [`OpenReport::read`] has to check yet.
    ///
    /// **Errors**: another form.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ReportError> {
        serde_json::from_slice(bytes).map_err(ReportError::Form)
    }

    /// The open parts, each checked against the root.
    ///
    /// **Errors**: a part or a leaf that does not lead to the root.
    pub fn read(&self) -> Result<Vec<Part>, ReportError> {
        if root(&self.leaves) != self.root {
            return Err(ReportError::Root {
                expected: self.root,
            });
        }
        let mut parts = Vec::with_capacity(self.parts.len());
        let mut next = 0;
        for part in &self.parts {
            let index = part.index as usize;
            let mut salt = [0u8; SALT_BYTES];
            let refuse = || ReportError::Commitment { index };
            hex::decode_to_slice(&part.salt, &mut salt).map_err(|_| refuse())?;
            let commitment = commitment(&salt, part.content.as_bytes());
            let is_next = part.index >= next;
            let leaf = leaf(part.index, commitment, part.sealed);
            if !is_next || self.leaves.get(index) != Some(&leaf) {
                return Err(refuse());
            }
            next = part.index.saturating_add(1);
            parts.push(Part::read(index, part.content.as_bytes())?);
        }
        Ok(parts)
    }
}

/// The leaves of a report that its holder keeps.
pub fn leaves_of(parts: &[OwnPart]) -> Vec<Digest> {
    let leaf_of =
        |(i, part): (u32, &OwnPart)| leaf(i, commitment(&part.salt, &part.content), part.sealed);
    (0u32..).zip(parts).map(leaf_of).collect()
}
