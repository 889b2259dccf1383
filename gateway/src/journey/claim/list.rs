//! The published claims.

use super::{ClaimError, ClaimedTerms};
use crate::journey::dataset::lineages;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, Day, LineageId, QueryHash};
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::ClaimTerms;
use medveil_contract::call::request::{GetClaim, ListClaims};
use medveil_contract::model::{ClaimEntry, LineageEntry};
use schemars::JsonSchema;
use serde::Serialize;

/// The claims on the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimList {
    pub claims: Vec<ClaimLine>,
}

/// One published claim.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimLine {
    /// Its id.
    #[schemars(with = "String")]
    pub claim: Felt,
    /// What it says, with all of its terms.
    #[serde(flatten)]
    pub terms: ClaimedTerms,
    /// The version it speaks of.
    #[schemars(with = "String")]
    pub dataset: DatasetRoot,
    /// The dataset's name within its holder.
    pub name: String,
    #[schemars(with = "String")]
    pub lineage: LineageId,
    #[schemars(with = "String")]
    pub holder: MspId,
    /// Hash of the compiled query.
    #[schemars(with = "String")]
    pub query_hash: QueryHash,
    /// Subjects that the hits have at least, as the final proof shows.
    pub subject_floor: u64,
    /// Keys that the proofs were verified with: chunks, final.
    #[schemars(with = "Vec<String>")]
    pub circuits: [Digest; 2],
    /// SHA-256 of the publishing call's arguments.
    #[schemars(with = "String")]
    pub arguments: Digest,
    /// Day of publication, since 1970-01-01.
    #[schemars(with = "u32")]
    pub day: Day,
    /// The publishing transaction.
    pub tx_id: String,
}

impl ClaimLine {
    fn new(entry: ClaimEntry, datasets: &[LineageEntry]) -> Self {
        let dataset = datasets.iter().find(|d| d.lineage == entry.lineage);
        let terms = ClaimTerms {
            dataset: entry.dataset,
            query: entry.query,
            unit: entry.unit,
            k: entry.k,
        };
        ClaimLine {
            claim: entry.claim,
            terms: ClaimedTerms::from(&terms),
            dataset: entry.dataset,
            name: dataset.map(|d| d.name.clone()).unwrap_or_default(),
            lineage: entry.lineage,
            holder: entry.holder,
            query_hash: entry.query_hash,
            subject_floor: entry.subject_floor,
            circuits: entry.circuits,
            arguments: entry.arguments,
            day: entry.day,
            tx_id: entry.tx_id,
        }
    }
}

impl Step for ClaimList {
    const NAME: &'static str = "claim.list";
    const VERSION: u32 = 2;
}

/// Lists published claims.
///
/// **Errors**: the ledger cannot be read.
pub async fn list(session: &Session, org: &MspId) -> Result<ClaimList, ClaimError> {
    let first = ListClaims {
        bookmark: String::new(),
    };
    let entries = session.ask_all(org, &first).await?;
    let datasets = lineages(session, org).await?;
    Ok(ClaimList {
        claims: entries
            .into_iter()
            .map(|entry| ClaimLine::new(entry, &datasets))
            .collect(),
    })
}

/// What a holder published, by id.
///
/// **Errors**: the ledger cannot be read.
pub(super) async fn of_holder(
    session: &Session,
    holder: &MspId,
) -> Result<Vec<(Felt, ClaimTerms)>, ClaimError> {
    let first = ListClaims {
        bookmark: String::new(),
    };
    let entries = session.ask_all(holder, &first).await?;
    let own = entries.into_iter().filter(|entry| entry.holder == *holder);
    let terms = own.map(|entry| {
        let terms = ClaimTerms {
            dataset: entry.dataset,
            query: entry.query,
            unit: entry.unit,
            k: entry.k,
        };
        (entry.claim, terms)
    });
    Ok(terms.collect())
}

/// A claim on the ledger, where it is there.
///
/// **Errors**: the ledger cannot be read.
pub(super) async fn find(
    session: &Session,
    org: &MspId,
    claim: Felt,
) -> Result<Option<ClaimEntry>, ClaimError> {
    match session.ask(org, GetClaim { claim }).await {
        Err(e) if e.code() == Some(Code::NotFound) => Ok(None),
        other => Ok(Some(other?)),
    }
}
