//! Why an issuer could not be made, registered or used.

use super::MAX_INSERTIONS;
use crate::classify::{Classify, Kind};
use crate::journey::visa;
use crate::keyring::KeyringError;
use crate::session::SessionError;
use medveil_circuits::babyjubjub::PointError;
use medveil_circuits::eddsa::EddsaError;
use medveil_circuits::indexed::IndexedError;
use medveil_circuits::visa::{VisaError, VisaSchema, codes};
use medveil_collections_config::MspId;
use medveil_custody::CustodyError;
use medveil_ledger::LedgerError;
use std::path::PathBuf;

/// Why an issuer could not be made, registered or used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// No schema of that name.
    #[error("expected one of the visa schemas {}, got \"{got}\"", schemas())]
    Schema { got: String },
    /// The consortium file has no such line with this organisation.
    #[error("the consortium does not let {org} vouch for {schema} in group \"{group}\": {}", lines(.may))]
    NotEntitled {
        org: MspId,
        schema: &'static str,
        group: String,
        /// What it may vouch for, as schema and group.
        may: Vec<(String, String)>,
    },
    /// The organisation has no key for this.
    #[error(
        "no key for {schema} in group {group}: run `medveil issuer init --schema {schema} --group {group}` first"
    )]
    NoKey { schema: &'static str, group: String },
    /// There is a key.
    #[error("there is a key for {schema} in group {group} already")]
    KeyExists { schema: &'static str, group: String },
    /// A text is not so many numbers.
    #[error(
        "expected {what}: {count} numbers below r, decimal or 64 hex digits, with commas between, got \"{got}\""
    )]
    Numbers {
        what: &'static str,
        count: usize,
        got: String,
    },
    /// A public key that nobody can sign with.
    #[error("public key")]
    PublicKey(#[from] PointError),
    /// The last number of a signature.
    #[error("expected S below the subgroup's order")]
    Scalar,
    /// Only the signer outside can show possession.
    #[error(
        "an outside key needs --possession with its signature on the number that `issuer init` printed"
    )]
    NoPossession,
    /// The signature shows nothing.
    #[error("possession: the signature is not this key's on the number that `issuer init` printed")]
    Possession(#[source] EddsaError),
    /// The registry has the key.
    #[error("this key of {org} for {schema} in group {group} is registered already")]
    Registered {
        org: MspId,
        schema: &'static str,
        group: String,
        /// What the contract said.
        #[source]
        refusal: Box<SessionError>,
    },
    /// The registry had the key.
    #[error(
        "the key for {schema} in group {group} was registered before, by transaction {tx_id}, and is retired since: {}`medveil issuer init` makes another", aside(*.is_aside)
    )]
    RetiredSince {
        schema: &'static str,
        group: String,
        tx_id: String,
        /// Whether the key was set aside.
        is_aside: bool,
    },
    /// A request has one visa.
    #[error(
        "the request was answered by the visa with revocation index {index}, which says something else: a new request (`medveil visa request`) gets another visa"
    )]
    Answered { index: u64 },
    /// The visa that answered a request counts no more.
    #[error(
        "the request was answered by the visa with revocation index {index}, which {since}: a new request (`medveil visa request`) gets another visa"
    )]
    AnsweredBefore { index: u64, since: &'static str },
    /// The registry does not have the key.
    #[error(
        "the key for {schema} in group {group} is not registered: run `medveil issuer register --schema {schema} --group {group}` first"
    )]
    NotRegistered { schema: &'static str, group: String },
    /// A request for another schema.
    #[error("the request is for {got}, not for {expected}")]
    OtherSchema { expected: &'static str, got: String },
    /// The signer is outside this program.
    #[error("the key of this issuer is outside: sign there")]
    Outside,
    /// A signed visa cannot be read.
    #[error(transparent)]
    VisaFile(#[from] visa::VisaError),
    /// A signed visa is another issuer's.
    #[error(
        "{}: the signature is not by this issuer's key: name the schema and group of the issuer that signed it", .0.display()
    )]
    OtherIssuer(PathBuf),
    /// The register has another visa of this index.
    #[error("the register has another visa with revocation index {0}")]
    Listed(u64),
    /// The register does not have an index that is to be revoked.
    #[error(
        "revocation index {0} is of no visa that this issuer's register has: `medveil issuer list` shows those; `--unlisted` revokes it nonetheless"
    )]
    Unlisted(u64),
    /// No issuer has such a key, or several have.
    #[error(
        "no issuer has the key {0}, or several have: `medveil issuer registry` lists their keys"
    )]
    NoIssuer(String),
    /// A vote about an issuer of one's own.
    #[error(
        "the issuer with the key {key} is of {org} itself: `medveil issuer retire --schema {schema} --group {group}` retires it"
    )]
    OwnIssuer {
        key: String,
        org: MspId,
        schema: String,
        group: String,
    },
    /// No data-use permission of that code.
    #[error(
        "expected data-use permission codes of {}, got \"{got}\"",
        permissions()
    )]
    Permission { got: String },
    /// No disease of that code.
    #[error(
        "expected a disease code of ICD-10, as a chapter (IV), a category (E11) or one digit more (E11.9), got \"{0}\""
    )]
    Disease(String),
    /// A visa that no issuer must sign.
    #[error(transparent)]
    Visa(VisaError),
    /// Too few or too many indices.
    #[error("expected 1 to {MAX_INSERTIONS} revocation indices, got {0}")]
    Count(usize),
    #[error("revocation index {0} stands twice")]
    Twice(u64),
    /// An index that the tree does not take.
    #[error("revocation index {index}")]
    Index { index: u64, source: IndexedError },
    /// The noted revocations are not of their form.
    #[error("{}: not of the expected form", .0.display())]
    Noted(PathBuf),
    /// Something that this program made has no bytes.
    #[error("revocations")]
    Encode(#[source] std::io::Error),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

fn aside(is_aside: bool) -> &'static str {
    match is_aside {
        true => "",
        false => "`medveil issuer retire` sets it aside, so that ",
    }
}

