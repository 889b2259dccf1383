//! Texts one behind the other: 8 bytes each, beside their own.

/// Texts, by number from 0. No `Debug`: they identify somebody.
#[derive(Default)]
pub(crate) struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A text; empty where there is none of that number.
    pub(crate) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let end = |at: usize| self.ends.get(at).copied();
        let start = number.checked_sub(1).map_or(Some(0), end);
        let (Some(start), Some(end)) = (start, end(number)) else {
            return "";
        };
        self.bytes.get(start..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn texts_come_back_by_their_numbers() {
        let mut texts = Texts::default();
        for text in ["a", "", "ä\u{1f600}", "b"] {
            texts.push(text);
        }
        let all: Vec<&str> = (0..5).map(|number| texts.get(number)).collect();
        assert_eq!(all, ["a", "", "ä\u{1f600}", "b", ""]);
        assert_eq!((texts.len(), Texts::default().get(0)), (4, ""));
    }
}
