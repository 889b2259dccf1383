//! Being an issuer: a key, its registration, visas, revocations.

use crate::channel::Private;
use crate::custody::{Vault, write_secret_file};
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::office::{get_secret, put_secret};
use crate::output::Step;
use crate::service::registry::IssuerView;
use crate::service::visa::RequestFile;
use borsh::{BorshDeserialize, BorshSerialize};
use circuits::babyjubjub::{Point, PublicPoint, Scalar};
use circuits::eddsa::{PrivateKey, Signature};
use circuits::field::Felt;
use circuits::ids::Day;
use circuits::indexed::{IndexedError, Insertion};
use circuits::registry::{possession_message, verify_possession};
use circuits::visa::signed::{parse_number, to_decimal};
use circuits::visa::{SignedVisa, Visa, VisaSchema, VisaTexts, codes, day, group_hash};
use collections_config::MspId;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use verifier_chaincode::call::{Call, Parties, RegisterIssuer, UpdateRevocations};
use zeroize::Zeroize;

/// An issuer's key as it lies in the vault: a seed, or the public key of a signer outside.
#[derive(BorshSerialize, BorshDeserialize)]
enum StoredKey {
    Seed([u8; 32]),
    Outside(PublicPoint),
}

impl Drop for StoredKey {
    fn drop(&mut self) {
        if let StoredKey::Seed(seed) = self {
            seed.zeroize();
        }
    }
}

impl StoredKey {
    fn public(&self) -> Result<PublicPoint, GatewayError> {
        match self {
            StoredKey::Seed(seed) => {
                PublicPoint::new(PrivateKey::from_bytes(*seed).public_key()).internal("issuer key")
            }
            StoredKey::Outside(key) => Ok(*key),
        }
    }
}

/// Most insertions of one update.
const MAX_INSERTIONS: usize = 256;

/// One issuer of an organisation.
pub struct Issuer<'a> {
    desk: &'a Desk,
    org: MspId,
    schema: VisaSchema,
    group: String,
}

/// What an issuer says in a visa.
#[derive(Default)]
pub struct Assertion {
    /// Days until the visa expires.
    pub days: u32,
    /// Texts that become hashes.
    pub texts: VisaTexts,
    /// Data-use permissions.
    pub permissions: Vec<String>,
    /// Disease code.
    pub disease: Option<String>,
}

impl<'a> Issuer<'a> {
    /// Names an issuer.
    ///
    /// **Errors**: an unknown schema, or a line that the consortium file does not have.
    pub fn new(
        desk: &'a Desk,
        org: &MspId,
        schema: &str,
        group: &str,
    ) -> Result<Self, GatewayError> {
        let parsed = VisaSchema::parse(schema).ok_or_else(|| {
            let names: Vec<&str> = VisaSchema::ALL.iter().map(|s| s.name()).collect();
            GatewayError::input(
                "issuer",
                format!("expected a schema of {}, got {schema}", names.join(", ")),
            )
        })?;
        let line = desk.consortium.issuer_line(schema, group);
        if !line.is_some_and(|line| line.msps.contains(org)) {
            return Err(GatewayError::refused(
                "issuer",
                format!("the consortium does not let {org} vouch for {schema} in group {group}"),
            ));
        }
        Ok(Issuer {
            desk,
            org: org.clone(),
            schema: parsed,
            group: group.to_owned(),
        })
    }

    fn vault(&self) -> Result<Rc<Vault>, GatewayError> {
        self.desk
            .offices
            .open(&Actor::organisation(self.org.clone()))
    }

    fn secret_name(&self) -> String {
        format!("issuer-{}-{}", self.schema.name(), self.group)
    }

    /// Whether there is a key, of this program or outside.
    ///
    /// **Errors**: the vault does not open.
    pub fn has_key(&self) -> Result<bool, GatewayError> {
        Ok(self.vault()?.has(&self.secret_name()))
    }

    fn key(&self) -> Result<StoredKey, GatewayError> {
        let vault = self.vault()?;
        if !vault.has(&self.secret_name()) {
            return Err(GatewayError::not_found(
                "issuer",
                format!(
                    "no key for {} in group {}: run `issuer init` first",
                    self.schema.name(),
                    self.group
                ),
            ));
        }
        get_secret(&vault, &self.secret_name())
    }

