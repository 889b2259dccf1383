//! Journey two, the researcher's side: prove eligibility and ask for access.
//!
//! Everything is durable before the submit: recipient key, salt, request id and proof; a retry
//! sends the same bytes, or answers as the first time.

mod kept;

use super::read::recipient_secret_name;
use super::registry::RegistryView;
use super::visa::Wallet;
use crate::channel::{Private, Transient};
use crate::desk::{CHAINCODE, Desk};
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::office::put_secret;
use crate::output::Step;
use crate::sealing::{LetterKey, seal};
use circuits::babyjubjub::{Point, PublicPoint, Scalar};
use circuits::eligibility::{
    Applicant, HeldVisa, PrepareError, Prepared, RegisteredIssuer, Scene, prepare,
};
use circuits::eligibility::{
    ContextParts, Eligibility, RequestValues, hidden_study, nullifier, period, request_id, scope,
};
use circuits::field::{Digest, Felt};
use circuits::ids::{DatasetRoot, Day, LineageId, Nullifier, RequestId};
use circuits::policy::{Program, compile};
use circuits::proof::RawProof;
use circuits::registry::IssuerLeaf;
use circuits::schema::Schema;
use circuits::visa::{codes, fresh_felt, group_hash, study_hash};
use collections_config::{MspId, Role};
use kept::{Found, Kept, Wish};
use serde::Deserialize;
use std::path::PathBuf;
use verifier_chaincode::call::transient::{LETTER, MAX_LETTER};
use verifier_chaincode::call::{AccessTerms, Call, Parties, Query, RequestAccess};

/// Longest letter before sealing.
const LONGEST_LETTER: usize = MAX_LETTER - 2048;

/// What a researcher asks for.
pub struct Ask {
    /// Lineage id, or HOLDER/NAME.
    pub dataset: String,
    /// Study.
    pub study: String,
    /// Purpose.
    pub purpose: Option<String>,
    /// Disease code.
    pub disease: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Columns or groups; none is all.
    pub columns: Vec<String>,
    /// File of the letter.
    pub letter: Option<PathBuf>,
}

#[derive(Deserialize)]
struct AccessContext {
    lineage: LineageView,
    dataset: Option<VersionFields>,
    day: super::day::DayView,
    policy: PolicyView,
    registry: RegistryView,
    circuit: CircuitView,
    holder_key: Option<KeyView>,
}

#[derive(Deserialize)]
struct LineageView {
    lineage: LineageId,
    holder: MspId,
    name: String,
}

#[derive(Deserialize)]
struct VersionFields {
    root: DatasetRoot,
}

#[derive(Deserialize)]
struct PolicyView {
    period_days: u32,
    active: PolicyVersion,
}

#[derive(Deserialize)]
struct PolicyVersion {
    root: circuits::ids::PolicyRoot,
    document: String,
}

#[derive(Deserialize)]
struct CircuitView {
    name: String,
    key: Option<Digest>,
}

#[derive(Deserialize)]
struct KeyView {
    key: String,
}

/// Finds a lineage by its id or by HOLDER/NAME (the newest of that name).
///
/// **Errors**: none such.
pub fn find_lineage(desk: &Desk, org: &MspId, text: &str) -> Result<LineageId, GatewayError> {
    if let Ok(lineage) = text.parse() {
        return Ok(lineage);
    }
    #[derive(Deserialize)]
    struct Page {
        entries: Vec<LineageView>,
        bookmark: String,
    }
    let wanted = text
        .split_once('/')
        .ok_or_else(|| GatewayError::input("dataset", "expected a lineage id or HOLDER/NAME"))?;
    let mut bookmark = String::new();
    loop {
        let page: Page = desk.query(org, &Query::ListDatasets { bookmark })?;
        if let Some(found) = page
            .entries
            .iter()
            .find(|e| e.holder.as_str() == wanted.0 && e.name == wanted.1)
        {
            return Ok(found.lineage);
        }
        bookmark = page.bookmark;
        if bookmark.is_empty() {
            return Err(GatewayError::not_found(
                "dataset",
                format!("no dataset {text}"),
            ));
        }
    }
}

