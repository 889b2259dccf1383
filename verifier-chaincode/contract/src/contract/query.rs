//! Queries: what the ledger says, in JSON. They write nothing, so only here may the ledger be
//! scanned.
//!
//! No query returns one Merkle path or one absence proof: clients download whole trees, so that
//! nobody learns what they look for.

mod access;
mod lists;
mod private;
mod stored;

use crate::call::request::*;
use crate::call::{MAX_CALL_BYTES, Query, Request, reply};
use crate::contract::Contract;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse};
use crate::judge;
use crate::ledger::Ledger;
use crate::model::{ActiveCircuit, DatasetEntry, DatasetSchema, LineageEntry, NamedDataset};
use crate::state_key::StateKey;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::DatasetRoot;
use medveil_collections_config::MspId;

/// The bytes of the reply to a query of this type.
fn reply_to<R: Request>(reply: &R::Reply) -> Result<Vec<u8>, ContractError> {
    reply::to_json(reply)
}

/// One line for each query: its arguments, and what is answered.
macro_rules! answer {
    ($query:expr; $($name:ident $({ $($arg:ident),* })? => $reply:expr;)*) => {
        match $query {
            $(Query::$name $({ $($arg),* })? => reply_to::<$name>(&$reply),)*
        }
    };
}

impl Contract {
    pub(super) async fn answer<L: Ledger>(
        &self,
        ledger: &mut L,
        query: Query,
    ) -> Result<Vec<u8>, ContractError> {
        if query == Query::GetMetadata {
            return reply_to::<GetMetadata>(&self.metadata());
        }
        let view = &mut self.open(ledger, Vec::new()).await?;
        answer! { query;
            GetMetadata => self.metadata();
            GetConsortium => consortium(view);
            GetDay => day(view).await?;
            ListCircuits { bookmark } => lists::circuits(view, &bookmark).await?;
            GetCircuit { key } => view.need(&StateKey::circuit(key)).await?;
            GetActiveCircuit { circuit } => active_circuit(view, &circuit).await?;
            GetRegistry => lists::registry(view).await?;
            GetRevocations { issuer, bookmark } => lists::revocations(view, issuer, &bookmark).await?;
            GetPolicy { lineage } => access::policy(view, lineage).await?;
            GetPolicyDocument { lineage, document } => {
                view.need(&StateKey::policy_document(lineage, document)).await?
            };
            AccessContext { lineage } => self.access_context(view, lineage).await?;
            GetDataset { dataset } => version(view, dataset).await?;
            GetLineage { lineage } => view.need(&StateKey::lineage(lineage)).await?;
            ListDatasets { bookmark } => lists::page(view, &StateKey::lineages(), &bookmark).await?;
            GetChunkRoots { dataset, bookmark } => lists::chunk_roots(view, dataset, &bookmark).await?;
            ReadPages { dataset, chunk, grant } => private::pages(view, dataset, chunk, grant).await?;
            GetStoredPages { dataset, bookmark } => stored::pages(view, dataset, &bookmark).await?;
            GetStoredHandover { grant, segment, digest } => {
                stored::handover(view, grant, segment, digest).await?
            };
            ReadKey { grant, segment, digest } => private::key(view, grant, segment, digest).await?;
            ReadRequest { request } => private::sealed_request(view, request).await?;
            GetRequest { request } => {
                let entry = view.request(request).await?;
                access::status(view, entry).await?
            };
            GetRequestByNullifier { nullifier } => {
                let entry = view.need(&StateKey::nullifier(nullifier)).await?;
                access::status(view, entry).await?
            };
            ListRequests { bookmark } => lists::page(view, &StateKey::requests(), &bookmark).await?;
            GetClaim { claim } => view.need(&StateKey::claim(claim)).await?;
            ListClaims { bookmark } => lists::page(view, &StateKey::claims(), &bookmark).await?;
            GetDatasetByName { holder, name } => by_name(view, &holder, &name).await?;
            GetPublishedKey { msp } => view.need(&StateKey::published_key(&msp)).await?;
        }
    }

    fn metadata(&self) -> reply::Metadata {
        let config = self.config();
        reply::Metadata {
            contract: env!("CARGO_PKG_VERSION").to_owned(),
            chaincode: config.chaincode_name.clone(),
            msp_id: config.msp_id.clone(),
            consortium_digest: config.consortium_digest,
            collections_digest: Digest::of(&config.collections.to_canonical()),
            allow_insecure_dev_keys: config.allow_insecure_dev_keys,
            circuits: judge::known_circuits(),
            max_call_bytes: MAX_CALL_BYTES,
        }
    }
}

fn consortium<L: Ledger>(view: &View<'_, L>) -> reply::ConsortiumFile {
    reply::ConsortiumFile {
        id: view.consortium_id(),
        file: view.consortium().clone(),
    }
}

async fn day<L: Ledger>(view: &mut View<'_, L>) -> Result<reply::CurrentDay, ContractError> {
    let entry = view.day().await?;
    Ok(reply::CurrentDay {
        current: entry.day,
        ticked_at_ms: entry.ticked_at_ms,
        admissible: entry.admissible(view.tx().timestamp_ms),
    })
}

async fn active_circuit<L: Ledger>(
    view: &mut View<'_, L>,
    circuit: &str,
) -> Result<ActiveCircuit, ContractError> {
    // The name comes from the client.
    let key = StateKey::parse(StateKey::circuit_active(circuit).as_str())
        .refuse(Code::BadInput, "circuit")?;
    view.need(&key).await
}

async fn by_name<L: Ledger>(
    view: &mut View<'_, L>,
    holder: &MspId,
    name: &str,
) -> Result<LineageEntry, ContractError> {
    let key = StateKey::dataset_name(holder, Digest::of(name.as_bytes()));
    let named: NamedDataset = view.need(&key).await?;
    view.need(&StateKey::lineage(named.lineage)).await
}

async fn version<L: Ledger>(
    view: &mut View<'_, L>,
    root: DatasetRoot,
) -> Result<reply::DatasetVersion, ContractError> {
    let dataset: DatasetEntry = view.need(&StateKey::dataset(root)).await?;
    let schema: DatasetSchema = view.need(&StateKey::dataset_schema(root)).await?;
    Ok(reply::DatasetVersion {
        dataset,
        schema: schema.schema,
    })
}
