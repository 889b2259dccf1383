//! Looking at the ledger: blocks, transactions, what is still on its way. The same on both ledgers.

use crate::classify::{Classify, Kind};
use crate::session::{Session, SessionError};
use crate::step::Step;
use medveil_collections_config::MspId;
use medveil_ledger::{
    BlockRecord, Called, LedgerError, Settled, TransactionRecord, TransactionSummary,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Why the ledger could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LedgerReadError {
    #[error(
        "no transaction {tx_id} is on this ledger: `medveil ledger outbox` follows what is on its way, `medveil ledger blocks` lists what is there"
    )]
    NoTransaction { tx_id: String, said: LedgerError },
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Classify for LedgerReadError {
    fn kind(&self) -> Kind {
        match self {
            LedgerReadError::NoTransaction { .. } => Kind::NotFound,
            LedgerReadError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            LedgerReadError::NoTransaction { said, .. } => Some(said),
            LedgerReadError::Session(e) => e.ledger(),
        }
    }
}

/// Blocks of the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LedgerBlocks {
    /// How many blocks there are.
    pub height: u64,
    /// The first number that was asked for.
    pub from: u64,
    pub blocks: Vec<BlockLine>,
}

/// One block.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlockLine {
    pub number: u64,
    /// Hash of its header, in hex.
    pub hash: String,
    pub transactions: Vec<BlockTransaction>,
}

/// A transaction of a block.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlockTransaction {
    pub calls: Calls,
    /// The contract's function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The organisation that sent it.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitter: Option<MspId>,
    /// Name of the chaincode, where it is not the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chaincode: Option<String>,
    /// Its verdict, such as `VALID`.
    pub code: &'static str,
}

/// What a transaction calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Calls {
    /// A function of the contract.
    Contract,
    /// A chaincode that is not the contract.
    Chaincode,
    /// The channel's configuration.
    Configuration,
    /// Nothing that could be read.
    Unreadable,
}

impl From<TransactionSummary> for BlockTransaction {
    fn from(summary: TransactionSummary) -> Self {
        let (calls, function, submitter, chaincode) = match summary.called {
            Called::Contract {
                function,
                submitter,
            } => (Calls::Contract, Some(function), Some(submitter), None),
            Called::Chaincode(name) => (Calls::Chaincode, None, None, Some(name)),
            Called::Configuration => (Calls::Configuration, None, None, None),
            Called::Unreadable => (Calls::Unreadable, None, None, None),
        };
        BlockTransaction {
            calls,
            function,
            submitter,
            chaincode,
            code: summary.verdict.name,
        }
    }
}

impl From<BlockRecord> for BlockLine {
    fn from(block: BlockRecord) -> Self {
        let transactions = block.transactions.into_iter();
        BlockLine {
            number: block.number,
            hash: block.hash,
            transactions: transactions.map(BlockTransaction::from).collect(),
        }
    }
}

impl Step for LedgerBlocks {
    const NAME: &'static str = "ledger.blocks";
    const VERSION: u32 = 2;
}

/// Lists blocks with their verdicts, as the organisation's own peer has them.
///
/// **Errors**: the ledger cannot be read.
pub async fn blocks(
    session: &Session,
    org: &MspId,
    from: u64,
    limit: u64,
) -> Result<LedgerBlocks, LedgerReadError> {
    let (ledger, reader) = (session.ledger(), session.reader(org)?);
    let height = ledger.height(&reader).await;
    let height = height.map_err(|e| session.ledger_error(e))?;
    let mut blocks = Vec::new();
    for number in from..height.min(from.saturating_add(limit)) {
        let block = ledger.block(&reader, number).await;
        let block = block.map_err(|e| session.ledger_error(e))?;
        blocks.push(BlockLine::from(block));
    }
    Ok(LedgerBlocks {
        height,
        from,
        blocks,
    })
}

/// One transaction.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LedgerTransaction {
    pub tx_id: String,
    pub block: u64,
    /// Its verdict, such as `VALID`.
    pub code: String,
    /// The same as Fabric's number.
    pub validation_code: i32,
    /// The contract's function; none where it calls something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The organisation that sent it.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitter: Option<MspId>,
    #[schemars(with = "Vec<String>")]
    pub endorsers: Vec<MspId>,
    /// Public values that it writes.
    pub writes: Vec<WriteLine>,
    /// Collections that it writes private values into.
    pub collections: Vec<String>,
}

/// A public value that a transaction writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WriteLine {
    pub key: String,
    /// Length of the value.
    pub bytes: usize,
}

impl From<TransactionRecord> for LedgerTransaction {
    fn from(record: TransactionRecord) -> Self {
        let (function, submitter) = match record.called {
            Called::Contract {
                function,
                submitter,
            } => (Some(function), Some(submitter)),
            Called::Chaincode(_) | Called::Configuration | Called::Unreadable => (None, None),
        };
        let write = |(key, bytes)| WriteLine { key, bytes };
        LedgerTransaction {
            tx_id: record.tx_id,
            block: record.block,
            code: record.verdict.to_string(),
            validation_code: record.verdict.code,
            function,
            submitter,
            endorsers: record.endorsers.into_iter().collect(),
            writes: record.writes.into_iter().map(write).collect(),
            collections: record.collections.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Step for LedgerTransaction {
    const NAME: &'static str = "ledger.tx";
}

/// Shows one transaction.
///
/// **Errors**: no such transaction; one that is not the contract's; the ledger cannot be read.
pub async fn transaction(
    session: &Session,
    org: &MspId,
    tx_id: &str,
) -> Result<LedgerTransaction, LedgerReadError> {
    let reader = session.reader(org)?;
    match session.ledger().transaction(&reader, tx_id).await {
        Ok(record) => Ok(LedgerTransaction::from(record)),
        Err(said @ LedgerError::NotFound { .. }) => Err(LedgerReadError::NoTransaction {
            tx_id: tx_id.to_owned(),
            said,
        }),
        Err(other) => Err(session.ledger_error(other).into()),
    }
}

/// What became of transactions that earlier processes left on their way.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OutboxSettled {
    pub settled: Vec<SettledLine>,
}

/// One of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SettledLine {
    pub tx_id: String,
    /// The contract's function.
    pub function: String,
    /// Its block; none where the ordering service refused it.
    pub block: Option<u64>,
    /// Its verdict, such as `VALID`.
    pub code: Option<&'static str>,
    /// The same as Fabric's number.
    pub validation_code: Option<i32>,
}

impl Step for OutboxSettled {
    const NAME: &'static str = "ledger.outbox";
}

impl OutboxSettled {
    /// What a session learned of them.
    pub fn new(settled: Vec<Settled>) -> Self {
        let line = |s: Settled| SettledLine {
            tx_id: s.tx_id,
            function: s.function,
            block: s.verdict.map(|(block, _)| block),
            code: s.verdict.map(|(_, verdict)| verdict.name),
            validation_code: s.verdict.map(|(_, verdict)| verdict.code),
        };
        OutboxSettled {
            settled: settled.into_iter().map(line).collect(),
        }
    }
}

/// Follows to their end what earlier processes of this organisation left on its way.
///
/// **Errors**: one has no verdict in time.
pub async fn outbox(session: &Session, org: &MspId) -> Result<OutboxSettled, LedgerReadError> {
    session.settle(&session.reader(org)?).await?;
    Ok(OutboxSettled::new(session.take_settled()))
}

#[cfg(test)]
mod tests;
