//! Text of others that people read.
//!
//! Some scripts cannot be written without characters that are not seen: a joiner or a non-joiner
//! inside a word of Persian, Hindi or Malayalam tells two words apart. Between two letters of a script
//! that has such pairs it counts as seen; anywhere else (ends, rows of them, beside letters that never
//! join) it may make two texts look alike, and is hidden.
//!
//! Source: Unicode Standard 17, 23.2 (joiners), and the rules CONTEXTJ of RFC 5892, appendix A, less
//! the table of joining types: who may join by its block may join here.

/// Whether a character moves the cursor, or is not seen, or reorders the text around it: control
/// characters, blanks other than the common one, and what Unicode calls ignorable by default.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c != ' ' && c.is_whitespace())
        || matches!(
            c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{180b}'..='\u{180f}' | '\u{feff}'
        )
        || matches!(
            c,
            '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        )
        || matches!(
            c,
            '\u{17b4}'..='\u{17b5}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
        )
        || matches!(c, '\u{13430}'..='\u{1345f}' | '\u{16fe4}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a text has a hidden character; a joiner between two letters that can join is none.
pub fn has_hidden(text: &str) -> bool {
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_inside =
            is_joiner(c) && before.is_some_and(joins) && rest.peek().copied().is_some_and(joins);
        if is_hidden(c) && !is_inside {
            return true;
        }
        before = Some(c);
    }
    false
}

/// Whether all of a text is seen as it is: no hidden character, no two blanks in a row, none at the
/// ends.
pub fn is_plain(text: &str) -> bool {
    text.trim() == text && !text.contains("  ") && !has_hidden(text)
}

/// ZERO WIDTH NON-JOINER and ZERO WIDTH JOINER.
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether a letter or a mark is of a script whose letters join, or form others.
fn joins(c: char) -> bool {
    let is_of_script = matches!(
        c,
        // Arabic, Syriac, Thaana, N'Ko, Mandaic; Devanagari to Sinhala.
        '\u{0600}'..='\u{0dff}'
        // Myanmar, Khmer, Mongolian.
            | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
        // Balinese, Sundanese, Batak, Vedic marks.
            | '\u{1b00}'..='\u{1bff}' | '\u{1cd0}'..='\u{1cff}'
        // Phags-pa, Saurashtra, Devanagari extended, Javanese, Myanmar extended, Meetei Mayek.
            | '\u{a840}'..='\u{a9ff}' | '\u{aa60}'..='\u{aaff}' | '\u{abc0}'..='\u{abff}'
        // Arabic presentation forms.
            | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        // Brahmi and its family, Adlam.
            | '\u{11000}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}'
    );
    is_of_script && !is_hidden(c) && (c.is_alphabetic() || is_mark(c))
}

/// Marks of these scripts that are no letters: signs that take a vowel away, dots below, vowels of
/// Arabic.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{064b}'..='\u{065f}' | '\u{0670}' | '\u{06d6}'..='\u{06dc}'
            | '\u{093c}' | '\u{094d}' | '\u{09bc}' | '\u{09cd}' | '\u{0a3c}' | '\u{0a4d}'
            | '\u{0abc}' | '\u{0acd}' | '\u{0b3c}' | '\u{0b4d}' | '\u{0bcd}' | '\u{0c4d}'
            | '\u{0cbc}' | '\u{0ccd}' | '\u{0d3b}'..='\u{0d3c}' | '\u{0d4d}' | '\u{0dca}'
            | '\u{1037}' | '\u{1039}'..='\u{103a}' | '\u{17d2}' | '\u{1b44}' | '\u{1baa}'
            | '\u{a8c4}' | '\u{a9c0}' | '\u{11046}' | '\u{110b9}' | '\u{11133}'..='\u{11134}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_all_scripts_are_plain_with_their_joiners() {
        for text in [
            "Blood sugar",
            "Größe 7 µmol/l",
            "می\u{200c}خواهم",
            "نمی\u{200c}دانم",
            "क्\u{200d}ष",
            "क्\u{200c}ष",
            "ശ്രീ നന്\u{200d}മ",
            "ක්\u{200d}ර",
            "糖尿病",
            "dia\u{301}betes",
            "אבג",
        ] {
            assert!(is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_seen_or_makes_two_texts_alike_is_not_plain() {
        for text in [
            " a",
            "a ",
            "a  b",
            "a\tb",
            "a\u{a0}b",
            "a\u{200b}b",
            "a\u{202e}b",
            "Hospital\u{200d}A",
            "Hospital\u{200c}A",
            "\u{200c}می",
            "می\u{200c}",
            "می\u{200c}\u{200c}خ",
            "می\u{200c}\u{200d}خ",
            "م\u{200c} خ",
            "م\u{200c}a",
            "\u{661}\u{200c}\u{662}",
            "م\u{200c}\u{202e}خ",
            "\u{1f468}\u{200d}\u{1f469}",
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
    }
}
