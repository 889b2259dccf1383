//! The outsider's side of a claim: verifies a bundle with no ledger and no home at hand.

use super::claim::{ClaimedTerms, ProvenSpan, proven_spans};
use crate::classify::{Classify, Kind};
use crate::infile;
use crate::progress::Progress;
use crate::step::Step;
use medveil_bundle::trust::{self, Trust};
use medveil_bundle::{Bundle, BundleError, Endorsed, Key, MAX_BYTES, Report};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, Day};
use medveil_circuits::query::Span;
use medveil_collections_config::MspId;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Why a bundle was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file is not what it should be.
    #[error("{}", path.display())]
    File { path: PathBuf, source: BundleError },
    /// A file cannot be read, or something does not hold.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl VerifyError {
    /// Names the file, where the error does not.
    fn of(path: &Path, error: BundleError) -> Self {
        match error {
            BundleError::Io { .. } | BundleError::TooLong { .. } => VerifyError::Bundle(error),
            source => VerifyError::File {
                path: path.to_owned(),
                source,
            },
        }
    }
}

impl Classify for VerifyError {
    fn kind(&self) -> Kind {
        match self {
            VerifyError::File { source, .. } | VerifyError::Bundle(source) => source.kind(),
        }
    }
}

/// A bundle holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verified {
    #[serde(flatten)]
    pub terms: ClaimedTerms,
    /// The claim's id.
    #[schemars(with = "String")]
    pub claim: Felt,
    /// Name of the consortium.
    pub consortium: String,
    #[schemars(with = "String")]
    pub holder: MspId,
    /// Name of the dataset within its holder.
    pub name: String,
    /// Root of the version.
    #[schemars(with = "String")]
    pub dataset: DatasetRoot,
    pub rows: u64,
    pub subjects: u64,
    /// Roots of the reading reports, one a segment: what the holder is bound to have said of its
    /// reading.
    #[schemars(with = "Vec<String>")]
    pub readings: Vec<Digest>,
    /// Columns that are TRUE in every row of the dataset, as its registration proves.
    pub criteria: Vec<String>,
    /// The consortium's floor: the hits are of so many subjects at least, and the number claimed is
    /// so much at least below that of all.
    pub subject_floor: u32,
    /// Proofs that were verified.
    pub proofs: usize,
    /// Whether whoever knows a public seed could forge these proofs.
    pub insecure_development_keys: bool,
    /// The two transactions that the consortium endorsed.
    pub transactions: Vec<EndorsedTransaction>,
    #[serde(serialize_with = "proven_spans")]
    #[schemars(with = "Vec<ProvenSpan>")]
    pub proven_spans: Vec<Span>,
    /// The verifying keys.
    pub keys: Vec<VerifyingKey>,
    /// What is left to believe.
    pub not_proven: Vec<NotProven>,
    /// Whether the consortium is the one of a given trust file.
    pub anchored: bool,
    /// Fingerprint of the trust file that was verified under.
    #[schemars(with = "String")]
    pub fingerprint: Digest,
}

/// A transaction in a bundle.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EndorsedTransaction {
    /// `registration` or `publication`.
    pub what: &'static str,
    /// Organisations whose peers endorsed it, each once.
    #[schemars(with = "Vec<String>")]
    pub endorsers: Vec<MspId>,
    /// The peers, by the certificates that they signed with.
    pub peers: Vec<EndorsingPeer>,
    /// Days since 1970-01-01.
    #[schemars(with = "u32")]
    pub day: Day,
    pub tx_id: String,
}

/// A peer that endorsed a transaction.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EndorsingPeer {
    #[schemars(with = "String")]
    pub organisation: MspId,
    /// The common name of its certificate.
    pub name: String,
    /// SHA-256 of its certificate, which one of the organisation's authorities signed.
    #[schemars(with = "String")]
    pub certificate: Digest,
}

/// A verifying key that proofs were verified with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VerifyingKey {
    /// Name and version.
    pub circuit: String,
    #[schemars(with = "String")]
    pub digest: Digest,
    /// Whether whoever made it could forge proofs.
    pub insecure: bool,
}

/// Something that a bundle does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotProven {
    /// The two transactions were ordered and committed, and the dataset is still current.
    Committed,
    /// The rows are true, and all that the holder has.
    RowsTrue,
    /// Two pseudonyms are two people.
    PseudonymsDiffer,
    /// Values keep to the schema's exact bounds.
    ExactBounds,
}

