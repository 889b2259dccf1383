//! Validation: which ordered transactions count. A function of the block, the channel's rules and
//! the state before the block, and of nothing else.
//!
//! Source: Fabric's committing peer. `medveil_embedded_wire::Rules::screen` needs no state; `resolve`
//! does: ids used before, and versions of what was read (multi-version concurrency control), where
//! transactions of one block see the writes of the valid ones before them.

use super::stores::{StateReader, StoreError, TxRecord, Updates};
use medveil_embedded_wire::{Rejected, Screened, ValidationCode, Version};

/// Gives every transaction of a block its verdict and collects what the valid ones write.
///
/// **Errors**: the state could not be read.
pub fn resolve(
    number: u64,
    block: &[Result<Screened, Rejected>],
    state: &dyn StateReader,
) -> Result<Updates, StoreError> {
    let mut updates = Updates::default();
    for (tx, screened) in (0u32..).zip(block) {
        let (tx_id, code) = match screened {
            Err(rejected) => (rejected.tx_id.as_ref(), rejected.code),
            Ok(s) => (Some(&s.tx_id), judge(s, &updates, state)?),
        };
        if let (ValidationCode::Valid, Ok(s)) = (code, screened) {
            updates.write(Version { block: number, tx }, &s.envelope.action.set);
        }
        // The first use of an id stands.
        if let Some(id) = tx_id.filter(|_| code != ValidationCode::DuplicateTxId) {
            let used = updates.txs.contains_key(id) || state.has_tx(id)?;
            if !used {
                updates.txs.insert(
                    id.clone(),
                    TxRecord {
                        block: number,
                        tx,
                        code,
                    },
                );
            }
        }
        updates.codes.push(code);
    }
    Ok(updates)
}

fn judge(
    screened: &Screened,
    updates: &Updates,
    state: &dyn StateReader,
) -> Result<ValidationCode, StoreError> {
    if updates.txs.contains_key(&screened.tx_id) || state.has_tx(&screened.tx_id)? {
        return Ok(ValidationCode::DuplicateTxId);
    }
    let set = &screened.envelope.action.set;
    for read in &set.reads {
        let now = match updates.public.get(&read.key) {
            Some((version, _)) => Some(*version),
            None => state.public(&read.key)?.map(|(version, _)| version),
        };
        if now != read.version {
            return Ok(ValidationCode::MvccConflict);
        }
    }
    for collection in &set.collections {
        for read in &collection.reads {
            let now = match updates
                .hashed
                .get(&(collection.collection.clone(), read.key))
            {
                Some((version, _)) => Some(*version),
                None => state
                    .private_hash(&collection.collection, &read.key)?
                    .map(|(version, _)| version),
            };
            if now != read.version {
                return Ok(ValidationCode::MvccConflict);
            }
        }
    }
    Ok(ValidationCode::Valid)
}
