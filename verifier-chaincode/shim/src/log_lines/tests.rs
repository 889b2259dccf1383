//! What a log may have of others.

use super::*;

#[test]
fn m6_a_line_of_the_log_stays_one_and_moves_nothing() {
    for (text, line) in [
        ("a\u{1b}[2K\r\nb\t", "a\\u{1b}[2K\\u{d}\\u{a}b\\u{9}"),
        (
            "\u{9b}31m\u{7f}\u{202e}x\u{2028}",
            "\\u{9b}31m\\u{7f}\\u{202e}x\\u{2028}",
        ),
        (
            "\u{a0}\u{3000}\u{e000}\u{200b}",
            "\\u{a0}\\u{3000}\\u{e000}\\u{200b}",
        ),
        ("call=\"Tick\" C:\\x it's", "call=\"Tick\" C:\\x it's"),
        ("Grüße क्ष 葛飾 e\u{301} €", "Grüße क्ष 葛飾 e\u{301} €"),
    ] {
        assert_eq!(one_line(text), line);
    }
}
