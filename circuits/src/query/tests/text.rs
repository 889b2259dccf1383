//! The one text of a program.

use super::*;

#[test]
fn m6_one_text_a_program_and_one_program_a_text() {
    for (typed, text) in [
        (
            "AGE BETWEEN 40 AND 65 AND smoker",
            "age >= 40 AND age <= 65 AND smoker = TRUE",
        ),
        ("NOT (age < 3 OR smoker)", "age >= 3 AND smoker <> TRUE"),
        (
            "smoker OR (age = 3 AND sex = 'other')",
            "smoker = TRUE OR (age = 3 AND sex = 'other')",
        ),
        (
            "smoker AND (age = 3 OR age = 4)",
            "smoker = TRUE AND (age = 3 OR age = 4)",
        ),
        (
            "smoker AND (age = 3 AND sex = 'other')",
            "smoker = TRUE AND (age = 3 AND sex = 'other')",
        ),
        (
            "(age < 3 OR smoker) AND (age < 3 OR smoker)",
            "age < 3 OR smoker = TRUE",
        ),
        ("hba1c >= 6.50", "hba1c >= 6.5"),
        ("hba1c >= 6.55", "hba1c > 6.5"),
        ("delta > -3.5", "delta > -4"),
        ("taken >= DATE '2000-02-01'", "taken >= '2000-02-01'"),
        ("age = 128", "age > 128"),
        ("age <= 200", "age <= 128"),
        ("age IS NULL", "age IS NULL"),
        ("NOT age IS NULL", "age IS NOT NULL"),
        ("true", "TRUE"),
        ("age = 4 AND FALSE", "FALSE"),
        // Whatever stands where nobody looks.
        (&format!("smoker = TRUE{}OR TRUE", " ".repeat(1900)), "TRUE"),
        (
            "smoker = TRUE\n\n\n\n\n\nOR age > 3",
            "smoker = TRUE OR age > 3",
        ),
    ] {
        let query = compiled(typed);
        assert_eq!(query.text(), text, "{typed}");
        let again = compiled(query.text());
        assert_eq!(again.program(), query.program(), "{typed}");
        assert_eq!(again.text(), text);
    }
}

#[test]
fn m6_spans_that_end_where_no_constant_can_be_written() {
    let schema = Schema::from_json(
        r#"{"format":"medveil-schema-1","columns":[
        {"name":"d","type":"day","min":"2000-01-01","max":"2999-12-31","source":{"header":"a"}},
        {"name":"n","type":"int","min":"9223372036854775800","max":"9223372036854775807","source":{"header":"b"}}]}"#,
    )
    .unwrap();
    for (typed, text) in [
        ("d >= '1990-01-01'", "d >= '1999-12-31'"),
        ("d < '1990-01-01'", "d < '1999-12-31'"),
        ("n > 3", "n >= 9223372036854775799"),
        ("n = 3", "n < 9223372036854775799"),
    ] {
        let query = compile(typed, &schema, CountUnit::Rows).unwrap();
        assert_eq!(query.text(), text);
        let again = compile(query.text(), &schema, CountUnit::Rows).unwrap();
        assert_eq!(again.program(), query.program());
    }
}

#[test]
fn m6_names_and_codes_that_look_like_something_else() {
    let schema = Schema::from_json(
        r#"{"format":"medveil-schema-1","columns":[
        {"name":"Or","type":"flag","source":{"header":"a"}},
        {"name":"TRUE","type":"int","min":0,"max":9,"source":{"header":"b"}},
        {"name":"c","type":"code","codes":["x' OR TRUE","y"],"source":{"header":"c"}}]}"#,
    )
    .unwrap();
    let compile = |text: &str| compile(text, &schema, CountUnit::Rows).unwrap();
    for (typed, text) in [
        ("\"OR\" AND \"true\" > 3", "\"or\" = TRUE AND \"true\" > 3"),
        ("c = 'x'' OR TRUE'", "c = 'x'' OR TRUE'"),
    ] {
        let query = compile(typed);
        assert_eq!(query.text(), text);
        assert_eq!(compile(query.text()).program(), query.program());
    }
}

proptest::proptest! {
    #[test]
    fn m6_every_program_has_a_text_that_compiles_to_it(
        atoms in proptest::collection::vec(0usize..6, 4),
        ands in proptest::array::uniform3(proptest::bool::ANY),
        nots in proptest::array::uniform3(proptest::bool::ANY),
        shape in 0usize..5,
    ) {
        const ATOMS: [&str; 6] = [
            "age < 40", "smoker", "age = 999", "hba1c <> 6.55", "sex = 'male'", "age IS NULL",
        ];
        let a: Vec<&str> = atoms.iter().map(|i| ATOMS[*i]).collect();
        let op = |i: usize| if ands[i] { "AND" } else { "OR" };
        let not = |i: usize| if nots[i] { "NOT " } else { "" };
        let (x, y, z) = (op(0), op(1), op(2));
        let text = match shape {
            0 => format!("{}({} {x} {}) {y} {}({} {z} {})", not(0), a[0], a[1], not(1), a[2], a[3]),
            1 => format!("{} {x} {}({} {y} ({} {z} {}))", a[0], not(0), a[1], a[2], a[3]),
            2 => format!("{}({} {x} {} {y} {}) {z} {}", not(0), a[0], a[1], a[2], a[3]),
            3 => format!("{}{}", not(0), a[0]),
            _ => format!("({} {x} {}) {y} ({} {x} {})", a[0], a[1], a[0], a[1]),
        };
        let Ok(query) = compile(&text, &claim_schema(), CountUnit::Rows) else {
            // More columns than a program has.
            return Ok(());
        };
        let again = compile(query.text(), &claim_schema(), CountUnit::Rows).unwrap();
        proptest::prop_assert_eq!(again.program(), query.program(), "{} -> {}", text, query.text());
        proptest::prop_assert_eq!(again.text(), query.text());
    }
}
