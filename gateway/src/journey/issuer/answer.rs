//! What an issuer answered a request with, kept in its vault from before it is noted or written: the
//! same ask again gives the same visa.

use super::key::named_by;
use super::{Assertion, Issuer, IssuerError, RequestFile};
use crate::journey::registry::revocations;
use crate::keyring::{KeyringError, get_secret, put_secret};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::eddsa::PrivateKey;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::visa::SignedVisa;

#[derive(BorshSerialize, BorshDeserialize)]
struct Answer {
    /// Of what was to be asserted.
    asked: Digest,
    visa: String,
}

/// The name of a request within what a key answered.
fn name_of(key: &str, request: Felt) -> String {
    let both = format!("{key} {}", request.to_hex());
    format!("answer-{}", &Digest::of(both.as_bytes()).to_hex()[..40])
}

impl Issuer<'_> {
    /// The visa that this key answers a request with.
    ///
    /// **Errors**: the one before says something else, is expired or revoked; a visa that no issuer
    /// must sign; the vault or the ledger.
    pub(super) async fn answer(
        &self,
        request: &RequestFile,
        assertion: &Assertion,
        seed: &[u8; 32],
    ) -> Result<SignedVisa, IssuerError> {
        let key = named_by(&self.key()?.public()?, "key");
        let name = name_of(&key, request.commitment);
        let _lock = self.session.lock(&self.actor(), &name).await?;
        let (vault, asked) = (self.vault()?, assertion.digest()?);
        if vault.has(&name) {
            let kept: Answer = get_secret(&vault, &name)?;
            let visa = SignedVisa::from_json(&kept.visa);
            let visa = visa.map_err(|_| KeyringError::Form { name })?;
            self.check_answer(&visa, kept.asked == asked).await?;
            return Ok(visa);
        }
        let (visa, texts) = assertion.fill(self, request)?;
        let signed = SignedVisa::sign(visa, texts, &PrivateKey::from_bytes(*seed))
            .map_err(IssuerError::Visa)?;
        let visa = signed.to_json();
        put_secret(
            &vault,
            &name,
            &Answer { asked, visa },
            &mut self.session.rng(),
        )?;
        Ok(signed)
    }

    async fn check_answer(&self, visa: &SignedVisa, is_same: bool) -> Result<(), IssuerError> {
        let visa = visa.visa();
        let index = visa.revocation_index;
        if !is_same {
            return Err(IssuerError::Answered { index });
        }
        let over = |since| Err(IssuerError::AnsweredBefore { index, since });
        if visa.expiry <= self.session.today() {
            return over("is expired");
        }
        let revoked = match self.registry_entry().await {
            Ok(entry) => revocations(self.session, &self.org, &entry).await?,
            // Nothing can be revoked before it is registered.
            Err(IssuerError::NotRegistered { .. }) => return Ok(()),
            Err(other) => return Err(other),
        };
        match revoked.contains(index) {
            true => over("is revoked"),
            false => Ok(()),
        }
    }
}
