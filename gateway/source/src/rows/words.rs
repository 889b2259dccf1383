//! Words that stand in the place of an identity and are nobody's: words for nobody, for what a row
//! sums up, for "the same as above", and for tests, in languages that are met.

/// Alone they are no identity. In small letters, as the words alone.
const PHRASES: [&str; 24] = [
    "as above",
    "ditto",
    "dito",
    "idem",
    "jane doe",
    "john doe",
    "k a",
    "keine angabe",
    "lorem ipsum",
    "n a",
    "n b",
    "n n",
    "n v",
    "nicht bekannt",
    "no id",
    "not available",
    "not known",
    "s o",
    "same",
    "see above",
    "siehe oben",
    "std abw",
    "u a",
    "w o",
];

/// Each makes nobody of a text that has no other words but these and [`BESIDE`].
const WORDS: [&str; 104] = [
    "aggregate",
    "all",
    "alle",
    "altogether",
    "anon",
    "anonym",
    "anonymous",
    "anzahl",
    "average",
    "avg",
    "beispiel",
    "blank",
    "count",
    "demo",
    "desconocido",
    "desvest",
    "doe",
    "dummy",
    "durchschnitt",
    "empty",
    "example",
    "fehlt",
    "gemiddelde",
    "gesamt",
    "gesamtergebnis",
    "gesamtsumme",
    "gesamtzahl",
    "inconnu",
    "inconnue",
    "insgesamt",
    "keine",
    "leer",
    "maximum",
    "mean",
    "means",
    "media",
    "median",
    "mediana",
    "minimum",
    "missing",
    "mittel",
    "mittelwert",
    "mittelwerte",
    "moyenne",
    "muster",
    "mustermann",
    "na",
    "nan",
    "niemand",
    "nil",
    "nn",
    "nobody",
    "none",
    "null",
    "ohne",
    "onbekend",
    "overall",
    "promedio",
    "prozent",
    "percent",
    "quartile",
    "range",
    "razem",
    "ref",
    "sample",
    "sconosciuto",
    "somma",
    "somme",
    "spannweite",
    "standardabweichung",
    "std",
    "stdabw",
    "stddev",
    "stdev",
    "subtotal",
    "subtotals",
    "suma",
    "sum",
    "summary",
    "summe",
    "summen",
    "tba",
    "tbd",
    "test",
    "tests",
    "testperson",
    "testpatient",
    "testpatientin",
    "total",
    "totaal",
    "totale",
    "totales",
    "totals",
    "totaux",
    "undefined",
    "unbek",
    "unbekannt",
    "unbekannte",
    "unbekannter",
    "unidentified",
    "unk",
    "unknown",
    "unspecified",
    "zwischensumme",
];

/// Words that say nothing by themselves, beside one of [`WORDS`].
const BESIDE: [&str; 40] = [
    "and",
    "angabe",
    "by",
    "case",
    "cases",
    "column",
    "data",
    "der",
    "des",
    "deviation",
    "die",
    "erika",
    "error",
    "fall",
    "grand",
    "id",
    "identity",
    "max",
    "min",
    "n",
    "name",
    "nr",
    "no",
    "number",
    "of",
    "pat",
    "patient",
    "patienten",
    "patientin",
    "patients",
    "person",
    "personen",
    "persons",
    "row",
    "rows",
    "sd",
    "standard",
    "subject",
    "subjects",
    "value",
];

/// Most letters of a text that is looked at.
const LONGEST: usize = 60;

/// What a text may be, in the place of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Somebody's, for all that its words say.
    Somebodys,
    /// Nobody's, ever.
    Nobodys,
    /// Words for nobody with a number: somebody's, where all are called so.
    Numbered,
}

