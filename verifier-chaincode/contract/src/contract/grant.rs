//! `DecideAccess`, `HandOverKey`, `ConfirmDelivery`, `CloseGrant`: from a request to delivered keys
//! and to the end of a grant.

use crate::call::reply::{AccessDecided, DeliveryConfirmed, GrantClosed, KeyHandedOver};
use crate::call::transient::PACKAGE;
use crate::call::{CloseGrant, ConfirmDelivery, DecideAccess, Decision, HandOverKey};
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::members::mark_holder;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge;
use crate::ledger::Ledger;
use crate::model::{
    DatasetEntry, Delivery, Lease, PURGED, ProofStanding, RequestEntry, RequestIndex, RequestState,
    SegmentEntry, Vote,
};
use crate::state_key::StateKey;
use borsh::BorshDeserialize;
use medveil_circuits::handover::HandoverPackage;
use medveil_circuits::ids::{Day, RequestId, SegmentId};
use medveil_collections_config::{CollectionName, MspId};

impl Contract {
    pub(super) async fn decide_access<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: DecideAccess,
    ) -> Result<Effects, ContractError> {
        let mut request = match args.decision {
            Decision::Approve => view.request_and_base(args.request).await?,
            Decision::Reject => view.request(args.request).await?,
        };
        require_open_to(&request, &view.caller())?;
        if args.decision == Decision::Approve {
            view.require_base(&request).await?;
        }
        let message = "the vote is on something else than what is asked under this id";
        require(
            args.asked == request.asked(),
            Code::Refused,
            "request",
            message,
        )?;
        // Read so that a held-back decision dies with the next tick or registry update.
        let today = view.day_not_ahead().await?.day;
        view.registry_head().await?;
        let tally = self.tally(view, &request, args.decision).await?;
        let reachable = request.committee.len() as u32 - tally.rejections;
        if tally.approvals >= request.quorum {
            request.state = RequestState::Approved;
            request.lease = Some(Lease::starting(today, view.consortium().lease_days()));
        } else if reachable < request.quorum {
            request.state = RequestState::Rejected;
        }
        step(&mut request, &view.tx().tx_id);
        let mut effects = Effects::answering::<DecideAccess>(&AccessDecided {
            request: args.request,
            state: request.state,
            approvals: tally.approvals,
            rejections: tally.rejections,
            quorum: request.quorum,
            lease: request.lease.clone(),
        })?;
        let vote = Vote {
            msp_id: view.caller(),
            decision: args.decision,
            tx_id: view.tx().tx_id.clone(),
        };
        let key = StateKey::request_vote(args.request, &vote.msp_id);
        effects.put(key, &vote);
        put_request(&mut effects, &request);
        mark_holder(&mut effects, &request.holder);
        effects.event("access.decided");
        Ok(effects)
    }

    /// The votes of the whole committee, the caller's new one among them.
    async fn tally<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        request: &RequestEntry,
        own: Decision,
    ) -> Result<Tally, ContractError> {
        let caller = view.caller();
        let mut tally = Tally::default();
        let vote = |msp| StateKey::request_vote(request.request, msp);
        view.expect(request.committee.iter().map(vote));
        for msp in &request.committee {
            let known: Option<Vote> = view.find(&vote(msp)).await?;
            if *msp != caller {
                tally.count(known.map(|vote| vote.decision));
                continue;
            }
            let message = "this organisation voted already";
            require(known.is_none(), Code::Conflict, "vote", message)?;
            tally.count(Some(own));
        }
        Ok(tally)
    }

    /// A running grant of the caller's own dataset, and one of that dataset's segments.
    async fn holders_grant<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        grant: RequestId,
        segment: SegmentId,
    ) -> Result<(RequestEntry, SegmentEntry), ContractError> {
        let request = view.request_and_base(grant).await?;
        view.require_holder(&request.holder)?;
        view.require_grant(&request).await?;
        let dataset: DatasetEntry = view.need(&StateKey::dataset(request.dataset)).await?;
        let segment = dataset.segments.into_iter().find(|s| s.segment == segment);
        let segment = segment.ok_or_else(|| {
            ContractError::new(
                Code::Refused,
                "segment",
                "expected a segment of the granted version",
            )
        })?;
        Ok((request, segment))
    }

    pub(super) async fn hand_over_key<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: HandOverKey,
    ) -> Result<Effects, ContractError> {
        let (request, _) = self.holders_grant(view, args.grant, args.segment).await?;
        let standing = view.standing(&request).await?;
        let message = "the latest proof is old or void: whoever was granted it affirms it";
        let is_fresh = standing == ProofStanding::Fresh;
        require(is_fresh, Code::Conflict, "proof", message)?;
        let collection = CollectionName::implicit(&request.submitter);
        view.require_peer_is_member(&collection)?;
        let bytes = view
            .tx()
            .transient
            .get(PACKAGE)
            .cloned()
            .unwrap_or_default();
        let package = HandoverPackage::try_from_slice(&bytes)
            .map_err(|_| ContractError::new(Code::BadInput, "package", "expected wrapped keys"))?;
        require(
            package.digest() == args.digest,
            Code::Refused,
            "package",
            "the package has another digest than the one named",
        )?;
        let mut effects = Effects::answering::<HandOverKey>(&KeyHandedOver {
            grant: args.grant,
            segment: args.segment,
            digest: args.digest,
        })?;
        effects.put_private(
            collection,
            StateKey::handover(args.grant, args.segment, args.digest),
            bytes,
        );
        Ok(effects)
    }

    pub(super) async fn confirm_delivery<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: ConfirmDelivery,
    ) -> Result<Effects, ContractError> {
        let circuits = [judge::handover::circuit()];
        view.expect_keys(&circuits);
        let (request, segment) = self.holders_grant(view, args.grant, args.segment).await?;
        let delivery = StateKey::delivery(args.grant, args.segment);
        view.require_free(
            &delivery,
            "delivery",
            "the keys of this segment were delivered already",
        )
        .await?;
        let collection = CollectionName::implicit(&request.submitter);
        let stored = view
            .ledger()
            .private_hash(
                &collection,
                &StateKey::handover(args.grant, args.segment, args.digest),
            )
            .await?;
        require(
            stored.is_some(),
            Code::NotFound,
            "handover",
            "the recipient's organisation has not received this package",
        )?;
        let keys = self.active_keys(view, &circuits).await?;
        let circuit = judge::handover::verify(&request, &segment, &args, &keys)
            .refuse(Code::Refused, "proof")?;
        let mut effects = Effects::answering::<ConfirmDelivery>(&DeliveryConfirmed {
            grant: args.grant,
            segment: args.segment,
            digest: args.digest,
        })?;
        let entry = Delivery {
            segment: args.segment,
            digest: args.digest,
            circuit,
            tx_id: view.tx().tx_id.clone(),
        };
        effects.put(delivery, &entry);
        effects.event("keys.delivered");
        Ok(effects)
    }

    pub(super) async fn close_grant<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: CloseGrant,
    ) -> Result<Effects, ContractError> {
        let mut request = view.request(args.grant).await?;
        let caller = view.caller();
        let party = caller == request.holder || caller == request.submitter;
        require(
            party,
            Code::Forbidden,
            "caller",
            format_args!("expected the holder or the recipient, got {caller}"),
        )?;
        require_approved(&request)?;
        view.require_peer_is_member(&CollectionName::requests())?;
        request.state = RequestState::Closed;
        step(&mut request, &view.tx().tx_id);
        let mut effects = Effects::answering::<CloseGrant>(&GrantClosed {
            grant: args.grant,
            state: request.state,
        })?;
        put_request(&mut effects, &request);
        purge(&mut effects, &request);
        let extension = |n| StateKey::extension(request.nullifier, n);
        view.expect((1..=request.n_extensions).map(extension));
        for n in 1..=request.n_extensions {
            let key = extension(n);
            let mut extension: RequestEntry = view.need(&key).await?;
            if request.extension == 0 && !extension.state.is_over() {
                extension.state = RequestState::Closed;
                step(&mut extension, &view.tx().tx_id);
                put_request(&mut effects, &extension);
                purge(&mut effects, &extension);
            }
        }
        effects.event("grant.closed");
        Ok(effects)
    }
}

