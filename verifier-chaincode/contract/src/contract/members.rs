//! `Bootstrap`, `Tick`, `PublishKey`: the consortium, its day, its organisations' keys.

use crate::call::reply::{Bootstrapped, KeyPublished, Ticked};
use crate::call::{Bootstrap, PublishKey, Tick};
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge;
use crate::ledger::Ledger;
use crate::model::{DayEntry, PublishedKey, RegistryHead, TickVote};
use crate::state_key::StateKey;
use medveil_circuits::ids::Day;
use medveil_collections_config::CollectionName;

/// Days fit 20 bits.
const MAX_DAY: u32 = (1 << 20) - 1;

impl Contract {
    pub(super) async fn bootstrap<L: Ledger>(
        &self,
        ledger: &mut L,
        args: Bootstrap,
    ) -> Result<Effects, ContractError> {
        let (id, consortium) = self.consortium(&args.consortium)?;
        let requests = self.config().collections.check_requests(&consortium);
        requests.refuse(Code::Refused, "collections")?;
        let caller = &ledger.tx().caller.msp_id;
        require(
            consortium.is_member(caller),
            Code::Forbidden,
            "caller",
            format_args!("expected a member of the consortium, got {caller}"),
        )?;
        let known = ledger.get(&StateKey::consortium()).await?.is_some();
        require(
            !known,
            Code::Conflict,
            "consortium",
            "this ledger has its consortium already",
        )?;
        let tx = ledger.tx();
        let entry = DayEntry {
            day: checked_day(Day::of_millis(tx.timestamp_ms))?,
            ticked_at_ms: tx.timestamp_ms,
        };
        let mut effects = Effects::answering::<Bootstrap>(&Bootstrapped {
            consortium: id,
            day: entry.day,
        })?;
        effects.put(StateKey::day_current(), &entry);
        effects.put(StateKey::registry_head(), &RegistryHead::empty());
        effects.put_bytes(StateKey::consortium(), args.consortium);
        effects.event("consortium.bootstrapped");
        Ok(effects)
    }

    pub(super) async fn tick<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
    ) -> Result<Effects, ContractError> {
        let current = view.day().await?.day;
        let proposed = checked_day(view.tx_day())?;
        let message = format_args!("expected a day after {current}, got {proposed}");
        require(proposed > current, Code::Conflict, "day", message)?;
        let caller = view.caller();
        let next = if proposed.0 == current.0 + 1 {
            Some(proposed)
        } else {
            self.voted_day(view, current, proposed).await?
        };
        let mut effects = Effects::answering::<Tick>(&Ticked {
            day: next.unwrap_or(current),
            vote: proposed,
            moved: next.is_some(),
        })?;
        effects.put(StateKey::tick_vote(&caller), &TickVote { day: proposed });
        if let Some(day) = next {
            effects.put(
                StateKey::day_current(),
                &DayEntry {
                    day,
                    ticked_at_ms: view.tx().timestamp_ms,
                },
            );
            effects.event("day.ticked");
        }
        Ok(effects)
    }

    /// The lower of the two highest votes above the current day, the caller's new one among them.
    async fn voted_day<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        current: Day,
        proposed: Day,
    ) -> Result<Option<Day>, ContractError> {
        let caller = view.caller();
        let mut votes = vec![proposed];
        let others: Vec<_> = view
            .members()
            .into_iter()
            .filter(|m| *m != caller)
            .collect();
        view.expect(others.iter().map(StateKey::tick_vote));
        for msp in others {
            let vote: Option<TickVote> = view.find(&StateKey::tick_vote(&msp)).await?;
            votes.extend(vote.map(|v| v.day).filter(|day| *day > current));
        }
        votes.sort_unstable();
        Ok(votes.iter().rev().nth(1).copied())
    }

    pub(super) async fn publish_key<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: PublishKey,
    ) -> Result<Effects, ContractError> {
        let caller = view.caller();
        let message = "expected an X25519 key that is not of small order";
        let is_usable = judge::sealing::is_sealing_key(&args.key);
        require(is_usable, Code::BadInput, "key", message)?;
        let key = StateKey::published_key(&caller);
        let before: Option<PublishedKey> = view.find(&key).await?;
        let is_new = before.is_none_or(|before| before.key != args.key);
        let message = "this organisation published this key already";
        require(is_new, Code::Conflict, "key", message)?;
        let mut effects = Effects::answering::<PublishKey>(&KeyPublished {
            msp_id: caller.clone(),
            key: args.key,
        })?;
        effects.put(
            key,
            &PublishedKey {
                msp_id: caller,
                key: args.key,
                tx_id: view.tx().tx_id.clone(),
            },
        );
        effects.event("key.published");
        Ok(effects)
    }
}

fn checked_day(day: Day) -> Result<Day, ContractError> {
    require(
        (1..=MAX_DAY).contains(&day.0),
        Code::BadInput,
        "day",
        "expected a timestamp between 1970-01-02 and the year 4840",
    )?;
    Ok(day)
}

/// Makes the holder's peer an endorser: a constant in its implicit collection.
pub(super) fn mark_holder(effects: &mut Effects, holder: &medveil_collections_config::MspId) {
    effects.put_private(
        CollectionName::implicit(holder),
        StateKey::marker(),
        vec![1],
    );
}
