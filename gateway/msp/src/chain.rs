//! Ways from an organisation's roots to its authorities, and from there to a certificate.
//!
//! Source: RFC 5280 section 6, as far as Fabric's MSP uses it: names, signatures, basic
//! constraints, key usage, path lengths, validity and revocation, of every certificate on the way.
//! All ways are found when the organisation is read, so an identity costs one signature for each.

use super::certificate::Certificate;
use super::error::MspError;
use super::revocation::RevocationList;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most intermediate authorities between a root and an identity.
pub const MAX_INTERMEDIATES: u32 = 3;
/// Most authorities of an organisation.
pub const MAX_AUTHORITIES: usize = 16;
/// Most ways to them: authorities that certify one another could make very many.
const MAX_CHAINS: usize = 64;

/// When a certificate counts: within its own time and that of every authority above it, until one
/// of them is revoked.
///
/// **Units**: seconds since 1970, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    first_s: i64,
    last_s: i64,
    revoked_s: Option<i64>,
}

/// What a period says of a moment. The later, the better: several ways are judged by the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Judgement {
    /// Before or after its time.
    Expired,
    /// After it was taken back.
    Revoked,
    Good,
}

impl Period {
    fn own(certificate: &Certificate) -> Self {
        let (first_s, last_s) = certificate.validity_s();
        Period {
            first_s,
            last_s,
            revoked_s: None,
        }
    }

    fn and(self, other: Period) -> Self {
        Period {
            first_s: self.first_s.max(other.first_s),
            last_s: self.last_s.min(other.last_s),
            revoked_s: [self.revoked_s, other.revoked_s]
                .into_iter()
                .flatten()
                .min(),
        }
    }

    /// **Units**: milliseconds since 1970.
    pub(super) fn at(self, at_ms: u64) -> Judgement {
        let at_s = i64::try_from(at_ms / 1000).unwrap_or(i64::MAX);
        if at_s < self.first_s || self.last_s < at_s {
            return Judgement::Expired;
        }
        if self.revoked_s.is_some_and(|from_s| from_s <= at_s) {
            Judgement::Revoked
        } else {
            Judgement::Good
        }
    }
}

/// An authority and what it took back.
#[derive(Debug, PartialEq, Eq)]
struct Issuer {
    certificate: Certificate,
    revoked: BTreeMap<Vec<u8>, i64>,
}

impl Issuer {
    fn new(certificate: &Certificate, lists: &[RevocationList]) -> Arc<Self> {
        let mut revoked = BTreeMap::new();
        for (serial, from_s) in lists
            .iter()
            .filter(|l| l.is_of(certificate))
            .flat_map(RevocationList::revoked)
        {
            let known = revoked.entry(serial.clone()).or_insert(*from_s);
            *known = (*known).min(*from_s);
        }
        Arc::new(Issuer {
            certificate: certificate.clone(),
            revoked,
        })
    }

    /// How a certificate stands that this authority issued; none if it did not.
    fn period_of(&self, certificate: &Certificate) -> Option<Period> {
        let revoked_s = self.revoked.get(certificate.serial()).copied();
        certificate.is_issued_by(&self.certificate).then(|| Period {
            revoked_s,
            ..Period::own(certificate)
        })
    }

    /// How many authorities may stand below it, where it says so.
    fn below(&self, most: u32) -> u32 {
        self.certificate
            .path_len()
            .map_or(most, |own| own.min(most))
    }
}

/// One way from a root to an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chain {
    issuer: Arc<Issuer>,
    period: Period,
    /// How many authorities may still follow.
    below: u32,
}

/// Every way from an organisation's roots to its authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chains(Vec<Chain>);

impl Chains {
    /// Finds the ways.
    ///
    /// **Errors**: a root that is not a self-signed authority; an intermediate that is none, or
    /// that leads to no root within the depth; a revocation list that none of them signed; too
    /// many.
    pub(super) fn new(
        roots: &[Certificate],
        intermediates: &[Certificate],
        lists: &[RevocationList],
    ) -> Result<Self, MspError> {
        if roots.is_empty() || !roots.iter().all(Certificate::is_root) {
            return Err(MspError::Certificate("a self-signed authority"));
        }
        if !intermediates
            .iter()
            .all(|i| i.is_authority() && !i.is_issued_by(i))
        {
            return Err(MspError::Certificate(
                "intermediate authorities that another authority certified",
            ));
        }
        if roots.len() + intermediates.len() > MAX_AUTHORITIES {
            return Err(MspError::Certificate(
                "at most 16 authorities of an organisation",
            ));
        }
        let all = || roots.iter().chain(intermediates);
        if all()
            .enumerate()
            .any(|(at, one)| all().skip(at + 1).any(|other| one == other))
        {
            return Err(MspError::Certificate("each authority once"));
        }
        if !lists
            .iter()
            .all(|list| all().any(|authority| list.is_of(authority)))
        {
            return Err(MspError::RevocationList(
                "the signature of one of the organisation's authorities",
            ));
        }
        Chains::find(roots, intermediates, lists)
    }

    fn find(
        roots: &[Certificate],
        intermediates: &[Certificate],
        lists: &[RevocationList],
    ) -> Result<Self, MspError> {
        let root = |certificate: &Certificate| {
            let issuer = Issuer::new(certificate, lists);
            Chain {
                below: issuer.below(MAX_INTERMEDIATES),
                period: Period::own(certificate),
                issuer,
            }
        };
        let mut chains: Vec<Chain> = roots.iter().map(root).collect();
        let issuers: Vec<Arc<Issuer>> = intermediates
            .iter()
            .map(|i| Issuer::new(i, lists))
            .collect();
        let mut at = 0;
        // Each step down leaves room for fewer below, so authorities that certify one another end
        // too.
        while let Some(parent) = chains.get(at).cloned() {
            at += 1;
            let Some(below) = parent.below.checked_sub(1) else {
                continue;
            };
            for issuer in &issuers {
                let Some(link) = parent.issuer.period_of(&issuer.certificate) else {
                    continue;
                };
                chains.push(Chain {
                    issuer: issuer.clone(),
                    period: parent.period.and(link),
                    below: issuer.below(below),
                });
            }
            if chains.len() > MAX_CHAINS {
                return Err(MspError::Certificate(
                    "at most 64 ways to an organisation's authorities",
                ));
            }
        }
        if !issuers.iter().all(|issuer| {
            chains
                .iter()
                .any(|chain| Arc::ptr_eq(&chain.issuer, issuer))
        }) {
            return Err(MspError::Certificate(
                "intermediate authorities that lead to a root, at most 3 below it and as many as it allows",
            ));
        }
        Ok(Chains(chains))
    }

    /// How a certificate stands, by every way that leads to it; none if no authority issued it.
    pub(super) fn periods(&self, certificate: &Certificate) -> Vec<Period> {
        self.0
            .iter()
            .filter_map(|chain| Some(chain.period.and(chain.issuer.period_of(certificate)?)))
            .collect()
    }
}
