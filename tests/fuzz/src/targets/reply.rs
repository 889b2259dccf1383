//! What the contract answers, as clients read it.

use crate::target::{Form, Reading, Target};
use medveil_contract::call::{self, Request, Transaction, request};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) const TARGETS: &[Target] =
    &[Target::new("reply", Form::Json, reply).with_words(&["bookmark", "entries", "null"])];

/// Reads a reply as one type; what was read is written and read again.
///
/// **Errors**: how far reading came: a column, and why.
fn read_as<T: Serialize + DeserializeOwned>(input: &[u8]) -> Result<(), (usize, String)> {
    let reply: T = serde_json::from_slice(input).map_err(|e| (e.column(), e.to_string()))?;
    let written = serde_json::to_vec(&reply).expect("a reply has json");
    let again: T = serde_json::from_slice(&written).expect("what was written is read");
    assert_eq!(
        written,
        serde_json::to_vec(&again).expect("json"),
        "json and back"
    );
    Ok(())
}

macro_rules! replies {
    (calls: $($call:ident)* ; queries: $($query:ident)*) => {
        const TYPES: &[fn(&[u8]) -> Result<(), (usize, String)>] = &[
            $(read_as::<<call::$call as Transaction>::Reply>,)*
            $(read_as::<<request::$query as Request>::Reply>,)*
        ];
    };
}

replies! {
    calls: Bootstrap ProposeCircuit ApproveCircuit ActivateCircuit RegisterIssuer UpdateRevocations RetireIssuer
        PutPolicy PublishKey Tick RegisterDataset StorePages RequestAccess DecideAccess AffirmAccess
        HandOverKey ConfirmDelivery CloseGrant PublishClaim;
    queries: GetMetadata GetConsortium GetDay ListCircuits GetCircuit GetActiveCircuit GetRegistry
        GetRevocations GetPolicy GetPolicyDocument AccessContext GetDataset GetLineage ListDatasets GetChunkRoots GetStoredPages GetStoredHandover
        ReadPages ReadKey ReadRequest GetDatasetByName GetRequest GetRequestByNullifier ListRequests GetClaim
        ListClaims GetPublishedKey
}

/// The input as the reply of each call and query. A refusal is that of the type that read furthest.
fn reply(input: &[u8]) -> Reading {
    let results: Vec<_> = TYPES.iter().map(|read| read(input)).collect();
    if results.iter().any(Result::is_ok) {
        return Reading::Read;
    }
    let furthest = results.into_iter().filter_map(Result::err).max();
    Reading::refused(furthest.map(|(_, why)| why).unwrap_or_default())
}
