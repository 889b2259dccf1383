//! What an issuer says in a visa.

use super::{Issuer, IssuerError, RequestFile};
use medveil_circuits::field::Digest;
use medveil_circuits::ids::Day;
use medveil_circuits::visa::{Visa, VisaTexts, codes};

/// What an issuer says in a visa.
#[derive(Default)]
pub struct Assertion {
    /// Days until the visa expires.
    pub days: u32,
    /// Texts that become hashes.
    pub texts: VisaTexts,
    /// Codes of data-use permissions.
    pub permissions: Vec<String>,
    pub disease: Option<String>,
}

impl Assertion {
    /// Of all that is to be asserted, in one order.
    pub(super) fn digest(&self) -> Result<Digest, IssuerError> {
        let permissions = permissions(&self.permissions)?;
        let all = (self.days, &self.texts, permissions, &self.disease);
        let bytes = borsh::to_vec(&all).map_err(IssuerError::Encode)?;
        Ok(Digest::of(&bytes))
    }

    /// The visa that says this to whoever asked, and the texts behind its hashes.
    pub(super) fn fill(
        &self,
        issuer: &Issuer<'_>,
        request: &RequestFile,
    ) -> Result<(Visa, VisaTexts), IssuerError> {
        let schema = issuer.schema;
        let today = issuer.session.today();
        let expiry = Day(today.0.saturating_add(self.days));
        let holder = request.commitment;
        let mut rng = issuer.session.rng();
        let mut visa = Visa::new(schema, holder, today, expiry, &mut rng);
        let mut texts = self.texts.clone();
        texts.institution = Some(issuer.org.as_str().to_owned());
        texts.apply(&mut visa);
        visa.permissions = permissions(&self.permissions)?;
        if let Some(code) = &self.disease {
            let known = codes::disease(code);
            visa.disease = known.ok_or_else(|| IssuerError::Disease(code.clone()))?;
        }
        Ok((visa, texts))
    }
}

/// The bitmap of permission codes.
fn permissions(codes: &[String]) -> Result<u32, IssuerError> {
    let mut bitmap = 0;
    for code in codes {
        let bit = codes::permission(code);
        bitmap |= 1 << bit.ok_or_else(|| IssuerError::Permission { got: code.clone() })?;
    }
    Ok(bitmap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_permission_is_named() {
        let codes = |codes: &[&str]| {
            permissions(&codes.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(codes(&["NRES", "HMB"]).unwrap(), 0b101);
        assert_eq!(codes(&[]).unwrap(), 0);
        let error = codes(&["GRU", "gru"]).unwrap_err();
        assert!(matches!(error, IssuerError::Permission { got } if got == "gru"));
    }
}
