//! `PutPolicy`: the contract compiles the policy itself, so that its root means what its text says.
//!
//! A lineage's first policy is active at once; a replacement waits for the consortium's
//! cooling-off. The length of a period never changes.

use crate::call::PutPolicy;
use crate::call::reply::PolicyPut;
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::{self, policy::Compiled};
use crate::ledger::Ledger;
use crate::model::{PolicyDocumentEntry, PolicyEntry, PolicyVersion};
use crate::state_key::StateKey;
use medveil_circuits::ids::Day;
use medveil_collections_config::MspId;
use std::collections::BTreeSet;

impl Contract {
    pub(super) async fn put_policy<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: PutPolicy,
    ) -> Result<Effects, ContractError> {
        let holder = view.caller();
        let lineage = judge::lineage_id(view.consortium_id(), &holder, &args.lineage);
        let compiled = judge::policy::compile(&args.policy).refuse(Code::BadInput, "policy")?;
        check_committee(view, &holder, &compiled)?;
        let period_days = compiled
            .period_days
            .unwrap_or(view.consortium().period_days());
        let today = view.day().await?.day;
        let version = |active_from| PolicyVersion {
            root: compiled.root,
            tier: compiled.tier,
            active_from,
            tx_id: view.tx().tx_id.clone(),
        };
        let (at_once, later) = (version(today), version(cooled_off(view, today)));
        let before: Option<PolicyEntry> = view.find(&StateKey::policy(lineage)).await?;
        let entry = match before {
            None => PolicyEntry {
                name: args.lineage.name.clone(),
                holder,
                period_days,
                active: at_once,
                pending: None,
            },
            Some(entry) => {
                check_replacement(&entry, today, &later, period_days)?;
                PolicyEntry {
                    active: entry.in_force(today).clone(),
                    pending: Some(later),
                    ..entry
                }
            }
        };
        let newest = entry.pending.as_ref().unwrap_or(&entry.active);
        let mut effects = Effects::answering::<PutPolicy>(&PolicyPut {
            lineage,
            policy: compiled.root,
            active_from: newest.active_from,
        })?;
        effects.put(StateKey::policy(lineage), &entry);
        effects.put(
            StateKey::policy_document(lineage, compiled.root),
            &PolicyDocumentEntry {
                document: args.policy,
            },
        );
        effects.event("policy.put");
        Ok(effects)
    }
}

/// The day from which a replacement put today is in force.
fn cooled_off<L: Ledger>(view: &View<'_, L>, today: Day) -> Day {
    Day(today.0.saturating_add(view.consortium().cooling_off_days()))
}

/// A replacement keeps the lineage's period, and is another policy than the one in force.
fn check_replacement(
    before: &PolicyEntry,
    today: Day,
    new: &PolicyVersion,
    period_days: u32,
) -> Result<(), ContractError> {
    let expected = before.period_days;
    require(
        period_days == expected,
        Code::Refused,
        "period",
        format_args!("expected the lineage's period of {expected} days, got {period_days}"),
    )?;
    require(
        before.in_force(today).root != new.root,
        Code::Conflict,
        "policy",
        "this policy is in force already",
    )
}

/// The committee: members of the consortium, each once, the holder among them, and a quorum that
/// they can reach.
fn check_committee<L: Ledger>(
    view: &View<'_, L>,
    holder: &MspId,
    compiled: &Compiled,
) -> Result<(), ContractError> {
    let committee = &compiled.committee;
    let distinct: BTreeSet<&MspId> = committee.iter().collect();
    require(
        distinct.len() == committee.len(),
        Code::BadInput,
        "committee",
        "an organisation stands twice",
    )?;
    if let Some(stranger) = committee.iter().find(|m| !view.consortium().is_member(m)) {
        return Err(ContractError::new(
            Code::Refused,
            "committee",
            format_args!("{stranger} is no member of the consortium"),
        ));
    }
    require(
        committee.contains(holder),
        Code::Refused,
        "committee",
        format_args!("expected the holder {holder} among the committee"),
    )?;
    let reachable = (1..=committee.len() as u32).contains(&compiled.quorum);
    let message = format_args!(
        "quorum: expected 1 to {}, got {}",
        committee.len(),
        compiled.quorum
    );
    require(reachable, Code::BadInput, "committee", message)
}
