//! Collections in words.

use super::{Render, count};
use crate::journey::collections::{CollectionsChecked, CollectionsDerived};

impl Render for CollectionsDerived {
    fn lines(&self) -> Vec<String> {
        self.json.lines().map(str::to_owned).collect()
    }
}

impl Render for CollectionsChecked {
    fn lines(&self) -> Vec<String> {
        let (file, n) = (&self.file, count(self.collections as u64, "collection"));
        let mut lines = vec![format!("{file}: {n}, all sound")];
        lines.extend(
            self.next
                .iter()
                .map(|next| format!("{next}: may replace it")),
        );
        lines
    }
}
