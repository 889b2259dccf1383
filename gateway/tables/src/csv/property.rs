//! Random tables, written in every way that the settings name, are read back exactly.

use super::tests::{read_named, shown};
use super::*;
use encoding_rs::Encoding;
use proptest::prelude::*;

/// A value: none, or a text of what is awkward in a file and what every encoding has.
fn value() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        1 => Just(None),
        4 => "[a-c äöü,;|\t\"'\n\r#0-9.-]{0,8}".prop_map(Some),
        1 => Just(Some(String::new())),
    ]
}

#[derive(Clone, Debug)]
struct Way {
    delimiter: char,
    quote: char,
    end: &'static str,
    encoding: &'static str,
    mark: bool,
    last_end: bool,
    always: bool,
}

fn way() -> impl Strategy<Value = Way> {
    let delimiter = prop::sample::select(vec![',', ';', '\t', '|', '^']);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let labels = vec![
        "utf-8",
        "windows-1252",
        "iso-8859-15",
        "utf-16le",
        "utf-16be",
    ];
    let encoding = prop::sample::select(labels);
    let quote = prop::sample::select(vec!['"', '\'']);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (delimiter, quote, end, encoding, flags).prop_map(
        |(delimiter, quote, end, encoding, (mark, last_end, always))| Way {
            delimiter,
            quote,
            end,
            encoding,
            mark,
            last_end,
            always,
        },
    )
}

fn field(way: &Way, value: Option<&String>) -> String {
    let Some(text) = value else {
        return String::new();
    };
    let special = [way.delimiter, way.quote, '\n', '\r'];
    if way.always || text.is_empty() || text.contains(special) {
        let doubled = text.replace(way.quote, &format!("{0}{0}", way.quote));
        return format!("{0}{doubled}{0}", way.quote);
    }
    text.clone()
}

fn encode(way: &Way, text: &str) -> Vec<u8> {
    let text = match way.mark && way.encoding.starts_with("utf") {
        true => format!("\u{feff}{text}"),
        false => text.to_owned(),
    };
    match way.encoding {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        label => {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            encoding.encode(&text).0.into_owned()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn b11_random_tables_are_read_back_exactly(
        way in way(),
        rows in (2usize..5).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec(value(), width), 0..12)
                .prop_map(move |rows| (width, rows))
        }),
    ) {
        let (width, rows) = rows;
        let header: Vec<Option<String>> = (0..width).map(|n| Some(format!("n {n}"))).collect();
        let lines: Vec<String> = std::iter::once(&header)
            .chain(&rows)
            .map(|row| {
                let fields: Vec<String> = row.iter().map(|v| field(&way, v.as_ref())).collect();
                fields.join(&way.delimiter.to_string())
            })
            .collect();
        let last = if way.last_end { way.end } else { "" };
        let bytes = encode(&way, &format!("{}{last}", lines.join(way.end)));
        let (delimiter, quote) = (way.delimiter.to_string(), way.quote.to_string());
        let settings = [
            ("delimiter", delimiter.as_str()),
            ("quote", quote.as_str()),
            ("encoding", way.encoding),
        ];
        // Without a word for the delimiter, the same is found, or it is refused.
        let guess = read_named("t.csv", &bytes, &settings[1..]);
        if let (Ok((_, guessed)), true) = (&guess, way.delimiter != '^') {
            prop_assert_eq!(guessed, &read_named("t.csv", &bytes, &settings).unwrap().1);
        }
        // A value before the first delimiter is never a blank line here: there are two columns.
        let (names, found) = read_named("t.csv", &bytes, &settings).unwrap();
        prop_assert_eq!(names.len(), width);
        let expected: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| {
                let cell = |v: Option<String>| v.map_or(Scalar::Null, Scalar::Text);
                shown(&row.into_iter().map(cell).collect::<Vec<_>>())
            })
            .collect();
        let found: Vec<Vec<String>> = found.into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn b11_random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), gz in any::<bool>()) {
        let name = if gz { "x.csv.gz" } else { "x.csv" };
        let _ = read_named(name, &bytes, &[]);
    }

    #[test]
    fn b11_random_csv_never_panics(text in "[ab,;|\t\"\n\r ]{0,120}") {
        let _ = read_named("x.csv", text.as_bytes(), &[]);
        let _ = read_named("x.csv", text.as_bytes(), &[("delimiter", "comma")]);
        let _ = read_named("x.csv", text.as_bytes(), &[("encoding", "shift_jis")]);
    }
}
