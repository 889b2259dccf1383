//! What a handler reads with: typed entries, the consortium, the day.
//!
//! A question to a peer takes as long for one key as for ten. A handler says which keys it will read
//! as soon as it knows them ([`View::expect`]), and they go with the next question.

use super::config::ContractConfig;
use crate::error::{Code, ContractError, require};
use crate::ledger::{Ledger, TxContext};
use crate::model::{DayEntry, Entry, RequestEntry, RequestIndex};
use crate::state_key::StateKey;
use medveil_circuits::ids::{ConsortiumId, Day, RequestId};
use medveil_collections_config::{CollectionName, Consortium, MspId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long the day before the current one stays admissible after the tick.
///
/// **Units**: milliseconds.
pub(super) const DAY_GRACE_MS: u64 = 30 * 60 * 1000;

/// One transaction's reads.
pub(super) struct View<'a, L> {
    ledger: &'a mut L,
    config: &'a ContractConfig,
    id: ConsortiumId,
    consortium: Arc<Consortium>,
    /// What was read. A transaction never sees its own writes, so nothing is asked for twice.
    known: BTreeMap<StateKey, Option<Vec<u8>>>,
    /// What will be read.
    expected: BTreeSet<StateKey>,
}

impl<'a, L: Ledger> View<'a, L> {
    pub(super) fn new(
        ledger: &'a mut L,
        config: &'a ContractConfig,
        (id, consortium): (ConsortiumId, Arc<Consortium>),
        known: BTreeMap<StateKey, Option<Vec<u8>>>,
    ) -> Self {
        View {
            ledger,
            config,
            id,
            consortium,
            known,
            expected: BTreeSet::new(),
        }
    }

    pub(super) fn tx(&self) -> &TxContext {
        self.ledger.tx()
    }

    pub(super) fn ledger(&mut self) -> &mut L {
        self.ledger
    }

    pub(super) fn consortium(&self) -> &Consortium {
        &self.consortium
    }

    pub(super) fn consortium_id(&self) -> ConsortiumId {
        self.id
    }

    /// The caller's organisation.
    pub(super) fn caller(&self) -> MspId {
        self.ledger.tx().caller.msp_id.clone()
    }

    /// The members' MSP ids, sorted.
    pub(super) fn members(&self) -> Vec<MspId> {
        self.consortium
            .members()
            .iter()
            .map(|m| m.msp_id.clone())
            .collect()
    }

    /// The day that the transaction's timestamp falls in.
    pub(super) fn tx_day(&self) -> Day {
        Day::of_millis(self.ledger.tx().timestamp_ms)
    }

    /// Asks for these keys with the next question: those that the call reads wherever it is accepted,
    /// since whatever is read can meet a conflict.
    pub(super) fn expect(&mut self, keys: impl IntoIterator<Item = StateKey>) {
        let new = keys.into_iter().filter(|k| !self.known.contains_key(k));
        self.expected.extend(new);
    }

    async fn get(&mut self, key: &StateKey) -> Result<Option<&[u8]>, ContractError> {
        if !self.known.contains_key(key) {
            self.expected.insert(key.clone());
            let keys: Vec<StateKey> = std::mem::take(&mut self.expected).into_iter().collect();
            let found = self.ledger.get_all(&keys).await?;
            self.known.extend(keys.into_iter().zip(found));
        }
        Ok(self.known.get(key).and_then(Option::as_deref))
    }

    /// An entry that was read, where there is one. Nothing is asked.
    pub(super) fn known<T: Entry>(&self, key: &StateKey) -> Option<T> {
        let bytes = self.known.get(key)?.as_deref()?;
        T::from_entry_bytes(bytes).ok()
    }

    /// Reads an entry.
    pub(super) async fn find<T: Entry>(
        &mut self,
        key: &StateKey,
    ) -> Result<Option<T>, ContractError> {
        self.get(key).await?.map(T::from_entry_bytes).transpose()
    }

    /// Reads an entry that must be there.
    pub(super) async fn need<T: Entry>(&mut self, key: &StateKey) -> Result<T, ContractError> {
        self.find(key)
            .await?
            .ok_or_else(|| ContractError::new(Code::NotFound, T::NAME, "not on this ledger"))
    }

    /// A request by its id.
    pub(super) async fn request(
        &mut self,
        request: RequestId,
    ) -> Result<RequestEntry, ContractError> {
        let index: RequestIndex = self.need(&StateKey::request_index(request)).await?;
        self.need(&StateKey::request_state(&index)).await
    }

    /// A request by its id, which asks for what it extends too.
    pub(super) async fn request_and_base(
        &mut self,
        request: RequestId,
    ) -> Result<RequestEntry, ContractError> {
        let index: RequestIndex = self.need(&StateKey::request_index(request)).await?;
        self.expect([StateKey::nullifier(index.nullifier)]);
        self.need(&StateKey::request_state(&index)).await
    }

    /// That the caller's organisation holds the dataset.
    pub(super) fn require_holder(&self, holder: &MspId) -> Result<(), ContractError> {
        let caller = &self.ledger.tx().caller.msp_id;
        require(
            caller == holder,
            Code::Forbidden,
            "caller",
            format_args!("expected the holder, got {caller}"),
        )
    }

    /// Refuses where something stands at a key.
    pub(super) async fn require_free(
        &mut self,
        key: &StateKey,
        stage: &'static str,
        message: &str,
    ) -> Result<(), ContractError> {
        let taken = self.get(key).await?.is_some();
        require(!taken, Code::Conflict, stage, message)
    }

    /// The current day.
    pub(super) async fn day(&mut self) -> Result<DayEntry, ContractError> {
        self.need(&StateKey::day_current()).await
    }

    /// The current day, refusing a transaction whose own day is ahead of it.
    pub(super) async fn day_not_ahead(&mut self) -> Result<DayEntry, ContractError> {
        let entry = self.day().await?;
        let (tx, current) = (self.tx_day(), entry.day);
        require(
            tx <= current,
            Code::TickFirst,
            "day",
            format_args!("the transaction's day {tx} is ahead of the ledger's {current}"),
        )?;
        Ok(entry)
    }

    /// That this peer's organisation is a member of the collection (docs/THREATS.md P8).
    pub(super) fn require_peer_is_member(
        &self,
        collection: &CollectionName,
    ) -> Result<(), ContractError> {
        let peer = &self.ledger.tx().peer_msp;
        let member = self.config.collections.is_member(collection, peer);
        require(
            member,
            Code::Forbidden,
            "endorser",
            format_args!("expected a member of {collection}, got {peer}"),
        )
    }

    /// That the caller may read this collection, and reads it at its own organisation's peer.
    pub(super) fn require_reader(&self, collection: &CollectionName) -> Result<(), ContractError> {
        let tx = self.ledger.tx();
        let (caller, peer) = (&tx.caller.msp_id, &tx.peer_msp);
        let member = self.config.collections.is_member(collection, caller);
        require(
            member,
            Code::Forbidden,
            "caller",
            format_args!("expected a member of {collection}, got {caller}"),
        )?;
        require(
            caller == peer,
            Code::Forbidden,
            "caller",
            format_args!("expected a client of {peer}, whose peer this is, got {caller}"),
        )
    }
}

impl DayEntry {
    /// The days that a proof may name at this time.
    pub(super) fn admissible(&self, timestamp_ms: u64) -> Vec<Day> {
        let mut days = vec![self.day];
        if timestamp_ms <= self.ticked_at_ms.saturating_add(DAY_GRACE_MS) {
            days.extend(self.day.0.checked_sub(1).map(Day));
        }
        days
    }
}
