//! What a call does, decided but not yet done: writes, one event, an answer.

use crate::call::reply::to_json;
use crate::call::{MAX_CALL_BYTES, Transaction};
use crate::error::{Code, ContractError, require};
use crate::ledger::Ledger;
use crate::model::Entry;
use crate::state_key::StateKey;
use medveil_collections_config::CollectionName;

enum Write {
    Public(StateKey, Vec<u8>),
    Private(CollectionName, StateKey, Vec<u8>),
}

/// Writes, an event and an answer. A handler returns them after its last check.
#[derive(Default)]
pub(super) struct Effects {
    writes: Vec<Write>,
    event: Option<(&'static str, Vec<u8>)>,
    answer: Vec<u8>,
}

impl Effects {
    /// No writes yet; the answer is the reply to this transaction.
    pub(super) fn answering<T: Transaction>(reply: &T::Reply) -> Result<Self, ContractError> {
        let mut effects = Effects::default();
        effects.answer::<T>(reply)?;
        Ok(effects)
    }

    /// Sets the answer; the event that is set after it carries the same.
    pub(super) fn answer<T: Transaction>(&mut self, reply: &T::Reply) -> Result<(), ContractError> {
        self.answer = to_json(reply)?;
        Ok(())
    }

    /// Adds a public entry.
    pub(super) fn put<T: Entry>(&mut self, key: StateKey, entry: &T) {
        self.writes.push(Write::Public(key, entry.to_entry_bytes()));
    }

    /// Adds public bytes that are not an entry: Bootstrap bytes only.
    pub(super) fn put_bytes(&mut self, key: StateKey, bytes: Vec<u8>) {
        self.writes.push(Write::Public(key, bytes));
    }

    /// Adds a private value.
    pub(super) fn put_private(
        &mut self,
        collection: CollectionName,
        key: StateKey,
        value: Vec<u8>,
    ) {
        self.writes.push(Write::Private(collection, key, value));
    }

    /// Sets the event; its payload is the same JSON as the answer.
    pub(super) fn event(&mut self, name: &'static str) {
        self.event = Some((name, self.answer.clone()));
    }

    /// Checks the cap, then writes everything.
    pub(super) async fn apply<L: Ledger>(
        self,
        ledger: &mut L,
        input_size: usize,
    ) -> Result<Vec<u8>, ContractError> {
        let size = self.writes.iter().map(Write::size).fold(
            input_size.saturating_add(self.answer.len()),
            usize::saturating_add,
        );
        let message = format_args!(
            "arguments and write set: expected at most {MAX_CALL_BYTES} bytes, got {size}"
        );
        require(size <= MAX_CALL_BYTES, Code::TooLarge, "write set", message)?;
        for write in self.writes {
            match write {
                Write::Public(key, value) => ledger.put(&key, value).await?,
                Write::Private(collection, key, value) => {
                    ledger.put_private(&collection, &key, value).await?
                }
            }
        }
        if let Some((name, payload)) = self.event {
            ledger.emit(name, payload)?;
        }
        Ok(self.answer)
    }
}

impl Write {
    fn size(&self) -> usize {
        match self {
            Write::Public(key, value) => key.as_str().len() + value.len(),
            Write::Private(_, key, value) => key.as_str().len() + value.len() + 64,
        }
    }
}
