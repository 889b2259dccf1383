//! A person's own key: what reads the institution's peer in the person's name.
//!
//! The institution's client signs whatever other organisations see; the person's certificate shows
//! at the own peer alone, and its subject is a pseudonym where this home makes it.

mod error;
#[cfg(test)]
mod tests;

pub use error::MemberError;

use super::consortium::pem;
use super::join;
use crate::actor::Actor;
use crate::infile;
use crate::keyring::KeyringError;
use crate::session::{PERSON_KEY, Session, SessionError};
use crate::step::Step;
use medveil_circuits::ids::Day;
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::{MspId, Role};
use medveil_custody::write_secret_file;
use medveil_msp::{Authority, Certificate, Identity, Msp, MspSet, SecretKey, Validity};
use rand::RngCore;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::ErrorKind;
use std::path::Path;

/// **Units**: years.
const CERTIFICATE_YEARS: u32 = 1;
/// What names begin with that this home makes.
const PSEUDONYM: &str = "member-";

/// A person reads the institution's peer with a key of their own.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemberEnrolled {
    /// Who, as `ORG/NAME`. Only this home knows.
    pub person: String,
    /// What the institution's peer sees: the certificate's common name.
    pub subject: String,
    /// The last date on which the certificate is valid.
    pub until: String,
    /// Whether this home made the certificate, or took one that came from elsewhere.
    pub issued: bool,
    /// Whether the person's vault opens with a passphrase that others have as well.
    pub shared_passphrase: bool,
}

impl Step for MemberEnrolled {
    const NAME: &'static str = "member.enrol";
}

/// How a person is enrolled.
#[derive(Clone, Copy, Default)]
pub struct Enrolment<'a> {
    /// A certificate and key from elsewhere: an MSP folder, or a wallet's file.
    pub certificate: Option<&'a Path>,
    /// Whether it takes the place of one that the person has and that is valid.
    pub renew: bool,
}

/// Gives a person a key of their own: the one of a certificate from elsewhere, or a new one that the
/// institution's authority certifies under a pseudonym, which takes the institution's vault. The
/// same again gives what the person has, as long as that is valid.
///
/// **Errors**: the person has another one that is valid; the authority is not in this home, or its
/// vault does not open; a certificate that the institution's authority did not issue, that is
/// expired, of another role or the institution's own. Then nothing was written.
pub fn enrol(
    session: &Session,
    person: &Actor,
    how: Enrolment<'_>,
) -> Result<MemberEnrolled, MemberError> {
    let certificate = how.certificate;
    let kept = match how.renew {
        true => None,
        false => kept(session, person)?,
    };
    let given = certificate.map(|path| join::identity(&person.org, path));
    let identity = match (given.transpose()?, kept) {
        (None, None) => issue(session, person)?,
        (None, Some((shown, identity))) if shown.common_name().starts_with(PSEUDONYM) => identity,
        (Some(given), None) => given,
        (Some(given), Some((shown, _))) if given.creator().certificate == shown.der() => given,
        (_, Some((shown, _))) => {
            let subject = shown.common_name().to_owned();
            let person = person.clone();
            return Err(MemberError::Enrolled { person, subject });
        }
    };
    let shown = check(session, person, &identity)?;
    keep(session, person, &identity, &shown)?;
    let last = Day::of_millis(shown.last_valid_ms());
    Ok(MemberEnrolled {
        person: person.to_string(),
        subject: shown.common_name().to_owned(),
        until: to_text(last),
        issued: certificate.is_none(),
        shared_passphrase: session.keyring.shares_passphrase(person),
    })
}