/// The access context as two organisations' peers sign it, alike: so that no single gateway can
/// invent a policy.
fn context(desk: &Desk, org: &MspId, lineage: LineageId) -> Result<AccessContext, GatewayError> {
    let mut others: Vec<MspId> = desk
        .consortium
        .members()
        .iter()
        .map(|m| m.msp_id.clone())
        .filter(|m| m != org)
        .collect();
    if others.len() < 2 {
        others.push(org.clone());
    }
    let pairs = |(i, first): (usize, &MspId)| {
        others[i + 1..]
            .iter()
            .map(|second| vec![first.clone(), second.clone()])
            .collect::<Vec<_>>()
    };
    let at: Vec<Vec<MspId>> = others.iter().enumerate().flat_map(pairs).collect();
    let bytes = desk.channel().confirm(
        desk.identity(org, Role::Client)?,
        &Query::AccessContext { lineage },
        at,
    )?;
    serde_json::from_slice(&bytes).internal("access context")
}

fn mask(schema: &Schema, columns: &[String]) -> Result<u16, GatewayError> {
    let slots = schema.slots();
    let all = (1u32 << (slots.len() + circuits::dataset::FIRST_COLUMN_SLOT)) - 1;
    if columns.is_empty() {
        return Ok(all as u16);
    }
    let mut mask = 0b11u16;
    for name in columns {
        let group = schema
            .column(name)
            .map(|(_, c)| c.group.as_deref().unwrap_or(&c.name))
            .unwrap_or(name);
        let slot = slots.iter().position(|s| *s == group);
        let slot = slot.ok_or_else(|| {
            GatewayError::input(
                "columns",
                format!("no column or group {name}; there are {}", slots.join(", ")),
            )
        })?;
        mask |= 1 << (slot + circuits::dataset::FIRST_COLUMN_SLOT);
    }
    Ok(mask)
}

fn issuers(
    desk: &Desk,
    org: &MspId,
    registry: &RegistryView,
) -> Result<Vec<RegisteredIssuer>, GatewayError> {
    let entry = |issuer: &super::registry::IssuerView| {
        let revoked = desk.revocations(org, issuer)?.values().to_vec();
        let leaf = IssuerLeaf {
            key: issuer.key,
            schema: issuer.schema_id,
            group: group_hash(&issuer.group),
            institution: issuer.institution,
            revocation_root: issuer.revocation_root,
            status: issuer.status,
        };
        Ok(RegisteredIssuer { leaf, revoked })
    };
    registry.issuers.iter().map(entry).collect()
}

fn letter(ask: &Ask) -> Result<Vec<u8>, GatewayError> {
    let text = match &ask.letter {
        Some(path) => std::fs::read(path)
            .map_err(|e| GatewayError::not_found("letter", format!("{}: {e}", path.display())))?,
        None => Vec::new(),
    };
    if text.len() > LONGEST_LETTER {
        return Err(GatewayError::input(
            "letter",
            format!(
                "expected at most {LONGEST_LETTER} bytes, got {}",
                text.len()
            ),
        ));
    }
    Ok(text)
}

fn sealed(desk: &Desk, text: &[u8], context: &AccessContext) -> Result<Vec<u8>, GatewayError> {
    let holder = &context.lineage.holder;
    let key = context.holder_key.as_ref().ok_or_else(|| {
        GatewayError::not_found(
            "letter",
            format!("{holder} has published no key for letters: it must run `keys publish` first"),
        )
    })?;
    let key = LetterKey::from_bytes(&hex::decode(&key.key).internal("letter")?).input("letter")?;
    seal(&key, &super::letter_context(desk), text, &mut *desk.rng()).internal("letter")
}

/// A request on its way: all but its proof.
struct Draft {
    prepared: Prepared,
    letter: Vec<u8>,
    request: RequestId,
    hidden_study: Felt,
    purpose: String,
    disease: u32,
    region: String,
    recipient: PublicPoint,
}

