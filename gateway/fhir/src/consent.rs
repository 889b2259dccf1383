//! What a Consent says, where it can be said exactly.
//!
//! Sources: <https://hl7.org/fhir/R4/consent.html>, <https://hl7.org/fhir/R5/consent.html>, base rules
//! of <https://terminology.hl7.org/CodeSystem-v3-ActCode.html> (OPTIN, OPTOUT). A provision narrowed
//! to actors, actions, purposes, data or codes, or with exceptions below it, says more than permit or
//! deny: it is no consent, and [`Unread::withholds`] says whether it may take an earlier one back.

use crate::json::Node;
use crate::moment::Moment;

/// The code system of base rules.
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Permit,
    Deny,
}

/// A coding of a scope or category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// None in denials only: they are read as wide as they may mean.
    pub system: Option<String>,
    pub code: String,
}

/// A consent that can be read exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRow {
    pub decision: Decision,
    pub when: Moment,
    /// Scope (R4) or category (R5), any of them. Empty in denials only: of everything.
    pub scope: Vec<Code>,
    /// From and until when; open where none is said.
    pub start: Option<Moment>,
    pub end: Option<Moment>,
}

/// Why a consent is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unread {
    NotInForce,
    StatusUnknown,
    Modifier,
    Undated,
    NoDecision,
    Contradiction,
    Narrowed,
    Exceptions,
    NoScope,
    Period,
    NotVerified,
}

impl Unread {
    pub fn words(self) -> &'static str {
        match self {
            Unread::NotInForce => "consent is a draft, proposed or entered in error",
            Unread::StatusUnknown => "the consent's status cannot be read",
            Unread::Modifier => "a modifier extension changes the consent's meaning",
            Unread::Undated => "consent without a date that can be read",
            Unread::NoDecision => "consent that neither permits nor denies",
            Unread::Contradiction => "the consent's base rule and provision contradict",
            Unread::Narrowed => "consent narrowed to actors, actions, purposes, codes or data",
            Unread::Exceptions => "consent with exceptions",
            Unread::NoScope => "permission whose scope cannot be read",
            Unread::Period => "the consent's period cannot be read",
            Unread::NotVerified => "permission that was not verified",
        }
    }

    /// Whether it may take back an earlier permission: all but what was never in force.
    pub fn withholds(self) -> bool {
        !matches!(
            self,
            Unread::NotInForce | Unread::NoScope | Unread::NotVerified
        )
    }
}

/// Reads a Consent of R4, R4B or R5.
///
/// **Errors**: why it is no consent that can be read exactly.
pub fn read(consent: &Node) -> Result<ConsentRow, Unread> {
    let ended = match consent.text_at("status") {
        Some("active") => false,
        Some("inactive" | "rejected") => true,
        Some("draft" | "proposed" | "entered-in-error" | "not-done") => {
            return Err(Unread::NotInForce);
        }
        _ => return Err(Unread::StatusUnknown),
    };
    if consent.get("modifierExtension").is_some() || consent.get("implicitRules").is_some() {
        return Err(Unread::Modifier);
    }
    let when = when(consent)?;
    let said = if ended {
        Said {
            decision: Decision::Deny,
            start: None,
            end: None,
        }
    } else {
        said(consent)?
    };
    let scope = scope(consent, said.decision)?;
    let unverified = |v: &Node| v.get("verified") != Some(&Node::Bool(true));
    let verification = consent.each_at("verification");
    if said.decision == Decision::Permit && verification.iter().any(unverified) {
        return Err(Unread::NotVerified);
    }
    Ok(ConsentRow {
        decision: said.decision,
        when,
        scope,
        start: said.start,
        end: said.end,
    })
}

fn when(consent: &Node) -> Result<Moment, Unread> {
    let text = match (consent.get("dateTime"), consent.get("date")) {
        (Some(node), None) | (None, Some(node)) => node.text(),
        _ => None,
    };
    text.and_then(Moment::read).ok_or(Unread::Undated)
}

struct Said {
    decision: Decision,
    start: Option<Moment>,
    end: Option<Moment>,
}

fn said(consent: &Node) -> Result<Said, Unread> {
    let base = base_rule(consent)?;
    let outer = decision(consent, "decision")?;
    let (start, end) = period(consent.get("period"))?;
    let provision = match consent.each_at("provision") {
        [] => None,
        // In R5 a provision is an exception to the decision.
        _ if outer.is_some() => return Err(Unread::Exceptions),
        [one] => Some(one),
        _ => return Err(Unread::Exceptions),
    };
    let root = provision
        .map(|p| decision(p, "type"))
        .transpose()?
        .flatten();
    if let Some(provision) = provision {
        exact(provision, root.or(base), 0)?;
    }
    let (inner_start, inner_end) = match provision {
        Some(provision) => period(provision.get("period"))?,
        None => (None, None),
    };
    if (start.is_some() || end.is_some()) && (inner_start.is_some() || inner_end.is_some()) {
        return Err(Unread::Period);
    }
    Ok(Said {
        decision: agreed(outer, base, root)?,
        start: start.or(inner_start),
        end: end.or(inner_end),
    })
}

