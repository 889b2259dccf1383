use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

fn stays(text: &str) {
    assert_eq!(visible(text), text);
}

#[test]
fn m6_what_moves_hides_or_reorders_is_shown_as_its_number() {
    for (text, shown) in [
        ("a\u{1b}[2Kb\rc\u{9b}", "a\\u001b[2Kb\\u000dc\\u009b"),
        (
            "\u{1b}]0;title\u{7}\u{1b}]8;;x\u{9c}",
            "\\u001b]0;title\\u0007\\u001b]8;;x\\u009c",
        ),
        ("\u{202e}no\u{200b}t\u{2066}", "\\u202eno\\u200bt\\u2066"),
        (
            "a\u{a0}b\u{3000}c\u{2800}\u{3164}\t",
            "a\\u00a0b\\u3000c\\u2800\\u3164\\u0009",
        ),
        ("\u{e0041}\u{feff}\u{ad}", "\\udb40\\udc41\\ufeff\\u00ad"),
        ("\u{e000}\u{10ffff}\u{378}", "\\ue000\\udbff\\udfff\\u0378"),
    ] {
        assert_eq!(visible(text), shown);
    }
    assert_eq!(one_line("x\n1: affiliation"), "x\\u000a1: affiliation");
    assert_eq!(indented("a\nb\u{202e}"), "a\n  | b\\u202e");
}

#[test]
fn m6_letters_of_all_scripts_stay_with_their_marks() {
    for text in [
        "Grüße, 患者\nTRUE",
        "Grüße e\u{301} in two",
        "عيادة الشفاء ٣",
        "בית חולים שָׁלוֹם",
        "अस्पताल क्ष",
        "โรงพยาบาล กำลัง",
        "ཧྐྵྨླྺྼྻྂ",
        "병원 \u{1112}\u{1161}\u{11ab}",
        "Ελληνικά Ωμέγα, Київ, Ձերբ, ქართული",
        "葛\u{e0100}飾区",
        "\u{1820}\u{180b}\u{1828}",
        "5 ± 3 µmol/l, 37 °C, ½, €, “quoted” — dash…",
    ] {
        stays(text);
    }
}

#[test]
fn m6_joiners_stay_between_letters_or_emoji_and_nowhere_else() {
    for text in [
        "می\u{200c}خواهم",
        "क्\u{200d}ष",
        "র\u{200d}্য",
        "👩\u{200d}⚕\u{fe0f} 👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 🧑🏽\u{200d}💻",
        "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3} ✔\u{fe0e}",
    ] {
        stays(text);
    }
    for (text, shown) in [
        ("a\u{200d}", "a\\u200d"),
        ("\u{200c}a", "\\u200ca"),
        ("a\u{200c} b", "a\\u200c b"),
        ("a\u{200d}\u{200d}b", "a\\u200d\\u200db"),
        ("1\u{200c}2", "1\\u200c2"),
        ("a\u{fe0f}b", "a\\ufe0fb"),
        ("葛\u{e0100}\u{e0101}", "葛\u{e0100}\\udb40\\udd01"),
    ] {
        assert_eq!(visible(text), shown);
    }
}

#[test]
fn m6_marks_stand_on_a_character_of_their_own_text() {
    assert_eq!(visible("\"\u{338}\""), "\"\\u0338\"");
    assert_eq!(visible(" \u{301}\u{302}x"), " \\u0301\\u0302x");
    let piled = format!("x{}", "\u{336}".repeat(MARKS + 2));
    let shown = format!("x{}\\u0336\\u0336", "\u{336}".repeat(MARKS));
    assert_eq!(visible(&piled), shown);
}

/// Texts of characters that matter, drawn at random.
fn texts() -> impl Iterator<Item = String> {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    (0..4_000).map(move |_| {
        let n = rng.gen_range(1..12);
        let c = |_| match rng.gen_range(0..6) {
            0 => char::from(rng.gen_range(0..0xa1u8)),
            1 => ['\u{200d}', '\u{200c}', '\u{fe0f}', '\u{e0100}', '\u{202e}'][rng.gen_range(0..5)],
            2 => ['क', '\u{94d}', 'ش', '👩', '葛', '\u{301}'][rng.gen_range(0..6)],
            3 => char::from_u32(rng.gen_range(0x2000..0x2100)).unwrap(),
            _ => rng.r#gen::<char>(),
        };
        (0..n).map(c).collect()
    })
}

#[test]
fn m6_what_is_shown_has_nothing_unseen_and_is_shown_the_same_again() {
    for text in texts() {
        let shown = visible(&text).into_owned();
        let chars: Vec<char> = shown.chars().collect();
        for (i, c) in chars
            .iter()
            .enumerate()
            .filter(|(_, c)| is_unseen(**c) && **c != '\n')
        {
            let before = chars[..i].last().copied();
            let after = chars.get(i + 1).copied();
            let holds = match is_joiner(*c) {
                true => before.is_some_and(can_be_joined) && after.is_some_and(can_follow_joiner),
                false => is_selector(*c) && before.is_some_and(|b| has_variant(b, *c, after)),
            };
            assert!(holds, "{text:?} is shown as {shown:?}");
        }
        assert_eq!(visible(&shown), shown);
    }
}

#[test]
fn m6_json_is_read_as_the_same_value() {
    for text in texts() {
        let value = serde_json::json!({ &text: [&text] });
        let line = visible_json(&value.to_string()).into_owned();
        assert!(!line.chars().any(is_unseen), "{line:?}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&line).unwrap(),
            value
        );
    }
}
