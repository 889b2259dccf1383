//! Pages of searches: whether those that are here are all.

use crate::json::Node;
use std::collections::{BTreeMap, BTreeSet};

/// What pages say of each other.
#[derive(Default)]
pub(crate) struct Pages {
    read: BTreeSet<String>,
    /// Those that a page says come next.
    next: BTreeSet<String>,
    /// What pages say to be the number of all matches, and how many are here.
    matches: BTreeMap<u64, u64>,
}

impl Pages {
    /// Takes a page, and how many matches it has.
    pub(crate) fn take(&mut self, bundle: &Node, here: u64) {
        for link in bundle.each_at("link") {
            let url = link.text_at("url").unwrap_or_default().to_owned();
            match link.text_at("relation") {
                Some("self") => self.read.insert(url),
                Some("next") => self.next.insert(url),
                _ => false,
            };
        }
        let total = match bundle.get("total") {
            Some(Node::Number(text)) if bundle.text_at("type") == Some("searchset") => text.parse(),
            _ => return,
        };
        if let Ok(total) = total {
            *self.matches.entry(total).or_default() += here;
        }
    }

    /// Whether a page is missing, or a search has more matches than are here. Pages of one search
    /// say one number, of all of them.
    pub(crate) fn are_short(&self) -> bool {
        let is_unread = self.next.difference(&self.read).next().is_some();
        is_unread || self.matches.iter().any(|(total, here)| here < total)
    }
}

/// Whether an entry of a search is one that was looked for.
pub(crate) fn is_match(search: Option<&Node>, has_resource: bool) -> bool {
    let mode = search.and_then(|s| s.text_at("mode"));
    has_resource && !matches!(mode, Some("include" | "outcome"))
}