/// Everything about an ask that is fixed before the witness is built.
struct Frame<'a> {
    ask: &'a Ask,
    letter: &'a [u8],
    wallet: &'a Wallet,
    scope: Felt,
    nullifier: Nullifier,
    org: &'a MspId,
    context: &'a AccessContext,
    program: &'a Program,
    dataset: DatasetRoot,
    key: Digest,
    columns: u16,
    day: Day,
}

fn draft(desk: &Desk, person: &Actor, frame: &Frame<'_>) -> Result<Draft, GatewayError> {
    let Frame {
        ask,
        org,
        context,
        wallet,
        ..
    } = *frame;
    let secret = Scalar::random_nonzero(&mut *desk.rng());
    let recipient = PublicPoint::new(Point::BASE8.mul(&secret)).internal("recipient key")?;
    let request = request_id(org.as_str(), frame.nullifier, &recipient, 0);
    let vault = desk.offices.open(person)?;
    put_secret(
        &vault,
        &recipient_secret_name(request),
        &secret.to_bytes_le(),
        &mut *desk.rng(),
    )?;
    let letter = sealed(desk, frame.letter, context)?;
    let (study, study_salt) = (study_hash(&ask.study), fresh_felt(&mut *desk.rng()));
    let disease = match &ask.disease {
        Some(code) => codes::disease(code).ok_or_else(|| {
            GatewayError::input(
                "request",
                format!("expected a known disease code, got {code}"),
            )
        })?,
        None => 0,
    };
    let (purpose, region) = (
        ask.purpose.clone().unwrap_or_default(),
        ask.region.clone().unwrap_or_default(),
    );
    let hidden = hidden_study(study, study_salt);
    let held: Vec<HeldVisa<'_>> = wallet
        .visas
        .iter()
        .map(|(visa, blind)| HeldVisa {
            visa,
            blind: *blind,
        })
        .collect();
    let applicant = Applicant {
        secret: &wallet.secret,
        visas: &held,
        study,
        study_salt,
    };
    let parts = ContextParts {
        consortium: desk.consortium_id(),
        chaincode: CHAINCODE,
        function: "RequestAccess",
        request_id: request,
        recipient,
        column_mask: frame.columns,
        letter: Digest::of(&letter),
        dataset: frame.dataset,
        policy: context.policy.active.root,
        circuit_key: frame.key,
    };
    let scene = Scene {
        program: frame.program,
        issuers: &issuers(desk, org, &context.registry)?,
        day: frame.day,
        scope: frame.scope,
        request: RequestValues::new(hidden, &purpose, disease, &region, org.as_str()),
        context: parts.hash(),
    };
    let prepared = prepare(&applicant, &scene).map_err(|e| match e {
        PrepareError::Ineligible(_) => GatewayError::refused("eligibility", e),
        _ => GatewayError::internal("eligibility", e),
    })?;
    Ok(Draft {
        prepared,
        letter,
        request,
        hidden_study: hidden,
        purpose,
        disease,
        region,
        recipient,
    })
}

fn proven(desk: &Desk, org: &MspId, prepared: Prepared) -> Result<RawProof, GatewayError> {
    let items = [(prepared.public, prepared.private)];
    let proof = match prepared.tier {
        1 => desk
            .prove_all(
                &desk.prover::<Eligibility<1>>(org)?,
                &items,
                "proving eligibility",
            )?
            .pop()
            .map(|p| p.raw().clone()),
        _ => desk
            .prove_all(
                &desk.prover::<Eligibility<4>>(org)?,
                &items,
                "proving eligibility",
            )?
            .pop()
            .map(|p| p.raw().clone()),
    };
    proof.ok_or_else(|| GatewayError::internal("prove", "no proof came back"))
}

