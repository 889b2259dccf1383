//! Journey two, after the request: list, show, decide, hand over, confirm, close.

use super::local::LocalDataset;
use super::read::RequestFields;
use crate::backend::ExpectedWrite;
use crate::channel::{Private, Transient};
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::office::{get_secret, put_secret};
use crate::output::Step;
use crate::sealing::{LetterSecret, open};
use circuits::babyjubjub::Scalar;
use circuits::dataset::SegmentKeys;
use circuits::handover::{Handover, HandoverPrivate, HandoverPublic, wrap};
use circuits::ids::{RequestId, SegmentId};
use collections_config::{CollectionName, MspId};
use serde_json::Value;
use verifier_chaincode::call::transient::PACKAGE;
use verifier_chaincode::call::{
    Call, CloseGrant, ConfirmDelivery, DecideAccess, Decision, HandOverKey, Parties, Query,
};
use verifier_chaincode::state_key::StateKey;

/// Lists access requests.
///
/// **Errors**: the ledger cannot be read.
pub fn list(desk: &Desk, org: &MspId) -> Result<Step, GatewayError> {
    let (mut bookmark, mut step, mut all) = (String::new(), Step::new("access.list"), Vec::new());
    loop {
        let page: Value = desk.query(org, &Query::ListRequests { bookmark })?;
        for entry in page["entries"].as_array().into_iter().flatten() {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            step = step.line(format!(
                "{}  {} from {} for a dataset of {}",
                text("request"),
                text("state"),
                text("submitter"),
                text("holder")
            ));
            all.push(entry.clone());
        }
        bookmark = page["bookmark"].as_str().unwrap_or_default().to_owned();
        if bookmark.is_empty() {
            return Ok(step.field("requests", all));
        }
    }
}

/// Shows one request; the holder also reads its letter.
///
/// **Errors**: no such request; the holder's vault does not open.
pub fn show(desk: &Desk, org: &MspId, request: RequestId) -> Result<Step, GatewayError> {
    let view = desk.request(org, request)?;
    let raw: Value = desk.query(org, &Query::GetRequest { request })?;
    let fields = &view.request;
    let mut step = Step::new("access.show")
        .line(format!("request {request}: {}", fields.state))
        .line(format!(
            "  {} asks {} for key slots {:#017b}",
            fields.submitter, fields.holder, fields.columns
        ))
        .line(format!(
            "  {} of {} needed votes, {} deliveries confirmed",
            view.votes.len(),
            fields.quorum,
            view.deliveries.len()
        ))
        .field("request", raw);
    if *org == fields.holder {
        match letter(desk, org, request) {
            Ok(text) => step = step.line(format!("  letter: {text}")).field("letter", text),
            Err(error) => step = step.line(format!("  the letter cannot be read: {error}")),
        }
    }
    Ok(step)
}

fn letter(desk: &Desk, holder: &MspId, request: RequestId) -> Result<String, GatewayError> {
    let answer: Value = desk.query(holder, &Query::ReadLetter { request })?;
    let sealed = hex::decode(answer["letter"].as_str().unwrap_or_default()).internal("letter")?;
    let vault = desk.offices.open(&Actor::organisation(holder.clone()))?;
    let secret = LetterSecret::from_bytes(&vault.get(super::LETTER_SECRET)?).input("letter")?;
    // The letter is sealed before its digest can enter the request id, so its context is the
    // consortium alone.
    let text = open(&secret, &super::letter_context(desk), &sealed).refused("letter")?;
    String::from_utf8(text.to_vec()).input("letter")
}

