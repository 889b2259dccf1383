//! `UpdateRevocations`.

use crate::call::UpdateRevocations;
use crate::call::reply::RevocationsUpdated;
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::ledger::Ledger;
use crate::model::{IssuerEntry, REVOKED_BATCH, RegistryBudget, RevokedBatch};
use crate::state_key::StateKey;
use medveil_circuits::field::Felt;
use medveil_circuits::indexed::{self, Insertion};
use medveil_circuits::registry;

impl Contract {
    pub(in crate::contract) async fn update_revocations<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: UpdateRevocations,
    ) -> Result<Effects, ContractError> {
        let mut issuer = own_issuer(view, args.issuer).await?;
        let caller = view.caller();
        let mut head = view.registry_head().await?;
        let hours = view.consortium().affirm_after_hours();
        let is_late = args.urgent && head.has_past(view.tx().timestamp_ms, hours);
        let message = "expected indices to revoke: an empty update only voids past roots, urgently, while a proof about one still counts";
        let says_something = is_late || !args.insertions.is_empty();
        require(says_something, Code::Refused, "insertions", message)?;
        let mut budget = RegistryBudget::of(view, &caller).await?;
        budget.spend(view, args.urgent)?;
        let mut effects = Effects::default();
        if !args.insertions.is_empty() {
            self.revoke(view, &mut issuer, &args.insertions, &mut effects)
                .await?;
            head.set_leaf(view, &issuer, &mut effects).await?;
        }
        if args.urgent {
            head.void_past();
        }
        effects.answer::<UpdateRevocations>(&RevocationsUpdated {
            issuer: args.issuer,
            root: head.root,
            revoked: args.insertions.len(),
            urgent: args.urgent,
        })?;
        budget.put(&caller, &mut effects);
        effects.put(StateKey::issuer(args.issuer), &issuer);
        effects.put(StateKey::registry_head(), &head);
        effects.event("registry.updated");
        Ok(effects)
    }

    /// Puts newly revoked indices into the issuer's tree, and after its others.
    async fn revoke<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        issuer: &mut IssuerEntry,
        insertions: &[Insertion],
        effects: &mut Effects,
    ) -> Result<(), ContractError> {
        let size = REVOKED_BATCH as u64;
        let before = issuer.n_leaves - 1;
        insert(issuer, insertions)?;
        let mut index = (before / size) as u32;
        let key = |index| StateKey::revoked(issuer.slot, issuer.generation, index);
        let mut batch = match before.is_multiple_of(size) {
            true => RevokedBatch { values: vec![] },
            false => view.need(&key(index)).await?,
        };
        for insertion in insertions {
            if batch.values.len() == REVOKED_BATCH {
                effects.put(key(index), &batch);
                batch.values.clear();
                index += 1;
            }
            batch.values.push(insertion.value);
        }
        effects.put(key(index), &batch);
        Ok(())
    }
}

/// An issuer that the caller registered, and that still stands.
async fn own_issuer<L: Ledger>(
    view: &mut View<'_, L>,
    slot: u16,
) -> Result<IssuerEntry, ContractError> {
    let issuer: IssuerEntry = view.need(&StateKey::issuer(slot)).await?;
    let (caller, registrant) = (view.caller(), &issuer.registrant);
    let message = format_args!("expected {registrant}, which registered the issuer, got {caller}");
    require(caller == *registrant, Code::Forbidden, "caller", message)?;
    let stands = issuer.status == registry::ACTIVE;
    let message = "the issuer is retired: none of its visas counts";
    require(stands, Code::Conflict, "issuer", message)?;
    Ok(issuer)
}

/// Puts newly revoked indices into an issuer's tree, in order.
fn insert(issuer: &mut IssuerEntry, insertions: &[Insertion]) -> Result<(), ContractError> {
    for insertion in insertions {
        let depths = [insertion.low_path.depth(), insertion.slot_path.depth()];
        require(
            depths == [indexed::REVOCATION_DEPTH; 2],
            Code::BadInput,
            "insertion",
            format_args!("expected paths of depth {}", indexed::REVOCATION_DEPTH),
        )?;
        let (root, n_leaves) = (issuer.revocation_root.0, issuer.n_leaves);
        let root = indexed::apply_insertion(root, n_leaves, insertion);
        issuer.revocation_root = Felt(root.refuse(Code::Refused, "insertion")?);
        issuer.n_leaves += 1;
    }
    Ok(())
}
