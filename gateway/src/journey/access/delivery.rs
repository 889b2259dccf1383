//! `access handover`: the holder wraps the slot keys for the recipient.

use super::AccessError;
use crate::actor::Actor;
use crate::journey::dataset::LocalDataset;
use crate::journey::day;
use crate::keyring::{KeyringError, get_secret, put_secret};
use crate::session::{Private, Session, SessionError};
use crate::step::{Step, Transaction};
use medveil_circuits::babyjubjub::Scalar;
use medveil_circuits::dataset::SegmentKeys;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::handover::{Granted, HandoverPackage, wrap};
use medveil_circuits::ids::{Nullifier, RequestId, SegmentId};
use medveil_collections_config::{CollectionName, MspId, Role};
use medveil_contract::Code;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::call::request::{
    GetDataset, GetRequest, GetRequestByNullifier, GetStoredHandover,
};
use medveil_contract::call::transient::PACKAGE;
use medveil_contract::call::{Call, HandOverKey, Parties};
use medveil_contract::model::{ProofStanding, RequestEntry, RequestState};
use medveil_contract::state_key::StateKey;
use medveil_ledger::{ExpectedWrite, Transient};
use schemars::JsonSchema;
use serde::Serialize;

/// A grant of a dataset of this holder that runs, as two organisations say.
///
/// **Errors**: no such request, or for a dataset of another holder; not approved; its lease is
/// over.
pub(super) async fn holders_grant(
    session: &Session,
    holder: &MspId,
    request: RequestId,
) -> Result<RequestStatus, AccessError> {
    day::tick(session, holder).await?;
    // What an interrupted run sent may be what this one is about to do.
    session
        .settle(&session.identity(holder, Role::Client)?)
        .await?;
    let status = match session.ask_two(holder, GetRequest { request }).await {
        Err(e) if e.code() == Some(Code::NotFound) => Err(AccessError::NoRequest {
            request,
            refusal: Box::new(e),
        }),
        other => Ok(other?),
    }?;
    let entry = &status.request;
    if entry.holder != *holder {
        return Err(AccessError::NotHolder {
            org: holder.clone(),
            holder: status.request.holder,
            request,
        });
    }
    if entry.state != RequestState::Approved {
        return Err(AccessError::not_approved(&status, None));
    }
    if !entry.runs(status.today) {
        return Err(AccessError::affirm_first(&status));
    }
    if entry.extension != 0 {
        require_base(session, holder, entry.nullifier).await?;
    }
    Ok(status)
}

/// That the grant that an extension follows runs, as two organisations say.
async fn require_base(
    session: &Session,
    holder: &MspId,
    nullifier: Nullifier,
) -> Result<(), AccessError> {
    let query = GetRequestByNullifier { nullifier };
    let base = session.ask_two(holder, query).await?;
    if base.request.state != RequestState::Approved {
        return Err(AccessError::not_approved(&base, None));
    }
    match base.request.runs(base.today) {
        true => Ok(()),
        false => Err(AccessError::affirm_first(&base)),
    }
}

/// What is delivered: the keys of the version's segment, from the holder's vault.
pub(super) struct Delivery {
    pub request: RequestEntry,
    pub segment: SegmentId,
    pub keys: SegmentKeys,
}

impl Delivery {
    pub async fn new(
        session: &Session,
        holder: &MspId,
        request: RequestEntry,
    ) -> Result<Self, AccessError> {
        let dataset = request.dataset;
        // The own peer alone could name another dataset of this holder.
        let version = session
            .ask_two(holder, GetDataset { dataset })
            .await?
            .dataset;
        let segment = version.segments.first();
        let segment = segment.ok_or(AccessError::NoSegment { dataset })?;
        let local = LocalDataset::new(session, holder, &version.name)?;
        let keys = local.keys(session)?;
        if keys.commitment() != segment.key_commitment || version.root != dataset {
            let name = version.name;
            return Err(AccessError::OtherKeys { name, dataset });
        }
        Ok(Delivery {
            request,
            segment: segment.segment,
            keys,
        })
    }

    /// The wrapped keys; the same scalar gives the same package.
    pub fn package(&self, scalar: &Scalar) -> Result<HandoverPackage, AccessError> {
        let RequestEntry {
            columns,
            recipient,
            request,
            ..
        } = &self.request;
        let granted = Granted {
            keys: &self.keys,
            mask: *columns,
            recipient,
            grant: *request,
            segment: self.segment,
        };
        wrap(&granted, scalar).ok_or(AccessError::ZeroScalar)
    }
}

/// The secret scalar of a handover, in the holder's vault.
pub(super) struct HandoverScalar {
    actor: Actor,
    name: String,
}

impl HandoverScalar {
    pub fn new(holder: &MspId, request: RequestId) -> Self {
        HandoverScalar {
            actor: Actor::organisation(holder.clone()),
            name: format!("handover-{}", &request.to_string()[..40]),
        }
    }