    fn message(&self, key: &PublicPoint) -> Felt {
        possession_message(
            self.desk.consortium_id(),
            self.schema.id(),
            group_hash(&self.group),
            key,
        )
    }

    /// Makes a key, or takes an outside signer's public key.
    ///
    /// **Errors**: there is one already; a public key off the curve or outside the subgroup.
    pub fn init(&self, public_key: Option<&str>) -> Result<Step, GatewayError> {
        let vault = self.vault()?;
        if vault.has(&self.secret_name()) {
            return Err(GatewayError::input("issuer", "there is a key already"));
        }
        let stored = match public_key {
            Some(text) => StoredKey::Outside(parse_point(text)?),
            None => StoredKey::Seed(*PrivateKey::generate(&mut *self.desk.rng()).as_bytes()),
        };
        let key = stored.public()?;
        put_secret(&vault, &self.secret_name(), &stored, &mut *self.desk.rng())?;
        let message = self.message(&key);
        let mut step = Step::new("issuer.init").line(format!(
            "{} has an issuer key for {} in group {}",
            self.org,
            self.schema.name(),
            self.group
        ));
        if public_key.is_some() {
            step = step
                .line("  sign this number with EdDSA-Poseidon to show possession, then `issuer register --possession R8X,R8Y,S`:")
                .line(format!("  {}", to_decimal(message.0)));
        }
        Ok(step
            .field("key_x", to_decimal(key.x().0))
            .field("key_y", to_decimal(key.y().0))
            .field("possession_message", to_decimal(message.0))
            .field("possession_message_hex", message.to_hex()))
    }

    /// Registers the issuer with its proof of possession.
    ///
    /// **Errors**: an outside key without its signature; the contract refuses.
    pub fn register(&self, possession: Option<&str>) -> Result<Step, GatewayError> {
        let stored = self.key()?;
        let key = stored.public()?;
        let message = self.message(&key);
        let possession = match (&stored, possession) {
            (_, Some(text)) => parse_signature(text)?,
            (StoredKey::Seed(seed), None) => PrivateKey::from_bytes(*seed).sign(message.0),
            (StoredKey::Outside(_), None) => {
                return Err(GatewayError::input(
                    "issuer",
                    "an outside key needs --possession with its signature on the number that `issuer init` printed",
                ));
            }
        };
        verify_possession(
            self.desk.consortium_id(),
            self.schema.id(),
            group_hash(&self.group),
            &key,
            &possession,
        )
        .map_err(|e| GatewayError::input("possession", e))?;
        let line = self
            .desk
            .consortium
            .issuer_line(self.schema.name(), &self.group);
        let any_institution = line.is_some_and(|line| line.institution_may_be_absent);
        let call = Call::RegisterIssuer(RegisterIssuer {
            schema: self.schema.name().to_owned(),
            group: self.group.clone(),
            name: format!("{} {}", self.org, self.schema.name()),
            key,
            any_institution,
            possession,
        });
        let committed =
            self.desk
                .submit(&self.org, &call, Private::default(), &Parties::default())?;
        Ok(Step::new("issuer.register")
            .line(format!(
                "{} registered as issuer of {} in group {}",
                self.org,
                self.schema.name(),
                self.group
            ))
            .field("schema", self.schema.name())
            .field("group", self.group.as_str())
            .field("tx_id", committed.tx_id)
            .field("block", committed.block))
    }

