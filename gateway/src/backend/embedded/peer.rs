//! One organisation on the embedded ledger: its folder, its peer's key, its stores, and its own run
//! of the contract.
//!
//! A peer checks a proposal, executes it on its own state and signs what it came to; it applies
//! blocks that were ordered, and signs the head it reached. It never sees another organisation's
//! folder.

use super::faults::{Fault, Faults, WritePoint};
use super::format::{
    Action, Block, Endorsement, Hash, Head, PrivateWrite, Proposal, ValidationCode,
};
use super::simulator::{Chaincode, Mode, Outcome, Simulator};
use super::stores::{PrivateSnapshot, StateSnapshot};
use super::stores::{PrivateStore, StateReader, StateStore, StoreError, Versioned};
use super::validate::{Rejected, Rules, Screened, resolve};
use crate::msp::{Identity, MspError, SignError};
use collections_config::{CollectionName, MspId};
use std::collections::BTreeMap;
use std::sync::Arc;
use verifier_chaincode::{Caller, ContractError, TxContext};

/// How far a proposal's timestamp may be from the peer's clock.
///
/// **Units**: milliseconds.
pub const TIME_WINDOW_MS: u64 = 15 * 60 * 1000;
/// Longest private arguments of a call.
///
/// **Units**: bytes.
pub const MAX_TRANSIENT: usize = 96 << 20;

/// Private arguments by name.
pub type Transient = BTreeMap<String, Vec<u8>>;

/// Why a peer did not endorse.
#[derive(Debug, thiserror::Error)]
pub enum EndorseError {
    /// The contract refused.
    #[error("{0}")]
    Contract(#[from] ContractError),
    /// The proposal's creator is not known here, or did not sign.
    #[error("creator: {0}")]
    Creator(#[from] MspError),
    /// The creator did not sign.
    #[error("creator: signature does not verify")]
    Signature,
    /// The proposal is for something else.
    #[error("proposal: expected channel {channel} and chaincode {chaincode}")]
    Address {
        /// This channel.
        channel: String,
        /// Its chaincode.
        chaincode: String,
    },
    /// The timestamp is too far from this peer's clock.
    #[error(
        "proposal: timestamp {got_ms} is more than 15 minutes from the peer's clock {clock_ms}"
    )]
    TimeWindow {
        /// Timestamp.
        got_ms: u64,
        /// Clock.
        clock_ms: u64,
    },
    /// A transaction of this id was ordered before.
    #[error("proposal: transaction id used before")]
    Duplicate,
    /// Private arguments are announced and absent, or there and not announced, or too long.
    #[error(
        "proposal: private arguments are not as announced, or longer than {MAX_TRANSIENT} bytes"
    )]
    Transient,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signature could not be made.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// A proposal, who signed it, and what only endorsers see.
pub struct Ask<'a> {
    /// Proposal.
    pub proposal: &'a Proposal,
    /// The creator's signature.
    pub signature: &'a [u8],
    /// Private arguments.
    pub transient: &'a Transient,
    /// Peers' clock.
    pub clock_ms: u64,
}

/// What a peer answers.
pub struct Answer {
    /// Result of execution.
    pub action: Action,
    /// Signature over it.
    pub endorsement: Endorsement,
    /// Private values behind the hashes.
    pub private: Vec<PrivateWrite>,
}

/// One organisation's peer.
pub struct Peer {
    identity: Identity,
    chaincode: Arc<dyn Chaincode>,
    rules: Arc<Rules>,
    state: StateStore,
    private: PrivateStore,
}

