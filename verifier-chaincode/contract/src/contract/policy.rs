//! `PutPolicy`: the contract compiles the policy itself, so that its root means what its text says.
//!
//! A lineage's first policy is active at once; once somebody asked, a replacement waits for the
//! consortium's cooling-off. The length of a period never changes.

use crate::call::PutPolicy;
use crate::call::reply::PolicyPut;
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::{self, policy::Compiled};
use crate::ledger::Ledger;
use crate::model::{Known, PolicyDocumentEntry, PolicyEntry, PolicyVersion, PublishedKey};
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
        check_groups(view, &compiled)?;
        view.expect([StateKey::policy(lineage), StateKey::policy_asked(lineage)]);
        check_keys(view, &compiled).await?;
        let period_days = compiled
            .period_days
            .unwrap_or(view.consortium().period_days());
        let today = view.day().await?.day;
        let version = |active_from| PolicyVersion {
            root: compiled.root,
            document: compiled.document,
            tier: compiled.tier,
            active_from,
            tx_id: view.tx().tx_id.clone(),
        };
        let versions = (version(today), version(cooled_off(view, today)));
        let before: Option<PolicyEntry> = view.find(&StateKey::policy(lineage)).await?;
        let asked: Option<Known> = view.find(&StateKey::policy_asked(lineage)).await?;
        let entry = match before {
            None => PolicyEntry {
                name: args.lineage.name.clone(),
                holder,
                period_days,
                active: versions.0,
                pending: None,
            },
            Some(entry) => {
                check_replacement(&entry, today, &versions.1, period_days)?;
                replaced(entry, today, asked.is_some(), versions)
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
            StateKey::policy_document(lineage, compiled.document),
            &PolicyDocumentEntry {
                document: args.policy,
            },
        );
        effects.event("policy.put");
        Ok(effects)
    }
}

/// The policies after a replacement: it takes the place of the one in force at once, or, once
/// somebody asked under that one, later. The one in force once more withdraws what waits.
fn replaced(
    entry: PolicyEntry,
    today: Day,
    is_asked: bool,
    (at_once, later): (PolicyVersion, PolicyVersion),
) -> PolicyEntry {
    let active = entry.in_force(today).clone();
    if active.document == later.document {
        return PolicyEntry {
            active,
            pending: None,
            ..entry
        };
    }
    let (active, pending) = match is_asked {
        false => (at_once, None),
        true => (active, Some(later)),
    };
    PolicyEntry {
        active,
        pending,
        ..entry
    }
}

/// The day from which a replacement is in force: the ledger's day may be behind the transaction's.
fn cooled_off<L: Ledger>(view: &View<'_, L>, today: Day) -> Day {
    let begins = today.max(view.tx_day());
    Day(begins
        .0
        .saturating_add(view.consortium().cooling_off_days()))
}

/// A replacement keeps the lineage's period, and is another policy than the one in force, where
/// nothing waits that it could withdraw.
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
    let waits = before
        .pending
        .as_ref()
        .is_some_and(|p| p.active_from > today);
    require(
        before.in_force(today).document != new.document || waits,
        Code::Conflict,
        "policy",
        "this policy is in force already",
    )
}

/// Somebody may register issuers of every group that the policy asks for.
fn check_groups<L: Ledger>(view: &View<'_, L>, compiled: &Compiled) -> Result<(), ContractError> {
    for (schema, group) in &compiled.groups {
        let is_known = view.consortium().issuer_line(schema, group).is_some();
        let message = format_args!(
            "the consortium lets nobody register issuers of {schema} in group {group}"
        );
        require(is_known, Code::Refused, "issuer group", message)?;
    }
    Ok(())
}

/// Everybody who decides has a key that requests are sealed to.
async fn check_keys<L: Ledger>(
    view: &mut View<'_, L>,
    compiled: &Compiled,
) -> Result<(), ContractError> {
    view.expect(compiled.committee.iter().map(StateKey::published_key));
    for org in &compiled.committee {
        let key: Option<PublishedKey> = view.find(&StateKey::published_key(org)).await?;
        let message = format_args!("{org} has published no key for sealed requests");
        require(key.is_some(), Code::NotFound, "committee", message)?;
    }
    Ok(())
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
