//! Being a holder of visas: one secret a person, one blind a visa, a wallet.

mod error;
mod file;
mod held;
mod wallet;

pub use error::VisaError;
pub use file::{REQUEST_FORMAT, RequestFile, read_signed};
pub use held::{VisaHeld, VisaList, VisaState, list};
pub use wallet::{Wallet, wallet};

use super::registry::{registry, revocations};
use crate::actor::Actor;
use crate::outfile;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::Day;
use medveil_circuits::registry::ACTIVE;
use medveil_circuits::visa::signed::to_decimal;
use medveil_circuits::visa::{SignedVisa, Visa, VisaSchema, VisaTexts, codes, fresh_felt};
use medveil_contract::model::IssuerEntry;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Claimed while visas come into a wallet.
const WALLET_LOCK: &str = "wallet";

/// A request for a visa was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VisaRequested {
    /// `ORG/NAME`.
    pub person: String,
    pub schema: &'static str,
    /// The file that goes to the issuer.
    pub request: PathBuf,
    /// Holder commitment, 64 hex digits.
    #[schemars(with = "String")]
    pub commitment: Felt,
    /// The same number in decimal.
    pub commitment_decimal: String,
}

impl Step for VisaRequested {
    const NAME: &'static str = "visa.request";
}

/// Makes the person's secret (once) and a blind, and writes a request file with their commitment.
/// The same schema to the same file again gives the same request, until its visa is in the wallet
/// and the file is gone, or that visa is expired.
///
/// **Errors**: an unknown schema; the file system refused.
pub fn request(
    session: &Session,
    person: &Actor,
    schema: &str,
    out: &Path,
) -> Result<VisaRequested, VisaError> {
    let parsed = VisaSchema::parse(schema);
    let schema = parsed.ok_or_else(|| VisaError::Schema {
        got: schema.to_owned(),
    })?;
    let mut rng = session.rng();
    let vault = session.keyring.open_or_create(person, &mut rng)?;
    let name = wallet::request_name(schema, out);
    let kept = match &name {
        Some(name) => wallet::requested(&vault, name, out.exists(), session.today())?,
        None => None,
    };
    let commitment = match kept {
        Some(commitment) => commitment,
        None => wallet::commit(&vault, name.as_deref(), fresh_felt(&mut rng), &mut rng)?,
    };
    let file = RequestFile {
        format: REQUEST_FORMAT.to_owned(),
        schema: schema.name().to_owned(),
        commitment,
    };
    let text = serde_json::to_string_pretty(&file).map_err(VisaError::Encode)?;
    outfile::write(&session.home, out, text.as_bytes())?;
    Ok(VisaRequested {
        person: person.to_string(),
        schema: schema.name(),
        request: out.to_owned(),
        commitment,
        commitment_decimal: to_decimal(commitment.0),
    })
}

/// A visa is in the wallet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VisaImported {
    /// `ORG/NAME`.
    pub person: String,
    #[serde(flatten)]
    pub visa: VisaLine,
}

impl Step for VisaImported {
    const NAME: &'static str = "visa.import";
    const VERSION: u32 = 2;
}

/// Imports a signed visa: its signature holds, its commitment is one of this wallet's, its issuer
/// is registered and has not revoked it. One that is in the wallet keeps its number.
///
/// **Errors**: any of these fails, or the visa expired; nothing is stored then.
pub async fn import(
    session: &Session,
    person: &Actor,
    path: &Path,
) -> Result<VisaImported, VisaError> {
    let signed = read_signed(path)?;
    let vault = session.keyring.open(person)?;
    let blind = wallet::blind_of(&vault, &signed)?;
    check_issuer(session, person, &signed).await?;
    let expiry = signed.visa().expiry;
    if expiry <= session.today() {
        return Err(VisaError::Expired(expiry));
    }
    let _lock = session.lock(person, WALLET_LOCK).await?;
    let number = wallet::add(&vault, &signed, blind, &mut session.rng())?;
    Ok(VisaImported {
        person: person.to_string(),
        visa: VisaLine::new(number, &signed),
    })
}

