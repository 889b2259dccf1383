//! Running the contract for one call.

use super::simulator::{Chaincode, Outcome, Simulator};
use super::stores::{PrivateSnapshot, StateReader, StateSnapshot, StoreError, Versioned};
use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::{Caller, ContractError, TxContext};
use medveil_embedded_wire::{Hash, Proposal, Rules};
use medveil_ledger::Transient;
use medveil_msp::MspError;

/// The context that a peer gives the contract.
///
/// **Errors**: the creator's certificate names no role.
pub fn context(
    rules: &Rules,
    proposal: &Proposal,
    transient: Transient,
    peer_msp: MspId,
) -> Result<TxContext, MspError> {
    let certificate = medveil_msp::Certificate::from_der(&proposal.creator.certificate)?;
    let caller = Caller::from_certificate(
        proposal.creator.msp_id.clone(),
        certificate.to_pem().as_bytes(),
    );
    let caller = caller.map_err(|_| {
        MspError::Certificate("one organisational unit: admin, client, peer or orderer")
    })?;
    Ok(TxContext {
        tx_id: proposal.tx_id(),
        channel: rules.channel.clone(),
        chaincode: rules.chaincode.clone(),
        timestamp_ms: proposal.timestamp_ms,
        caller,
        peer_msp,
        transient,
    })
}

/// Runs the contract on a view.
///
/// **Errors**: the contract's refusal.
pub fn execute(
    chaincode: &dyn Chaincode,
    mut view: Simulator,
    args: &[Vec<u8>],
) -> Result<(Vec<u8>, Outcome), ContractError> {
    let payload = chaincode.invoke(&mut view, args)?;
    Ok((payload, view.finish()))
}

/// One organisation's committed state, public and private.
pub(super) struct Snapshot {
    pub(super) state: StateSnapshot,
    pub(super) private: PrivateSnapshot,
}

impl StateReader for Snapshot {
    fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError> {
        self.state.public(key)
    }
    fn private_hash(
        &self,
        collection: &CollectionName,
        key: &Hash,
    ) -> Result<Versioned<Hash>, StoreError> {
        self.state.private_hash(collection, key)
    }
    fn private(
        &self,
        collection: &CollectionName,
        key: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.private.value(collection, key)
    }
    fn range(
        &self,
        prefix: &str,
        from: &str,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.state.range(prefix, from, limit)
    }
    fn has_tx(&self, tx_id: &str) -> Result<bool, StoreError> {
        Ok(self.state.tx(tx_id)?.is_some())
    }
}
