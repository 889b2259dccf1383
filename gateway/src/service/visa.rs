//! Being a holder of visas: one secret a person, one blind a visa, a wallet.

use crate::custody::{Vault, write_file};
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::office::{get_secret, put_secret};
use crate::output::Step;
use crate::service::registry::IssuerView;
use borsh::{BorshDeserialize, BorshSerialize};
use circuits::field::Felt;
use circuits::registry::ACTIVE;
use circuits::visa::signed::{MAX_BYTES, to_decimal};
use circuits::visa::{HolderSecret, SignedVisa, VisaError, VisaSchema, codes, day, fresh_felt};
use serde::{Deserialize, Serialize};
use std::path::Path;

const SECRET: &str = "holder-secret";
/// The value of `format`.
pub const REQUEST_FORMAT: &str = "medveil-visa-request-1";
/// Longest request file.
const MAX_REQUEST: u64 = 4096;

/// What a person sends to an issuer: no secret in it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFile {
    /// The form of the file.
    pub format: String,
    /// Visa schema.
    pub schema: String,
    /// Holder commitment C.
    pub commitment: Felt,
}

impl RequestFile {
    /// Reads a request file.
    ///
    /// **Errors**: no such file, or another form.
    pub fn read(path: &Path) -> Result<Self, GatewayError> {
        let text = read_text("visa request", path, MAX_REQUEST)?;
        let file: RequestFile = serde_json::from_str(&text).input("visa request")?;
        if file.format != REQUEST_FORMAT || file.commitment.is_zero() {
            let message = format!(
                "expected a file of format {REQUEST_FORMAT} with a commitment other than 0"
            );
            return Err(GatewayError::input("visa request", message));
        }
        Ok(file)
    }
}

fn read_text(stage: &'static str, path: &Path, limit: u64) -> Result<String, GatewayError> {
    let at = |e: std::io::Error| format!("{}: {e}", path.display());
    let size = std::fs::metadata(path)
        .map_err(|e| GatewayError::not_found(stage, at(e)))?
        .len();
    if size > limit {
        return Err(GatewayError::input(
            stage,
            format!("{}: expected at most {limit} bytes", path.display()),
        ));
    }
    std::fs::read_to_string(path).map_err(|e| GatewayError::input(stage, at(e)))
}

/// A visa in the wallet.
#[derive(BorshSerialize, BorshDeserialize)]
struct StoredVisa {
    json: String,
    blind: Felt,
}

/// A person's secret and visas.
pub struct Wallet {
    /// The one secret.
    pub secret: HolderSecret,
    /// Visas with their blinds, in the order of import.
    pub visas: Vec<(SignedVisa, Felt)>,
}

fn secret(vault: &Vault) -> Result<HolderSecret, GatewayError> {
    HolderSecret::from_bytes(&vault.get(SECRET)?)
        .ok_or_else(|| GatewayError::internal("custody", "the holder secret is not of its form"))
}

/// Opens a person's wallet.
///
/// **Errors**: the person has none, or the vault does not open.
pub fn wallet(desk: &Desk, person: &Actor) -> Result<Wallet, GatewayError> {
    let vault = desk.offices.open(person)?;
    let mut visas = Vec::new();
    for name in names(&vault)? {
        let stored: StoredVisa = get_secret(&vault, &name)?;
        visas.push((
            SignedVisa::from_json(&stored.json).internal("custody")?,
            stored.blind,
        ));
    }
    Ok(Wallet {
        secret: secret(&vault)?,
        visas,
    })
}

fn names(vault: &Vault) -> Result<Vec<String>, GatewayError> {
    Ok(vault
        .names()?
        .into_iter()
        .filter(|n| n.starts_with("visa-"))
        .collect())
}

fn blind_name(commitment: Felt) -> String {
    format!("blind-{}", &commitment.to_hex()[..40])
}

/// Makes secret (once) and blind, prints C and writes a request file.
///
/// **Errors**: an unknown schema; the file system refused.
pub fn request(
    desk: &Desk,
    person: &Actor,
    schema: &str,
    out: &Path,
) -> Result<Step, GatewayError> {
    let schema = VisaSchema::parse(schema).ok_or_else(|| {
        GatewayError::input(
            "visa",
            format!("expected a known visa schema, got {schema}"),
        )
    })?;
    let vault = desk.offices.open_or_create(person, &mut *desk.rng())?;
    if !vault.has(SECRET) {
        let fresh = HolderSecret::generate(&mut *desk.rng());
        vault.create_secret(SECRET, &fresh.to_bytes(), &mut *desk.rng())?;
    }
    let blind = fresh_felt(&mut *desk.rng());
    let commitment = secret(&vault)?.commitment(blind);
    put_secret(&vault, &blind_name(commitment), &blind, &mut *desk.rng())?;
    let file = RequestFile {
        format: REQUEST_FORMAT.to_owned(),
        schema: schema.name().to_owned(),
        commitment,
    };
    write_file(
        out,
        serde_json::to_string_pretty(&file)
            .internal("visa request")?
            .as_bytes(),
    )?;
    Ok(Step::new("visa.request")
        .line(format!(
            "{person} asks for a visa of schema {}: {}",
            schema.name(),
            out.display()
        ))
        .line(format!("  C = {}", to_decimal(commitment.0)))
        .line("  the secret behind it stays in the wallet")
        .field("request", out.display().to_string())
        .field("commitment", commitment.to_hex())
        .field("commitment_decimal", to_decimal(commitment.0)))
}

