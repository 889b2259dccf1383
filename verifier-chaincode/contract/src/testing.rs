//! A ledger in memory with Fabric's semantics, for tests of several crates (feature `testing`).
//!
//! Simulate first, commit later: reads see the committed state and enter a read set, writes wait in
//! a write set, a commit with a stale read is refused. It checks no signatures and no endorsement
//! policies; the embedded ledger does.

pub mod access;
pub mod claims;
pub mod fixture;
pub mod registry;
pub mod sharing;
mod world;

pub use world::{ReadConflict, ReadWriteSet, Simulation, World};

use crate::call::{Call, Query, Request, Transaction};
use crate::contract::{Contract, ContractConfig};
use crate::error::{Code, ContractError};
use crate::identity::{Caller, Role};
use crate::ledger::TxContext;
use medveil_collections_config::MspId;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// A world with a contract for each organisation and a clock that the test moves.
pub struct Bench {
    pub world: World,
    /// One contract an organisation.
    pub contracts: BTreeMap<MspId, Contract>,
    /// Time of the next transaction.
    ///
    /// **Units**: milliseconds since 1970-01-01 UTC.
    pub now_ms: u64,
    /// Channel of the next transaction.
    pub channel: String,
    /// Chaincode of the next transaction.
    pub chaincode: String,
    transactions: u64,
    /// How often the peer was asked by the accepted calls of each name.
    pub questions: BTreeMap<&'static str, BTreeSet<usize>>,
}

/// One day. **Units**: milliseconds.
pub const DAY_MS: u64 = 86_400_000;
/// One minute. **Units**: milliseconds.
pub const MINUTE_MS: u64 = 60_000;

/// An organisation's MSP id.
///
/// **Panics**: the text is not one.
pub fn msp(text: &str) -> MspId {
    match MspId::new(text) {
        Ok(msp) => msp,
        Err(error) => panic!("{error}"),
    }
}

/// Code and stage of a refusal.
pub type Refusal = (Code, &'static str);

/// The refusal that a call ended with.
///
/// **Panics**: it was not refused.
pub fn refusal<T>(result: Result<T, ContractError>) -> Refusal {
    match result {
        Ok(_) => panic!("expected a refusal"),
        Err(error) => (error.code(), error.stage()),
    }
}

impl Bench {
    /// A contract for each of these organisations with this configuration, at 10:00 on day 20,000.
    ///
    /// **Panics**: a configuration that the contract refuses.
    pub fn new(members: &[MspId], config: &ContractConfig) -> Self {
        let contract = |msp_id: &MspId| match Contract::new(ContractConfig {
            msp_id: msp_id.clone(),
            ..config.clone()
        }) {
            Ok(contract) => (msp_id.clone(), contract),
            Err(error) => panic!("{error}"),
        };
        Bench {
            world: World::default(),
            contracts: members.iter().map(contract).collect(),
            now_ms: 20_000 * DAY_MS + 10 * 60 * MINUTE_MS,
            channel: "medveil".to_owned(),
            chaincode: config.chaincode_name.clone(),
            transactions: 0,
            questions: BTreeMap::new(),
        }
    }

    /// The context of the next transaction.
    pub fn context(
        &mut self,
        caller: &MspId,
        role: Role,
        peer: &MspId,
        transient: BTreeMap<String, Vec<u8>>,
    ) -> TxContext {
        self.transactions += 1;
        TxContext {
            tx_id: format!("tx-{}", self.transactions),
            channel: self.channel.clone(),
            chaincode: self.chaincode.clone(),
            timestamp_ms: self.now_ms,
            caller: Caller {
                msp_id: caller.clone(),
                role,
                subject: format!("CN={role}, O={caller}"),
            },
            peer_msp: peer.clone(),
            transient,
        }
    }

    /// Simulates a call at one peer under the role that the call needs.
    ///
    /// **Errors**: the contract's refusal.
    ///
    /// **Panics**: an unknown peer.
    pub fn simulate(
        &mut self,
        caller: &MspId,
        peer: &MspId,
        call: &Call,
        transient: Option<Vec<u8>>,
    ) -> Result<ReadWriteSet, ContractError> {
        let transient = call
            .transient_name()
            .zip(transient)
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect();
        let tx = self.context(caller, call.role(), peer, transient);
        let Some(contract) = self.contracts.get(peer) else {
            panic!("no such peer: {peer}")
        };
        let set = self.world.simulate(contract, tx, &call.to_args())?;
        let questions = self.questions.entry(call.function_name()).or_default();
        questions.insert(set.questions);
        Ok(set)
    }

    /// Simulates a call at one peer and commits it; gives the bytes of the answer.
    ///
    /// **Errors**: the contract's refusal.
    ///
    /// **Panics**: as [`Bench::simulate`]; a read conflict, which one transaction a block cannot
    /// have.
    pub fn commit(
        &mut self,
        caller: &MspId,
        peer: &MspId,
        call: &Call,
        transient: Option<Vec<u8>>,
    ) -> Result<Vec<u8>, ContractError> {
        let set = self.simulate(caller, peer, call, transient)?;
        if let Err(conflict) = self.world.commit(&set) {
            panic!("{conflict}");
        }
        Ok(set.answer)
    }

    /// As [`Bench::commit`], with the reply as its type.
    ///
    /// **Errors**: the contract's refusal.
    ///
    /// **Panics**: as [`Bench::commit`]; an answer of another type.
    pub fn submit<T: Transaction>(
        &mut self,
        caller: &MspId,
        peer: &MspId,
        transaction: T,
        transient: Option<Vec<u8>>,
    ) -> Result<T::Reply, ContractError> {
        let answer = self.commit(caller, peer, &transaction.call(), transient)?;
        Ok(read(&answer))
    }

    /// Asks one peer; gives the bytes of the answer.
    ///
    /// **Errors**: the contract's refusal.
    ///
    /// **Panics**: an unknown peer.
    pub fn evaluate(
        &mut self,
        caller: &MspId,
        peer: &MspId,
        query: &Query,
    ) -> Result<Vec<u8>, ContractError> {
        let tx = self.context(caller, Role::Client, peer, BTreeMap::new());
        let Some(contract) = self.contracts.get(peer) else {
            panic!("no such peer: {peer}")
        };
        let set = self.world.simulate(contract, tx, &query.to_args())?;
        Ok(set.answer)
    }

    /// As [`Bench::evaluate`], with the reply as its type.
    ///
    /// **Errors**: the contract's refusal.
    ///
    /// **Panics**: as [`Bench::evaluate`]; an answer of another type.
    pub fn ask<R: Request>(
        &mut self,
        caller: &MspId,
        peer: &MspId,
        request: R,
    ) -> Result<R::Reply, ContractError> {
        let answer = self.evaluate(caller, peer, &request.query())?;
        Ok(read(&answer))
    }
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> T {
    match serde_json::from_slice(answer) {
        Ok(reply) => reply,
        Err(error) => panic!("{error}"),
    }
}
