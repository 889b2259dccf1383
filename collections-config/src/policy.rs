//! Fabric's signature policies: parse, print, evaluate, and the question whether one organisation
//! alone can satisfy one.
//!
//! Source: Fabric's policy language (`AND('A.peer', OutOf(2, 'B.peer', 'C.peer', 'D.peer'))`) and
//! its evaluation, where one identity counts for one principal only. It does not verify signatures;
//! callers bring identities that they have verified.

use crate::name::MspId;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Longest policy text, in bytes.
pub const MAX_TEXT: usize = 16 * 1024;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 8;

/// Why a text is no signature policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The text ended, or something else stands where a part was expected.
    #[error("policy: expected {expected} at byte {at}")]
    Expected {
        /// What was expected.
        expected: &'static str,
        /// Where, in bytes from the start.
        at: usize,
    },
    /// `OutOf` asks for none or for more than it lists.
    #[error("policy: expected 1 to {listed} out of {listed}, got {got}")]
    Threshold {
        /// How many are asked for.
        got: u32,
        /// How many are listed.
        listed: usize,
    },
    /// The text is too long or too deep.
    #[error("policy: expected at most {MAX_TEXT} bytes and {MAX_DEPTH} levels")]
    TooLarge,
}

/// What an identity is within its organisation, by its certificate's NodeOU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Any identity of the organisation.
    Member,
    Admin,
    Client,
    Peer,
    Orderer,
}

impl Role {
    const ALL: [(Role, &'static str); 5] = [
        (Role::Member, "member"),
        (Role::Admin, "admin"),
        (Role::Client, "client"),
        (Role::Peer, "peer"),
        (Role::Orderer, "orderer"),
    ];

    /// The word after the dot.
    pub fn as_str(self) -> &'static str {
        Role::ALL
            .iter()
            .find(|(role, _)| *role == self)
            .map_or("member", |(_, text)| *text)
    }

    fn parse(text: &str) -> Option<Role> {
        Role::ALL
            .iter()
            .find(|(_, word)| *word == text)
            .map(|(role, _)| *role)
    }
}

/// One principal: `'Org1MSP.peer'`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    pub msp_id: MspId,
    pub role: Role,
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.msp_id, self.role.as_str())
    }
}

/// A signature policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignaturePolicy {
    /// One signature of this principal.
    SignedBy(Principal),
    /// At least `n` of the parts. `AND` is all of them, `OR` is one.
    OutOf(u32, Vec<SignaturePolicy>),
}

impl SignaturePolicy {
    /// `threshold` of the peers of these organisations.
    pub fn peers(threshold: u32, members: &[MspId]) -> Self {
        let peer = |msp_id: &MspId| {
            SignaturePolicy::SignedBy(Principal {
                msp_id: msp_id.clone(),
                role: Role::Peer,
            })
        };
        SignaturePolicy::OutOf(threshold, members.iter().map(peer).collect())
    }

    /// Every principal that is named, each once.
    pub fn principals(&self) -> BTreeSet<&Principal> {
        match self {
            SignaturePolicy::SignedBy(principal) => BTreeSet::from([principal]),
            SignaturePolicy::OutOf(_, parts) => {
                parts.iter().flat_map(SignaturePolicy::principals).collect()
            }
        }
    }

    /// Whether these organisations could satisfy the policy without anyone else, given as many
    /// identities of every role as they like.
    pub fn can_be_satisfied_by(&self, msps: &BTreeSet<&MspId>) -> bool {
        match self {
            SignaturePolicy::SignedBy(principal) => msps.contains(&principal.msp_id),
            SignaturePolicy::OutOf(n, parts) => {
                parts
                    .iter()
                    .filter(|part| part.can_be_satisfied_by(msps))
                    .count()
                    >= *n as usize
            }
        }
    }

    /// Whether these identities satisfy the policy. Each counts for one principal only, as in
    /// Fabric; bring each identity once.
    pub fn is_satisfied_by(&self, identities: &[Principal]) -> bool {
        self.evaluate(identities, &mut vec![false; identities.len()])
    }

    fn evaluate(&self, identities: &[Principal], used: &mut Vec<bool>) -> bool {
        match self {
            SignaturePolicy::SignedBy(wanted) => {
                let fits = |have: &Principal| {
                    have.msp_id == wanted.msp_id
                        && (wanted.role == Role::Member || have.role == wanted.role)
                };
                match identities
                    .iter()
                    .zip(used.iter_mut())
                    .find(|(have, used)| !**used && fits(have))
                {
                    Some((_, used)) => {
                        *used = true;
                        true
                    }
                    None => false,
                }
            }
            SignaturePolicy::OutOf(n, parts) => {
                let mut satisfied = 0usize;
                for part in parts {
                    let mut trial = used.clone();
                    if part.evaluate(identities, &mut trial) {
                        satisfied += 1;
                        *used = trial;
                    }
                }
                satisfied >= *n as usize
            }
        }
    }

