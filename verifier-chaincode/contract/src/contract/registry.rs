//! `RegisterIssuer`, `UpdateRevocations`: who may vouch for people, and whom they no longer vouch
//! for.
//!
//! An issuer changes only its own leaf. Every update moves the one public root; past roots stay
//! acceptable for an hour, unless the update is urgent.

use crate::call::reply::{IssuerRegistered, RevocationsUpdated};
use crate::call::{RegisterIssuer, UpdateRevocations};
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::ledger::Ledger;
use crate::model::{IssuerEntry, KnownIssuer, PastRoot, REVOKED_BATCH, RegistryHead, RevokedBatch};
use crate::state_key::StateKey;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{IssuerRoot, SchemaId};
use medveil_circuits::indexed::{self, Insertion};
use medveil_circuits::merkle;
use medveil_circuits::registry::{self, IssuerLeaf};
use medveil_circuits::visa::{VisaSchema, group_hash, msp_hash};
use medveil_collections_config::MspId;

/// Past roots kept.
pub const RING: usize = 16;
/// How long a past root stays acceptable.
///
/// **Units**: milliseconds.
pub const RING_MS: u64 = 60 * 60 * 1000;
/// Ordinary updates of one issuer within [`RING_MS`], so that one issuer alone cannot push
/// acceptable roots out of the ring.
pub const ORDINARY_LIMIT: usize = 4;
/// Urgent updates of one issuer within a day.
pub const URGENT_LIMIT: usize = 8;
const URGENT_WINDOW_MS: u64 = 24 * 60 * 60 * 1000;

impl RegistryHead {
    /// Puts new leaves in force at this time.
    fn advance(&mut self, leaves: Vec<Felt>, now_ms: u64, urgent: bool) {
        self.ring
            .retain(|past| now_ms <= past.superseded_at_ms.saturating_add(RING_MS));
        self.ring.push(PastRoot {
            root: self.root,
            superseded_at_ms: now_ms,
        });
        if urgent {
            self.ring.clear();
        }
        let surplus = self.ring.len().saturating_sub(RING);
        self.ring.drain(..surplus);
        self.root = registry::issuer_root(&leaves);
        self.leaves = leaves;
    }

    /// Whether a proof may speak of this root at this time.
    pub(super) fn accepts(&self, root: IssuerRoot, now_ms: u64) -> bool {
        let past =
            |p: &PastRoot| p.root == root && now_ms <= p.superseded_at_ms.saturating_add(RING_MS);
        self.root == root || self.ring.iter().any(past)
    }
}

/// The leaf of a stored issuer.
pub(super) fn leaf_of(issuer: &IssuerEntry) -> Felt {
    let leaf = IssuerLeaf {
        key: issuer.key,
        schema: issuer.schema_id,
        group: group_hash(&issuer.group),
        institution: issuer.institution,
        revocation_root: issuer.revocation_root,
        status: issuer.status,
    };
    leaf.hash()
}