fn schemas() -> String {
    VisaSchema::ALL.map(VisaSchema::name).join(", ")
}

fn permissions() -> String {
    codes::known_permissions().join(", ")
}

fn lines(may: &[(String, String)]) -> String {
    let line = |(schema, group): &(String, String)| format!("{schema} in {group}");
    match may {
        [] => "it may vouch for nothing".to_owned(),
        may => {
            let all: Vec<String> = may.iter().map(line).collect();
            format!("it may vouch for {}", all.join(", "))
        }
    }
}

impl From<CustodyError> for IssuerError {
    fn from(error: CustodyError) -> Self {
        IssuerError::Keyring(error.into())
    }
}

impl Classify for IssuerError {
    fn kind(&self) -> Kind {
        use IssuerError as E;
        match self {
            E::Schema { .. } | E::KeyExists { .. } | E::Numbers { .. } => Kind::Input,
            E::PublicKey(_) | E::Scalar | E::NoPossession | E::Possession(_) => Kind::Input,
            E::OtherSchema { .. } | E::Outside | E::Permission { .. } => Kind::Input,
            E::OtherIssuer(_) | E::Listed(_) | E::Unlisted(_) => Kind::Input,
            E::VisaFile(e) => e.kind(),
            E::NoIssuer(_) => Kind::NotFound,
            E::OwnIssuer { .. } => Kind::Input,
            E::Disease(_) | E::Visa(_) | E::Count(_) | E::Index { .. } | E::Twice(_) => Kind::Input,
            E::Noted(_) => Kind::Damaged,
            E::NotEntitled { .. } | E::Registered { .. } => Kind::Refused,
            E::RetiredSince { .. } | E::Answered { .. } | E::AnsweredBefore { .. } => Kind::Refused,
            E::NoKey { .. } | E::NotRegistered { .. } => Kind::NotFound,
            E::Encode(_) => Kind::Internal,
            E::Keyring(e) => e.kind(),
            E::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            IssuerError::Registered { refusal, .. } => refusal.ledger(),
            IssuerError::Session(e) => e.ledger(),
            IssuerError::VisaFile(e) => e.ledger(),
            IssuerError::Schema { .. }
            | IssuerError::NotEntitled { .. }
            | IssuerError::NoKey { .. }
            | IssuerError::KeyExists { .. }
            | IssuerError::Numbers { .. }
            | IssuerError::PublicKey(_)
            | IssuerError::Scalar
            | IssuerError::NoPossession
            | IssuerError::Possession(_)
            | IssuerError::NotRegistered { .. }
            | IssuerError::OtherSchema { .. }
            | IssuerError::Outside
            | IssuerError::OtherIssuer(_)
            | IssuerError::Listed(_)
            | IssuerError::Unlisted(_)
            | IssuerError::NoIssuer(_)
            | IssuerError::OwnIssuer { .. }
            | IssuerError::Permission { .. }
            | IssuerError::Disease(_)
            | IssuerError::Visa(_)
            | IssuerError::Count(_)
            | IssuerError::Twice(_)
            | IssuerError::RetiredSince { .. }
            | IssuerError::Answered { .. }
            | IssuerError::AnsweredBefore { .. }
            | IssuerError::Index { .. }
            | IssuerError::Noted(_)
            | IssuerError::Encode(_)
            | IssuerError::Keyring(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_there_is() {
        let text = IssuerError::Permission {
            got: "ALL".to_owned(),
        }
        .to_string();
        assert!(text.contains("NRES, GRU, HMB") && text.ends_with("got \"ALL\""));
        let error = |may| IssuerError::NotEntitled {
            org: MspId::new("HospitalA").unwrap(),
            schema: "ethics",
            group: "boards".to_owned(),
            may,
        };
        let none = error(Vec::new()).to_string();
        assert!(none.ends_with("it may vouch for nothing"), "{none}");
        let one = error(vec![("terms".to_owned(), "committees".to_owned())]);
        assert!(one.to_string().ends_with("terms in committees"), "{one}");
    }
}