impl NotProven {
    fn of(report: &Report) -> Vec<Self> {
        let mut all = vec![
            NotProven::Committed,
            NotProven::RowsTrue,
            NotProven::PseudonymsDiffer,
        ];
        if report.spans.iter().any(|s| s.wider_than_schema) {
            all.push(NotProven::ExactBounds);
        }
        all
    }
}

impl Step for Verified {
    const NAME: &'static str = "verify";
    const VERSION: u32 = 3;
}

/// Verifies a bundle under a trust file; without one under its own copy, which proves nothing about
/// who made it.
///
/// **Errors**: files that are not what they should be; whatever does not hold.
pub fn verify(
    progress: &dyn Progress,
    file: &Path,
    trust: Option<&Path>,
) -> Result<Verified, VerifyError> {
    let text = read("bundle", file, MAX_BYTES)?;
    let bundle = Bundle::from_json(&text).map_err(|e| VerifyError::of(file, e))?;
    let of_trust = |path: &Path| {
        let text = read("trust file", path, trust::MAX_BYTES)?;
        Trust::from_json(&text).map_err(|e| VerifyError::of(path, e))
    };
    let trust = trust.map(of_trust).transpose()?;
    let _task = progress.begin("verifying proofs and signatures", None);
    let report = medveil_bundle::verify(&bundle, trust.as_ref())?;
    Ok(Verified::from(report))
}

fn read(what: &'static str, path: &Path, limit: u64) -> Result<String, VerifyError> {
    let failed = |source| BundleError::Io {
        what,
        path: path.to_owned(),
        source,
    };
    Ok(infile::text_within(path, limit).map_err(failed)?)
}

impl From<Report> for Verified {
    fn from(report: Report) -> Self {
        let not_proven = NotProven::of(&report);
        let transactions = [
            endorsed_transaction("registration", report.registration),
            endorsed_transaction("publication", report.publication),
        ];
        let segments = report.dataset.segments.iter();
        let readings = segments.map(|segment| segment.reading).collect();
        Verified {
            readings,
            terms: ClaimedTerms::from(&report.terms),
            claim: report.claim,
            consortium: report.consortium,
            holder: report.dataset.holder,
            name: report.dataset.name,
            dataset: report.dataset.root,
            rows: report.dataset.n_rows,
            subjects: report.dataset.n_subjects,
            criteria: report.criteria,
            subject_floor: report.floor,
            proofs: report.proofs,
            insecure_development_keys: report.keys.iter().any(|k| k.insecure),
            transactions: transactions.into(),
            proven_spans: report.spans,
            keys: report.keys.into_iter().map(key).collect(),
            not_proven,
            anchored: report.anchored,
            fingerprint: report.fingerprint,
        }
    }
}

fn endorsed_transaction(what: &'static str, transaction: Endorsed) -> EndorsedTransaction {
    let mut endorsers: Vec<MspId> = Vec::new();
    let mut peers = Vec::new();
    for peer in transaction.endorsers {
        if endorsers.last() != Some(&peer.msp_id) {
            endorsers.push(peer.msp_id.clone());
        }
        peers.push(EndorsingPeer {
            organisation: peer.msp_id,
            name: peer.name,
            certificate: peer.certificate,
        });
    }
    EndorsedTransaction {
        what,
        endorsers,
        peers,
        day: transaction.day,
        tx_id: transaction.tx_id,
    }
}

fn key(key: Key) -> VerifyingKey {
    VerifyingKey {
        circuit: key.circuit,
        digest: key.digest,
        insecure: key.insecure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Quiet;
    use medveil_collections_config::error_chain;

    #[test]
    fn a_file_that_is_no_bundle_is_named_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bundle.json");
        let refused = || verify(&Quiet, &file, None).unwrap_err();
        let name = file.display().to_string();
        assert_eq!(refused().kind(), Kind::NotFound);
        assert_eq!(error_chain(&refused()).matches(&name).count(), 1);
        std::fs::write(&file, "{}").unwrap();
        let text = error_chain(&refused());
        let begin = format!("{name}: bundle: not of its form at line 1");
        assert!(text.starts_with(&begin), "{text}");
        assert_eq!(refused().kind(), Kind::Input);
    }
}