/// What the words of a text say.
pub(crate) fn of(text: &str) -> Word {
    if text.len() > LONGEST {
        return Word::Somebodys;
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Word::Nobodys;
    }
    let lower = text.to_lowercase();
    let has_digit = lower.chars().any(char::is_numeric);
    let parts: Vec<&str> = lower
        .split(|c: char| !c.is_alphabetic())
        .filter(|part| !part.is_empty())
        .collect();
    match has_digit {
        true if is_count(&lower) || is_numbered(&lower, &parts) => Word::Numbered,
        true => Word::Somebodys,
        false if is_repeated_x(&parts) || is_nobodys(&parts) => Word::Nobodys,
        false => Word::Somebodys,
    }
}

fn is_nobodys(parts: &[&str]) -> bool {
    let is_one = |part: &&str| WORDS.contains(part);
    let is_beside = |part: &&str| WORDS.contains(part) || BESIDE.contains(part);
    PHRASES.contains(&parts.join(" ").as_str())
        || (parts.iter().any(is_one) && parts.iter().all(is_beside))
}

/// `Total 2024`, `Unbekannt1`, `Haus 3 gesamt`: short words may begin a number that is somebody's.
fn is_numbered(lower: &str, parts: &[&str]) -> bool {
    let has_word = parts
        .iter()
        .any(|part| part.len() >= 4 && WORDS.contains(part));
    has_word && (lower.contains(char::is_whitespace) || is_nobodys(parts))
}

/// `n = 300`.
fn is_count(lower: &str) -> bool {
    let rest = lower.trim_start_matches('(').strip_prefix('n');
    rest.is_some_and(|rest| rest.trim_start().starts_with(['=', ':']))
}

fn is_repeated_x(parts: &[&str]) -> bool {
    let is_x = |part: &&str| part.len() > 1 && part.bytes().all(|byte| byte == b'x');
    !parts.is_empty() && parts.iter().all(is_x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b7_words_that_are_nobodys() {
        for word in [
            "unknown",
            "UNKNOWN",
            "Unbekannt",
            "unbek.",
            "-",
            "--",
            "?",
            "N.N.",
            "N. N.",
            "NN",
            "n/a",
            "N.A.",
            "NULL",
            "None",
            "keine Angabe",
            "not_known",
            "k.A.",
            ".",
            "\u{2014}",
            "*",
            "XXX",
            "Total",
            "TOTAL",
            "Total:",
            "Grand Total",
            "Summe",
            "Gesamt",
            "Mean",
            "Mittelwert",
            "Average",
            "unknown patient",
            "(blank)",
            "(Leer)",
            "test",
            "TEST",
            "Test Patient",
            "John Doe",
            "Max Mustermann",
            "All patients",
            "Totals:",
            "Std. Abw.",
            "standard deviation (mean)",
            "ditto",
            "s.o.",
            "No ID",
            "#NULL",
        ] {
            assert_eq!(of(word), Word::Nobodys, "{word}");
        }
    }

    #[test]
    fn b7_words_that_may_be_somebodys() {
        for id in [
            "P1",
            "x",
            "A",
            "AB",
            "Nina",
            "0",
            "12",
            "Ann",
            "NNA",
            "a-b",
            "Max",
            "Min",
            "Meyer",
            "NA12",
            "NN7",
            "ID",
            "patient",
            "P-all",
            "Doering",
            "Test GmbH",
        ] {
            assert_eq!(of(id), Word::Somebodys, "{id}");
        }
        for id in [
            "unknown-7",
            "Unbekannt1",
            "Total 2024",
            "test1",
            "Mean (n=12)",
            "n=300",
            "Summe Station 1",
            "N = 12",
        ] {
            assert_eq!(of(id), Word::Numbered, "{id}");
        }
    }

    #[test]
    fn each_word_stands_once_in_its_list() {
        for list in [&PHRASES[..], &WORDS[..], &BESIDE[..]] {
            let unique: std::collections::BTreeSet<&&str> = list.iter().collect();
            assert_eq!(unique.len(), list.len());
            assert!(list.iter().all(|word| word.to_lowercase() == **word));
        }
    }
}