/// Why a block could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The head could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A test stopped the process here.
    #[error("stopped by a test at {0:?}")]
    Stopped(WritePoint),
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

    /// Its organisation.
    pub fn msp_id(&self) -> &MspId {
        self.identity.msp_id()
    }

    /// Its public state.
    pub fn state(&self) -> &StateStore {
        &self.state
    }

    /// Its private values.
    pub fn private(&self) -> &PrivateStore {
        &self.private
    }

    /// Executes a proposal and signs what it came to.
    ///
    /// **Errors**: the proposal or the contract's answer to it.
    pub fn endorse(&self, ask: &Ask<'_>, mode: Mode) -> Result<Answer, EndorseError> {
        let creator = self.rules.msps.check(&ask.proposal.creator, ask.clock_ms)?;
        creator
            .verify(&ask.proposal.message(), ask.signature)
            .map_err(|_| EndorseError::Signature)?;
        self.check_proposal(ask)?;
        let view = self.view(ask.proposal, ask.transient, mode)?;
        let (
            payload,
            Outcome {
                set,
                private,
                event,
            },
        ) = execute(self.chaincode.as_ref(), view, &ask.proposal.args)?;
        let action = Action {
            proposal: ask.proposal.digest(),
            set,
            event,
            payload,
        };
        let endorser = self.identity.creator().clone();
        let signature = self.identity.sign(&action.message(&endorser))?;
        Ok(Answer {
            action,
            endorsement: Endorsement {
                endorser,
                signature,
            },
            private,
        })
    }

    fn check_proposal(&self, ask: &Ask<'_>) -> Result<(), EndorseError> {
        let Rules {
            channel, chaincode, ..
        } = self.rules.as_ref();
        if ask.proposal.channel != *channel || ask.proposal.chaincode != *chaincode {
            return Err(EndorseError::Address {
                channel: channel.clone(),
                chaincode: chaincode.clone(),
            });
        }
        if ask.proposal.timestamp_ms.abs_diff(ask.clock_ms) > TIME_WINDOW_MS {
            return Err(EndorseError::TimeWindow {
                got_ms: ask.proposal.timestamp_ms,
                clock_ms: ask.clock_ms,
            });
        }
        let size: usize = ask.transient.iter().map(|(k, v)| k.len() + v.len()).sum();
        if ask.proposal.transient == ask.transient.is_empty() || size > MAX_TRANSIENT {
            return Err(EndorseError::Transient);
        }
        if self.state.snapshot()?.tx(&ask.proposal.tx_id())?.is_some() {
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
        let context = context(
            &self.rules,
            proposal,
            transient.clone(),
            self.msp_id().clone(),
        )?;
        let state = Snapshot {
            state: self.state.snapshot()?,
            private: self.private.snapshot()?,
        };
        Ok(Simulator::new(
            context,
            self.rules.clone(),
            Box::new(state),
            mode,
        ))
    }

    /// Applies a block to both stores, or to the one that has not applied it yet; keeps the signed
    /// head. Gives this organisation's verdicts.
    ///
    /// **Errors**: a store failed; the block is then applied at the next opening.
    pub fn apply(
        &self,
        block: &Block,
        screened: &[Result<Screened, Rejected>],
        genesis: &Hash,
        faults: &dyn Faults,
    ) -> Result<Vec<ValidationCode>, ApplyError> {
        let number = block.header.number;
        let stop = |point: WritePoint| match faults.at(&point) {
            Fault::None => Ok(()),
            _ => Err(ApplyError::Stopped(point)),
        };
        let snapshot = self.state.snapshot()?;
        let known = snapshot.codes(number)?;
        let updates = match known {
            Some(_) => None,
            None => Some(resolve(number, screened, &PublicOnly(snapshot))?),
        };
        let codes = known.unwrap_or_else(|| {
            updates
                .as_ref()
                .map(|u| u.codes.clone())
                .unwrap_or_default()
        });
        if self.private.height()? <= number {
            stop(WritePoint::ApplyPrivate(self.msp_id().clone()))?;
            self.private
                .apply(number, &self.expected(screened, &codes))?;
        }
        if let Some(updates) = updates {
            stop(WritePoint::ApplyState(self.msp_id().clone()))?;
            let hash = block.header.hash();
            let signature = self.identity.sign(&Head::message(genesis, number, &hash))?;
            let head = Head {
                genesis: *genesis,
                number,
                hash,
                signer: self.identity.creator().clone(),
                signature,
            };
            self.state.apply(&updates, &head)?;
        }
        Ok(codes)
    }

    /// The private writes of each transaction that this organisation must hold.
    fn expected(
        &self,
        screened: &[Result<Screened, Rejected>],
        codes: &[ValidationCode],
    ) -> Vec<(String, Vec<super::stores::Expected>)> {
        let mine = |c: &CollectionName| self.rules.collections.is_member(c, self.msp_id());
        let writes = |s: &Screened| {
            let sets = s
                .envelope
                .action
                .set
                .collections
                .iter()
                .filter(|c| mine(&c.collection));
            sets.flat_map(|c| {
                c.writes
                    .iter()
                    .map(|w| (c.collection.clone(), w.key, w.value))
            })
            .collect()
        };
        let pairs = screened.iter().zip(codes);
        pairs
            .filter_map(|(screened, code)| {
                let s = screened.as_ref().ok()?;
                let valid = *code == ValidationCode::Valid;
                Some((
                    hex::encode(s.digest),
                    if valid { writes(s) } else { Vec::new() },
                ))
            })
            .collect()
    }

    /// Keeps private values of a transaction that is about to be ordered: those of collections that
    /// this organisation is a member of.
    pub fn mine<'a>(&self, private: &'a [PrivateWrite]) -> Vec<&'a PrivateWrite> {
        private
            .iter()
            .filter(|w| {
                self.rules
                    .collections
                    .is_member(&w.collection, self.msp_id())
            })
            .collect()
    }
}

