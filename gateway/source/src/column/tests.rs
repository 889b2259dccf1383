//! What texts and typed cells become.

use super::*;

/// A column that reads what is written, and nothing else.
pub(crate) fn test_column(kind: ColumnType) -> SourceColumn {
    SourceColumn {
        name: "c".to_owned(),
        kind,
        rule: RowRule::Last,
        window: None,
        missing: None,
        exclude: None,
        on_bad: OnBad::Drop,
        round: false,
        age_on: None,
        words: Words {
            map: BTreeMap::new(),
            null: Vec::new(),
            flags: None,
            trim: false,
            signs: Signs::PLAIN,
            order: Order::Iso,
            partial: Partial::Drop,
        },
        units: None,
    }
}

fn read(column: &SourceColumn, text: &str) -> Result<Option<i64>, Bad> {
    column.read(text).map(|read| read.map(|read| read.value))
}

#[test]
fn b7_texts_become_typed_values_and_nothing_is_guessed() {
    let int = test_column(ColumnType::Int { min: -10, max: 120 });
    assert_eq!(
        (read(&int, "42"), read(&int, ""), read(&int, "-10")),
        (Ok(Some(42)), Ok(None), Ok(Some(-10)))
    );
    for (text, bad) in [
        ("121", Bad::Range),
        ("4.5", Bad::Fraction),
        ("x", Bad::Number),
        ("+5", Bad::Number),
        ("1e1", Bad::Number),
        ("5%", Bad::Number),
        (" 42", Bad::Blanks),
        ("NA", Bad::Number),
        ("-", Bad::Number),
    ] {
        assert_eq!(read(&int, text), Err(bad), "{text}");
    }
    let decimal = test_column(ColumnType::Decimal {
        scale: 1,
        min: 30,
        max: 200,
    });
    assert_eq!(read(&decimal, "7.2"), Ok(Some(72)));
    assert_eq!(read(&decimal, "7.25"), Err(Bad::Digits));
    let rounding = SourceColumn {
        round: true,
        ..decimal
    };
    let rounded = rounding.read("7.25").unwrap().unwrap();
    assert_eq!((rounded.value, rounded.change), (73, Some(Change::Rounded)));
    let flag = test_column(ColumnType::Flag);
    assert_eq!(
        (read(&flag, "True"), read(&flag, "false")),
        (Ok(Some(1)), Ok(Some(0)))
    );
    assert_eq!(read(&flag, "yes"), Err(Bad::Flag));
    let mut german = flag;
    german.words.flags = Some([
        vec!["ja".to_owned()],
        vec!["nein".to_owned(), "0".to_owned()],
    ]);
    assert_eq!(
        (read(&german, "ja"), read(&german, "0")),
        (Ok(Some(1)), Ok(Some(0)))
    );
    assert_eq!(read(&german, "true"), Err(Bad::Flag));
    let day = test_column(ColumnType::Day {
        min: 0,
        max: 30_000,
    });
    assert_eq!(
        (
            read(&day, "1970-01-02"),
            read(&day, "1969-12-31"),
            read(&day, "soon")
        ),
        (Ok(Some(1)), Err(Bad::Range), Err(Bad::Date))
    );
    assert_eq!(read(&day, "1970"), Err(Bad::Partial));
}

#[test]
fn b7_codes_are_mapped_whatever_unicode_form_they_have() {
    let mut code = test_column(ColumnType::Code {
        codes: vec!["männlich".to_owned(), "weiblich".to_owned()],
    });
    code.words.map.insert("m".to_owned(), "männlich".to_owned());
    code.words.null.push("NA".to_owned());
    assert_eq!(read(&code, "m"), Ok(Some(0)));
    assert_eq!(read(&code, "ma\u{308}nnlich"), Ok(Some(0)));
    assert_eq!(
        (read(&code, "NA"), read(&code, "x")),
        (Ok(None), Err(Bad::Code))
    );
}

#[test]
fn b7_typed_cells_are_never_guessed_again_from_text() {
    let int = test_column(ColumnType::Int { min: 0, max: 100 });
    let value =
        |column: &SourceColumn, cell: Scalar| column.read_cell(&cell).map(|r| r.map(|r| r.value));
    assert_eq!(value(&int, Scalar::Number("42".to_owned())), Ok(Some(42)));
    assert_eq!(value(&int, Scalar::Bool(true)), Err(Bad::Type));
    assert_eq!(
        value(&int, Scalar::Date("1970-01-02".to_owned())),
        Err(Bad::Type)
    );
    let comma = SourceColumn {
        words: Words {
            signs: Signs {
                decimal: ',',
                ..Signs::PLAIN
            },
            ..int.words.clone()
        },
        ..test_column(ColumnType::Decimal {
            scale: 1,
            min: 0,
            max: 100,
        })
    };
    assert_eq!(
        value(&comma, Scalar::Number("7.2".to_owned())),
        Ok(Some(72)),
        "typed"
    );
    assert_eq!(value(&comma, Scalar::Text("7,2".to_owned())), Ok(Some(72)));
    assert_eq!(
        value(&comma, Scalar::Text("7.2".to_owned())),
        Err(Bad::Number)
    );
    let flag = test_column(ColumnType::Flag);
    assert_eq!(value(&flag, Scalar::Bool(true)), Ok(Some(1)));
    let day = test_column(ColumnType::Day {
        min: 0,
        max: 30_000,
    });
    assert_eq!(
        value(&day, Scalar::Time("1970-01-02T23:00:00-05:00".to_owned())),
        Ok(Some(1))
    );
    assert_eq!(value(&day, Scalar::Number("2".to_owned())), Err(Bad::Type));
}

#[test]
fn b7_the_dead_do_not_age() {
    let on = date::parse("2026-01-01", Order::Iso, Partial::Drop)
        .unwrap()
        .day;
    let age = SourceColumn {
        age_on: Some(on),
        ..test_column(ColumnType::Int { min: 0, max: 120 })
    };
    let of = |born: &str, until: Scalar| {
        let until = age.until(&until)?;
        let read = age.read_aged(&Scalar::Date(born.to_owned()), until)?;
        Ok::<_, Bad>(read.map(|read| read.value))
    };
    assert_eq!(of("1980-01-01", Scalar::Null), Ok(Some(46)));
    assert_eq!(
        of("1980-01-02", Scalar::Text("false".to_owned())),
        Ok(Some(45))
    );
    assert_eq!(
        of("1980-01-01", Scalar::Text("2020-06-01".to_owned())),
        Ok(Some(40))
    );
    assert_eq!(
        of("1980-01-01", Scalar::Text("true".to_owned())),
        Err(Bad::Dead)
    );
    assert_eq!(
        of("1980-01-01", Scalar::Text("2020".to_owned())),
        Err(Bad::Dead)
    );
    assert_eq!(of("1980", Scalar::Null), Err(Bad::Partial));
}
