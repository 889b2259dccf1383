//! The contract as the shim runs it.

use crate::{ledger, metadata};
use medveil_collections_config::error_chain;
use medveil_contract::call::{Call, MAX_CALL_BYTES, Query};
use medveil_contract::contract::{Contract, MAX_CONCURRENT};
use medveil_contract::{Caller, ContractError};
use medveil_shim::{Invoke, PeerLedger, Refusal, Transaction, message_of};

/// The contract of one organisation, for its peers.
pub struct Chaincode(pub Contract);

impl Invoke for Chaincode {
    async fn invoke(&self, ledger: &mut PeerLedger, args: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        let caller = caller(ledger.transaction())?;
        let mut ledger = ledger::over(ledger, caller, &self.0.config().msp_id);
        self.0.invoke(&mut ledger, args).await.map_err(refusal)
    }

    fn check(&self, transaction: &Transaction) -> Result<(), Refusal> {
        caller(transaction).map(drop)
    }

    fn needs_turn(&self, name: &[u8]) -> bool {
        Call::is_transaction(name)
    }

    fn turns(&self) -> usize {
        MAX_CONCURRENT
    }

    fn names(&self) -> &'static [&'static [&'static str]] {
        &[Call::NAMES, Query::NAMES]
    }

    fn max_message(&self) -> usize {
        message_of(MAX_CALL_BYTES)
    }

    fn metadata(&self) -> Vec<u8> {
        metadata::of(self.0.config())
    }
}

fn caller(transaction: &Transaction) -> Result<Caller, Refusal> {
    Caller::from_creator(&transaction.creator)
        .map_err(|e| Refusal::bad_input(format_args!("proposal: {}", error_chain(&e))))
}

fn refusal(error: ContractError) -> Refusal {
    Refusal::new(
        error.code().as_str(),
        format_args!("{}: {}", error.stage(), error.message()),
    )
}
