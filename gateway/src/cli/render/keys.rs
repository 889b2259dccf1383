//! Keys in words.

use super::Render;
use crate::journey::keys::{KeyLine, KeyList, KeyPublished, KeysImported};

impl Render for KeyList {
    fn lines(&self) -> Vec<String> {
        if self.keys.is_empty() {
            return vec![
                "the key store is empty: `medveil circuit propose NAME` makes development keys, `medveil keys import` takes others".to_owned(),
            ];
        }
        let line = |line: &KeyLine| {
            let KeyLine {
                circuit,
                key,
                insecure: _,
                ceremony,
                proving,
            } = line;
            let made = match ceremony {
                Some(transcript) => format!("ceremony {transcript}"),
                None => "insecure development key".to_owned(),
            };
            let note = if *proving { "" } else { "  (verifying only)" };
            format!("{circuit:<22} {key}  {made}{note}")
        };
        self.keys.iter().map(line).collect()
    }
}

impl Render for KeysImported {
    fn lines(&self) -> Vec<String> {
        let KeysImported { circuit, key } = self;
        vec![format!("imported the keys of {circuit}: {key}")]
    }
}

impl Render for KeyPublished {
    fn lines(&self) -> Vec<String> {
        let KeyPublished { org, key, .. } = self;
        let before = match self.transaction {
            Some(_) => "",
            None => " before",
        };
        let mut lines = vec![format!(
            "{org} published its key for sealed requests{before}: {key}"
        )];
        if let Some(from) = &self.replaces {
            lines.push(format!("  in place of {from}"));
            lines.push(format!(
                "  to replace it as well: `medveil keys publish --replaces {key}`"
            ));
        }
        lines
    }
}
