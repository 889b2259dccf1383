//! A transaction between endorsing and ordering.

use medveil_embedded_wire::{Envelope, PrivateWrite};

/// A transaction that is endorsed and signed, and not ordered yet.
#[derive(Clone)]
pub struct Prepared {
    /// What is ordered.
    pub envelope: Envelope,
    /// Private values for the members' stores.
    pub private: Vec<PrivateWrite>,
}

impl Prepared {
    pub fn tx_id(&self) -> String {
        self.envelope.proposal.tx_id()
    }

    /// The contract's answer.
    pub fn payload(&self) -> &[u8] {
        &self.envelope.action.payload
    }
}
