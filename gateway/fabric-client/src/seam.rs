//! A Fabric network behind the seam.

use super::client::FabricClient;
use super::events::notices_of;
use async_stream::try_stream;
use async_trait::async_trait;
use medveil_collections_config::MspId;
use medveil_fabric_wire::{Recorded, WholeBlock, verdict};
use medveil_ledger::{
    AuditSource, BlockRecord, Called, ChannelPeers, Checkpoint, Committed, Ledger, LedgerError,
    Listen, Notice, Notices, Settled, SignedBlocks, Transaction, TransactionRecord,
    TransactionSummary,
};
use medveil_msp::Identity;
use std::sync::Arc;

impl FabricClient {
    fn record(&self, block: &WholeBlock) -> BlockRecord {
        let pairs = block.transactions.iter().zip(block.verdicts());
        let summary = |(bytes, verdict): (&Vec<u8>, _)| TransactionSummary {
            called: self.call_of(bytes),
            verdict,
        };
        BlockRecord {
            number: block.number(),
            hash: hex::encode(block.hash()),
            transactions: pairs.map(summary).collect(),
        }
    }

    fn call_of(&self, bytes: &[u8]) -> Called {
        let Some((chaincode, _)) = Recorded::target(bytes) else {
            return Called::Configuration;
        };
        match Recorded::on_chain(bytes, &self.network.expected()) {
            Ok(recorded) => call_of(&recorded),
            Err(_) => Called::Chaincode(chaincode),
        }
    }
}

fn call_of(recorded: &Recorded) -> Called {
    let function = recorded.args.first();
    Called::Contract {
        function: function.map_or_else(String::new, |n| String::from_utf8_lossy(n).into_owned()),
        submitter: recorded.creator.msp_id().clone(),
    }
}

#[async_trait]
impl Ledger for FabricClient {
    async fn submit(
        &self,
        signer: &Arc<Identity>,
        transaction: Transaction,
        endorsers: Vec<Vec<MspId>>,
    ) -> Result<Committed, LedgerError> {
        FabricClient::submit(self, signer, transaction, endorsers).await
    }

    async fn evaluate(
        &self,
        signer: &Arc<Identity>,
        args: Vec<Vec<u8>>,
    ) -> Result<Vec<u8>, LedgerError> {
        FabricClient::evaluate(self, signer, &Transaction::query(args)).await
    }

    async fn confirm(
        &self,
        signer: &Arc<Identity>,
        args: Vec<Vec<u8>>,
        at: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, LedgerError> {
        FabricClient::confirm(self, signer, Transaction::query(args), at).await
    }

    async fn settle(&self, signer: &Arc<Identity>) -> Result<Vec<Settled>, LedgerError> {
        FabricClient::settle(self, signer).await
    }

    async fn height(&self, signer: &Arc<Identity>) -> Result<u64, LedgerError> {
        FabricClient::height(self, signer).await
    }

    async fn block(&self, signer: &Arc<Identity>, number: u64) -> Result<BlockRecord, LedgerError> {
        if number >= FabricClient::height(self, signer).await? {
            let what = format!("block {number}");
            return Err(LedgerError::NotFound { what });
        }
        let bytes = FabricClient::block(self, signer, number).await?;
        let block = WholeBlock::read(&bytes).map_err(LedgerError::read)?;
        Ok(self.record(&block))
    }

    async fn transaction(
        &self,
        signer: &Arc<Identity>,
        tx_id: &str,
    ) -> Result<TransactionRecord, LedgerError> {
        let (envelope, code) = self.envelope(signer, tx_id).await?;
        let block = self.block_of(signer, tx_id).await?;
        let block = WholeBlock::read(&block).map_err(LedgerError::read)?;
        let recorded = Recorded::on_chain(&envelope, &self.network.expected());
        let recorded = recorded.map_err(|e| LedgerError::Foreign {
            tx_id: tx_id.to_owned(),
            expected: e.0,
        })?;
        let writes = recorded.writes.public.iter();
        Ok(TransactionRecord {
            tx_id: tx_id.to_owned(),
            block: block.number(),
            verdict: verdict(code),
            called: call_of(&recorded),
            writes: writes
                .map(|(key, value)| (key.clone(), value.len()))
                .collect(),
            collections: recorded.writes.collections().into_iter().cloned().collect(),
            endorsers: recorded.endorsers,
            envelope,
        })
    }

    fn notices<'a>(&'a self, signer: &'a Arc<Identity>, listen: Listen) -> Notices<'a> {
        Box::pin(try_stream! {
            let mut next = listen.from;
            let height = FabricClient::height(self, signer).await?;
            let last = (!listen.follow).then(|| height.saturating_sub(1));
            if last.is_none_or(|last| next.block <= last) {
                let mut blocks = self.blocks(signer, next.block, last).await?;
                while let Some(block) = blocks.next().await? {
                    yield Notice::Block(self.record(&block));
                    for notice in notices_of(&block, &self.network.expected(), next)? {
                        yield notice;
                    }
                    next = Checkpoint { block: block.number().saturating_add(1), tx: 0 };
                    yield Notice::Reached(next);
                }
            }
        })
    }

    async fn genesis(&self) -> Result<String, LedgerError> {
        Ok(self.network.profile.genesis.clone())
    }

    fn audit_source(&self) -> AuditSource<'_> {
        AuditSource::Peers(ChannelPeers {
            channel: &self.network.profile.channel,
            chaincode: &self.network.profile.chaincode,
            genesis: &self.network.profile.genesis,
            msps: &self.network.msps,
            collections: &self.network.collections,
            blocks: self,
        })
    }

    fn now_ms(&self) -> u64 {
        self.network.clock.now_ms()
    }
}

#[async_trait]
impl SignedBlocks for FabricClient {
    async fn height_at(&self, signer: &Arc<Identity>, peer: &MspId) -> Result<u64, LedgerError> {
        self.signed_height(signer, peer).await
    }

    async fn signed_block(
        &self,
        signer: &Arc<Identity>,
        number: u64,
        peer: &MspId,
    ) -> Result<Vec<u8>, LedgerError> {
        FabricClient::signed_block(self, signer, number, peer).await
    }
}