    /// Whether only `OR` is used, as Fabric demands of a collection's member policy.
    pub fn is_or_only(&self) -> bool {
        match self {
            SignaturePolicy::SignedBy(_) => true,
            SignaturePolicy::OutOf(n, parts) => {
                *n == 1 && parts.iter().all(SignaturePolicy::is_or_only)
            }
        }
    }
}

impl fmt::Display for SignaturePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignaturePolicy::SignedBy(principal) => write!(f, "'{principal}'"),
            SignaturePolicy::OutOf(n, parts) => {
                match (*n as usize, parts.len()) {
                    (1, _) => f.write_str("OR(")?,
                    (n, len) if n == len => f.write_str("AND(")?,
                    (n, _) => write!(f, "OutOf({n}, ")?,
                }
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    part.fmt(f)?;
                }
                f.write_str(")")
            }
        }
    }
}

impl FromStr for SignaturePolicy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_TEXT {
            return Err(PolicyError::TooLarge);
        }
        let mut parser = Parser { text, at: 0 };
        let policy = parser.policy(0)?;
        parser.skip_space();
        if parser.at == text.len() {
            Ok(policy)
        } else {
            Err(parser.mismatch("the end"))
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn mismatch(&self, expected: &'static str) -> PolicyError {
        PolicyError::Expected {
            expected,
            at: self.at,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn symbol(&mut self, symbol: char, name: &'static str) -> Result<(), PolicyError> {
        self.skip_space();
        if !self.rest().starts_with(symbol) {
            return Err(self.mismatch(name));
        }
        self.at += symbol.len_utf8();
        Ok(())
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let len = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).unwrap_or("")
    }

    fn policy(&mut self, depth: usize) -> Result<SignaturePolicy, PolicyError> {
        if depth >= MAX_DEPTH {
            return Err(PolicyError::TooLarge);
        }
        self.skip_space();
        match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => self.principal(quote),
            _ => self.gate(depth),
        }
    }

    fn principal(&mut self, quote: char) -> Result<SignaturePolicy, PolicyError> {
        let start = self.at;
        self.at += 1;
        let inner = self.take_while(|c| c != quote);
        let parsed = inner
            .rsplit_once('.')
            .and_then(|(msp, role)| Some((MspId::new(msp).ok()?, Role::parse(role)?)));
        let Some((msp_id, role)) = parsed else {
            return Err(PolicyError::Expected {
                expected: "a principal such as 'Org1MSP.peer'",
                at: start,
            });
        };
        self.symbol(quote, "a closing quote")?;
        Ok(SignaturePolicy::SignedBy(Principal { msp_id, role }))
    }

    fn gate(&mut self, depth: usize) -> Result<SignaturePolicy, PolicyError> {
        let start = self.at;
        let word = self.take_while(|c| c.is_ascii_alphabetic());
        self.symbol('(', "AND(, OR( or OutOf(")?;
        let threshold = match word {
            "AND" | "And" | "and" => None,
            "OR" | "Or" | "or" => Some(1),
            "OutOf" | "OUTOF" | "outof" => Some(self.threshold()?),
            _ => {
                return Err(PolicyError::Expected {
                    expected: "AND, OR or OutOf",
                    at: start,
                });
            }
        };
        let mut parts = vec![self.policy(depth + 1)?];
        self.skip_space();
        while self.rest().starts_with(',') {
            self.symbol(',', "a comma")?;
            parts.push(self.policy(depth + 1)?);
            self.skip_space();
        }
        self.symbol(')', "a comma or a closing parenthesis")?;
        // At most `MAX_TEXT` parts, so the cast is exact.
        let n = threshold.unwrap_or(parts.len() as u32);
        if n == 0 || n as usize > parts.len() {
            return Err(PolicyError::Threshold {
                got: n,
                listed: parts.len(),
            });
        }
        Ok(SignaturePolicy::OutOf(n, parts))
    }

    fn threshold(&mut self) -> Result<u32, PolicyError> {
        self.skip_space();
        let at = self.at;
        let n = self
            .take_while(|c| c.is_ascii_digit())
            .parse()
            .map_err(|_| PolicyError::Expected {
                expected: "a number",
                at,
            })?;
        self.symbol(',', "a comma")?;
        Ok(n)
    }
}

#[cfg(test)]
mod tests;
