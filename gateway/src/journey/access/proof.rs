//! A new request: recipient key, sealed letter, witness and proof, all kept before anything is
//! submitted.

use super::AccessError;
use super::inputs::RequestInputs;
use super::stored::{RequestTerms, StoredRequest};
use crate::journey::dataset::recipient_secret_name;
use crate::journey::letter;
use crate::journey::registry::{registered_issuers, registry};
use crate::keyring::put_secret;
use crate::session::{CHAINCODE, Session, SessionError};
use medveil_circuits::babyjubjub::{Point, PublicPoint, Scalar};
use medveil_circuits::eligibility::{
    Applicant, ContextParts, Eligibility, HeldVisa, PrepareError, Prepared, RegisteredIssuer,
    RequestContext, RequestValues, hidden_study, prepare, request_id,
};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::RequestId;
use medveil_circuits::proof::RawProof;
use medveil_circuits::visa::{codes, fresh_felt, study_hash};
use medveil_collections_config::MspId;
use medveil_contract::call::{AccessTerms, RequestAccess};
use medveil_contract::judge::eligibility::{FIRST_VERSION, FUNCTION};
use medveil_custody::sealing::{LetterKey, seal};

/// A new request with its proof, kept.
///
/// **Errors**: no visa fits, in words per alternative; no key to prove with; the file system
/// refused.
pub(super) async fn prove_request(
    session: &Session,
    inputs: &RequestInputs<'_>,
    terms: RequestTerms,
) -> Result<StoredRequest, AccessError> {
    let org = &inputs.person.org;
    let issuers = match registered_issuers(session, org, &inputs.context.registry).await {
        Err(error @ SessionError::Revocations { .. }) => {
            // Trees are read one by one: the registry may have moved between.
            let now = registry(session, org).await?.root;
            return Err(match now == inputs.context.registry.root {
                true => error.into(),
                false => AccessError::Stale(Box::new(error)),
            });
        }
        other => other?,
    };
    let unproven = UnprovenRequest::new(session, inputs)?;
    let prepared = unproven.prepare(session, inputs, &issuers)?;
    let (visas, tier) = (prepared.visas.len() as u8, prepared.tier);
    let proof = prove(session, org, prepared).await?;
    let UnprovenRequest {
        terms: call,
        letter,
        ..
    } = unproven;
    let stored = StoredRequest {
        terms,
        policy: inputs.context.policy.active.root,
        key: inputs.key,
        visas,
        tier,
        call: RequestAccess { terms: call, proof },
        letter,
    };
    stored.keep(session, inputs.person)?;
    Ok(stored)
}

/// A request without its proof.
struct UnprovenRequest {
    terms: AccessTerms,
    /// The sealed letter.
    letter: Vec<u8>,
    study: Felt,
    study_salt: Felt,
}

impl UnprovenRequest {
    /// Makes the recipient's key, which the person's vault keeps, and seals the letter.
    fn new(session: &Session, inputs: &RequestInputs<'_>) -> Result<Self, AccessError> {
        let options = inputs.options;
        let disease = match &options.disease {
            Some(code) => codes::disease(code).ok_or_else(|| AccessError::Disease(code.clone()))?,
            None => 0,
        };
        let letter = seal_letter(session, inputs)?;
        let (request, recipient) = make_recipient(session, inputs)?;
        let study = study_hash(&options.study);
        let study_salt = fresh_felt(&mut session.rng());
        let terms = AccessTerms {
            dataset: inputs.dataset,
            request,
            nullifier: inputs.nullifier,
            hidden_study: hidden_study(study, study_salt),
            purpose: options.purpose.clone().unwrap_or_default(),
            disease,
            region: options.region.clone().unwrap_or_default(),
            recipient,
            columns: inputs.columns,
            letter: Digest::of(&letter),
            day: inputs.context.day.current,
            issuer_root: inputs.context.registry.root,
        };
        Ok(UnprovenRequest {
            terms,
            letter,
            study,
            study_salt,
        })
    }

    /// Chooses the alternative that the wallet satisfies, with instance and witness.
    fn prepare(
        &self,
        session: &Session,
        inputs: &RequestInputs<'_>,
        issuers: &[RegisteredIssuer],
    ) -> Result<Prepared, AccessError> {
        let terms = &self.terms;
        let visas = inputs.wallet.visas.iter();
        let held: Vec<HeldVisa<'_>> = visas
            .map(|(visa, blind)| HeldVisa {
                visa,
                blind: *blind,
            })
            .collect();
        let applicant = Applicant {
            secret: &inputs.wallet.secret,
            visas: &held,
            study: self.study,
            study_salt: self.study_salt,
        };
        let parts = ContextParts {
            consortium: session.consortium_id(),
            chaincode: CHAINCODE,
            function: FUNCTION,
            request_id: terms.request,
            recipient: terms.recipient,
            column_mask: terms.columns,
            letter: terms.letter,
            dataset: terms.dataset,
            policy: inputs.context.policy.active.root,
            circuit_key: inputs.key,
        };
        let request = RequestValues::new(
            terms.hidden_study,
            &terms.purpose,
            terms.disease,
            &terms.region,
            inputs.person.org.as_str(),
        );
        let context = RequestContext {
            program: &inputs.program,
            issuers,
            day: terms.day,
            scope: inputs.scope,
            request,
            context: parts.hash(),
        };
        prepare(&applicant, &context).map_err(|e| match e {
            PrepareError::Ineligible(reasons) => AccessError::Ineligible {
                person: inputs.person.clone(),
                dataset: inputs.options.dataset.clone(),
                reasons,
            },
            other => AccessError::Prepare(other),
        })
    }
}

/// The key that will receive the slot keys, and the request id that follows from it.
fn make_recipient(
    session: &Session,
    inputs: &RequestInputs<'_>,
) -> Result<(RequestId, PublicPoint), AccessError> {
    let mut rng = session.rng();
    let secret = Scalar::random_nonzero(&mut rng);
    let recipient = PublicPoint::new(Point::BASE8.mul(&secret)).map_err(AccessError::Recipient)?;
    let org = inputs.person.org.as_str();
    let request = request_id(org, inputs.nullifier, &recipient, FIRST_VERSION);
    let vault = session.keyring.open(inputs.person)?;
    let name = recipient_secret_name(request);
    put_secret(&vault, &name, &secret.to_bytes_le(), &mut rng)?;
    Ok((request, recipient))
}

fn seal_letter(session: &Session, inputs: &RequestInputs<'_>) -> Result<Vec<u8>, AccessError> {
    let holder = &inputs.context.lineage.holder;
    let key = inputs.context.holder_key.as_ref();
    let key = key.ok_or_else(|| AccessError::NoLetterKey {
        holder: holder.clone(),
    })?;
    let key = LetterKey::from_bytes(&key.key).map_err(AccessError::LetterKey)?;
    let context = letter::context(session);
    seal(&key, &context, &inputs.letter, &mut session.rng()).map_err(AccessError::Seal)
}

async fn prove(
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
