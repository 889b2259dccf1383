//! NaN and the infinities on their way through SQL.

use super::*;

#[test]
fn numbers_that_are_none_stay_errors_and_nothing_calculates_with_them() {
    let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.5];
    let made = |kind| {
        let row = |value: &f64| vec![crate::plain::number64(*value), text("x")];
        let rows = values.iter().map(row).collect();
        table(&[("value", kind), ("word", Kind::Text)], rows)
    };
    for kind in [Kind::Number, Kind::Mixed] {
        let other = || numbers(&["2", "3"]);
        let tables = vec![("m", made(kind)), ("other", other())];
        let database = load(tables, FolderSettings::default()).unwrap();
        let is = |sql: &str, expected: &[&str]| {
            let mut cells = Vec::new();
            let mut found = database.table("t", sql).unwrap();
            let mut take = |record: Record<'_>| {
                cells.push(match &record.cells[0] {
                    Scalar::Error(error) => format!("!{}", error.word),
                    Scalar::Number(digits) => format!("n {digits}"),
                    Scalar::Text(words) => format!("t {words}"),
                    _ => panic!("{sql}"),
                });
                Ok(())
            };
            found.rows(&mut take).unwrap();
            assert_eq!(cells, expected, "{sql}");
        };
        let all = ["!NaN", "!infinity", "!-infinity", "n 1.5"];
        for value in [
            "value",
            "number(value)",
            "number(NULLIF(value, ''))",
            "COALESCE(value, 1)",
            "CASE WHEN value IS NULL THEN 'none' ELSE value END",
            "CASE WHEN COALESCE(word, 0) NOT IN (0, 7) AND word NOT IN (word, 'y', 1) IS NOT NULL \
             THEN value END",
            "CASE WHEN COALESCE(value, 0) NOT IN (0, 7, NULL) OR word LIKE 'x%' THEN value END",
        ] {
            is(&format!("SELECT {value} AS v FROM m"), &all);
        }
        // As NaN stands to numbers in PostgreSQL.
        is(
            "SELECT value FROM m WHERE value > 1",
            &["!NaN", "!infinity", "n 1.5"],
        );
        is("SELECT max(value) AS v FROM m", &["!NaN"]);
        is(
            "SELECT MIN(value) OVER (PARTITION BY word) AS v FROM m LIMIT 1",
            &["!-infinity"],
        );
        is("SELECT count(*) AS v FROM m", &["n 4"]);
        is("SELECT trim(value) AS v FROM m LIMIT 1", &["t NaN"]);
        is("SELECT CAST(value AS text) AS v FROM m LIMIT 1", &["t NaN"]);
        is("SELECT n * 2 + 1 AS v FROM other", &["n 5", "n 7"]);
        for calculated in [
            "value + 1",
            "-value",
            "value / 2",
            "2 * value",
            "value % 2",
            "value | 1",
            "value & 1",
            "1 << value",
            "~value",
            "round(value)",
            "abs(value)",
            "sum(value)",
            "avg(value)",
            "total(value)",
            "CAST(value AS REAL)",
            "CAST(value AS INTEGER)",
            "printf('%f', value)",
            "sum(value) OVER ()",
        ] {
            let error = select(&database, &format!("SELECT {calculated} AS v FROM m"));
            let said = words(&error.err().unwrap_or_else(|| panic!("{calculated}")));
            assert!(said.contains("\"value\" has NaN"), "{said}");
        }
        let hidden = "SELECT a + 1 AS v FROM (SELECT * FROM m) AS x (a, b)";
        let hidden = hidden
            .replace(" AS x (a, b)", "")
            .replace("a + 1", "\"VALUE\" + 1");
        assert!(select(&database, &hidden).is_err());
    }
    // Of a file without types nobody says that it is one.
    let texts = table(&[("value", Kind::Text)], vec![vec![text("NaN")]]);
    let database = load(vec![("m", texts)], FolderSettings::default()).unwrap();
    let refused = select(&database, "SELECT number(value) AS v FROM m").unwrap_err();
    assert!(words(&refused).contains("number()"));
}
