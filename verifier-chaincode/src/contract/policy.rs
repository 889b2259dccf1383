//! `PutPolicy`: the contract compiles the policy itself, so that its root means what its text says.
//!
//! A lineage's first policy is active at once; a replacement waits for the consortium's
//! cooling-off. The length of a period never changes.

use crate::call::PutPolicy;
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::{self, policy::Compiled};
use crate::ledger::Ledger;
use crate::model::{PolicyDocumentEntry, PolicyEntry, PolicyVersion};
use crate::state_key::StateKey;
use circuits::ids::Day;
use collections_config::MspId;
use serde_json::json;
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
        let before: Option<PolicyEntry> = view.find(&StateKey::policy(lineage)).await?;
        let version = |active_from, tx_id: &str| PolicyVersion {
            root: compiled.root,
            tier: compiled.tier,
            active_from,
            tx_id: tx_id.to_owned(),
        };
        let tx_id = view.tx().tx_id.clone();
        let entry = match before {
            None => PolicyEntry {
                name: args.lineage.name.clone(),
                holder,
                period_days,
                active: version(today, &tx_id),
                pending: None,
            },
            Some(entry) => {
                let message = format_args!(
                    "expected the lineage's period of {} days, got {period_days}",
                    entry.period_days
                );
                require(
                    period_days == entry.period_days,
                    Code::Refused,
                    "period",
                    message,
                )?;
                let active = entry.in_force(today).clone();
                require(
                    active.root != compiled.root,
                    Code::Conflict,
                    "policy",
                    "this policy is in force already",
                )?;
                let from = Day(today.0.saturating_add(view.consortium().cooling_off_days()));
                PolicyEntry {
                    active,
                    pending: Some(version(from, &tx_id)),
                    ..entry
                }
            }
        };
        let newest = entry.pending.as_ref().unwrap_or(&entry.active);
        let mut effects = Effects::answering(
            &json!({ "lineage": lineage, "policy": compiled.root, "active_from": newest.active_from }),
        )?;
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
