//! `RegisterIssuer`.

use crate::call::RegisterIssuer;
use crate::call::reply::IssuerRegistered;
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::registry::leaves_key;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::ledger::Ledger;
use crate::model::{IssuerEntry, KnownIssuer, RegistryBudget, RegistryHead};
use crate::state_key::StateKey;
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::SchemaId;
use medveil_circuits::indexed;
use medveil_circuits::merkle;
use medveil_circuits::registry::{self, Possession};
use medveil_circuits::visa::{VisaSchema, group_hash, msp_hash};
use medveil_collections_config::MspId;

/// Where the ledger keeps that an issuer's key was registered: a key stands once for ever, whoever
/// registers it and for whatever schema and group.
pub(in crate::contract) fn known_key(key: &PublicPoint) -> Digest {
    Digest::of(&[key.x().to_bytes(), key.y().to_bytes()].concat())
}

impl Contract {
    pub(in crate::contract) async fn register_issuer<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: RegisterIssuer,
    ) -> Result<Effects, ContractError> {
        let caller = view.caller();
        check_line(view, &args)?;
        let schema_id = check_possession(view, &args)?;
        let known = StateKey::issuer_known(known_key(&args.key));
        let message = "the key was registered before: an issuer's key stands once for ever, retired ones included";
        view.require_free(&known, "issuer", message).await?;
        let mut head = view.registry_head().await?;
        let (slot, generation) = free_place(view, &mut head).await?;
        let mut budget = RegistryBudget::of(view, &caller).await?;
        budget.add_issuer(view)?;
        budget.spend(view, false)?;
        let entry = IssuerEntry {
            slot,
            generation,
            tx_id: view.tx().tx_id.clone(),
            ..new_issuer(args, schema_id, caller.clone())
        };
        let mut effects = Effects::default();
        head.set_leaf(view, &entry, &mut effects).await?;
        effects.answer::<RegisterIssuer>(&IssuerRegistered {
            issuer: slot,
            root: head.root,
        })?;
        budget.put(&caller, &mut effects);
        effects.put(StateKey::issuer(slot), &entry);
        effects.put(known, &KnownIssuer { slot, generation });
        effects.put(StateKey::registry_head(), &head);
        effects.event("registry.updated");
        Ok(effects)
    }
}

/// A retired issuer's place, or the next one, and how many issuers had it before.
async fn free_place<L: Ledger>(
    view: &mut View<'_, L>,
    head: &mut RegistryHead,
) -> Result<(u16, u32), ContractError> {
    if let Some(slot) = head.retired.pop() {
        view.expect([leaves_key(slot)]);
        let before: IssuerEntry = view.need(&StateKey::issuer(slot)).await?;
        return Ok((slot, before.generation + 1));
    }
    let room = u64::from(head.n_places) < merkle::capacity(registry::ISSUER_DEPTH);
    let message = "the registry holds no more issuers";
    require(room, Code::Refused, "registry", message)?;
    head.n_places += 1;
    Ok((head.n_places - 1, 0))
}

/// The consortium file's line for this schema and group allows the caller, and allows what it asks
/// for.
fn check_line<L: Ledger>(view: &View<'_, L>, args: &RegisterIssuer) -> Result<(), ContractError> {
    let (caller, schema, group) = (view.caller(), &args.schema, &args.group);
    let line = view.consortium().issuer_line(schema, group);
    let line = line.ok_or_else(|| {
        let message = format!("the consortium file has no line for {schema} by {group}");
        ContractError::new(Code::Refused, "issuer line", message)
    })?;
    let message = format_args!("{caller} may not register issuers of {schema} by {group}");
    let entitled = line.msps.contains(&caller);
    require(entitled, Code::Forbidden, "issuer line", message)?;
    let allowed = !args.any_institution || line.institution_may_be_absent;
    let message = "the consortium file wants an institution on this line";
    require(allowed, Code::Refused, "issuer line", message)
}

/// The visa schema of a registration whose signature shows that the caller has the key.
fn check_possession<L: Ledger>(
    view: &View<'_, L>,
    args: &RegisterIssuer,
) -> Result<SchemaId, ContractError> {
    let message = "expected a known visa schema";
    let schema = VisaSchema::parse(&args.schema)
        .ok_or_else(|| ContractError::new(Code::BadInput, "schema", message))?
        .id();
    let shown = Possession {
        consortium: view.consortium_id(),
        schema,
        group: group_hash(&args.group),
        registrant: msp_hash(view.caller().as_str()),
        key: args.key,
    };
    let held = shown.verify(&args.possession);
    held.refuse(Code::Refused, "possession")?;
    Ok(schema)
}

/// An issuer that has revoked nothing yet, in no place yet.
fn new_issuer(args: RegisterIssuer, schema_id: SchemaId, registrant: MspId) -> IssuerEntry {
    let institution = if args.any_institution {
        Felt::ZERO
    } else {
        msp_hash(registrant.as_str())
    };
    IssuerEntry {
        slot: 0,
        generation: 0,
        schema: args.schema,
        schema_id,
        group: args.group,
        name: args.name,
        key: args.key,
        institution,
        registrant,
        revocation_root: Felt(indexed::empty_root(indexed::REVOCATION_DEPTH)),
        n_leaves: 1,
        status: registry::ACTIVE,
        tx_id: String::new(),
    }
}
