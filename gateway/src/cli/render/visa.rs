//! Visas in words.

use super::{Render, list, quoted};
use crate::journey::visa::{
    VisaHeld, VisaImported, VisaLine, VisaList, VisaRequested, VisaShown, VisaState,
};
use medveil_circuits::visa::day;

impl Render for VisaRequested {
    fn lines(&self) -> Vec<String> {
        let VisaRequested { person, schema, .. } = self;
        let file = self.request.display();
        vec![
            format!("{person} asks for a visa of schema {schema}: {file}"),
            format!("  C = {}", self.commitment_decimal),
            "  the secret behind it stays in the wallet".to_owned(),
        ]
    }
}

impl Render for VisaImported {
    fn lines(&self) -> Vec<String> {
        let (number, about) = (self.visa.number, visa_words(&self.visa));
        vec![format!("{} holds visa {number}: {about}", self.person)]
    }
}

impl Render for VisaList {
    fn lines(&self) -> Vec<String> {
        if self.visas.is_empty() {
            return vec![format!(
                "{} holds no visas yet: `medveil visa request` asks an issuer for one, `medveil visa import` takes it",
                self.person
            )];
        }
        let line = |held: &VisaHeld| {
            let (visa, state) = (&held.line, state_words(held.state));
            format!("{}: {}{state}", visa.number, visa_words(visa))
        };
        self.visas.iter().map(line).collect()
    }
}

/// What is to be said of a visa that does not count.
fn state_words(state: VisaState) -> &'static str {
    match state {
        VisaState::Valid => "",
        VisaState::NotYetValid => "; not valid yet",
        VisaState::Expired => "; expired",
        VisaState::Revoked => "; revoked by its issuer",
        VisaState::IssuerGone => "; its issuer is not registered any more",
        VisaState::Unknown => "; whether it is revoked is not known: the ledger could not be asked",
    }
}

/// What a visa says.
fn visa_words(visa: &VisaLine) -> String {
    let (from, until) = (day::to_text(visa.asserted), day::to_text(visa.expiry));
    let mut parts = vec![visa.schema.to_owned(), format!("valid {from} to {until}")];
    parts.extend(
        visa.texts
            .iter()
            .map(|(name, text)| format!("{name} {}", quoted(text))),
    );
    parts.join(", ")
}

impl Render for VisaShown {
    fn lines(&self) -> Vec<String> {
        let VisaShown {
            by,
            revocation_index,
            ..
        } = self;
        let permissions = match self.permissions.as_slice() {
            [] => "none".to_owned(),
            codes => list(codes),
        };
        let disease = self.disease.as_deref().unwrap_or("none");
        vec![
            visa_words(&self.line),
            format!(
                "  by {by}, permissions {permissions}, disease {disease}, revocation index {revocation_index}"
            ),
        ]
    }
}