/// Puts a mark in the place of a sealed body.
fn purge(effects: &mut Effects, request: &RequestEntry) {
    let key = StateKey::sealed_request(request.request);
    effects.put_private(CollectionName::requests(), key, PURGED.to_vec());
}

/// Votes on a request.
#[derive(Default)]
struct Tally {
    approvals: u32,
    rejections: u32,
}

impl Tally {
    fn count(&mut self, vote: Option<Decision>) {
        match vote {
            Some(Decision::Approve) => self.approvals += 1,
            Some(Decision::Reject) => self.rejections += 1,
            None => {}
        }
    }
}

/// That a request waits for votes, and that this organisation has one.
fn require_open_to(request: &RequestEntry, caller: &MspId) -> Result<(), ContractError> {
    require(
        request.committee.contains(caller),
        Code::Forbidden,
        "caller",
        format_args!("expected a member of the policy's committee, got {caller}"),
    )?;
    let state = request.state;
    require(
        state == RequestState::Submitted,
        Code::Conflict,
        "request",
        format_args!("expected a submitted request, got one that is {state}"),
    )
}

/// That a request is a grant.
fn require_approved(request: &RequestEntry) -> Result<(), ContractError> {
    let state = request.state;
    require(
        state == RequestState::Approved,
        Code::Conflict,
        "grant",
        format_args!("expected an approved request, got one that is {state}"),
    )
}

impl<L: Ledger> View<'_, L> {
    /// That a request is a grant whose lease runs, and that what it extends is one too.
    pub(super) async fn require_grant(
        &mut self,
        request: &RequestEntry,
    ) -> Result<(), ContractError> {
        let today = self.day_not_ahead().await?.day;
        require_running(request, today)?;
        self.require_base(request).await
    }

    /// That what a request extends, where it does, is a grant whose lease runs.
    pub(super) async fn require_base(
        &mut self,
        request: &RequestEntry,
    ) -> Result<(), ContractError> {
        if request.extension == 0 {
            return Ok(());
        }
        let today = self.day().await?.day;
        let first: RequestEntry = self.need(&StateKey::nullifier(request.nullifier)).await?;
        let state = first.state;
        let is_granted = state == RequestState::Approved;
        let message = format_args!("the grant that it extends is {state}");
        require(is_granted, Code::Conflict, "grant", message)?;
        let message = "the lease of the grant that it extends is over: whoever was granted it affirms that first";
        require(first.runs(today), Code::Conflict, "lease", message)
    }
}

/// That a request is a grant whose lease runs.
pub(super) fn require_running(request: &RequestEntry, today: Day) -> Result<(), ContractError> {
    require_approved(request)?;
    let message = "the grant's lease is over: whoever was granted it affirms it";
    require(request.runs(today), Code::Conflict, "lease", message)
}

/// Writes a request or an extension where it stands.
pub(super) fn put_request(effects: &mut Effects, request: &RequestEntry) {
    let index = RequestIndex {
        nullifier: request.nullifier,
        extension: request.extension,
    };
    effects.put(StateKey::request_state(&index), request);
}

/// One transition: the version rises, the transaction is remembered.
pub(super) fn step(request: &mut RequestEntry, tx_id: &str) {
    request.version += 1;
    request.last_tx_id = tx_id.to_owned();
}
