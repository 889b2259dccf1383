//! A new request: recipient key, body, witness and proof, all kept before anything is submitted.

use super::AccessError;
use super::body::RequestBody;
use super::inputs::RequestInputs;
use super::stored::StoredRequest;
use crate::actor::Actor;
use crate::journey::dataset::recipient_secret_name;
use crate::journey::registry::{registered_issuers, registry};
use crate::journey::visa::Wallet;
use crate::keyring::put_secret;
use crate::session::{CHAINCODE, Session, SessionError};
use medveil_circuits::babyjubjub::{Point, PublicPoint, Scalar};
use medveil_circuits::eligibility::{
    Applicant, Eligibility, EligibilityPublic, HeldVisa, PrepareError, Prepared, RegisteredIssuer,
    RequestContext, RequestValues, hidden_study, prepare, request_id,
};
use medveil_circuits::field::Digest;
use medveil_circuits::policy::Program;
use medveil_circuits::proof::RawProof;
use medveil_circuits::visa::study_hash;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::Registry;
use medveil_contract::call::{AccessTerms, RequestAccess};
use medveil_contract::judge::eligibility::{RequestFacts, instance, values};

/// A new request with its proof, kept.
///
/// **Errors**: no visa fits, in words per alternative; no key to prove with; the file system
/// refused.
pub(super) async fn prove_request(
    session: &Session,
    inputs: &RequestInputs<'_>,
) -> Result<StoredRequest, AccessError> {
    let unproven = UnprovenRequest::new(session, inputs)?;
    let prepared = unproven.prepare(session, inputs).await?;
    unproven.keep_recipient(session, inputs.person)?;
    let (visas, tier) = (prepared.visas.len() as u8, prepared.tier);
    let proof = prove(session, &inputs.person.org, prepared).await?;
    let stored = StoredRequest {
        terms: inputs.terms.clone(),
        policy: inputs.context.policy.active.root,
        key: inputs.key,
        visas,
        tier,
        call: RequestAccess {
            terms: unproven.terms,
            proof,
        },
        body: unproven.body.to_bytes()?,
    };
    stored.keep(session, inputs.person)?;
    Ok(stored)
}

/// A request without its proof.
pub(super) struct UnprovenRequest {
    pub terms: AccessTerms,
    recipient: Scalar,
    body: RequestBody,
}

impl UnprovenRequest {
    /// Makes the recipient's key and the body.
    pub fn new(session: &Session, inputs: &RequestInputs<'_>) -> Result<Self, AccessError> {
        let asked = &inputs.terms;
        let body = RequestBody::new(session, &asked.study, inputs.letter.clone())?;
        let secret = Scalar::random_nonzero(&mut session.rng());
        let recipient = PublicPoint::new(Point::BASE8.mul(&secret));
        let recipient = recipient.map_err(AccessError::Recipient)?;
        let org = inputs.person.org.as_str();
        let version = u64::from(inputs.extension);
        let terms = AccessTerms {
            extension: inputs.extension,
            dataset: inputs.dataset,
            request: request_id(org, inputs.nullifier, &recipient, version),
            nullifier: inputs.nullifier,
            hidden_study: hidden_study(study_hash(&body.study), body.study_salt),
            purpose: asked.purpose.clone().unwrap_or_default(),
            disease: inputs.disease,
            region: asked.region.clone().unwrap_or_default(),
            recipient,
            columns: asked.columns,
            body: Digest::of(&body.to_bytes()?),
            day: inputs.context.day.current,
            issuer_root: inputs.context.registry.root,
        };
        Ok(UnprovenRequest {
            terms,
            recipient: secret,
            body,
        })
    }

    /// The person's vault keeps the recipient's key: without it, what is delivered is lost.
    fn keep_recipient(&self, session: &Session, person: &Actor) -> Result<(), AccessError> {
        let vault = session.keyring.open(person)?;
        let name = recipient_secret_name(self.terms.request);
        let secret = self.recipient.to_bytes_le();
        Ok(put_secret(&vault, &name, &secret, &mut session.rng())?)
    }

    /// Chooses the alternative that the wallet satisfies, with instance and witness.
    ///
    /// **Errors**: no visa fits, in words per alternative.
    pub async fn prepare(
        &self,
        session: &Session,
        inputs: &RequestInputs<'_>,
    ) -> Result<Prepared, AccessError> {
        let org = &inputs.person.org;
        let facts = RequestFacts {
            consortium: session.consortium_id(),
            chaincode: CHAINCODE,
            submitter: org,
            scope: inputs.scope,
            policy: inputs.context.policy.active.root,
            circuit: inputs.key,
        };
        let statement = Statement {
            person: inputs.person,
            dataset: &inputs.named,
            program: &inputs.program,
            registry: &inputs.context.registry,
            public: instance(&facts, &self.terms),
            values: values(org, &self.terms),
        };
        statement.prepare(session, &inputs.wallet, &self.body).await
    }
}

/// A statement of eligibility, for whatever call it is proven.
pub(super) struct Statement<'a> {
    pub person: &'a Actor,
    /// The dataset, for people.
    pub dataset: &'a str,
    pub program: &'a Program,
    pub registry: &'a Registry,
    /// The instance that the contract will rebuild.
    pub public: EligibilityPublic,
    pub values: RequestValues,
}

impl Statement<'_> {
    /// Chooses the alternative that the wallet satisfies, with instance and witness.
    ///
    /// **Errors**: no visa fits, in words per alternative.
    pub async fn prepare(
        &self,
        session: &Session,
        wallet: &Wallet,
        body: &RequestBody,
    ) -> Result<Prepared, AccessError> {
        let issuers = issuers(session, &self.person.org, self.registry).await?;
        let visas = wallet.visas.iter();
        let held: Vec<HeldVisa<'_>> = visas
            .map(|(visa, blind)| HeldVisa {
                visa,
                blind: *blind,
            })
            .collect();
        let applicant = Applicant {
            secret: &wallet.secret,
            visas: &held,
            study: study_hash(&body.study),
            study_salt: body.study_salt,
        };
        let context = RequestContext {
            program: self.program,
            issuers: &issuers,
            day: self.public.day,
            scope: self.public.scope,
            request: self.values,
            context: self.public.context,
        };
        prepare(&applicant, &context).map_err(|e| match e {
            PrepareError::Ineligible(reasons) => AccessError::Ineligible {
                person: self.person.clone(),
                dataset: self.dataset.to_owned(),
                reasons,
            },
            other => AccessError::Prepare(other),
        })
    }
}

/// The issuers with their revocations, as a registry that two organisations signed names them.
async fn issuers(
    session: &Session,
    org: &MspId,
    known: &Registry,
) -> Result<Vec<RegisteredIssuer>, AccessError> {
    match registered_issuers(session, org, known).await {
        Err(error @ SessionError::Revocations { .. }) => {
            // Trees are read one by one: the registry may have moved between.
            let now = registry(session, org).await?.root;
            Err(match now == known.root {
                true => error.into(),
                false => AccessError::Stale(Box::new(error)),
            })
        }
        other => Ok(other?),
    }
}

/// Proves what was prepared.
///
/// **Errors**: no key to prove with.
pub(super) async fn prove(
    session: &Session,
    org: &MspId,
    prepared: Prepared,
) -> Result<RawProof, AccessError> {
    let item = (prepared.public, prepared.private);
    let what = "proving eligibility";
    let proof = match prepared.tier {
        1 => session.prove_one::<Eligibility<1>>(org, item, what).await,
        _ => session.prove_one::<Eligibility<4>>(org, item, what).await,
    };
    Ok(proof?)
}
