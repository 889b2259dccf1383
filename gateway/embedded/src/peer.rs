//! One organisation on the embedded ledger: its folder, its peer's key, its stores, and its own run
//! of the contract.
//!
//! A peer checks a proposal, executes it on its own state and signs the result of it; it
//! applies blocks that were ordered, and signs the head it reached. It never sees another
//! organisation's folder.

use super::execution::{Snapshot, context, execute};
use super::simulator::{Chaincode, Mode, Outcome, Simulator};
use super::stores::{PrivateStore, StateStore, StoreError};
use medveil_collections_config::MspId;
use medveil_contract::ContractError;
use medveil_embedded_wire::{Action, Endorsement, PrivateWrite, Proposal, Rules};
use medveil_ledger::Transient;
use medveil_msp::{Identity, MspError, SignError};
use std::sync::Arc;

/// How far a proposal's timestamp may be from the peer's clock.
///
/// **Units**: milliseconds.
pub const TIME_WINDOW_MS: u64 = 15 * 60 * 1000;
/// Longest private arguments of a call.
///
/// **Units**: bytes.
pub const MAX_TRANSIENT: usize = 96 << 20;

/// Why a peer did not endorse.
#[derive(Debug, thiserror::Error)]
pub enum EndorseError {
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The proposal's creator is not known here.
    #[error("creator")]
    Creator(#[from] MspError),
    #[error("creator: signature does not verify")]
    Signature,
    /// The proposal is for something else.
    #[error("proposal: expected channel {channel} and chaincode {chaincode}")]
    Address { channel: String, chaincode: String },
    /// The timestamp is too far from this peer's clock.
    #[error(
        "proposal: timestamp {got_ms} is more than 15 minutes from the peer's clock {clock_ms}"
    )]
    TimeWindow { got_ms: u64, clock_ms: u64 },
    #[error("proposal: transaction id used before")]
    Duplicate,
    /// Private arguments are announced and absent, or there and not announced, or too long.
    #[error(
        "proposal: private arguments are not as announced, or longer than {MAX_TRANSIENT} bytes"
    )]
    Transient,
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signature could not be made.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// A proposal, who signed it, and what only endorsers see.
pub struct SignedProposal<'a> {
    pub proposal: &'a Proposal,
    /// The creator's signature.
    pub signature: &'a [u8],
    pub transient: &'a Transient,
    /// What the peers' clock says.
    pub clock_ms: u64,
}

/// The result of executing a proposal at a peer, signed.
pub struct ProposalResponse {
    pub action: Action,
    /// The peer's signature over the action.
    pub endorsement: Endorsement,
    /// Private values behind the hashes.
    pub private: Vec<PrivateWrite>,
}

/// One organisation's peer.
pub struct Peer {
    pub(super) identity: Identity,
    chaincode: Arc<dyn Chaincode>,
    pub(super) rules: Arc<Rules>,
    pub(super) state: StateStore,
    pub(super) private: PrivateStore,
}

impl Peer {
    /// A peer over its stores.
    pub fn new(
        identity: Identity,
        chaincode: Arc<dyn Chaincode>,
        rules: Arc<Rules>,
        state: StateStore,
        private: PrivateStore,
    ) -> Self {
        Peer {
            identity,
            chaincode,
            rules,
            state,
            private,
        }
    }

    pub fn msp_id(&self) -> &MspId {
        self.identity.msp_id()
    }

    pub fn state(&self) -> &StateStore {
        &self.state
    }

    pub fn private(&self) -> &PrivateStore {
        &self.private
    }

    /// Executes a proposal and signs the result of it.
    ///
    /// **Errors**: the proposal is not acceptable, or the contract refuses it.
    pub fn endorse(
        &self,
        signed: &SignedProposal<'_>,
        mode: Mode,
    ) -> Result<ProposalResponse, EndorseError> {
        let proposal = signed.proposal;
        let creator = self.rules.msps.check(&proposal.creator, signed.clock_ms)?;
        creator
            .verify(&proposal.message(), signed.signature)
            .map_err(|_| EndorseError::Signature)?;
        self.check_proposal(signed)?;
        let view = self.view(proposal, signed.transient, mode)?;
        let (payload, outcome) = execute(self.chaincode.as_ref(), view, &proposal.args)?;
        let Outcome {
            set,
            private,
            event,
        } = outcome;
        let action = Action {
            proposal: proposal.digest(),
            set,
            event,
            payload,
        };
        let endorser = self.identity.creator().clone();
        let signature = self.identity.sign(&action.message(&endorser))?;
        Ok(ProposalResponse {
            action,
            endorsement: Endorsement {
                endorser,
                signature,
            },
            private,
        })
    }

    fn check_proposal(&self, signed: &SignedProposal<'_>) -> Result<(), EndorseError> {
        let (proposal, clock_ms) = (signed.proposal, signed.clock_ms);
        let Rules {
            channel, chaincode, ..
        } = self.rules.as_ref();
        if proposal.channel != *channel || proposal.chaincode != *chaincode {
            return Err(EndorseError::Address {
                channel: channel.clone(),
                chaincode: chaincode.clone(),
            });
        }
        let got_ms = proposal.timestamp_ms;
        if got_ms.abs_diff(clock_ms) > TIME_WINDOW_MS {
            return Err(EndorseError::TimeWindow { got_ms, clock_ms });
        }
        let transient = signed.transient;
        let size: usize = transient.iter().map(|(k, v)| k.len() + v.len()).sum();
        if proposal.transient == transient.is_empty() || size > MAX_TRANSIENT {
            return Err(EndorseError::Transient);
        }
        if self.state.snapshot()?.tx(&proposal.tx_id())?.is_some() {
            return Err(EndorseError::Duplicate);
        }
        Ok(())
    }

    fn view(
        &self,
        proposal: &Proposal,
        transient: &Transient,
        mode: Mode,
    ) -> Result<Simulator, EndorseError> {
        let peer_msp = self.msp_id().clone();
        let context = context(&self.rules, proposal, transient.clone(), peer_msp)?;
        let state = Snapshot {
            state: self.state.snapshot()?,
            private: self.private.snapshot()?,
        };
        let rules = self.rules.clone();
        Ok(Simulator::new(context, rules, Box::new(state), mode))
    }
}