/// Votes as a member of the committee.
///
/// **Errors**: the contract refuses.
pub fn decide(
    desk: &Desk,
    org: &MspId,
    request: RequestId,
    decision: Decision,
) -> Result<Step, GatewayError> {
    let holder = desk.request(org, request)?.request.holder;
    desk.tick_if_needed(org)?;
    let call = Call::DecideAccess(DecideAccess { request, decision });
    let parties = Parties {
        holder: Some(&holder),
        ..Parties::default()
    };
    let committed = desk.submit(org, &call, Private::default(), &parties)?;
    let view = desk.request(org, request)?;
    let word = if decision == Decision::Approve {
        "approves"
    } else {
        "rejects"
    };
    Ok(Step::new("access.decide")
        .line(format!(
            "{org} {word}: the request is {}",
            view.request.state
        ))
        .line(format!(
            "  {} of {} needed votes; the committee saw the public fields, not the person",
            view.votes.len(),
            view.request.quorum
        ))
        .field("request", request.to_string())
        .field("state", view.request.state)
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// What a handover needs, read from the ledger and the holder's disk.
struct Delivery {
    request: RequestFields,
    segment: SegmentId,
    keys: SegmentKeys,
}

fn delivery(desk: &Desk, holder: &MspId, request: RequestId) -> Result<Delivery, GatewayError> {
    let request = desk.request(holder, request)?.request;
    if request.holder != *holder {
        return Err(GatewayError::refused(
            "handover",
            format!("the request is for a dataset of {}", request.holder),
        ));
    }
    let version = desk.version(holder, request.dataset)?.dataset;
    let local = LocalDataset::new(desk, holder, &version.name)?;
    let segment = version
        .segments
        .first()
        .ok_or_else(|| GatewayError::not_found("dataset", "the version has no segment"))?
        .segment;
    Ok(Delivery {
        keys: local.keys(desk)?,
        request,
        segment,
    })
}

fn ephemeral_name(request: RequestId) -> String {
    format!("handover-{}", &request.to_string()[..40])
}

/// The scalar of a handover: made once and kept, so that a retry hands over the same package.
fn ephemeral(desk: &Desk, holder: &MspId, request: RequestId) -> Result<Scalar, GatewayError> {
    let vault = desk.offices.open(&Actor::organisation(holder.clone()))?;
    let name = ephemeral_name(request);
    if !vault.has(&name) {
        let fresh = Scalar::random_nonzero(&mut *desk.rng());
        put_secret(&vault, &name, &fresh.to_bytes_le(), &mut *desk.rng())?;
    }
    let bytes: [u8; 32] = get_secret(&vault, &name)?;
    Scalar::from_bytes_le(&bytes).input("custody")
}

/// Puts the wrapped keys into the recipient organisation's implicit collection; its peer's
/// endorsement is the receipt.
///
/// **Errors**: not the holder; the contract refuses.
pub fn handover(desk: &Desk, holder: &MspId, request: RequestId) -> Result<Step, GatewayError> {
    let Delivery {
        request: fields,
        segment,
        keys,
    } = delivery(desk, holder, request)?;
    let ephemeral = ephemeral(desk, holder, request)?;
    let package = wrap(
        &keys,
        fields.columns,
        &fields.recipient,
        request,
        segment,
        &ephemeral,
    )
    .ok_or_else(|| GatewayError::internal("handover", "the ephemeral scalar is 0"))?;
    let call = Call::HandOverKey(HandOverKey {
        grant: request,
        segment,
        digest: package.digest(),
    });
    let body = borsh::to_vec(&package).internal("handover")?;
    let bytes = body.len();
    let parties = Parties {
        holder: Some(holder),
        recipient: Some(&fields.submitter),
        collection: None,
    };
    let expected = ExpectedWrite {
        collection: CollectionName::implicit(&fields.submitter),
        key: StateKey::handover(request, segment, package.digest())
            .as_str()
            .to_owned(),
        value: body.clone(),
    };
    let private = Private {
        transient: Transient::from([(PACKAGE.to_owned(), body)]),
        expected: vec![expected],
    };
    let committed = desk.submit(holder, &call, private, &parties)?;
    Ok(Step::new("access.handover")
        .line(format!(
            "{holder} handed {} wrapped keys to {}: {bytes} bytes",
            fields.columns.count_ones(),
            fields.submitter
        ))
        .line(format!(
            "  {}'s peer checked and signed for the package; everybody else sees its hash",
            fields.submitter
        ))
        .field("request", request.to_string())
        .field("segment", segment.to_string())
        .field("digest", package.digest().to_string())
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// Proves on the ledger that the delivered keys are the committed ones.
///
/// **Errors**: nothing was handed over; the contract refuses.
pub fn confirm(desk: &Desk, holder: &MspId, request: RequestId) -> Result<Step, GatewayError> {
    let Delivery {
        request: fields,
        segment,
        keys,
    } = delivery(desk, holder, request)?;
    let ephemeral = ephemeral(desk, holder, request)?;
    let package = wrap(
        &keys,
        fields.columns,
        &fields.recipient,
        request,
        segment,
        &ephemeral,
    )
    .ok_or_else(|| GatewayError::internal("handover", "the ephemeral scalar is 0"))?;
    let digest = package.digest();
    let public = HandoverPublic {
        digest,
        key_commitment: keys.commitment(),
        recipient: fields.recipient,
        mask: fields.columns,
        grant: request,
        segment,
    };
    let prover = desk.prover::<Handover>(holder)?;
    let proof = desk.prove_all(
        &prover,
        &[(public, HandoverPrivate { keys, ephemeral })],
        "proving the handover",
    )?;
    let proof = proof
        .into_iter()
        .next()
        .ok_or_else(|| GatewayError::internal("prove", "no proof came back"))?;
    let call = Call::ConfirmDelivery(ConfirmDelivery {
        grant: request,
        segment,
        digest,
        proof: proof.raw().clone(),
    });
    let committed = desk.submit(holder, &call, Private::default(), &Parties::default())?;
    Ok(Step::new("access.confirm")
        .line(format!(
            "{holder} proved that the delivered keys open the registered pages"
        ))
        .line("  everybody verified it without seeing a key")
        .field("request", request.to_string())
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// Ends a grant.
///
/// **Errors**: the contract refuses.
pub fn close(desk: &Desk, org: &MspId, request: RequestId) -> Result<Step, GatewayError> {
    let committed = desk.submit(
        org,
        &Call::CloseGrant(CloseGrant { grant: request }),
        Private::default(),
        &Parties::default(),
    )?;
    Ok(Step::new("access.close")
        .line(format!(
            "{org} closed the grant {request}; it is final for its period"
        ))
        .field("request", request.to_string())
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}
