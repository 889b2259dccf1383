//! The MedVeil contract as an embedded peer runs it.
//!
//! The contract is asynchronous because a Fabric peer answers over a stream. Here every answer is
//! there at once, so a call is one poll.

use super::genesis::Genesis;
use super::simulator::{Chaincode, Simulator};
use circuits::field::Digest;
use collections_config::MspId;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use verifier_chaincode::{Code, Contract, ContractConfig, ContractError};

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
pub fn hosted(
    genesis: &Genesis,
    msp_id: &MspId,
    allow_insecure_dev_keys: bool,
) -> Result<Arc<dyn Chaincode>, String> {
    let config = ContractConfig {
        msp_id: msp_id.clone(),
        consortium_digest: Digest::of(&genesis.consortium),
        collections: genesis.collections().map_err(|e| e.to_string())?,
        allow_insecure_dev_keys,
        chaincode_name: genesis.chaincode.clone(),
    };
    Ok(Arc::new(Hosted(
        Contract::new(config).map_err(|e| e.to_string())?,
    )))
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