    /// Signs a visa for a request and writes it.
    ///
    /// **Errors**: a request for another schema, an unknown code, a region in an anchor; a visa
    /// that no issuer must sign.
    pub fn issue(
        &self,
        request: &RequestFile,
        assertion: &Assertion,
        out: &Path,
    ) -> Result<Step, GatewayError> {
        if request.schema != self.schema.name() {
            return Err(GatewayError::input(
                "issue",
                format!(
                    "the request is for {}, not for {}",
                    request.schema,
                    self.schema.name()
                ),
            ));
        }
        let stored = self.key()?;
        let StoredKey::Seed(seed) = &stored else {
            return Err(GatewayError::input(
                "issue",
                "the key of this issuer is outside: sign there",
            ));
        };
        let (visa, texts) = self.fill(request, assertion)?;
        let (index, expiry) = (visa.revocation_index, visa.expiry);
        let signed =
            SignedVisa::sign(visa, texts, &PrivateKey::from_bytes(*seed)).input("issue")?;
        write_secret_file(out, signed.to_json().as_bytes())?;
        let until = day::to_text(expiry);
        Ok(Step::new("issuer.issue")
            .line(format!(
                "{} signed a visa of schema {} until {until}, written to {}",
                self.org,
                self.schema.name(),
                out.display()
            ))
            .line(format!(
                "  revocation index {index}: keep it, `issuer revoke` needs it"
            ))
            .field("visa", out.display().to_string())
            .field("revocation_index", index.to_string())
            .field("expiry", expiry.0))
    }

    fn fill(
        &self,
        request: &RequestFile,
        assertion: &Assertion,
    ) -> Result<(Visa, VisaTexts), GatewayError> {
        let today = self.desk.today();
        let expiry = Day(today.0.saturating_add(assertion.days));
        let mut visa = Visa::new(
            self.schema,
            request.commitment,
            today,
            expiry,
            &mut *self.desk.rng(),
        );
        let mut texts = assertion.texts.clone();
        if texts.region.is_none() {
            texts.institution = Some(self.org.as_str().to_owned());
        } else if self.schema.is_anchor() {
            let message = format!(
                "a visa of schema {} names the institution, so no region",
                self.schema.name()
            );
            return Err(GatewayError::input("issue", message));
        }
        texts.apply(&mut visa);
        let words = assertion.permissions.iter().map(String::as_str);
        visa.permissions = codes::permissions(words).ok_or_else(|| {
            GatewayError::input("issue", "expected known data-use permission codes")
        })?;
        if let Some(code) = &assertion.disease {
            let unknown = || {
                GatewayError::input(
                    "issue",
                    format!("expected a known disease code, got {code}"),
                )
            };
            visa.disease = codes::disease(code).ok_or_else(unknown)?;
        }
        Ok((visa, texts))
    }

    fn registered(&self) -> Result<IssuerView, GatewayError> {
        let key = self.key()?.public()?;
        let issuers = self.desk.registry(&self.org)?.issuers;
        let found = issuers
            .into_iter()
            .find(|i| i.key == key && i.schema == self.schema.name() && i.group == self.group);
        found.ok_or_else(|| {
            GatewayError::not_found("issuer", "not registered: run `issuer register` first")
        })
    }

    fn pending_path(&self) -> PathBuf {
        self.desk
            .home
            .private(&Actor::organisation(self.org.clone()))
            .join(format!("revocations-{}-{}", self.schema.name(), self.group))
    }

    fn pending(&self) -> Result<Vec<u64>, GatewayError> {
        let path = self.pending_path();
        if !path.is_file() {
            return Ok(Vec::new());
        }
        let bytes = crate::custody::read_secret_file(&path, 1 << 20)?;
        Vec::<u64>::try_from_slice(&bytes).input("issuer")
    }

    /// Notes indices for `publish`.
    ///
    /// **Errors**: 0, or one that is revoked already; the file system refused.
    pub fn revoke_later(&self, indices: &[u64]) -> Result<Step, GatewayError> {
        self.insertions(indices)?;
        let mut all = self.pending()?;
        all.extend(indices);
        all.sort_unstable();
        all.dedup();
        write_secret_file(
            &self.pending_path(),
            &borsh::to_vec(&all).internal("issuer")?,
        )?;
        Ok(Step::new("issuer.revoke")
            .line(format!(
                "{} revocations noted; `issuer publish` sends them",
                all.len()
            ))
            .field("pending", all.len()))
    }

