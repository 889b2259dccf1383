//! The pages, their blocks and the commands in their text.

use std::path::Path;

/// In the order in which a newcomer reads them.
pub const PAGES: &[&str] = &[
    "README.md",
    "docs/journeys.md",
    "docs/data.md",
    "docs/fabric.md",
    "docs/operating.md",
    "docs/proving.md",
    "CONTRIBUTING.md",
];

/// What a person is told to type.
pub struct Block {
    /// Page and line.
    pub place: String,
    pub name: String,
    /// A variable that holds an id which the command before printed.
    pub id: Option<String>,
    pub text: String,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

pub fn blocks(name: &str) -> Vec<Block> {
    let text = page(name);
    let lines: Vec<&str> = text.lines().collect();
    let opens = |&at: &usize| lines[at] == "```sh";
    let block = |at: usize| {
        let place = format!("{name}:{}", at + 1);
        let before = at.checked_sub(1).map_or("", |before| lines[before]);
        let marker = before
            .strip_prefix("<!-- typed: ")
            .and_then(|rest| rest.strip_suffix(" -->"))
            .unwrap_or_else(|| panic!("{place}: expected a line `<!-- typed: NAME -->` before it"));
        let (name, id) = match marker.split_once(", ") {
            Some((name, rest)) => (name, rest.split(' ').next().map(str::to_owned)),
            None => (marker, None),
        };
        let body = lines[at + 1..].iter().take_while(|line| **line != "```");
        Block {
            name: name.to_owned(),
            id,
            text: body.map(|line| format!("{line}\n")).collect(),
            place,
        }
    };
    (0..lines.len()).filter(opens).map(block).collect()
}

/// What stands in single backticks and begins with the program's name.
pub fn commands(name: &str) -> Vec<String> {
    let text = page(name);
    let outside = text.split("```").step_by(2).collect::<String>();
    let quoted = outside.split('`').skip(1).step_by(2);
    quoted
        .filter(|code| code.starts_with("medveil "))
        .map(str::to_owned)
        .collect()
}
