//! What a grant gives its recipient: the registered version, and the keys that open its pages.

use super::DatasetError;
use super::pages::ChunkKeys;
use super::reading::{OpenReport, ReportError, opened};
use crate::actor::Actor;
use crate::keyring::get_secret;
use crate::session::Session;
use borsh::BorshDeserialize;
use medveil_circuits::babyjubjub::Scalar;
use medveil_circuits::dataset::layout;
use medveil_circuits::field::Digest;
use medveil_circuits::handover::{HandoverPackage, SlotKeys, unwrap};
use medveil_circuits::ids::{RequestId, SegmentId};
use medveil_circuits::schema::Schema;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::reply::{DatasetVersion, RequestStatus};
use medveil_contract::call::request::{GetDataset, GetRequest, ListRequests, ReadKey, ReadPages};
use medveil_contract::call::transient::{SealedReading, StoredChunk};
use medveil_contract::judge;
use medveil_contract::model::{RequestEntry, RequestState};
use std::sync::Arc;

/// Name of the secret that receives the keys of a request.
pub fn recipient_secret_name(request: RequestId) -> String {
    format!("recipient-{}", &request.to_string()[..40])
}

/// A grant whose keys were delivered.
pub struct Granted {
    org: MspId,
    pub request: RequestEntry,
    pub version: DatasetVersion,
    pub schema: Schema,
    pub keys: Arc<ChunkKeys>,
    /// Root of the segment's reading report.
    reading: Digest,
}

impl Granted {
    /// Finds a grant with its extensions, and the keys that were delivered for them.
    ///
    /// **Errors**: no such grant, it is another person's, or its keys were not delivered.
    pub async fn open(
        session: &Session,
        actor: &Actor,
        grant: RequestId,
    ) -> Result<Self, DatasetError> {
        let org = &actor.org;
        let status = request_status(session, org, grant).await?;
        let secret = recipient_secret(session, actor, grant)?;
        let request = delivered_request(status)?;
        let further = delivered_extensions(session, actor, &request).await?;
        let dataset = request.dataset;
        let version = session.ask(org, GetDataset { dataset }).await?;
        let schema = schema_of(&version)?;
        let segment = version.dataset.segments.first();
        let segment = segment.ok_or(DatasetError::NoSegment(dataset))?;
        let mut slots = received_keys(session, org, &request, segment.segment, &secret).await?;
        for (extension, secret) in &further {
            let more = received_keys(session, org, extension, segment.segment, secret).await?;
            for (slot, key) in slots.iter_mut().zip(more.iter()) {
                *slot = slot.or(*key);
            }
        }
        let keys = Arc::new(ChunkKeys {
            slots,
            segment: segment.segment,
            layout: layout(&schema),
            tier: usize::from(version.dataset.tier),
        });
        let (org, reading) = (org.clone(), segment.reading);
        Ok(Granted {
            org,
            request,
            version,
            schema,
            keys,
            reading,
        })
    }

    /// The parts of the reading report that the keys open, checked against its registered root.
    ///
    /// **Errors**: none is stored, or another one than was registered; a part that does not open.
    pub fn report(&self, stored: Option<&SealedReading>) -> Result<OpenReport, ReportError> {
        let stored = judge::reading::registered_report(stored, &self.schema, self.reading)?;
        let parts = opened(stored, &self.schema, &self.keys.slots, self.keys.segment)?;
        Ok(OpenReport::new(judge::reading::leaves(stored), parts))
    }

    /// The stored pages of a chunk: from the sharing group's collection, or, where the reader is no
    /// member, from a copy that the holder stored for this grant.
    pub async fn fetch(&self, session: &Session, chunk: u32) -> Result<StoredChunk, DatasetError> {
        let (org, request) = (&self.org, &self.request);
        let pages = |grant| {
            let dataset = request.dataset;
            let query = ReadPages {
                dataset,
                chunk,
                grant,
            };
            session.ask_private(org, query)
        };
        let answer = match pages(None).await {
            Err(e) if e.code().is_some() => pages(Some(request.request)).await,
            other => other,
        };
        match answer {
            Err(e) if e.code() == Some(Code::NotFound) => Err(DatasetError::NoPages {
                org: org.clone(),
                holder: request.holder.clone(),
                chunk,
            }),
            other => Ok(other?.pages),
        }
    }
}