/// A registered issuer signed it, may vouch for its institution, and has not revoked it.
async fn check_issuer(
    session: &Session,
    person: &Actor,
    signed: &SignedVisa,
) -> Result<(), VisaError> {
    let visa = signed.visa();
    let mut issuers = registry(session, &person.org).await?.issuers;
    issuers.retain(|issuer| has_signed(issuer, signed));
    if issuers.is_empty() {
        let schema = visa.schema.name();
        return Err(VisaError::UnknownIssuer { schema });
    }
    issuers.retain(|issuer| is_issuer_of(issuer, signed));
    if issuers.is_empty() {
        return Err(VisaError::IssuerRetired);
    }
    issuers.retain(|issuer| vouches(issuer, visa));
    if issuers.is_empty() {
        return Err(VisaError::Institution);
    }
    for issuer in &issuers {
        let revoked = revocations(session, &person.org, issuer).await?;
        if !revoked.contains(visa.revocation_index) {
            return Ok(());
        }
    }
    Err(VisaError::Revoked)
}

/// Whether an issuer, retired or not, has signed a visa of its schema.
fn has_signed(issuer: &IssuerEntry, signed: &SignedVisa) -> bool {
    issuer.key == signed.key() && issuer.schema_id == signed.visa().schema.id()
}

/// Whether an issuer that stands has signed a visa of its schema.
fn is_issuer_of(issuer: &IssuerEntry, signed: &SignedVisa) -> bool {
    has_signed(issuer, signed) && issuer.status == ACTIVE
}

/// Whether an issuer may say what a visa says of an institution (clauses E8 and E19).
fn vouches(issuer: &IssuerEntry, visa: &Visa) -> bool {
    match visa.institution.is_zero() {
        true => !visa.schema.is_anchor(),
        false => issuer.institution.is_zero() || issuer.institution == visa.institution,
    }
}

/// One visa of a wallet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VisaLine {
    /// Its number in the wallet, from 0.
    pub number: usize,
    pub schema: &'static str,
    /// Day of the assertion, in days since 1970-01-01.
    #[schemars(with = "u32")]
    pub asserted: Day,
    /// First day on which it is not valid, in days since 1970-01-01.
    #[schemars(with = "u32")]
    pub expiry: Day,
    /// What it says, by the name of each text.
    pub texts: BTreeMap<&'static str, String>,
}

impl VisaLine {
    fn new(number: usize, signed: &SignedVisa) -> Self {
        VisaLine {
            number,
            schema: signed.visa().schema.name(),
            asserted: signed.visa().asserted,
            expiry: signed.visa().expiry,
            texts: texts(signed.texts()),
        }
    }
}

fn texts(texts: &VisaTexts) -> BTreeMap<&'static str, String> {
    let named = [
        ("conditions", &texts.conditions),
        ("institution", &texts.institution),
        ("region", &texts.region),
        ("role", &texts.role),
        ("source", &texts.source),
        ("study", &texts.study),
        ("value", &texts.value),
    ];
    let named = named.into_iter();
    named
        .filter_map(|(name, text)| Some((name, text.clone()?)))
        .collect()
}

/// One visa, slot by slot.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VisaShown {
    #[serde(flatten)]
    pub line: VisaLine,
    /// Who asserts it: `self`, `peer`, `system`, `so` or `dac`.
    pub by: &'static str,
    /// Codes of the data-use permissions.
    pub permissions: Vec<String>,
    /// Code of the disease.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disease: Option<String>,
    /// Decimal; what `issuer revoke` takes.
    pub revocation_index: String,
    /// The signed visa, as its file holds it.
    pub visa: serde_json::Value,
}

impl Step for VisaShown {
    const NAME: &'static str = "visa.show";
    const VERSION: u32 = 2;
}

/// Shows one visa, slot by slot.
///
/// **Errors**: no such visa.
pub fn show(session: &Session, person: &Actor, number: usize) -> Result<VisaShown, VisaError> {
    let wallet = wallet(session, person)?;
    let held = wallet.visas.len();
    let found = wallet.visas.get(number);
    let (signed, _) = found.ok_or(VisaError::NoVisa { number, held })?;
    let visa = signed.visa();
    Ok(VisaShown {
        line: VisaLine::new(number, signed),
        by: visa.by.word(),
        permissions: codes::permission_codes(visa.permissions),
        disease: codes::disease_code(visa.disease),
        revocation_index: visa.revocation_index.to_string(),
        visa: serde_json::from_str(&signed.to_json()).map_err(VisaError::Encode)?,
    })
}
