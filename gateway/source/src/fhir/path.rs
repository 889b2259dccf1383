//! A small subset of FHIRPath: enough to name one value of a resource, nothing that computes.
//!
//! Source: FHIRPath (HL7, normative release 2.0.0), from which come: member access, `|` (here: the
//! first side that finds something), `where(path = 'literal')`, `extension('url')`, `ofType(Type)`,
//! `first()`, `last()`. A choice element is named without its type (`value`, `onset`). An equality
//! with a coding or a codeable concept holds when one of its codings is `system|code` (or `code`
//! alone, or either with a `*` at the end of the code).

use crate::json::Node;

/// Longest path text.
///
/// **Units**: bytes.
const MAX_TEXT: usize = 1024;

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("path: expected {expected} at byte {at}")]
pub struct PathError {
    pub expected: &'static str,
    /// Where, in bytes from the start.
    pub at: usize,
}

/// A parsed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path(Vec<Vec<Step>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Where(Vec<String>, String),
    Extension(String),
    First,
    Last,
}

impl Path {
    /// Parses a path.
    ///
    /// **Errors**: the text is outside the subset.
    pub(crate) fn parse(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_TEXT {
            return Err(PathError {
                expected: "at most 1024 bytes",
                at: MAX_TEXT,
            });
        }
        let mut parser = Parser { text, at: 0 };
        let mut branches = vec![parser.branch()?];
        while parser.eat('|') {
            branches.push(parser.branch()?);
        }
        parser.space();
        if parser.at < text.len() {
            Err(parser.mismatch("'.', '|' or the end"))
        } else {
            Ok(Path(branches))
        }
    }

    /// Everything the path finds in a resource, in the order of the file. The first branch that
    /// finds something counts.
    pub(crate) fn find<'n>(&self, resource: &'n Node) -> Vec<&'n Node> {
        for branch in &self.0 {
            let found = branch
                .iter()
                .fold(vec![resource], |nodes, step| step.apply(nodes));
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }
}

impl Step {
    fn apply<'n>(&self, nodes: Vec<&'n Node>) -> Vec<&'n Node> {
        match self {
            Step::Member(name) => nodes
                .into_iter()
                .flat_map(|node| member(node, name))
                .collect(),
            Step::Where(names, literal) => nodes
                .into_iter()
                .filter(|node| holds(node, names, literal))
                .collect(),
            Step::Extension(url) => nodes
                .into_iter()
                .flat_map(|node| node.each_at("extension"))
                .filter(|extension| extension.text_at("url") == Some(url))
                .collect(),
            Step::First => nodes.into_iter().take(1).collect(),
            Step::Last => nodes.into_iter().next_back().into_iter().collect(),
        }
    }
}

/// A field, or the typed form of a choice element (`value` finds `valueQuantity`).
fn member<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    if let Some(found) = node.get(name) {
        return found.each();
    }
    let Node::Object(fields) = node else {
        return &[];
    };
    let typed = |field: &str| {
        field
            .strip_prefix(name)
            .and_then(|rest| rest.bytes().next())
            .is_some_and(|b| b.is_ascii_uppercase())
    };
    fields
        .iter()
        .find(|(field, _)| typed(field))
        .map_or(&[], |(_, found)| found.each())
}

fn holds(node: &Node, names: &[String], literal: &str) -> bool {
    let mut found = vec![node];
    for name in names {
        found = found.into_iter().flat_map(|n| member(n, name)).collect();
    }
    found.into_iter().any(|node| is(node, literal))
}

/// Whether a node is a literal: equal text or truth value, or a coding of it.
pub(crate) fn is(node: &Node, literal: &str) -> bool {
    match node {
        Node::Text(text) => text == literal,
        Node::Bool(value) => (if *value { "true" } else { "false" }) == literal,
        Node::Number(text) => text == literal,
        Node::Object(_) => codings(node).any(|(system, code)| coding_is(system, code, literal)),
        Node::Null | Node::List(_) => false,
    }
}

/// Whether a coding is `system|code` (or `code` alone, of any system). A `*` at the end stands for
/// any rest: `E11*` is E11 and all below it.
fn coding_is(system: Option<&str>, code: &str, literal: &str) -> bool {
    let (wanted_system, wanted) = literal
        .rsplit_once('|')
        .map_or((None, literal), |(system, code)| (Some(system), code));
    let fits = wanted
        .strip_suffix('*')
        .map_or(code == wanted, |front| code.starts_with(front));
    fits && wanted_system.is_none_or(|wanted| system.unwrap_or("") == wanted)
}

