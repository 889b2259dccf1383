//! What the contract says of itself to Fabric's tools.
//!
//! Source: Fabric's contract metadata schema (`info`, `contracts`, transactions tagged `submitTx`
//! or `evaluateTx`).

use crate::CONTRACT_DIGEST;
use medveil_circuits::field::Digest;
use medveil_contract::ContractConfig;
use medveil_contract::call::{Call, Query};
use serde_json::{Value, json};

/// The metadata of a configured contract.
pub(crate) fn of(config: &ContractConfig) -> Vec<u8> {
    let submit = Call::NAMES.iter().map(|name| (name, "submitTx"));
    let evaluate = Query::NAMES.iter().map(|name| (name, "evaluateTx"));
    let transactions: Vec<Value> = submit
        .chain(evaluate)
        .map(|(name, tag)| json!({"name": name, "tag": [tag]}))
        .collect();
    let name = &config.chaincode_name;
    let metadata = json!({
        "info": {
            "title": "MedVeil",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0 OR MIT"},
            "x-contract-digest": CONTRACT_DIGEST,
            "x-consortium-digest": config.consortium_digest.to_string(),
            "x-collections-digest": Digest::of(&config.collections.to_canonical()).to_string(),
            "x-insecure-dev-keys": config.allow_insecure_dev_keys,
        },
        "contracts": {name: {"name": name, "contractInstance": {"name": name, "default": true}, "transactions": transactions}},
    });
    metadata.to_string().into_bytes()
}
