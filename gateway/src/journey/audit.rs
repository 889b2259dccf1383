//! `ledger audit`: every block checked again, from the files of an embedded ledger or from the
//! peers of a Fabric channel.

use crate::classify::{Classify, Kind};
use crate::home::Home;
use crate::modes;
use crate::session::{Session, SessionError, agreed};
use crate::startup::check_ledger;
use crate::step::{Step, count};
use medveil_audit::{AuditError, Finding, Report};
use medveil_collections_config::{MspId, Role};
use medveil_embedded::medveil_contract;
use medveil_ledger::{AuditSource, LedgerError};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// Why a ledger was not found to be in order.
#[derive(Debug, thiserror::Error)]
pub enum LedgerAuditError {
    /// Something is not as it should be.
    #[error("{}:\n{}", count(.0.len() as u64, "finding"), lines(.0))]
    Findings(Vec<Finding>),
    /// The audit could not be made.
    #[error(transparent)]
    Audit(AuditError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

fn lines(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

impl Classify for LedgerAuditError {
    fn kind(&self) -> Kind {
        match self {
            LedgerAuditError::Findings(_) => Kind::Refused,
            LedgerAuditError::Audit(e) => e.kind(),
            LedgerAuditError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            LedgerAuditError::Findings(_) => None,
            LedgerAuditError::Audit(e) => e.ledger(),
            LedgerAuditError::Session(e) => e.ledger(),
        }
    }
}

/// A ledger was audited and nothing differs. A count that a ledger does not have is 0.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LedgerAudited {
    /// Blocks checked.
    pub blocks: u64,
    /// Blocks that there are, as far as the auditor knows.
    pub height: u64,
    /// Transactions of the contract that count.
    pub valid: u64,
    /// Transactions of the contract that were ordered and do not count.
    pub invalid: usize,
    /// Those of `invalid` whose verdict does not follow from what is on the chain.
    pub underived: usize,
    /// Verdicts of `underived`, each once.
    #[schemars(with = "Vec<String>")]
    pub underived_verdicts: BTreeSet<&'static str>,
    /// Proofs verified again.
    pub proofs: u64,
    /// Calls executed again, with equal results.
    pub executed: u64,
    /// Calls that could not be executed again.
    pub not_executed: usize,
    /// Why not, each reason once.
    #[schemars(with = "Vec<String>")]
    pub not_executed_reasons: BTreeSet<&'static str>,
    /// Entries compared with what organisations keep.
    pub compared: u64,
    /// Signatures of orderers that hold.
    pub orderer_signatures: u64,
    /// Hashes of private values that nothing was compared with.
    pub private_hashes: u64,
    /// Organisations whose peers signed the blocks; none where files were read.
    #[schemars(with = "Vec<String>")]
    pub peers: Vec<MspId>,
    /// Peers that did not give every block.
    pub silent: Vec<SilentPeer>,
    /// Hash of the ledger's beginning: what a trust file pins.
    pub genesis: String,
    /// As `genesis`.
    pub anchor: String,
}

/// A peer that was asked and did not give every block.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SilentPeer {
    #[schemars(with = "String")]
    pub org: MspId,
    /// The last reason.
    pub reason: String,
}

impl Step for LedgerAudited {
    const NAME: &'static str = "ledger.audit";
}

impl TryFrom<Report> for LedgerAudited {
    type Error = LedgerAuditError;

    fn try_from(report: Report) -> Result<Self, LedgerAuditError> {
        if !report.is_clean() {
            return Err(LedgerAuditError::Findings(report.findings));
        }
        let verdicts = report.underived.iter().map(|(_, verdict)| verdict.name);
        let reasons = report.not_executed.iter().map(|(_, reason)| *reason);
        let silent = |(org, reason)| SilentPeer { org, reason };
        Ok(LedgerAudited {
            blocks: report.blocks,
            height: report.height,
            valid: report.valid,
            invalid: report.invalid.len(),
            underived: report.underived.len(),
            underived_verdicts: verdicts.collect(),
            proofs: report.proofs,
            executed: report.executed,
            not_executed: report.not_executed.len(),
            not_executed_reasons: reasons.collect(),
            compared: report.compared,
            orderer_signatures: report.orderer_signatures,
            private_hashes: report.private_hashes,
            peers: report.peers,
            silent: report.silent.into_iter().map(silent).collect(),
            anchor: report.genesis.clone(),
            genesis: report.genesis,
        })
    }
}

/// Audits the ledger of a session: the files of an embedded one, or the whole channel as the
/// auditor's own peer and another member's sign it.
///
/// **Errors**: nothing there that could be audited; or findings.
pub async fn audit(session: &Session, auditor: &MspId) -> Result<LedgerAudited, LedgerAuditError> {
    let source = session.ledger().audit_source();
    let identity = match &source {
        AuditSource::Files(_) => None,
        AuditSource::Peers(_) => Some(session.identity(auditor, Role::Client)?),
    };
    let task = session.progress.begin("auditing the ledger", None);
    // The files serve one process at a time, and this one may have them open.
    session.ledger().release();
    let report = medveil_audit::audit(source, identity.as_ref(), &session.consortium).await;
    drop(task);
    match report {
        Err(AuditError::Ledger(e)) => Err(session.ledger_error(e).into()),
        Err(other) => Err(LedgerAuditError::Audit(other)),
        Ok(report) => LedgerAudited::try_from(report),
    }
}

/// Audits the embedded ledger of a home: nobody's vault is needed.
///
/// **Errors**: no ledger, in use; the home contradicts it; or findings.
pub async fn audit_home(home: &Home) -> Result<LedgerAudited, LedgerAuditError> {
    modes::check(home).map_err(SessionError::from)?;
    check_ledger(home)?;
    if home.exists() {
        agreed::check(home)?;
    }
    let root = home.ledger();
    let work = move || medveil_audit::files::audit(&root, &medveil_contract(true), None);
    let done = tokio::task::spawn_blocking(work).await;
    let report = done.map_err(|e| LedgerAuditError::Audit(AuditError::Stopped(e.into())))?;
    LedgerAudited::try_from(report.map_err(LedgerAuditError::Audit)?)
}

#[cfg(test)]
mod tests;