/// The context that a peer gives the contract.
///
/// **Errors**: the creator's certificate names no role.
pub fn context(
    rules: &Rules,
    proposal: &Proposal,
    transient: Transient,
    peer_msp: MspId,
) -> Result<TxContext, EndorseError> {
    let certificate = crate::msp::Certificate::from_der(&proposal.creator.certificate)?;
    let caller = Caller::from_certificate(
        proposal.creator.msp_id.clone(),
        certificate.to_pem().as_bytes(),
    );
    let caller = caller.map_err(|_| {
        MspError::Certificate("one organisational unit: admin, client, peer or orderer")
    })?;
    Ok(TxContext {
        tx_id: proposal.tx_id(),
        channel: rules.channel.clone(),
        chaincode: rules.chaincode.clone(),
        timestamp_ms: proposal.timestamp_ms,
        caller,
        peer_msp,
        transient,
    })
}

/// Runs the contract on a view.
///
/// **Errors**: the contract's refusal.
pub fn execute(
    chaincode: &dyn Chaincode,
    mut view: Simulator,
    args: &[Vec<u8>],
) -> Result<(Vec<u8>, Outcome), ContractError> {
    let payload = chaincode.invoke(&mut view, args)?;
    Ok((payload, view.finish()))
}

struct Snapshot {
    state: StateSnapshot,
    private: PrivateSnapshot,
}

impl StateReader for Snapshot {
    fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError> {
        self.state.public(key)
    }
    fn hashed(
        &self,
        collection: &CollectionName,
        key: &Hash,
    ) -> Result<Versioned<Hash>, StoreError> {
        self.state.hashed(collection, key)
    }
    fn private(
        &self,
        collection: &CollectionName,
        key: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.private.value(collection, key)
    }
    fn range(
        &self,
        prefix: &str,
        from: &str,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.state.range(prefix, from, limit)
    }
    fn has_tx(&self, tx_id: &str) -> Result<bool, StoreError> {
        Ok(self.state.tx(tx_id)?.is_some())
    }
}

/// Validation reads no private values.
struct PublicOnly(StateSnapshot);

impl StateReader for PublicOnly {
    fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError> {
        self.0.public(key)
    }
    fn hashed(
        &self,
        collection: &CollectionName,
        key: &Hash,
    ) -> Result<Versioned<Hash>, StoreError> {
        self.0.hashed(collection, key)
    }
    fn private(&self, _: &CollectionName, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }
    fn range(
        &self,
        prefix: &str,
        from: &str,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.0.range(prefix, from, limit)
    }
    fn has_tx(&self, tx_id: &str) -> Result<bool, StoreError> {
        Ok(self.0.tx(tx_id)?.is_some())
    }
}
