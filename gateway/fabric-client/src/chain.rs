//! The chain as peers hold it, read through Fabric's own chaincode.

use super::client::FabricClient;
use super::failure::Failure;
use super::words::is_unknown_transaction;
use medveil_collections_config::MspId;
use medveil_fabric_wire::ProposedTransaction;
use medveil_fabric_wire::proto::{BlockchainInfo, ProcessedTransaction};
use medveil_ledger::{LedgerError, Transaction};
use medveil_msp::Identity;
use prost::Message;
use std::error::Error;

/// Fabric's own chaincode that answers about the chain.
const QSCC: &str = "qscc";

impl FabricClient {
    /// A proposal for Fabric's own chaincode about this channel.
    fn propose_to_qscc(
        &self,
        identity: &Identity,
        function: &str,
        args: &[&str],
    ) -> Result<ProposedTransaction, LedgerError> {
        let words = [function, &self.network.profile.channel]
            .into_iter()
            .chain(args.iter().copied());
        self.propose_to(
            identity,
            QSCC,
            &Transaction::query(words.map(|w| w.as_bytes().to_vec()).collect()),
        )
    }

    /// Blocks of the chain, as the own organisation's peer has it.
    ///
    /// **Errors**: the peer is not reachable.
    pub async fn height(&self, identity: &Identity) -> Result<u64, LedgerError> {
        let bytes = self
            .evaluate_proposal(
                identity,
                &self.propose_to_qscc(identity, "GetChainInfo", &[])?,
            )
            .await?;
        let info = BlockchainInfo::decode(bytes.as_slice()).map_err(LedgerError::read)?;
        Ok(info.height)
    }

    /// One block, in Fabric's own bytes, as the own organisation's peer has it.
    ///
    /// **Errors**: no such block; the peer is not reachable.
    pub async fn block(&self, identity: &Identity, number: u64) -> Result<Vec<u8>, LedgerError> {
        self.evaluate_proposal(
            identity,
            &self.propose_to_qscc(identity, "GetBlockByNumber", &[&number.to_string()])?,
        )
        .await
    }

    /// One block, in Fabric's own bytes, as the peer of this organisation has it and signs. Peers
    /// may hold other orderers' signatures.
    ///
    /// **Errors**: no such block; the peer signs wrongly.
    pub async fn signed_block(
        &self,
        identity: &Identity,
        number: u64,
        at: &MspId,
    ) -> Result<Vec<u8>, LedgerError> {
        let proposed =
            self.propose_to_qscc(identity, "GetBlockByNumber", &[&number.to_string()])?;
        Ok(self
            .endorse(identity, &proposed, std::slice::from_ref(at))
            .await?
            .answer)
    }

    /// Blocks that the peer of this organisation has, as it signs it.
    ///
    /// **Errors**: the peer does not answer or signs wrongly.
    pub async fn signed_height(&self, identity: &Identity, at: &MspId) -> Result<u64, LedgerError> {
        let proposed = self.propose_to_qscc(identity, "GetChainInfo", &[])?;
        let signed = self
            .endorse(identity, &proposed, std::slice::from_ref(at))
            .await?;
        let info = BlockchainInfo::decode(signed.answer.as_slice()).map_err(LedgerError::read)?;
        Ok(info.height)
    }

    /// A transaction's envelope, in Fabric's own bytes, and its verdict.
    ///
    /// **Errors**: no such transaction; the peer is not reachable.
    pub async fn envelope(
        &self,
        identity: &Identity,
        tx_id: &str,
    ) -> Result<(Vec<u8>, i32), LedgerError> {
        self.catch_up(identity).await?;
        let bytes = self.by_id(identity, "GetTransactionByID", tx_id).await?;
        let found = ProcessedTransaction::decode(bytes.as_slice()).map_err(LedgerError::read)?;
        let envelope = found.transaction_envelope.unwrap_or_default();
        Ok((envelope.encode_to_vec(), found.validation_code))
    }

    /// The block that holds a transaction, in Fabric's own bytes.
    ///
    /// **Errors**: no such transaction; the peer is not reachable.
    pub async fn block_of(&self, identity: &Identity, tx_id: &str) -> Result<Vec<u8>, LedgerError> {
        self.by_id(identity, "GetBlockByTxID", tx_id).await
    }

    /// Fabric's own chaincode answers an unknown id by refusing to endorse, and says so. Any other
    /// refusal stays one.
    async fn by_id(
        &self,
        identity: &Identity,
        function: &str,
        tx_id: &str,
    ) -> Result<Vec<u8>, LedgerError> {
        let proposed = self.propose_to_qscc(identity, function, &[tx_id])?;
        match self.evaluate_proposal(identity, &proposed).await {
            Err(LedgerError::Endorse { source, .. }) if is_unknown(&*source) => {
                Err(LedgerError::NotFound {
                    what: format!("transaction {tx_id}"),
                })
            }
            other => other,
        }
    }
}

fn is_unknown(source: &(dyn Error + Send + Sync + 'static)) -> bool {
    source
        .downcast_ref::<Failure>()
        .is_some_and(is_unknown_transaction)
}
