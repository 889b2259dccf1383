mod nan;

use super::*;
use crate::testing::{rows, words};
use crate::{Record, Scalar, TableError};

struct Given {
    columns: Vec<TableColumn>,
    rows: Vec<Vec<Scalar>>,
}

impl Table for Given {
    fn name(&self) -> &str {
        "given"
    }

    fn place(&self) -> String {
        "given.csv".to_owned()
    }

    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        for (cells, row) in self.rows.iter().zip(1..) {
            take(Record { cells, row })?;
        }
        Ok(())
    }
}

fn table(columns: &[(&str, Kind)], rows: Vec<Vec<Scalar>>) -> Box<dyn Table> {
    let column = |(name, kind): &(&str, Kind)| TableColumn {
        name: (*name).to_owned(),
        kind: *kind,
    };
    let columns = columns.iter().map(column).collect();
    Box::new(Given { columns, rows })
}

fn numbers(texts: &[&str]) -> Box<dyn Table> {
    let row = |text: &&str| vec![Scalar::Number((*text).to_owned())];
    table(&[("n", Kind::Number)], texts.iter().map(row).collect())
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

fn load(
    tables: Vec<(&str, Box<dyn Table>)>,
    settings: FolderSettings,
) -> Result<FolderDatabase, TableError> {
    let mut tables: Vec<_> = tables.into_iter().map(|(n, t)| (n.to_owned(), t)).collect();
    FolderDatabase::load(Path::new("ehr"), &mut tables, settings)
}

fn select(database: &FolderDatabase, sql: &str) -> Result<Vec<Vec<String>>, TableError> {
    rows(&mut database.table("t", sql)?)
}

#[test]
fn numbers_come_out_as_they_went_in() {
    let given = [
        "9223372036854775807",
        "-9223372036854775808",
        "0.1",
        "-0.000001",
        "12.50",
        "-0",
    ];
    let more = ["100000000000000000000", "00012", "-0.0", "37.0"];
    let database = load(
        vec![("a", numbers(&given)), ("b", numbers(&more))],
        FolderSettings::default(),
    )
    .unwrap();
    let sql = "SELECT n, typeof(n) FROM a UNION ALL SELECT n, typeof(n) FROM b";
    let expected = [
        ["n 9223372036854775807", "t integer"],
        ["n -9223372036854775808", "t integer"],
        ["n 0.1", "t real"],
        ["n -0.000001", "t real"],
        ["n 12.5", "t real"],
        ["n 0", "t integer"],
        ["n 100000000000000000000", "t real"],
        ["n 12", "t integer"],
        ["n 0", "t integer"],
        ["n 37", "t integer"],
    ];
    assert_eq!(select(&database, sql).unwrap(), expected);
    assert_eq!(
        select(&database, "SELECT count(*) FROM a WHERE n > 12").unwrap(),
        [["n 2"]]
    );
}

#[test]
fn long_numbers_are_refused_or_kept_whole() {
    let long = [
        "1",
        "0.12345678901234567890",
        "9223372036854775808",
        "12345678901234567.89",
    ];
    let refused = load(vec![("a", numbers(&long))], FolderSettings::default());
    let said = words(&refused.err().unwrap());
    assert!(
        said.contains("row 2") && said.contains("\"n\"") && !said.contains("1234"),
        "{said}"
    );
    let settings = FolderSettings {
        long_numbers: LongNumbers::Text,
        ..FolderSettings::default()
    };
    let database = load(vec![("a", numbers(&long))], settings).unwrap();
    let expected = [
        ["n 1"],
        ["t 0.12345678901234567890"],
        // 64 bits hold it, but the shortest text of that is 9223372036854776000.
        ["t 9223372036854775808"],
        ["t 12345678901234567.89"],
    ];
    assert_eq!(select(&database, "SELECT n FROM a").unwrap(), expected);
}

#[test]
fn other_types_become_texts_and_join_across_files() {
    let people = table(
        &[
            ("id", Kind::Text),
            ("born", Kind::Date),
            ("alive", Kind::Bool),
            ("name", Kind::Text),
        ],
        vec![
            vec![
                text("7"),
                Scalar::Date("1969-12-31".into()),
                Scalar::Bool(true),
                text("007"),
            ],
            vec![text("8"), Scalar::Null, Scalar::Bool(false), Scalar::Null],
        ],
    );
    let visits = table(
        &[
            ("person", Kind::Number),
            ("at", Kind::Time),
            ("odd \"name\"", Kind::Mixed),
        ],
        vec![vec![
            Scalar::Number("7".into()),
            Scalar::Time("2026-01-31T10:00:00Z".into()),
            text("5"),
        ]],
    );
    let tables = vec![("people", people), ("visits-2026", visits)];
    let database = load(tables, FolderSettings::default()).unwrap();
    let sql = "SELECT p.*, v.at, \"odd \"\"name\"\"\" AS odd FROM people p
               JOIN \"visits-2026\" v ON v.person = p.id WHERE born < '1970-01-01'";
    let expected = [
        "t 7",
        "d 1969-12-31",
        "n 1",
        "t 007",
        "m 2026-01-31T10:00:00Z",
        "t 5",
    ];
    let expected = expected.map(|cell| cell.replace("d ", "t ").replace("m ", "t "));
    assert_eq!(select(&database, sql).unwrap(), [expected]);
}

#[test]
fn texts_become_numbers_only_where_they_are() {
    let csv = table(
        &[("a", Kind::Text)],
        ["9", "10", "-12.50"].map(|cell| vec![text(cell)]).to_vec(),
    );
    let bad = table(
        &[("a", Kind::Text)],
        vec![vec![text("")], vec![text("secret")]],
    );
    let database = load(vec![("csv", csv), ("bad", bad)], FolderSettings::default()).unwrap();
    let sql = "SELECT a FROM csv WHERE number(a) > 9.5";
    assert_eq!(select(&database, sql).unwrap(), [["t 10"]]);
    let sql = "SELECT number(a) AS a FROM csv ORDER BY 1";
    assert_eq!(
        select(&database, sql).unwrap(),
        [["n -12.5"], ["n 9"], ["n 10"]]
    );
    for sql in [
        "SELECT number(a) FROM bad",
        "SELECT number(x'00')",
        "SELECT number('1e5')",
    ] {
        let said = words(&select(&database, sql).unwrap_err());
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn nothing_is_written_once_loaded() {
    let database = load(vec![("a", numbers(&["1"]))], FolderSettings::default()).unwrap();
    for sql in [
        "DELETE FROM a",
        "WITH x AS (SELECT 1) INSERT INTO a SELECT 2",
        "SELECT 1; SELECT 2",
    ] {
        assert!(select(&database, sql).is_err(), "{sql}");
    }
}

#[test]
fn names_that_sql_cannot_tell_apart_are_refused() {
    let one = || numbers(&["1"]);
    let twice = table(&[("a", Kind::Text), ("A", Kind::Text)], vec![]);
    let none = table(&[], vec![]);
    let tables = vec![
        ("x", one()),
        ("X", one()),
        ("y", twice),
        ("z", none),
        ("sqlite_a", one()),
    ];
    let said = words(&load(tables, FolderSettings::default()).err().unwrap());
    assert_eq!(said.lines().count(), 4, "{said}");
}

#[test]
fn memory_is_bounded_and_values_fit_their_columns() {
    let settings = FolderSettings {
        bytes: 1 << 20,
        ..FolderSettings::default()
    };
    let large = table(
        &[("a", Kind::Text)],
        (0..100).map(|_| vec![text(&"x".repeat(20_000))]).collect(),
    );
    assert!(words(&load(vec![("a", large)], settings).err().unwrap()).contains("memory"));
    let odd = table(&[("a", Kind::Number)], vec![vec![text("12")]]);
    assert!(words(&load(vec![("a", odd)], settings).err().unwrap()).contains("another type"));
}

#[test]
fn days_are_read_or_refused_in_own_words() {
    let days = |texts: &[&str]| {
        let row = |day: &&str| vec![text(day)];
        let rows = texts.iter().map(row).collect();
        load(
            vec![("t", table(&[("d", Kind::Text)], rows))],
            FolderSettings::default(),
        )
        .unwrap()
    };
    let good = [
        "2024-02-29",
        "2024-02-29T10:00:00",
        "2024-02-29 00:00:00.000",
        "1899-12-31",
    ];
    let database = days(&good);
    let read = select(&database, "SELECT DISTINCT day(d) FROM t ORDER BY 1").unwrap();
    assert_eq!(read, [["t 1899-12-31"], ["t 2024-02-29"]]);
    assert_eq!(select(&database, "SELECT day(NULL)").unwrap(), [["-"]]);
    for bad in [
        "2023-02-29",
        "29.02.2024",
        "2024-2-29",
        "2024-02-29x",
        "20240229",
        "",
        "now",
        "-2024-02-29",
        "2024-13-01",
    ] {
        let said = words(&select(&days(&[bad]), "SELECT day(d) FROM t").unwrap_err());
        assert!(said.contains("day(): expected a day"), "{bad}: {said}");
        assert!(bad.is_empty() || !said.contains(bad), "{said}");
    }
    let said = words(&select(&database, "SELECT number(d) FROM t").unwrap_err());
    assert!(
        said.contains("number(): expected digits") && said.contains("row 1"),
        "{said}"
    );
    let said = words(&select(&database, "SELECT abs(-9223372036854775808)").unwrap_err());
    assert!(!said.contains("overflow"), "{said}");
}

#[test]
fn columns_that_nobody_wants_are_not_there() {
    let row = vec![text("a"), text("b"), text("c")];
    let columns = [("x", Kind::Text), ("y", Kind::Text), ("z", Kind::Text)];
    let mut tables = vec![("t".to_owned(), table(&columns, vec![row]))];
    let mut load = |wanted: &dyn Fn(&str) -> bool| {
        let (folder, settings) = (Path::new("ehr"), FolderSettings::default());
        FolderDatabase::load_columns(folder, &mut tables, settings, wanted).unwrap()
    };
    let database = load(&|name| name != "y");
    assert_eq!(
        select(&database, "SELECT * FROM t").unwrap(),
        [["t a", "t c"]]
    );
    assert!(select(&database, "SELECT y FROM t").is_err());
    let database = load(&|_| false);
    assert_eq!(
        select(&database, "SELECT count(*) FROM t").unwrap(),
        [["n 1"]]
    );
}
