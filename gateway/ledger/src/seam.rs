//! The trait itself.

use crate::error::LedgerError;
use crate::event::{Listen, Notices};
use crate::record::{BlockRecord, TransactionRecord};
use crate::transaction::{Committed, Settled, Transaction};
use async_trait::async_trait;
use medveil_collections_config::{CollectionsConfig, MspId};
use medveil_msp::{Identity, MspSet};
use std::path::PathBuf;
use std::sync::Arc;

/// A ledger as journeys, listeners and audits use it.
///
/// Lists of endorsers are alternatives: the first set whose peers answer is taken. What
/// asks a peer takes the identity that signs, because one process may act for several
/// organisations; `genesis`, `audit_source`, `reader`, `now_ms` and `release` ask none.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Endorses at the peers of exactly one of these sets of organisations, compares what they
    /// wrote with what was sent, orders, and waits for the commit. A conflict with another
    /// transaction is endorsed again with the same arguments. `transaction.endorsers` is ignored.
    ///
    /// **Errors**: the stage that failed.
    async fn submit(
        &self,
        signer: &Arc<Identity>,
        transaction: Transaction,
        endorsers: Vec<Vec<MspId>>,
    ) -> Result<Committed, LedgerError>;

    /// Evaluates a query at the signer's own organisation's peer; nothing is ordered.
    ///
    /// **Errors**: refused by the contract, or not reachable.
    async fn evaluate(
        &self,
        signer: &Arc<Identity>,
        args: Vec<Vec<u8>>,
    ) -> Result<Vec<u8>, LedgerError>;

    /// Asks the peers of exactly one of these sets of organisations, and checks that they answer
    /// alike, sign it and would write nothing; nothing is ordered.
    ///
    /// **Errors**: a peer refused, signed wrongly, would write, or answered something else.
    async fn confirm(
        &self,
        signer: &Arc<Identity>,
        args: Vec<Vec<u8>>,
        at: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, LedgerError>;

    /// Follows to their end the transactions of the signer's organisation that earlier processes
    /// left on their way.
    ///
    /// **Errors**: one of them has no verdict in time, or what was kept of it is damaged.
    async fn settle(&self, signer: &Arc<Identity>) -> Result<Vec<Settled>, LedgerError>;

    /// Number of blocks.
    ///
    /// **Errors**: the ledger could not be read.
    async fn height(&self, signer: &Arc<Identity>) -> Result<u64, LedgerError>;

    /// A block with the verdicts on its transactions.
    ///
    /// **Errors**: no such block, or the ledger could not be read.
    async fn block(&self, signer: &Arc<Identity>, number: u64) -> Result<BlockRecord, LedgerError>;

    /// A transaction as the chain holds it.
    ///
    /// **Errors**: no such transaction, or one that is not the contract's.
    async fn transaction(
        &self,
        signer: &Arc<Identity>,
        tx_id: &str,
    ) -> Result<TransactionRecord, LedgerError>;

    /// What happens from a place in the chain on. A stream that ended with an error may be asked
    /// for again from the last place that was reached.
    fn notices<'a>(&'a self, signer: &'a Arc<Identity>, listen: Listen) -> Notices<'a>;

    /// Hash of the first block, in hex: what names this ledger.
    ///
    /// **Errors**: the ledger could not be read.
    async fn genesis(&self) -> Result<String, LedgerError>;

    /// Where an audit has its evidence from.
    fn audit_source(&self) -> AuditSource<'_>;

    /// An identity of an organisation that public queries may be asked with and that needs no
    /// passphrase, where the ledger has one.
    fn reader(&self, _org: &MspId) -> Option<Arc<Identity>> {
        None
    }

    /// The time that transactions carry.
    ///
    /// **Units**: milliseconds since 1970-01-01 UTC.
    fn now_ms(&self) -> u64;

    /// Lets other processes use what this one holds of the ledger, until the next call. Called
    /// before long work that needs no ledger.
    fn release(&self) {}
}

/// Where an audit has its evidence from.
pub enum AuditSource<'a> {
    /// The files of every organisation, all on this machine.
    Files(PathBuf),
    /// The peers of a channel, none of which is believed alone.
    Peers(ChannelPeers<'a>),
}

/// A channel whose blocks are read from its peers.
pub struct ChannelPeers<'a> {
    pub channel: &'a str,
    pub chaincode: &'a str,
    /// Hash of the first block's header, in hex.
    pub genesis: &'a str,
    /// The authorities of all members.
    pub msps: &'a MspSet,
    pub collections: &'a CollectionsConfig,
    pub blocks: &'a dyn SignedBlocks,
}

/// Blocks as peers hold and sign them.
#[async_trait]
pub trait SignedBlocks: Send + Sync {
    /// Blocks that this organisation's peer has, as it signs it.
    ///
    /// **Errors**: the peer does not answer or signs wrongly.
    async fn height_at(&self, signer: &Arc<Identity>, peer: &MspId) -> Result<u64, LedgerError>;

    /// One block in the ledger's own bytes, as this organisation's peer has and signs it.
    ///
    /// **Errors**: no such block; the peer does not answer or signs wrongly.
    async fn signed_block(
        &self,
        signer: &Arc<Identity>,
        number: u64,
        peer: &MspId,
    ) -> Result<Vec<u8>, LedgerError>;
}
