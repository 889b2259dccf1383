//! What a chaincode is to this service.

use crate::ledger::PeerLedger;
use crate::limits::MAX_MESSAGE;
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use std::future::Future;

/// A chaincode: something that peers can ask to run.
pub trait Invoke: Send + Sync + 'static {
    /// Runs one call.
    ///
    /// **Errors**: a refusal; then the peer drops what was written.
    fn invoke(
        &self,
        ledger: &mut PeerLedger,
        args: &[Vec<u8>],
    ) -> impl Future<Output = Result<Vec<u8>, Refusal>>;

    /// Looks at a proposal before its call waits for anything.
    ///
    /// **Errors**: a refusal, such as of a caller whose certificate says too little.
    fn check(&self, _transaction: &Transaction) -> Result<(), Refusal> {
        Ok(())
    }

    /// Whether a call of this name takes a whole core: of those only some run at the same time, and
    /// the others wait their turn.
    fn needs_turn(&self, _name: &[u8]) -> bool {
        false
    }

    /// How many calls that need a turn run at the same time.
    fn turns(&self) -> usize {
        16
    }

    /// The names of all calls, in any number of lists: what is counted under its own name.
    fn names(&self) -> &'static [&'static [&'static str]] {
        &[]
    }

    /// Largest message of a call; a larger one is refused as `too_large` before it is read.
    ///
    /// **Units**: bytes.
    fn max_message(&self) -> usize {
        MAX_MESSAGE
    }

    /// What `org.hyperledger.fabric:GetMetadata` answers: JSON of Fabric's contract metadata
    /// schema.
    fn metadata(&self) -> Vec<u8> {
        b"{}".to_vec()
    }
}
