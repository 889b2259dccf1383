//! Claims in words.

use super::{Render, count};
use crate::journey::claim::{
    ClaimBundled, ClaimDiscarded, ClaimLine, ClaimList, ClaimProven, ClaimPublished,
};

impl Render for ClaimProven {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{} proved about {}: {}", self.holder, self.dataset, self.terms.sentence),
            format!("  claim {}", self.claim),
            format!(
                "  {}; the query uses {} of 4 comparisons and {} of 3 connectives",
                count(self.proofs as u64, "proof"), self.comparisons, self.connectives
            ),
            "  which rows and how many of them they are stays with the holder; nothing has left its folder"
                .to_owned(),
        ];
        lines.extend(self.proven_spans.iter().map(|span| format!("  {span}")));
        lines
    }
}

impl Render for ClaimPublished {
    fn lines(&self) -> Vec<String> {
        let Some(bytes) = self.bytes else {
            return vec![format!(
                "claim {} is on the ledger already, by transaction {}",
                self.claim, self.tx_id
            )];
        };
        vec![
            format!("{} published: {}", self.holder, self.terms.sentence),
            format!(
                "  {} verified by the endorsing organisations, {bytes} bytes; the ledger keeps digests, not proofs",
                count(self.proofs as u64, "proof")
            ),
            "  everybody sees the sentence; nobody sees the count, a row or a value".to_owned(),
        ]
    }
}

impl Render for ClaimDiscarded {
    fn lines(&self) -> Vec<String> {
        vec![format!(
            "{} discarded the claim {}: nothing is compared with it any more",
            self.holder, self.claim
        )]
    }
}

impl Render for ClaimList {
    fn lines(&self) -> Vec<String> {
        if self.claims.is_empty() {
            let how = "`medveil claim prove` and `medveil claim publish`";
            return vec![format!("no claim is published yet: {how}")];
        }
        let line =
            |c: &ClaimLine| format!("{}  {}/{}: {}", c.claim, c.holder, c.name, c.terms.sentence);
        self.claims.iter().map(line).collect()
    }
}

impl Render for ClaimBundled {
    fn lines(&self) -> Vec<String> {
        vec![
            format!("bundle of claim {}: {} ({} bytes)", self.claim, self.bundle, self.bytes),
            "  verify it anywhere with `medveil verify`, together with a trust file got another way"
                .to_owned(),
        ]
    }
}