/// The decision of a field; one that nobody tells is none that can be read.
fn decision(node: &Node, name: &str) -> Result<Option<Decision>, Unread> {
    match node.get(name).map(Node::text) {
        None if has_extensions_only(node, name) => Err(Unread::NoDecision),
        None => Ok(None),
        Some(Some("permit")) => Ok(Some(Decision::Permit)),
        Some(Some("deny")) => Ok(Some(Decision::Deny)),
        Some(_) => Err(Unread::NoDecision),
    }
}

/// What decision, base rule and provision come to. A plain denial denies whatever the base says.
fn agreed(
    outer: Option<Decision>,
    base: Option<Decision>,
    root: Option<Decision>,
) -> Result<Decision, Unread> {
    let said = [outer, base, root];
    match (
        said.contains(&Some(Decision::Permit)),
        said.contains(&Some(Decision::Deny)),
    ) {
        (true, false) => Ok(Decision::Permit),
        (false, true) => Ok(Decision::Deny),
        (true, true) if root == Some(Decision::Deny) => Ok(Decision::Deny),
        (true, true) => Err(Unread::Contradiction),
        (false, false) => Err(Unread::NoDecision),
    }
}

/// The base rule of R4. A rule that is none of opt-in and opt-out decides nothing; only a denial
/// needs no system.
fn base_rule(consent: &Node) -> Result<Option<Decision>, Unread> {
    let mut base = None;
    let rules = consent.get("policyRule").into_iter();
    for coding in rules.flat_map(|rule| rule.each_at("coding")) {
        let has_system = coding.text_at("system") == Some(ACT_CODE);
        let decision = match coding.text_at("code").unwrap_or_default() {
            "OPTIN" if has_system => Decision::Permit,
            "OPTOUT" => Decision::Deny,
            "OPTINR" | "OPTOUTE" => return Err(Unread::Exceptions),
            _ => continue,
        };
        if base.is_some_and(|other| other != decision) {
            return Err(Unread::Contradiction);
        }
        base = Some(decision);
    }
    Ok(base)
}

/// Whether a provision says no more than its type.
fn exact(provision: &Node, parent: Option<Decision>, depth: u32) -> Result<(), Unread> {
    const NARROW: [&str; 12] = [
        "actor",
        "action",
        "securityLabel",
        "purpose",
        "class",
        "documentType",
        "resourceType",
        "code",
        "dataPeriod",
        "data",
        "expression",
        "modifierExtension",
    ];
    if NARROW.iter().any(|name| provision.get(name).is_some()) {
        return Err(Unread::Narrowed);
    }
    for nested in provision.each_at("provision") {
        let same = match nested.text_at("type") {
            Some("permit") => parent == Some(Decision::Permit),
            Some("deny") => parent == Some(Decision::Deny),
            _ => false,
        };
        // A nested period would be another statement than its parent's.
        if !same || depth > 8 || nested.get("period").is_some() {
            return Err(Unread::Exceptions);
        }
        exact(nested, parent, depth + 1)?;
    }
    Ok(())
}

fn period(node: Option<&Node>) -> Result<(Option<Moment>, Option<Moment>), Unread> {
    let Some(node) = node else {
        return Ok((None, None));
    };
    let side = |name| match node.get(name) {
        // That nobody knows the day is no open end.
        None if has_extensions_only(node, name) => Err(Unread::Period),
        None => Ok(None),
        Some(text) => {
            let moment = text.text().and_then(Moment::read);
            moment.map(Some).ok_or(Unread::Period)
        }
    };
    let (start, end) = (side("start")?, side("end")?);
    if start.is_none() && end.is_none() {
        return Err(Unread::Period);
    }
    if let (Some(start), Some(end)) = (&start, &end)
        && start.surely_after(end)
    {
        return Err(Unread::Period);
    }
    Ok((start, end))
}

/// Whether something is said of a value that is not there: that it is unknown, or masked.
fn has_extensions_only(node: &Node, name: &str) -> bool {
    node.get(name).is_none() && node.get(&format!("_{name}")).is_some()
}

/// R4: the scope; R5: the categories. A permission is for what is coded in full, a denial for
/// whatever may be meant.
fn scope(consent: &Node, decision: Decision) -> Result<Vec<Code>, Unread> {
    let fields = match consent.get("scope") {
        Some(scope) => scope.each(),
        None if consent.get("decision").is_some() || consent.get("subject").is_some() => {
            consent.each_at("category")
        }
        None => &[],
    };
    let mut codes = Vec::new();
    for coding in fields.iter().flat_map(|f| f.each_at("coding")) {
        let system = coding.text_at("system").map(str::to_owned);
        let Some(code) = coding.text_at("code") else {
            continue;
        };
        if decision == Decision::Permit && system.is_none() {
            continue;
        }
        codes.push(Code {
            system,
            code: code.to_owned(),
        });
    }
    if codes.is_empty() && decision == Decision::Permit {
        return Err(Unread::NoScope);
    }
    Ok(codes)
}

/// What was decided last, of the consents of one person in one scope. Those whose order is not sure
/// count as at one time, and there a denial comes first.
pub fn last(rows: &[ConsentRow]) -> Option<Decision> {
    let newest = |row: &&ConsentRow| !rows.iter().any(|r| r.when.surely_after(&row.when));
    let mut decisions = rows.iter().filter(newest).map(|row| row.decision);
    let first = decisions.next()?;
    let deny = first == Decision::Deny || decisions.any(|d| d == Decision::Deny);
    Some(if deny {
        Decision::Deny
    } else {
        Decision::Permit
    })
}

#[cfg(test)]
mod tests;