/// The certificate and key that a person has, where they are valid: also where the process that put
/// them there ended before it was done.
fn kept(session: &Session, person: &Actor) -> Result<Option<(Certificate, Identity)>, MemberError> {
    if !session.keyring.exists(person) || !session.keyring.open(person)?.has(PERSON_KEY) {
        return Ok(None);
    }
    let (certificate, identity) = session.kept_identity(person)?;
    match check(session, person, &identity) {
        Ok(_) => Ok(Some((certificate, identity))),
        // Expired, or of an authority that is no more: another one takes its place.
        Err(MemberError::Msp(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The certificates of an institution's authority (PEM).
fn authority(session: &Session, org: &MspId) -> Result<String, SessionError> {
    let path = session.home.authority(org);
    infile::text(&path).map_err(|source| SessionError::own_file(path, source))
}

/// A new key, certified under a pseudonym.
fn issue(session: &Session, person: &Actor) -> Result<Identity, MemberError> {
    let org = &person.org;
    if session.home.fabric().is_file() {
        return Err(MemberError::NoAuthority(org.clone()));
    }
    let text = authority(session, org)?;
    let vault = session.keyring.open(&Actor::organisation(org.clone()))?;
    let key = SecretKey::from_bytes(&vault.get("msp-ca").map_err(KeyringError::from)?)?;
    let authority = Authority::open(org, Certificate::from_pem(&text)?, key)?;
    let mut rng = session.rng();
    let mut number = [0u8; 8];
    rng.fill_bytes(&mut number);
    let name = format!("{PSEUDONYM}{}", hex::encode(number));
    let validity = Validity::years_from(session.ledger().now_ms(), CERTIFICATE_YEARS);
    Ok(authority.issue(Role::Client, &name, validity, &mut rng)?)
}

/// The certificate, as the institution's peer will judge it.
fn check(
    session: &Session,
    person: &Actor,
    identity: &Identity,
) -> Result<Certificate, MemberError> {
    let org = &person.org;
    let text = authority(session, org)?;
    let members = MspSet::new([Msp::from_pem(org.clone(), &text)?])?;
    let member = members.check(identity.creator(), session.ledger().now_ms())?;
    if member.role() != Role::Client {
        return Err(MemberError::Role(member.role().as_str()));
    }
    let certificate = Certificate::from_der(&identity.creator().certificate)?;
    let own = infile::text(&session.home.certificate(org, Role::Client));
    let own = own.ok().and_then(|text| Certificate::from_pem(&text).ok());
    if own.is_some_and(|own| own.public_key() == certificate.public_key()) {
        return Err(MemberError::Shared(org.clone()));
    }
    match others(session, person, &certificate)? {
        Some(other) => Err(MemberError::Taken(other)),
        None => Ok(certificate),
    }
}

/// Who else of the institution was enrolled with this key.
fn others(
    session: &Session,
    person: &Actor,
    certificate: &Certificate,
) -> Result<Option<Actor>, MemberError> {
    for name in session.keyring.people(&person.org)? {
        let Ok(other) = Actor::parse(&name) else {
            continue;
        };
        let path = session.home.person_certificate(&other);
        let theirs = match infile::text(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            text => text.ok().and_then(|text| Certificate::from_pem(&text).ok()),
        };
        let Some(theirs) = theirs else {
            let what = "not a person's certificate: put it back from a backup";
            return Err(SessionError::Differs { path, what }.into());
        };
        if theirs.public_key() == certificate.public_key() && other != *person {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// Key and certificate together into the person's vault; the certificate beside it says that they
/// are there.
fn keep(
    session: &Session,
    person: &Actor,
    identity: &Identity,
    certificate: &Certificate,
) -> Result<(), MemberError> {
    let rng = &mut session.rng();
    let vault = session.keyring.open_or_create(person, rng)?;
    let key = identity.export_key()?;
    let pair = (certificate.der().to_vec(), key.to_vec());
    crate::keyring::put_secret(&vault, PERSON_KEY, &pair, rng)?;
    let path = session.home.person_certificate(person);
    write_secret_file(&path, pem(identity)?.as_bytes()).map_err(KeyringError::from)?;
    Ok(())
}
