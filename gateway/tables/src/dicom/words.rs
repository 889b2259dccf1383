//! Keywords of the standard, and the nearest ones to a word that is none.

use dicom_core::Tag;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, TagRange};
use dicom_dictionary_std::StandardDataDictionary;
use std::sync::OnceLock;

/// Names that are proposed at most.
const PROPOSED: usize = 3;

/// The element that a keyword names.
pub(super) fn tag(word: &str) -> Result<Tag, String> {
    let found = StandardDataDictionary.by_name(word).map(|e| e.tag_range());
    match found {
        Some(TagRange::Single(tag)) if tag.group() >= 2 && tag.group() != 0xfffe => Ok(tag),
        Some(TagRange::Group100(_) | TagRange::Element100(_)) => Err(format!(
            "{word} stands for several tags: name one, as `(6000,0010)`"
        )),
        Some(_) => Err(format!("{word} has no value in a file")),
        None => {
            let near = nearest(word);
            let hint = match near.is_empty() {
                true => String::new(),
                false => format!(": did you mean {}?", near.join(", ")),
            };
            Err(format!("expected a keyword of the standard{hint}"))
        }
    }
}

/// **Cost**: the first time, asks the dictionary for every tag that it may hold: some 0.1 s.
fn nearest(word: &str) -> Vec<&'static str> {
    static KEYWORDS: OnceLock<Vec<&'static str>> = OnceLock::new();
    let limit = 2.max(word.len() / 4).min(8);
    let word = word.to_lowercase();
    let near = KEYWORDS.get_or_init(keywords).iter().filter_map(|name| {
        let distance = distance(&word, &name.to_lowercase(), limit)?;
        Some((distance, *name))
    });
    let mut near: Vec<_> = near.collect();
    near.sort_unstable();
    near.into_iter()
        .map(|(_, name)| name)
        .take(PROPOSED)
        .collect()
}

/// The keywords of what a file holds; the dictionary itself gives no list.
fn keywords() -> Vec<&'static str> {
    let groups = (0x02..=0x88).chain(0x3002..=0x3010).step_by(2);
    let groups = groups.chain([0x0100, 0x0400, 0x2050, 0x4008, 0x4010]);
    let tags = groups.flat_map(|group| {
        let end = match group {
            0x08 | 0x10 | 0x18 | 0x20 | 0x28 => 0xa010,
            0x40 => 0xe040,
            0x22 | 0x54 | 0x70 | 0x72 | 0x74 => 0x1b20,
            _ => 0x0800,
        };
        (1..end).map(move |element| Tag(group, element))
    });
    let entries = tags.filter_map(|tag| StandardDataDictionary.by_tag(tag));
    let single = entries.filter(|entry| matches!(entry.tag, TagRange::Single(_)));
    single.map(|entry| entry.alias).collect()
}

/// How many letters differ (Levenshtein), if not more than the limit.
fn distance(one: &str, other: &str, limit: usize) -> Option<usize> {
    if one.len().abs_diff(other.len()) > limit {
        return None;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, &above) in other.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(a != *b))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().filter(|d| *d <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting", 5), Some(3));
        assert_eq!(distance("", "abc", 5), Some(3));
        assert_eq!(distance("abc", "abc", 0), Some(0));
        assert_eq!(distance("abc", "abcdefg", 2), None);
    }

    #[test]
    fn repeating_keywords_need_a_tag() {
        assert!(tag("OverlayRows").unwrap_err().contains("several"));
        assert!(tag("Item").is_err());
        assert!(tag("CommandField").is_err());
        assert_eq!(tag("Modality"), Ok(Tag(8, 0x60)));
    }
}