/// The codings of a codeable concept, or the coding that the node itself is.
pub(crate) fn codings(node: &Node) -> impl Iterator<Item = (Option<&str>, &str)> {
    let own = std::iter::once(node).filter(|n| n.get("coding").is_none());
    let listed = node.each_at("coding").iter();
    own.chain(listed)
        .filter_map(|coding| Some((coding.text_at("system"), coding.text_at("code")?)))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn mismatch(&self, expected: &'static str) -> PathError {
        PathError {
            expected,
            at: self.at,
        }
    }
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }
    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }
    fn eat(&mut self, symbol: char) -> bool {
        self.space();
        let found = self.rest().starts_with(symbol);
        if found {
            self.at += symbol.len_utf8();
        }
        found
    }
    fn need(&mut self, symbol: char, expected: &'static str) -> Result<(), PathError> {
        if self.eat(symbol) {
            Ok(())
        } else {
            Err(self.mismatch(expected))
        }
    }

    fn name(&mut self) -> Result<&'a str, PathError> {
        self.space();
        let rest = self.rest();
        let len = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let name = rest
            .get(..len)
            .filter(|n| n.bytes().next().is_some_and(|b| b.is_ascii_alphabetic()));
        let name = name.ok_or_else(|| self.mismatch("a name"))?;
        self.at += len;
        Ok(name)
    }

    fn literal(&mut self) -> Result<String, PathError> {
        self.need('\'', "a text in single quotes")?;
        let rest = self.rest();
        let len = rest
            .find('\'')
            .ok_or_else(|| self.mismatch("a closing quote"))?;
        self.at += len + 1;
        Ok(rest.get(..len).unwrap_or("").to_owned())
    }

    fn branch(&mut self) -> Result<Vec<Step>, PathError> {
        let mut steps = Vec::new();
        loop {
            self.step(&mut steps)?;
            if !self.eat('.') {
                return Ok(steps);
            }
        }
    }

    fn step(&mut self, steps: &mut Vec<Step>) -> Result<(), PathError> {
        let start = self.at;
        let name = self.name()?;
        if !self.eat('(') {
            steps.push(Step::Member(name.to_owned()));
            return Ok(());
        }
        match name {
            "first" => steps.push(Step::First),
            "last" => steps.push(Step::Last),
            "extension" => steps.push(Step::Extension(self.literal()?)),
            "where" => {
                let mut names = vec![self.name()?.to_owned()];
                while self.eat('.') {
                    names.push(self.name()?.to_owned());
                }
                self.need('=', "'='")?;
                steps.push(Step::Where(names, self.literal()?));
            }
            "ofType" => {
                let typed = self.name()?;
                match steps.last_mut() {
                    Some(Step::Member(member)) => member.extend(capitalise(typed)),
                    _ => {
                        return Err(PathError {
                            expected: "a choice element before ofType",
                            at: start,
                        });
                    }
                }
            }
            _ => {
                return Err(PathError {
                    expected: "where, extension, ofType, first or last",
                    at: start,
                });
            }
        }
        self.need(')', "')'")
    }
}

fn capitalise(name: &str) -> impl Iterator<Item = char> {
    let mut chars = name.chars();
    chars
        .next()
        .map(|c| c.to_ascii_uppercase())
        .into_iter()
        .chain(chars)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RESOURCE: &str = r#"{"resourceType":"Observation","status":"final","valueQuantity":{"value":7.2,"unit":"%"},
      "category":{"coding":[{"system":"s","code":"lab"}]},
      "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":80}},
                   {"code":{"coding":[{"system":"other","code":"8480-6"},{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120}}],
      "extension":[{"url":"http://x/y","valueString":"z"},{"url":"http://x/w","valueBoolean":true}],
      "name":[{"given":["A","B"]},{"given":["C"]}], "valuesOther": 1}"#;

    fn find(path: &str) -> Vec<String> {
        let node = crate::json::parse(RESOURCE.as_bytes()).unwrap();
        let show = |node: &&Node| match node {
            Node::Text(t) | Node::Number(t) => t.clone(),
            Node::Bool(b) => b.to_string(),
            _ => "object".to_owned(),
        };
        Path::parse(path)
            .unwrap()
            .find(&node)
            .iter()
            .map(show)
            .collect()
    }

    #[test]
    fn finds_members_choices_and_filters() {
        assert_eq!(find("valueQuantity.value"), ["7.2"]);
        assert_eq!(find("value.value"), ["7.2"]);
        assert_eq!(find("value.ofType(Quantity).value"), ["7.2"]);
        assert_eq!(find("value.ofType(string)"), Vec::<String>::new());
        assert_eq!(
            find("component.where(code = 'http://loinc.org|8480-6').value.value"),
            ["120"]
        );
        assert_eq!(find("component.where(code='8462-4').value.value"), ["80"]);
        assert_eq!(
            find("component.where(code='wrong|8462-4').value.value"),
            Vec::<String>::new()
        );
        assert_eq!(
            find("component.where(code='http://loinc.org|84*').value.value"),
            ["80", "120"]
        );
        assert_eq!(
            find("component.where(code.coding.code='8462-4').value.value"),
            ["80"]
        );
        assert_eq!(find("extension('http://x/y').value"), ["z"]);
        assert_eq!(find("extension.where(url='http://x/w').value"), ["true"]);
        assert_eq!(find("name.given"), ["A", "B", "C"]);
        assert_eq!(find("name.given.last()"), ["C"]);
        assert_eq!(find("name.first().given"), ["A", "B"]);
        assert_eq!(find("missing | status"), ["final"]);
        assert_eq!(find("category.coding.code"), ["lab"]);
        assert_eq!(find("missing.deep"), Vec::<String>::new());
    }

    #[test]
    fn b9_refuses_what_is_outside_the_subset() {
        for bad in [
            "",
            ".",
            "a.",
            "a..b",
            "a b",
            "a |",
            "1a",
            "where(a='b'",
            "where(a=b)",
            "where('b')",
            "count()",
            "ofType(x)",
            "a.extension(b)",
            "a.where(b='c",
            "a[0]",
            "a + b",
            "é",
            &"a.".repeat(600),
        ] {
            assert!(Path::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn b9_random_text_never_panics(text in "[a-z.()'|= ]{0,60}", other in ".{0,30}") {
            let node = crate::json::parse(RESOURCE.as_bytes()).unwrap();
            for text in [text, other] {
                if let Ok(path) = Path::parse(&text) {
                    let _ = path.find(&node);
                }
            }
        }
    }
}
