//! Entering what is kept of a Patient: names, links, and what two records must agree on.

use crate::first::First;
use crate::index::NONE;
use crate::json::Node;
use crate::patients::{Link, LinkKind, PatientSaid};
use crate::reason::Reason;
use crate::reference::{self, Context, Ident, Names};
use crate::verdict::Verdict;
use std::collections::BTreeSet;

impl First<'_> {
    /// Keeps a Patient. Returns what it says of itself, and its number.
    pub(super) fn patient(&mut self, node: &Node, names: &Names, modifier: bool) -> (Verdict, u32) {
        let person = self.person(node);
        let identifiers = node.each_at("identifier").iter();
        let identifiers: Vec<Ident> = identifiers.filter_map(reference::identifier).collect();
        let mut identity = names.identity.clone();
        if identity.is_empty() {
            identity = named_by_identifier(node).unwrap_or_default();
        }
        let verdict = if identity.is_empty() {
            Verdict::Out(Reason::NoIdentity)
        } else if modifier || node.get("modifierExtension").is_some() {
            Verdict::Out(Reason::Modifier)
        } else if node.get("implicitRules").is_some() {
            Verdict::Out(Reason::ImplicitRules)
        } else {
            Verdict::Counts
        };
        let links = self.links(node, names.key.base);
        let number = self.index.patients.push(PatientSaid {
            identity: &identity,
            id: names.id,
            identifiers: &identifiers,
            values: &values(node, self.options.identifier),
            links,
            person,
            inactive: node.get("active") == Some(&Node::Bool(false)),
        });
        (verdict, number)
    }

    /// Digests of first name, sex and birth date; 0 where none is said.
    fn person(&self, node: &Node) -> [u64; 3] {
        let digest = |text: &str| match text {
            "" | "\0" => 0,
            text => self.skimmer.key(b'p', text.as_bytes()).max(1),
        };
        let field = |name: &str| digest(node.text_at(name).unwrap_or_default());
        let name = node.each_at("name").first();
        let given = name.and_then(|n| n.each_at("given").first());
        let family = name.and_then(|n| n.text_at("family")).unwrap_or_default();
        let given = given.and_then(Node::text).unwrap_or_default();
        let name = format!("{family}\0{given}").to_lowercase();
        [digest(&name), field("gender"), field("birthDate")]
    }

    fn links(&mut self, node: &Node, base: u32) -> Vec<Link> {
        let context = Context {
            base,
            contained: node.each_at("contained"),
        };
        let mut links = Vec::new();
        for link in node.each_at("link") {
            let kind = match link.text_at("type") {
                Some("replaced-by" | "replace") => LinkKind::ReplacedBy,
                Some("replaces") => LinkKind::Replaces,
                Some("refer") => LinkKind::Refer,
                Some("seealso") => LinkKind::SeeAlso,
                _ => LinkKind::Unknown,
            };
            let other = link.get("other").ok_or(Reason::UnreadableReference);
            let to = match other
                .and_then(|o| reference::to_patient(o, &context, &mut self.index.bases))
            {
                Ok(reference) => self.index.references.number(reference),
                // A RelatedPerson is no record of a patient.
                Err(Reason::NotAPatient) => continue,
                Err(_) => NONE,
            };
            links.push(Link { kind, to });
        }
        links
    }
}

/// The values of the identifier that says who a person is, each once. One that is not valid any more
/// says who somebody was.
fn values<'n>(node: &'n Node, system: Option<&str>) -> Vec<&'n str> {
    let Some(system) = system else {
        return Vec::new();
    };
    let is_own = |i: &&Node| i.text_at("system") == Some(system) && i.text_at("use") != Some("old");
    let own = node.each_at("identifier").iter().filter(is_own);
    let values = own.filter_map(|i| i.text_at("value"));
    let values: BTreeSet<&str> = values.filter(|v| !v.is_empty()).collect();
    values.into_iter().collect()
}

/// The smallest identifier names a patient who has nothing else.
fn named_by_identifier(node: &Node) -> Option<String> {
    let all = node.each_at("identifier").iter().filter_map(|i| {
        reference::identifier(i)?;
        Some(format!("{}|{}", i.text_at("system")?, i.text_at("value")?))
    });
    all.min()
}
