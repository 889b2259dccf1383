//! The MedVeil contract as an embedded peer runs it.
//!
//! The contract is asynchronous because a Fabric peer answers over a stream. Here every answer is
//! there at once, so a call is one poll.

use super::simulator::{Chaincode, Simulator};
use medveil_circuits::field::Digest;
use medveil_collections_config::MspId;
use medveil_contract::{Code, Contract, ContractConfig, ContractError};
use medveil_embedded_wire::Genesis;
use medveil_ledger::BoxError;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The answer of a future that never waits.
///
/// **Errors**: it waited.
pub fn poll_ready<T>(
    future: impl Future<Output = Result<T, ContractError>>,
) -> Result<T, ContractError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(ContractError::new(
            Code::Internal,
            "ledger",
            "the contract waited for something that is not the ledger",
        )),
    }
}

struct Hosted(Contract);

impl Chaincode for Hosted {
    fn invoke(&self, view: &mut Simulator, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
        poll_ready(self.0.invoke(view, args))
    }
}

/// The contract, configured as this organisation's process.
///
/// **Errors**: the configuration is not acceptable to the contract.
pub fn host(
    genesis: &Genesis,
    msp_id: &MspId,
    allow_insecure_dev_keys: bool,
) -> Result<Arc<dyn Chaincode>, BoxError> {
    let config = ContractConfig {
        msp_id: msp_id.clone(),
        consortium_digest: Digest::of(&genesis.consortium),
        collections: genesis.collections()?,
        allow_insecure_dev_keys,
        chaincode_name: genesis.chaincode.clone(),
    };
    Ok(Arc::new(Hosted(Contract::new(config)?)))
}

/// A function as a contract.
impl<F> Chaincode for F
where
    F: Fn(&mut Simulator, &[Vec<u8>]) -> Result<Vec<u8>, ContractError> + Send + Sync,
{
    fn invoke(&self, view: &mut Simulator, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
        self(view, args)
    }
}