fn schema_of(version: &DatasetVersion) -> Result<Schema, DatasetError> {
    let schema = Schema::from_canonical(version.schema.as_bytes());
    schema.map_err(|problems| DatasetError::LedgerSchema {
        root: version.dataset.root,
        problems,
    })
}

fn recipient_secret(
    session: &Session,
    actor: &Actor,
    grant: RequestId,
) -> Result<Scalar, DatasetError> {
    let vault = session.keyring.open(actor)?;
    let name = recipient_secret_name(grant);
    if !vault.has(&name) {
        return Err(DatasetError::NotRecipient {
            actor: actor.clone(),
            grant,
        });
    }
    let bytes: [u8; 32] = get_secret(&vault, &name)?;
    Scalar::from_bytes_le(&bytes).map_err(|_| DatasetError::RecipientKey(grant))
}

async fn request_status(
    session: &Session,
    org: &MspId,
    request: RequestId,
) -> Result<RequestStatus, DatasetError> {
    match session.ask(org, GetRequest { request }).await {
        Err(e) if e.code() == Some(Code::NotFound) => Err(DatasetError::NoRequest { request }),
        other => Ok(other?),
    }
}

/// The request, where its holder proved to have delivered the keys.
fn delivered_request(status: RequestStatus) -> Result<RequestEntry, DatasetError> {
    let request = status.request;
    if !status.deliveries.is_empty() {
        return Ok(request);
    }
    Err(match request.state {
        RequestState::Approved => DatasetError::NotHandedOver {
            grant: request.request,
            holder: request.holder,
        },
        state @ (RequestState::Submitted | RequestState::Rejected | RequestState::Closed) => {
            DatasetError::NotGranted {
                request: request.request,
                state,
            }
        }
    })
}

/// The extensions of a request whose keys were delivered to this person.
async fn delivered_extensions(
    session: &Session,
    actor: &Actor,
    request: &RequestEntry,
) -> Result<Vec<(RequestEntry, Scalar)>, DatasetError> {
    let mut found = Vec::new();
    if request.extension != 0 || request.n_extensions == 0 {
        return Ok(found);
    }
    let first = ListRequests {
        bookmark: String::new(),
    };
    let all = session.ask_all(&actor.org, &first).await?;
    let of_request = |e: &RequestEntry| e.nullifier == request.nullifier && e.extension != 0;
    for entry in all.into_iter().filter(of_request) {
        let status = request_status(session, &actor.org, entry.request).await?;
        if let (Ok(entry), Ok(secret)) = (
            delivered_request(status),
            recipient_secret(session, actor, entry.request),
        ) {
            found.push((entry, secret));
        }
    }
    Ok(found)
}

async fn received_keys(
    session: &Session,
    org: &MspId,
    request: &RequestEntry,
    segment: SegmentId,
    secret: &Scalar,
) -> Result<SlotKeys, DatasetError> {
    let grant = request.request;
    let query = ReadKey {
        grant,
        segment,
        digest: None,
    };
    let answer = match session.ask_private(org, query).await {
        Err(e) if e.code() == Some(Code::NotFound) => {
            let org = org.clone();
            return Err(DatasetError::KeysMissing { grant, org });
        }
        other => other?,
    };
    let package = HandoverPackage::try_from_slice(&answer.package);
    let package = package.map_err(|_| DatasetError::Package(grant))?;
    if package.digest() != answer.digest {
        return Err(DatasetError::OtherPackage(grant));
    }
    Ok(unwrap(&package, request.columns, secret, grant, segment))
}