    /// Publishes the noted indices.
    ///
    /// **Errors**: nothing is noted; the contract refuses.
    pub fn publish(&self) -> Result<Step, GatewayError> {
        let pending = self.pending()?;
        if pending.is_empty() {
            return Err(GatewayError::not_found(
                "publish",
                "no revocations are noted: `issuer revoke --later` notes them",
            ));
        }
        // Some may have been revoked meanwhile, or by an earlier attempt of this command.
        let tree = self.desk.revocations(&self.org, &self.registered()?)?;
        let fresh: Vec<u64> = pending
            .into_iter()
            .filter(|index| !tree.contains(*index))
            .collect();
        let step = match fresh.is_empty() {
            true => Step::new("issuer.publish")
                .line("all noted revocations are on the ledger already")
                .field("revoked", 0),
            false => self.send("issuer.publish", &fresh, false)?,
        };
        std::fs::remove_file(self.pending_path()).internal("issuer")?;
        Ok(step)
    }

    /// Revokes indices now.
    ///
    /// **Errors**: no index, 0, one that is revoked already or stands twice; the contract refuses.
    pub fn revoke(&self, indices: &[u64], urgent: bool) -> Result<Step, GatewayError> {
        self.send("issuer.revoke", indices, urgent)
    }

    /// The insertions that revoke these indices, on top of what the ledger holds.
    fn insertions(&self, indices: &[u64]) -> Result<(IssuerView, Vec<Insertion>), GatewayError> {
        if !(1..=MAX_INSERTIONS).contains(&indices.len()) {
            return Err(GatewayError::input(
                "revoke",
                format!(
                    "expected 1 to {MAX_INSERTIONS} indices, got {}",
                    indices.len()
                ),
            ));
        }
        let issuer = self.registered()?;
        let mut tree = self.desk.revocations(&self.org, &issuer)?;
        let insertions: Result<Vec<Insertion>, IndexedError> =
            indices.iter().map(|index| tree.insert(*index)).collect();
        let insertions = insertions.map_err(|e| match e {
            IndexedError::Present => {
                GatewayError::refused("revoke", "an index is revoked already, or stands twice")
            }
            other => GatewayError::input("revoke", other),
        })?;
        Ok((issuer, insertions))
    }

    fn send(&self, name: &str, indices: &[u64], urgent: bool) -> Result<Step, GatewayError> {
        let (issuer, insertions) = self.insertions(indices)?;
        let call = Call::UpdateRevocations(UpdateRevocations {
            issuer: issuer.slot,
            insertions,
            urgent,
        });
        let committed =
            self.desk
                .submit(&self.org, &call, Private::default(), &Parties::default())?;
        let note = match urgent {
            true => "older registry roots are refused at once",
            false => {
                "older registry roots stay acceptable for 60 minutes: `--urgent` refuses them at once"
            }
        };
        let plural = if indices.len() == 1 { "" } else { "s" };
        Ok(Step::new(name)
            .line(format!(
                "{} revoked {} visa{plural}; {note}",
                self.org,
                indices.len()
            ))
            .field("revoked", indices.len())
            .field("urgent", urgent)
            .field("tx_id", committed.tx_id)
            .field("block", committed.block))
    }
}

fn numbers<const N: usize>(text: &str, what: &str) -> Result<[Felt; N], GatewayError> {
    let parts: Option<Vec<Felt>> = text
        .split(',')
        .map(|part| parse_number(part.trim()))
        .collect();
    let bad = || {
        GatewayError::input(
            "issuer",
            format!(
                "expected {what}: {N} numbers below r, decimal or 64 hex digits, with commas between"
            ),
        )
    };
    parts.and_then(|p| p.try_into().ok()).ok_or_else(bad)
}

fn parse_point(text: &str) -> Result<PublicPoint, GatewayError> {
    let [x, y] = numbers::<2>(text, "a public key X,Y")?;
    PublicPoint::new(Point { x: x.0, y: y.0 }).input("issuer")
}

fn parse_signature(text: &str) -> Result<Signature, GatewayError> {
    let [x, y, s] = numbers::<3>(text, "a signature R8X,R8Y,S")?;
    let s = Scalar::from_field(s.0)
        .ok_or_else(|| GatewayError::input("issuer", "expected S below the subgroup's order"))?;
    Ok(Signature {
        r8: Point { x: x.0, y: y.0 },
        s,
    })
}
