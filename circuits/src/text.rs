//! Text of others that people read.

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

/// Whether all of a text is seen as it is: no hidden character, no two blanks in a row, none at the
/// ends.
pub fn is_plain(text: &str) -> bool {
    text.trim() == text && !text.contains("  ") && !text.chars().any(is_hidden)
}
