//! Applying a block at one organisation.

use super::faults::{Fault, Faults, WritePoint};
use super::peer::Peer;
use super::stores::{Expected, Losses, StateReader, StateSnapshot, StoreError, Versioned};
use super::validate::resolve;
use medveil_collections_config::CollectionName;
use medveil_embedded_wire::{Block, Hash, Head, PrivateWrite, Rejected, Screened, ValidationCode};
use medveil_msp::SignError;

/// Why a block could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Private values that a block made valid are not in the organisation's store.
    #[error("{} lost", values(*.0))]
    Lost(usize),
    /// The head could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A test stopped the process here.
    #[error("stopped by a test at {0:?}")]
    Stopped(WritePoint),
}

fn values(n: usize) -> String {
    match n {
        1 => "1 private value is".to_owned(),
        n => format!("{n} private values are"),
    }
}

impl Peer {
    /// Applies a block to both stores, or to the one that has not applied it yet; keeps the signed
    /// head. Gives this organisation's verdicts.
    ///
    /// **Errors**: a store failed; the block is then applied at the next opening.
    pub fn apply(
        &self,
        block: &Block,
        screened: &[Result<Screened, Rejected>],
        genesis: &Hash,
        losses: Losses,
        faults: &dyn Faults,
    ) -> Result<Vec<ValidationCode>, ApplyError> {
        let number = block.header.number;
        let stop = |point: WritePoint| match faults.at(&point) {
            Fault::None => Ok(()),
            Fault::Stop | Fault::Tear(_) => Err(ApplyError::Stopped(point)),
        };
        let snapshot = self.state.snapshot()?;
        let (codes, updates) = match snapshot.codes(number)? {
            Some(codes) => (codes, None),
            None => {
                let updates = resolve(number, screened, &PublicOnly(snapshot))?;
                (updates.codes.clone(), Some(updates))
            }
        };
        if self.private.height()? <= number {
            stop(WritePoint::ApplyPrivate(self.msp_id().clone()))?;
            let expected = self.expected_private(screened, &codes);
            let lost = self.private.apply(number, &expected, losses)?;
            if lost > 0 && losses == Losses::Refused {
                return Err(ApplyError::Lost(lost));
            }
        }
        if let Some(updates) = updates {
            stop(WritePoint::ApplyState(self.msp_id().clone()))?;
            let hash = block.header.hash();
            let head = self.sign_head(genesis, number, hash)?;
            self.state.apply(&updates, &head)?;
        }
        Ok(codes)
    }

    fn sign_head(&self, genesis: &Hash, number: u64, hash: Hash) -> Result<Head, SignError> {
        let signature = self.identity.sign(&Head::message(genesis, number, &hash))?;
        Ok(Head {
            genesis: *genesis,
            number,
            hash,
            signer: self.identity.creator().clone(),
            signature,
        })
    }

    /// The private writes of each transaction that this organisation must hold.
    fn expected_private(
        &self,
        screened: &[Result<Screened, Rejected>],
        codes: &[ValidationCode],
    ) -> Vec<(String, Vec<Expected>)> {
        let writes = |s: &Screened| {
            let sets = s.envelope.action.set.collections.iter();
            let mine = sets.filter(|c| self.keeps(&c.collection));
            mine.flat_map(|c| {
                let writes = c.writes.iter();
                writes.map(|w| (c.collection.clone(), w.key, w.value))
            })
            .collect()
        };
        let pairs = screened.iter().zip(codes);
        pairs
            .filter_map(|(screened, code)| {
                let s = screened.as_ref().ok()?;
                let expected = match *code == ValidationCode::Valid {
                    true => writes(s),
                    false => Vec::new(),
                };
                Some((hex::encode(s.digest), expected))
            })
            .collect()
    }

    /// Whether this organisation is a member of a collection.
    fn keeps(&self, collection: &CollectionName) -> bool {
        self.rules.collections.is_member(collection, self.msp_id())
    }

    /// Those of a transaction's private values that this organisation keeps.
    pub fn mine<'a>(&self, private: &'a [PrivateWrite]) -> Vec<&'a PrivateWrite> {
        let mine = private.iter().filter(|w| self.keeps(&w.collection));
        mine.collect()
    }
}

/// Validation reads no private values.
struct PublicOnly(StateSnapshot);

impl StateReader for PublicOnly {
    fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError> {
        self.0.public(key)
    }
    fn private_hash(
        &self,
        collection: &CollectionName,
        key: &Hash,
    ) -> Result<Versioned<Hash>, StoreError> {
        self.0.private_hash(collection, key)
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
