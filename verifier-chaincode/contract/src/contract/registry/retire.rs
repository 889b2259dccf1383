//! `RetireIssuer`: by the organisation that registered it at once, else by more than half of all
//! members, one vote each; the registrant has none.

use super::{known_key, leaves_key};
use crate::call::RetireIssuer;
use crate::call::reply::IssuerRetired;
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, require};
use crate::ledger::Ledger;
use crate::model::{IssuerEntry, KnownIssuer, RegistryBudget, RetireVote};
use crate::state_key::StateKey;
use medveil_circuits::registry;

impl Contract {
    pub(in crate::contract) async fn retire_issuer<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: RetireIssuer,
    ) -> Result<Effects, ContractError> {
        let (mut issuer, is_retired) = known_issuer(view, &args).await?;
        if is_retired {
            return void_later(view, &issuer, &args).await;
        }
        let (caller, needed) = (view.caller(), view.consortium().majority());
        let own = caller == issuer.registrant;
        let mut effects = Effects::default();
        let votes = match own {
            true => 0,
            false => vote(view, &args, &mut effects).await?,
        };
        let retired = own || votes >= needed;
        let mut head = view.registry_head().await?;
        if retired {
            let registrant = issuer.registrant.clone();
            view.expect([leaves_key(issuer.slot)]);
            let mut budget = RegistryBudget::of(view, &registrant).await?;
            // An ordinary one costs nothing: only what was registered can be retired.
            if own && args.urgent {
                budget.spend(view, true)?;
            }
            budget.n_issuers = budget.n_issuers.saturating_sub(1);
            budget.put(&registrant, &mut effects);
            issuer.status = registry::RETIRED;
            head.set_leaf(view, &issuer, &mut effects).await?;
            if args.urgent || !own {
                head.void_past();
            }
            head.retired.push(issuer.slot);
            effects.put(StateKey::issuer(issuer.slot), &issuer);
            effects.put(StateKey::registry_head(), &head);
            effects.event("registry.updated");
        }
        effects.answer::<RetireIssuer>(&IssuerRetired {
            issuer: issuer.slot,
            root: head.root,
            retired,
            votes,
            needed,
        })?;
        Ok(effects)
    }
}

/// Makes the retirement of a caller's issuer urgent afterwards.
async fn void_later<L: Ledger>(
    view: &mut View<'_, L>,
    issuer: &IssuerEntry,
    args: &RetireIssuer,
) -> Result<Effects, ContractError> {
    let caller = view.caller();
    let own = caller == issuer.registrant;
    let mut head = view.registry_head().await?;
    let hours = view.consortium().affirm_after_hours();
    let may_void = own && args.urgent && head.has_past(view.tx().timestamp_ms, hours);
    let message = "the issuer is retired already, and nothing that it could make urgent counts";
    require(may_void, Code::Conflict, "issuer", message)?;
    let mut budget = RegistryBudget::of(view, &caller).await?;
    budget.spend(view, true)?;
    head.void_past();
    let mut effects = Effects::answering::<RetireIssuer>(&IssuerRetired {
        issuer: issuer.slot,
        root: head.root,
        retired: true,
        votes: 0,
        needed: view.consortium().majority(),
    })?;
    budget.put(&caller, &mut effects);
    effects.put(StateKey::registry_head(), &head);
    effects.event("registry.updated");
    Ok(effects)
}

/// The issuer of the key, and whether it is retired.
async fn known_issuer<L: Ledger>(
    view: &mut View<'_, L>,
    args: &RetireIssuer,
) -> Result<(IssuerEntry, bool), ContractError> {
    let known: KnownIssuer = view
        .need(&StateKey::issuer_known(known_key(&args.key)))
        .await?;
    let issuer: IssuerEntry = view.need(&StateKey::issuer(known.slot)).await?;
    let has_place = issuer.generation == known.generation;
    let message = "the issuer is retired, and its place is another's";
    require(has_place, Code::Conflict, "issuer", message)?;
    let is_retired = issuer.status != registry::ACTIVE;
    Ok((issuer, is_retired))
}

/// Notes the caller's vote; answers how many organisations have voted now.
async fn vote<L: Ledger>(
    view: &mut View<'_, L>,
    args: &RetireIssuer,
    effects: &mut Effects,
) -> Result<u32, ContractError> {
    let (caller, key) = (view.caller(), known_key(&args.key));
    let (mut votes, members) = (1, view.members());
    view.expect(members.iter().map(|m| StateKey::issuer_retirement(key, m)));
    for msp in members {
        let known = StateKey::issuer_retirement(key, &msp);
        let voted = view.find::<RetireVote>(&known).await?.is_some();
        if msp == caller {
            let message = "this organisation voted to retire the issuer already";
            require(!voted, Code::Conflict, "vote", message)?;
        }
        votes += u32::from(voted);
    }
    let vote = RetireVote {
        tx_id: view.tx().tx_id.clone(),
    };
    effects.put(StateKey::issuer_retirement(key, &caller), &vote);
    Ok(votes)
}