/// Imports a signed visa: its signature holds, its commitment is one of this wallet's, its issuer
/// is registered and has not revoked it.
///
/// **Errors**: any of these fails, the visa expired, or it is in the wallet already; nothing is
/// stored then.
pub fn import(desk: &Desk, person: &Actor, file: &Path) -> Result<Step, GatewayError> {
    let signed = SignedVisa::from_json(&read_text("visa", file, MAX_BYTES as u64)?).map_err(
        |e| match e {
            VisaError::Signature(_) => GatewayError::refused("visa", e),
            _ => GatewayError::input("visa", e),
        },
    )?;
    let vault = desk.offices.open(person)?;
    let blind = blind_of(&vault, &signed)?;
    check_issuer(desk, person, &signed)?;
    if signed.visa().expiry <= desk.today() {
        return Err(GatewayError::refused(
            "visa",
            format!("expired on {}", day::to_text(signed.visa().expiry)),
        ));
    }
    let json = signed.to_json();
    let names = names(&vault)?;
    for name in &names {
        if get_secret::<StoredVisa>(&vault, name)?.json == json {
            return Err(GatewayError::input(
                "visa",
                "this visa is in the wallet already",
            ));
        }
    }
    let number = names.len();
    put_secret(
        &vault,
        &format!("visa-{number:05}"),
        &StoredVisa { json, blind },
        &mut *desk.rng(),
    )?;
    Ok(Step::new("visa.import")
        .line(format!(
            "{person} holds visa {number}: {}",
            describe(&signed)
        ))
        .field("number", number)
        .field("schema", signed.visa().schema.name()))
}

/// The blind of a commitment that this wallet made.
fn blind_of(vault: &Vault, signed: &SignedVisa) -> Result<Felt, GatewayError> {
    let name = blind_name(signed.visa().holder);
    if !vault.has(SECRET) || !vault.has(&name) {
        return Err(GatewayError::refused(
            "visa",
            "the visa is for a commitment that this wallet did not make",
        ));
    }
    let blind: Felt = get_secret(vault, &name)?;
    if secret(vault)?.commitment(blind) != signed.visa().holder {
        return Err(GatewayError::refused(
            "visa",
            "the visa's commitment does not open",
        ));
    }
    Ok(blind)
}

/// A registered issuer signed it, may vouch for its institution, and has not revoked it.
fn check_issuer(desk: &Desk, person: &Actor, signed: &SignedVisa) -> Result<(), GatewayError> {
    let visa = signed.visa();
    let registry = desk.registry(&person.org)?;
    let issuers = || {
        registry.issuers.iter().filter(|i| {
            i.key == signed.key() && i.schema_id == visa.schema.id() && i.status == ACTIVE
        })
    };
    if issuers().next().is_none() {
        return Err(GatewayError::refused(
            "visa",
            "no registered issuer of this schema has the key that signed",
        ));
    }
    let vouches = |i: &&IssuerView| {
        !visa.schema.is_anchor() || i.institution.is_zero() || i.institution == visa.institution
    };
    let mut able = issuers().filter(vouches).peekable();
    if able.peek().is_none() {
        return Err(GatewayError::refused(
            "visa",
            "the issuer may not vouch for people of the visa's institution",
        ));
    }
    for issuer in able {
        if !desk
            .revocations(&person.org, issuer)?
            .contains(visa.revocation_index)
        {
            return Ok(());
        }
    }
    Err(GatewayError::refused("visa", "its issuer revoked it"))
}

fn describe(signed: &SignedVisa) -> String {
    let visa = signed.visa();
    let mut parts = vec![
        visa.schema.name().to_owned(),
        format!(
            "valid {} to {}",
            day::to_text(visa.asserted),
            day::to_text(visa.expiry)
        ),
    ];
    let texts = signed.texts();
    let named = [
        ("institution", &texts.institution),
        ("study", &texts.study),
        ("value", &texts.value),
        ("role", &texts.role),
        ("region", &texts.region),
    ];
    parts.extend(
        named
            .into_iter()
            .filter_map(|(name, text)| text.as_ref().map(|t| format!("{name} {t}"))),
    );
    parts.join(", ")
}

/// Lists a person's visas.
///
/// **Errors**: the person has none, or the vault does not open.
pub fn list(desk: &Desk, person: &Actor) -> Result<Step, GatewayError> {
    let wallet = wallet(desk, person)?;
    let mut step = Step::new("visa.list");
    for (number, (signed, _)) in wallet.visas.iter().enumerate() {
        step = step.line(format!("{number}: {}", describe(signed)));
    }
    let about = |(number, (signed, _)): (usize, &(SignedVisa, Felt))| serde_json::json!({"number": number, "schema": signed.visa().schema.name(), "expiry": signed.visa().expiry.0, "about": describe(signed)});
    let all: Vec<_> = wallet.visas.iter().enumerate().map(about).collect();
    Ok(step.field("visas", all))
}

/// Shows one visa, slot by slot.
///
/// **Errors**: no such visa.
pub fn show(desk: &Desk, person: &Actor, number: usize) -> Result<Step, GatewayError> {
    let wallet = wallet(desk, person)?;
    let (signed, _) = wallet
        .visas
        .get(number)
        .ok_or_else(|| GatewayError::not_found("visa", format!("no visa {number}")))?;
    let visa = signed.visa();
    let permissions = codes::permission_codes(visa.permissions).join(", ");
    let disease = codes::disease_code(visa.disease).unwrap_or_else(|| "none".to_owned());
    Ok(Step::new("visa.show")
        .line(describe(signed))
        .line(format!(
            "  by {}, permissions {permissions}, disease {disease}, revocation index {}",
            visa.by.word(),
            visa.revocation_index
        ))
        .field(
            "visa",
            serde_json::from_str::<serde_json::Value>(&signed.to_json()).internal("visa")?,
        ))
}
