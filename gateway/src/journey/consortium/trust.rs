//! The trust file: what an outsider needs, out of band, to verify bundles.

use super::files::text;
use super::{CHANNEL, ConsortiumError};
use crate::journey::circuit::circuits;
use crate::outfile;
use crate::session::{CHAINCODE, Session};
use crate::step::Step;
use medveil_bundle::trust::{LedgerKind, Trust, TrustParts};
use medveil_circuits::field::Digest;
use medveil_collections_config::MspId;
use medveil_contract::model::Standing;
use medveil_embedded_wire::Genesis;
use medveil_ledger::AuditSource;
use medveil_msp::Msp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A trust file was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TrustWritten {
    /// The file.
    pub trust: String,
    /// What two people compare who got the file from each other.
    #[schemars(with = "String")]
    pub fingerprint: Digest,
    /// The consortium's id, which every proof is bound to.
    pub consortium: String,
    /// The consortium's name.
    pub name: String,
}

impl Step for TrustWritten {
    const NAME: &'static str = "consortium.trust";
}

/// Writes the trust file. Keys are those that the organisation's own peer calls active.
///
/// **Errors**: the ledger cannot be read; the file system refused.
pub async fn trust(
    session: &Session,
    org: &MspId,
    out: &Path,
) -> Result<TrustWritten, ConsortiumError> {
    let trust = trust_of(session, org).await?;
    outfile::write(&session.home, out, trust.to_json().as_bytes())?;
    Ok(TrustWritten {
        trust: out.display().to_string(),
        fingerprint: trust.fingerprint(),
        consortium: trust.consortium_id().to_string(),
        name: session.consortium.name().to_owned(),
    })
}

/// The trust file of this home's consortium.
///
/// **Errors**: a certificate or the ledger cannot be read.
pub async fn trust_of(session: &Session, org: &MspId) -> Result<Trust, ConsortiumError> {
    session.check_agreed(&session.reader(org)?).await?;
    let mut roots = Vec::new();
    for member in session.consortium.members() {
        let pem = text(&session.home.authority(&member.msp_id))?;
        roots.push(Msp::from_pem(member.msp_id.clone(), &pem)?);
    }
    let mut keys: BTreeMap<String, BTreeSet<Digest>> = BTreeMap::new();
    let all = circuits(session, org).await?.into_iter();
    for circuit in all.filter(|c| c.standing == Standing::Active) {
        let of_circuit = keys.entry(circuit.circuit).or_default();
        of_circuit.insert(circuit.key);
    }
    let (ledger, channel, chaincode, genesis) = match session.ledger().audit_source() {
        AuditSource::Peers(peers) => {
            let genesis = Digest::from_hex(peers.genesis)?;
            (LedgerKind::Fabric, peers.channel, peers.chaincode, genesis)
        }
        AuditSource::Files(_) => {
            let (consortium, collections) = (&session.consortium, &session.collections);
            let genesis = Genesis::new(CHANNEL, CHAINCODE, consortium, collections, roots.clone());
            let genesis = Digest::of(&genesis.to_bytes());
            (LedgerKind::Embedded, CHANNEL, CHAINCODE, genesis)
        }
    };
    Ok(Trust::new(TrustParts {
        ledger,
        channel,
        chaincode,
        consortium: &session.consortium,
        genesis,
        roots: &roots,
        circuits: keys,
    })?)
}
