//! `DecideAccess`, `HandOverKey`, `ConfirmDelivery`, `CloseGrant`: from a request to delivered keys
//! and to the end of a grant.

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
    DatasetEntry, Delivery, RegistryHead, RequestEntry, RequestState, SegmentEntry, Vote,
};
use crate::state_key::StateKey;
use borsh::BorshDeserialize;
use circuits::handover::HandoverPackage;
use circuits::ids::{RequestId, SegmentId};
use collections_config::CollectionName;
use serde_json::json;

impl Contract {
    pub(super) async fn decide_access<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: DecideAccess,
    ) -> Result<Effects, ContractError> {
        let mut request = self.request_by_id(view, args.request).await?;
        let caller = view.caller();
        let votes = request.committee.contains(&caller);
        require(
            votes,
            Code::Forbidden,
            "caller",
            format_args!("expected a member of the policy's committee, got {caller}"),
        )?;
        let message = format_args!(
            "expected a submitted request, got one that is {}",
            request.state
        );
        require(
            request.state == RequestState::Submitted,
            Code::Conflict,
            "request",
            message,
        )?;
        // Read so that a held-back decision dies with the next tick or registry update.
        view.day_not_ahead().await?;
        view.need::<RegistryHead>(&StateKey::registry_head())
            .await?;
        let (mut approvals, mut rejections) = (0u32, 0u32);
        for msp in request.committee.clone() {
            let known: Option<Vote> = view
                .find(&StateKey::request_vote(args.request, &msp))
                .await?;
            let decision = match (known, msp == caller) {
                (Some(_), true) => {
                    return Err(ContractError::new(
                        Code::Conflict,
                        "vote",
                        "this organisation voted already",
                    ));
                }
                (None, true) => Some(args.decision),
                (vote, false) => vote.map(|v| v.decision),
            };
            approvals += u32::from(decision == Some(Decision::Approve));
            rejections += u32::from(decision == Some(Decision::Reject));
        }
        let reachable = request.committee.len() as u32 - rejections;
        if approvals >= request.quorum {
            request.state = RequestState::Approved;
        } else if reachable < request.quorum {
            request.state = RequestState::Rejected;
        }
        step(&mut request, &view.tx().tx_id);
        let mut effects = Effects::answering(&json!({
            "request": args.request, "state": request.state, "approvals": approvals, "rejections": rejections, "quorum": request.quorum,
        }))?;
        let vote = Vote {
            msp_id: caller.clone(),
            decision: args.decision,
            tx_id: view.tx().tx_id.clone(),
        };
        effects.put(StateKey::request_vote(args.request, &caller), &vote);
        effects.put(StateKey::nullifier(request.nullifier), &request);
        mark_holder(&mut effects, &request.holder);
        effects.event("access.decided");
        Ok(effects)
    }

    /// An approved request of the caller's own dataset, and one of that dataset's segments.
    async fn holders_grant<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        grant: RequestId,
        segment: SegmentId,
    ) -> Result<(RequestEntry, SegmentEntry), ContractError> {
        let request = self.request_by_id(view, grant).await?;
        let caller = view.caller();
        require(
            caller == request.holder,
            Code::Forbidden,
            "caller",
            format_args!("expected the holder, got {caller}"),
        )?;
        let message = format_args!(
            "expected an approved request, got one that is {}",
            request.state
        );
        require(
            request.state == RequestState::Approved,
            Code::Conflict,
            "grant",
            message,
        )?;
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
        let mut effects = Effects::answering(
            &json!({ "grant": args.grant, "segment": args.segment, "digest": args.digest }),
        )?;
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
        let keys = self
            .active_keys(view, &[judge::handover::circuit()])
            .await?;
        let circuit = judge::handover::verify(&request, &segment, &args, &keys)
            .refuse(Code::Refused, "proof")?;
        let answer = json!({ "grant": args.grant, "segment": args.segment, "digest": args.digest });
        let mut effects = Effects::answering(&answer)?;
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
        let mut request = self.request_by_id(view, args.grant).await?;
        let caller = view.caller();
        let party = caller == request.holder || caller == request.submitter;
        require(
            party,
            Code::Forbidden,
            "caller",
            format_args!("expected the holder or the recipient, got {caller}"),
        )?;
        let message = format_args!(
            "expected an approved request, got one that is {}",
            request.state
        );
        require(
            request.state == RequestState::Approved,
            Code::Conflict,
            "grant",
            message,
        )?;
        request.state = RequestState::Closed;
        step(&mut request, &view.tx().tx_id);
        let mut effects =
            Effects::answering(&json!({ "grant": args.grant, "state": request.state }))?;
        effects.put(StateKey::nullifier(request.nullifier), &request);
        effects.event("grant.closed");
        Ok(effects)
    }
}

/// One transition: the version rises, the transaction is remembered.
fn step(request: &mut RequestEntry, tx_id: &str) {
    request.version += 1;
    request.last_tx_id = tx_id.to_owned();
}