/// A new request with its proof, kept.
fn made(desk: &Desk, person: &Actor, frame: &Frame<'_>, wish: Wish) -> Result<Kept, GatewayError> {
    let draft = draft(desk, person, frame)?;
    let (visas, tier) = (draft.prepared.visas.len() as u8, draft.prepared.tier);
    let terms = AccessTerms {
        dataset: frame.dataset,
        request: draft.request,
        nullifier: frame.nullifier,
        hidden_study: draft.hidden_study,
        purpose: draft.purpose,
        disease: draft.disease,
        region: draft.region,
        recipient: draft.recipient,
        columns: frame.columns,
        letter: Digest::of(&draft.letter),
        day: frame.day,
        issuer_root: frame.context.registry.root,
    };
    let call = RequestAccess {
        terms,
        proof: proven(desk, frame.org, draft.prepared)?,
    };
    let kept = Kept {
        wish,
        policy: frame.context.policy.active.root,
        key: frame.key,
        visas,
        tier,
        call,
        letter: draft.letter,
    };
    kept.keep(desk, person)?;
    Ok(kept)
}

fn submitted(
    desk: &Desk,
    person: &Actor,
    frame: &Frame<'_>,
    kept: Kept,
) -> Result<Step, GatewayError> {
    let Kept {
        visas,
        tier,
        call,
        letter,
        ..
    } = kept;
    let (org, request, dataset) = (frame.org, call.terms.request, &frame.ask.dataset);
    let call = Call::RequestAccess(call);
    let bytes: usize = call.to_args().iter().map(Vec::len).sum();
    let parties = Parties {
        holder: Some(&frame.context.lineage.holder),
        ..Parties::default()
    };
    let private = Private {
        transient: Transient::from([(LETTER.to_owned(), letter)]),
        expected: Vec::new(),
    };
    let committed = desk.submit(org, &call, private, &parties)?;
    Ok(Step::new("access.request")
        .line(format!("{person} proved eligibility with {visas} visas (circuit of {tier}) and asked for {dataset}"))
        .line(format!("  request {request}, {bytes} bytes, submitted by {org}"))
        .line("  everybody sees: which institution, dataset and purpose; nobody sees who, which visas, issuers or alternative")
        .field("request", request.to_string())
        .field("tier", tier)
        .field("bytes", bytes)
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// Proves eligibility and submits the request through the researcher's institution. The same ask
/// again, in the same period, sends the same bytes, or answers as the first time where the ledger
/// has them.
///
/// **Errors**: no visa fits, in words per alternative; the contract refuses.
pub fn request(desk: &Desk, person: &Actor, ask: &Ask) -> Result<Step, GatewayError> {
    let org = &person.org;
    desk.tick_if_needed(org)?;
    desk.settle(desk.identity(org, Role::Client)?)?;
    let lineage = find_lineage(desk, org, &ask.dataset)?;
    let context = context(desk, org, lineage)?;
    let missing = |what: &str| {
        GatewayError::not_found("access context", format!("the dataset has no {what}"))
    };
    let dataset = context
        .dataset
        .as_ref()
        .ok_or_else(|| missing("registered version"))?
        .root;
    let key = context
        .circuit
        .key
        .ok_or_else(|| missing(&format!("active circuit {}", context.circuit.name)))?;
    let program = compile(&context.policy.active.document).internal("policy")?;
    if program.root() != context.policy.active.root {
        return Err(GatewayError::refused(
            "policy",
            "the policy document does not compile to the recorded root",
        ));
    }
    let schema =
        Schema::from_canonical(desk.version(org, dataset)?.schema.as_bytes()).internal("schema")?;
    let (columns, letter, day) = (
        mask(&schema, &ask.columns)?,
        letter(ask)?,
        context.day.current,
    );
    let scope = scope(
        desk.consortium_id(),
        CHAINCODE,
        lineage,
        period(day, context.policy.period_days),
    );
    let wallet = &super::visa::wallet(desk, person)?;
    let nullifier = nullifier(&wallet.secret, scope);
    let frame = Frame {
        ask,
        letter: &letter,
        wallet,
        scope,
        nullifier,
        org,
        context: &context,
        program: &program,
        dataset,
        key,
        columns,
        day,
    };
    let wish = Wish::new(ask, columns, &letter);
    let kept = match kept::find(desk, person, &frame, &wish)? {
        Some(Found::Recorded(answer)) => return Ok(answer),
        Some(Found::Current(kept)) => kept,
        None => made(desk, person, &frame, wish)?,
    };
    submitted(desk, person, &frame, kept)
}
