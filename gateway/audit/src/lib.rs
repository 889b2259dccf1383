//! Ledgers replayed: verdicts derived again, calls executed again, proofs verified again.
//!
//! [`audit`] takes its evidence from where a ledger says it is: [`files`] replays the chain file of
//! an embedded ledger and compares it with what every organisation keeps; [`channel`] reads each
//! block of a Fabric channel as the peers of two organisations sign it. Both believe nothing but
//! signatures and give one [`Report`]: what was checked, what was not, and every [`Finding`].
//!
//! ```
//! use medveil_audit::Report;
//!
//! let mut report = Report::default();
//! assert!(report.is_clean());
//! report.find("chain", "block 7", "does not follow the block before it");
//! assert_eq!(report.findings[0].to_string(), "chain: block 7: does not follow the block before it");
//! ```

pub mod channel;
mod error;
pub mod files;
mod report;

pub use error::AuditError;
pub use report::{Finding, Report};

use medveil_collections_config::Consortium;
use medveil_embedded::medveil_contract;
use medveil_ledger::AuditSource;
use medveil_msp::Identity;
use std::sync::Arc;

/// Audits a ledger from where it says its evidence is. Peers answer an `auditor` of a member only;
/// files need none.
///
/// **Errors**: there is nothing that could be audited. What is wrong with a ledger that can be read
/// is in the report.
pub async fn audit(
    source: AuditSource<'_>,
    auditor: Option<&Arc<Identity>>,
    consortium: &Consortium,
) -> Result<Report, AuditError> {
    match source {
        AuditSource::Files(root) => {
            let work = move || files::audit(&root, &medveil_contract(true), None);
            let done = tokio::task::spawn_blocking(work).await;
            done.map_err(|e| AuditError::Stopped(e.into()))?
        }
        AuditSource::Peers(peers) => {
            let auditor = auditor.ok_or(AuditError::NoAuditor)?;
            channel::audit(&peers, auditor, consortium).await
        }
    }
}