impl Contract {
    pub(super) async fn register_issuer<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: RegisterIssuer,
    ) -> Result<Effects, ContractError> {
        let caller = view.caller();
        self.check_line(view, &args)?;
        let schema_id = check_possession(view, &args)?;
        let mut head: RegistryHead = view.need(&StateKey::registry_head()).await?;
        let slot = head.leaves.len() as u16;
        let full = head.leaves.len() as u64 >= merkle::capacity(registry::ISSUER_DEPTH);
        let message = "the registry holds no more issuers";
        require(!full, Code::Refused, "registry", message)?;
        let known = StateKey::issuer_known(known_issuer(&caller, &args));
        let message = "this organisation registered the key for this schema and group already";
        view.require_free(&known, "issuer", message).await?;
        let entry = new_issuer(args, slot, schema_id, caller, &view.tx().tx_id);
        let mut leaves = head.leaves.clone();
        leaves.push(leaf_of(&entry));
        head.advance(leaves, view.tx().timestamp_ms, false);
        let mut effects = Effects::answering::<RegisterIssuer>(&IssuerRegistered {
            issuer: slot,
            root: head.root,
        })?;
        effects.put(StateKey::issuer(slot), &entry);
        effects.put(known, &KnownIssuer { slot });
        effects.put(StateKey::registry_head(), &head);
        effects.event("registry.updated");
        Ok(effects)
    }

    /// The consortium file's line for this schema and group allows the caller, and allows what it
    /// asks for.
    fn check_line<L: Ledger>(
        &self,
        view: &View<'_, L>,
        args: &RegisterIssuer,
    ) -> Result<(), ContractError> {
        let caller = view.caller();
        let line = view.consortium().issuer_line(&args.schema, &args.group);
        let line = line.ok_or_else(|| {
            let message = format_args!(
                "the consortium file has no line for {} by {}",
                args.schema, args.group
            )
            .to_string();
            ContractError::new(Code::Refused, "issuer line", message)
        })?;
        let message = format_args!(
            "{caller} may not register issuers of {} by {}",
            args.schema, args.group
        );
        require(
            line.msps.contains(&caller),
            Code::Forbidden,
            "issuer line",
            message,
        )?;
        let allowed = !args.any_institution || line.institution_may_be_absent;
        require(
            allowed,
            Code::Refused,
            "issuer line",
            "the consortium file wants an institution on this line",
        )
    }

    pub(super) async fn update_revocations<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: UpdateRevocations,
    ) -> Result<Effects, ContractError> {
        let mut head: RegistryHead = view.need(&StateKey::registry_head()).await?;
        let mut issuer: IssuerEntry = view.need(&StateKey::issuer(args.issuer)).await?;
        let caller = view.caller();
        let own = issuer.registrant == caller;
        require(
            own,
            Code::Forbidden,
            "caller",
            format_args!(
                "expected {}, which registered the issuer, got {caller}",
                issuer.registrant
            ),
        )?;
        let now = view.tx().timestamp_ms;
        limit(&mut issuer, now, args.urgent)?;
        let first = issuer.n_leaves;
        insert(&mut issuer, &args.insertions)?;
        let values = args.insertions.iter().map(|i| i.value);
        let batches = self
            .append_revoked(view, args.issuer, first - 1, values.collect())
            .await?;
        let mut leaves = head.leaves.clone();
        let place = leaves.get_mut(usize::from(args.issuer));
        let place = place.ok_or_else(|| {
            ContractError::new(Code::Internal, "registry", "the issuer has no leaf")
        })?;
        *place = leaf_of(&issuer);
        head.advance(leaves, now, args.urgent);
        let mut effects = Effects::answering::<UpdateRevocations>(&RevocationsUpdated {
            issuer: args.issuer,
            root: head.root,
            revoked: args.insertions.len(),
            urgent: args.urgent,
        })?;
        for (batch, entry) in batches {
            effects.put(StateKey::revoked(args.issuer, batch), &entry);
        }
        effects.put(StateKey::issuer(args.issuer), &issuer);
        effects.put(StateKey::registry_head(), &head);
        effects.event("registry.updated");
        Ok(effects)
    }

    /// The batches that change when these values follow the first `n_before`.
    async fn append_revoked<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        slot: u16,
        n_before: u64,
        values: Vec<u64>,
    ) -> Result<Vec<(u32, RevokedBatch)>, ContractError> {
        let size = REVOKED_BATCH as u64;
        let mut index = (n_before / size) as u32;
        let started = !n_before.is_multiple_of(size);
        let mut batch = if started {
            view.need(&StateKey::revoked(slot, index)).await?
        } else {
            RevokedBatch { values: vec![] }
        };
        let mut out = Vec::new();
        for value in values {
            if batch.values.len() == REVOKED_BATCH {
                out.push((
                    index,
                    std::mem::replace(&mut batch, RevokedBatch { values: vec![] }),
                ));
                index += 1;
            }
            batch.values.push(value);
        }
        out.push((index, batch));
        Ok(out)
    }
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
    registry::verify_possession(
        view.consortium_id(),
        schema,
        group_hash(&args.group),
        &args.key,
        &args.possession,
    )
    .refuse(Code::Refused, "possession")?;
    Ok(schema)
}

/// An issuer that has revoked nothing yet.
fn new_issuer(
    args: RegisterIssuer,
    slot: u16,
    schema_id: SchemaId,
    registrant: MspId,
    tx_id: &str,
) -> IssuerEntry {
    let institution = if args.any_institution {
        Felt::ZERO
    } else {
        msp_hash(registrant.as_str())
    };
    IssuerEntry {
        slot,
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
        recent_ms: vec![],
        recent_urgent_ms: vec![],
        tx_id: tx_id.to_owned(),
    }
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

/// Counts an update against its issuer's limit.
fn limit(issuer: &mut IssuerEntry, now_ms: u64, urgent: bool) -> Result<(), ContractError> {
    let (recent, window, most) = match urgent {
        true => (&mut issuer.recent_urgent_ms, URGENT_WINDOW_MS, URGENT_LIMIT),
        false => (&mut issuer.recent_ms, RING_MS, ORDINARY_LIMIT),
    };
    recent.retain(|at| now_ms < at.saturating_add(window));
    let minutes = window / 60_000;
    let message =
        format_args!("expected at most {most} updates of an issuer within {minutes} minutes");
    require(recent.len() < most, Code::Refused, "rate limit", message)?;
    recent.push(now_ms);
    Ok(())
}

/// What makes a registration the same: organisation, schema, group and key.
fn known_issuer(caller: &MspId, args: &RegisterIssuer) -> Digest {
    let mut bytes = Vec::new();
    for text in [caller.as_str(), &args.schema, &args.group] {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&args.key.x().to_bytes());
    bytes.extend_from_slice(&args.key.y().to_bytes());
    Digest::of(&bytes)
}