    /// Made once and kept, so that a retry hands over the same package.
    async fn get_or_make(&self, session: &Session) -> Result<Scalar, AccessError> {
        let vault = session.keyring.open(&self.actor)?;
        let _lock = session.lock(&self.actor, &self.name).await?;
        if !vault.has(&self.name) {
            let mut rng = session.rng();
            let fresh = Scalar::random_nonzero(&mut rng);
            put_secret(&vault, &self.name, &fresh.to_bytes_le(), &mut rng)?;
        }
        let made = self.get(session)?;
        made.ok_or(AccessError::ZeroScalar)
    }

    /// None where nothing was ever handed over.
    pub fn get(&self, session: &Session) -> Result<Option<Scalar>, KeyringError> {
        let vault = session.keyring.open(&self.actor)?;
        if !vault.has(&self.name) {
            return Ok(None);
        }
        let bytes: [u8; 32] = get_secret(&vault, &self.name)?;
        let name = self.name.clone();
        let scalar = Scalar::from_bytes_le(&bytes);
        Ok(Some(scalar.map_err(|_| KeyringError::Form { name })?))
    }
}

/// Wrapped keys are at the recipient's peer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeysHandedOver {
    #[schemars(with = "String")]
    pub request: RequestId,
    #[schemars(with = "String")]
    pub segment: SegmentId,
    /// Digest of the package.
    #[schemars(with = "String")]
    pub digest: Felt,
    #[schemars(with = "String")]
    pub holder: MspId,
    /// The recipient's organisation.
    #[schemars(with = "String")]
    pub recipient: MspId,
    /// How many slot keys.
    pub keys: u32,
    /// Size of the package.
    pub bytes: usize,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for KeysHandedOver {
    const NAME: &'static str = "access.handover";
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
}

/// Puts the wrapped keys into the recipient organisation's implicit collection; its peer's
/// endorsement is the receipt. What is there already is not sent again.
///
/// **Errors**: not the holder; a request that is not approved, whose lease is over, or whose latest
/// proof is old or void; the contract refuses.
pub async fn handover(
    session: &Session,
    holder: &MspId,
    request: RequestId,
) -> Result<KeysHandedOver, AccessError> {
    let status = holders_grant(session, holder, request).await?;
    if status.proof != ProofStanding::Fresh {
        return Err(AccessError::affirm_first(&status));
    }
    let delivery = Delivery::new(session, holder, status.request).await?;
    let scalar = HandoverScalar::new(holder, request);
    let package = delivery.package(&scalar.get_or_make(session).await?)?;
    let (segment, digest) = (delivery.segment, package.digest());
    let recipient = delivery.request.submitter;
    let body = borsh::to_vec(&package).map_err(AccessError::Encode)?;
    let mut answer = KeysHandedOver {
        request,
        segment,
        digest,
        holder: holder.clone(),
        recipient: recipient.clone(),
        keys: delivery.request.columns.count_ones(),
        bytes: body.len(),
        transaction: Transaction::earlier(None),
    };
    let stored = GetStoredHandover {
        grant: request,
        segment,
        digest,
    };
    if session.ask(holder, stored).await?.digest == Some(Digest::of(&body)) {
        return Ok(answer);
    }
    let expected = ExpectedWrite {
        collection: CollectionName::implicit(&recipient),
        key: StateKey::handover(request, segment, digest).to_string(),
        value: body.clone(),
    };
    let private = Private {
        transient: Transient::from([(PACKAGE.to_owned(), body)]),
        expected: vec![expected],
    };
    let call = Call::HandOverKey(HandOverKey {
        grant: request,
        segment,
        digest,
    });
    let parties = Parties {
        holder: Some(holder),
        recipient: Some(&recipient),
        collection: None,
    };
    match session.submit(holder, &call, private, &parties).await {
        Ok(committed) => answer.transaction = Transaction::from(&committed),
        Err(refusal) => return Err(explain_refusal(session, holder, request, refusal).await),
    }
    Ok(answer)
}

/// What a refused handover or confirmation met, as far as the request tells.
pub(super) async fn explain_refusal(
    session: &Session,
    holder: &MspId,
    request: RequestId,
    refusal: SessionError,
) -> AccessError {
    if refusal.code() != Some(Code::Conflict) {
        return refusal.into();
    }
    match session.ask(holder, GetRequest { request }).await {
        Ok(status) if status.request.state != RequestState::Approved => {
            AccessError::not_approved(&status, Some(Box::new(refusal)))
        }
        Ok(status) if !status.deliveries.is_empty() => AccessError::Delivered {
            request,
            recipient: status.request.submitter,
            refusal: Box::new(refusal),
        },
        _ => refusal.into(),
    }
}
