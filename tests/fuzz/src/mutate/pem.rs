//! Changes to PEM: blocks as a whole, and the DER within one.

use super::{Source, tree};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Changes one block. None where there is no whole one.
pub(super) fn change(input: &[u8], source: &mut Source<'_>) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(input).ok()?;
    let mut blocks: Vec<String> = text.split_inclusive("-----\n").map(str::to_owned).collect();
    // A block is its first line, and then its body with the last line.
    let bodies: Vec<usize> = (0..blocks.len())
        .filter(|i| blocks[*i].contains("-----END "))
        .collect();
    let at = *source.pick(&bodies)?;
    let start = at.saturating_sub(1);
    match source.below(8) {
        0 => drop(blocks.drain(start..=at)),
        1 => {
            let copy: Vec<String> = blocks.get(start..=at)?.to_vec();
            let times = [1, 1, 2, 20][source.below(4)];
            blocks.splice(start..start, std::iter::repeat_n(copy, times).flatten());
        }
        2 => {
            let other = String::from_utf8_lossy(source.other()).into_owned();
            blocks.insert(start, other);
        }
        _ => {
            let (body, end) = blocks[at].split_once("-----END ")?;
            let changed = body_changed(body, source)?;
            blocks[at] = format!("{changed}-----END {end}");
        }
    }
    Some(blocks.concat().into_bytes())
}

fn body_changed(body: &str, source: &mut Source<'_>) -> Option<String> {
    let plain: String = body.split_whitespace().collect();
    let der = STANDARD.decode(plain).ok()?;
    let changed = STANDARD.encode(tree::change(&tree::DER, &der, source)?);
    let lines = changed.as_bytes().chunks(64).map(String::from_utf8_lossy);
    Some(lines.fold(String::new(), |text, line| text + &line + "\n"))
}
