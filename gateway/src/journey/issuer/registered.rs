//! Who may vouch for people: the registry, as everybody sees it.

use super::IssuerError;
use crate::journey::registry::registry;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::registry::ACTIVE;
use medveil_circuits::visa::signed::to_decimal;
use medveil_collections_config::MspId;
use medveil_contract::model::IssuerEntry;
use schemars::JsonSchema;
use serde::Serialize;

/// One issuer of the registry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RegisteredIssuerLine {
    /// Its place in the tree.
    pub place: u16,
    /// The beginning of its key, which `issuer vote-to-retire` takes.
    pub key: String,
    /// Who registered it.
    #[schemars(with = "String")]
    pub org: MspId,
    /// Visa schema.
    pub schema: String,
    pub group: String,
    /// Name for people.
    pub name: String,
    /// Whether its visas count.
    pub active: bool,
    /// Whether it may vouch for people of any institution.
    pub any_institution: bool,
    /// Visas that it revoked.
    pub revoked: u64,
    /// Decimal.
    pub key_x: String,
    /// Decimal.
    pub key_y: String,
}

impl From<IssuerEntry> for RegisteredIssuerLine {
    fn from(issuer: IssuerEntry) -> Self {
        RegisteredIssuerLine {
            place: issuer.slot,
            key: short_key(&issuer.key),
            org: issuer.registrant,
            schema: issuer.schema,
            group: issuer.group,
            name: issuer.name,
            active: issuer.status == ACTIVE,
            any_institution: issuer.institution.is_zero(),
            // The first leaf of the tree stands for no visa.
            revoked: issuer.n_leaves.saturating_sub(1),
            key_x: to_decimal(issuer.key.x().0),
            key_y: to_decimal(issuer.key.y().0),
        }
    }
}

/// What people call an issuer's key: the first 16 hex digits of x.
pub(super) fn short_key(key: &PublicPoint) -> String {
    key.x().to_hex()[..16].to_owned()
}

/// All issuers, by place.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RegisteredIssuers {
    pub issuers: Vec<RegisteredIssuerLine>,
}

impl Step for RegisteredIssuers {
    const NAME: &'static str = "issuer.registry";
}

/// Lists the registry.
///
/// **Errors**: the ledger cannot be read.
pub async fn list_registered(
    session: &Session,
    org: &MspId,
) -> Result<RegisteredIssuers, IssuerError> {
    let issuers = registry(session, org).await?.issuers;
    Ok(RegisteredIssuers {
        issuers: issuers
            .into_iter()
            .map(RegisteredIssuerLine::from)
            .collect(),
    })
}
