use super::*;
use crate::testing::words;

fn parse(text: &str) -> Result<QueryFile, TableError> {
    QueryFile::parse(text, Path::new("q/visits.sql"))
}

fn refusal(text: &str) -> String {
    words(&parse(text).unwrap_err())
}

#[test]
fn statements_are_taken_with_their_names_and_lines() {
    let text = "-- Visits of the year; see the manual.\n-- database: postgresql://reader@db/ehr\n\n\
                -- table: visits\nSELECT 'a;b' AS a -- note: more\n  , \"x;y\", $$ ; $$, $q$ $$; $q$,\n\
                E'it\\';s', 1 /* ; /* ; */ ; */ FROM v;\n\n--table:labs\n\
                WITH x AS (SELECT 1)\nSELECT * FROM x\n";
    let file = parse(text).unwrap();
    assert_eq!(
        file.database,
        Database::Postgres("postgresql://reader@db/ehr".into())
    );
    let [visits, labs] = file.queries.as_slice() else {
        panic!("{:?}", file.queries);
    };
    assert_eq!((visits.name.as_str(), visits.line), ("visits", 5));
    assert!(visits.sql.starts_with("SELECT 'a;b'") && visits.sql.ends_with("FROM v"));
    assert_eq!((labs.name.as_str(), labs.line), ("labs", 10));
    assert_eq!(labs.sql, "WITH x AS (SELECT 1)\nSELECT * FROM x");
}

#[test]
fn databases_are_found_beside_the_file() {
    let check = |said: &str, expected| {
        let text = format!("--database:  {said} \r\n-- Table: a\r\nselect [x;y], `;` from t");
        assert_eq!(parse(&text).unwrap().database, expected, "{said}");
    };
    check("folder", Database::Folder("q".into()));
    check("folder ../the cdm", Database::Folder("q/../the cdm".into()));
    check("folder /data/cdm", Database::Folder("/data/cdm".into()));
    check("ehr.sqlite", Database::Sqlite("q/ehr.sqlite".into()));
    check("/data/ehr.db", Database::Sqlite("/data/ehr.db".into()));
}

#[test]
fn only_statements_that_read_are_taken() {
    let check = |sql: &str, expected| assert_eq!(reads_only(sql), expected, "{sql}");
    for good in [
        "select 1",
        " /* a */ (( SELECT 1",
        "-- x\nValues (1)",
        "with a as (x) select",
        "TABLE t",
    ] {
        check(good, true);
    }
    for bad in [
        "",
        "(",
        "delete from t",
        "selects",
        "'select'",
        "explain select 1",
        "; select 1",
    ] {
        check(bad, false);
    }
}

#[test]
fn files_of_another_form_are_refused_with_their_line() {
    let head = "-- database: folder\n";
    for (text, line, word) in [
        ("", 1, "at least one statement"),
        ("-- database: folder\n", 2, "at least one statement"),
        ("SELECT 1", 1, "-- database"),
        ("-- table: a\nSELECT 1", 2, "-- database"),
        (&format!("{head}SELECT 1"), 2, "-- table"),
        (
            &format!("{head}-- table: a\nSELECT 1; SELECT 2"),
            3,
            "-- table",
        ),
        (&format!("{head}-- table: a\nDELETE FROM t"), 3, "SELECT"),
        (
            &format!("{head}-- table: a\n-- table: b\nSELECT 1"),
            3,
            "no statement",
        ),
        (
            &format!("{head}-- table: a\nSELECT 1;\n-- table: A\nSELECT 1"),
            4,
            "second time",
        ),
        (
            &format!("{head}-- table: a\nSELECT 1\n-- table: b\nSELECT 1"),
            4,
            "inside a statement",
        ),
        (
            &format!("{head}-- table: a\nSELECT 1;\n-- table: b"),
            4,
            "no statement",
        ),
        (&format!("{head}{head}"), 2, "second time"),
        (&format!("{head}-- table: a b\nSELECT 1"), 2, "letters"),
        (&format!("{head}-- table:\nSELECT 1"), 2, "letters"),
        ("-- database: mysql://x\n", 1, "postgresql"),
        ("-- database: data.mdb\n", 1, "postgresql"),
        (&format!("{head}-- table: a\nSELECT 'x"), 3, "no end"),
        (&format!("{head}-- table: a\nSELECT [x"), 3, "no end"),
        (&format!("{head}-- table: a\nSELECT 1 /* x"), 3, "no end"),
    ] {
        let words = refusal(text);
        assert!(
            words.starts_with(&format!("q/visits.sql, line {line}:")),
            "{text}: {words}"
        );
        assert!(words.contains(word), "{text}: {words}");
    }
    let dollar = "-- database: postgresql://h\n-- table: a\nSELECT $a$ x";
    assert!(refusal(dollar).contains("dollar"));
}

#[test]
fn large_and_garbled_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("q.sql");
    std::fs::write(&path, " ".repeat(1 << 21)).unwrap();
    assert!(words(&QueryFile::read(&path).unwrap_err()).contains("1 MiB"));
    std::fs::write(&path, b"\xff\xfe").unwrap();
    assert!(words(&QueryFile::read(&path).unwrap_err()).contains("UTF-8"));
    std::fs::write(&path, "\u{feff}-- database: folder\n-- table: a\nSELECT 1;").unwrap();
    assert_eq!(QueryFile::read(&path).unwrap().queries.len(), 1);
    let many: String = (0..1001)
        .map(|n| format!("-- table: t{n}\nSELECT 1;\n"))
        .collect();
    assert!(refusal(&format!("-- database: folder\n{many}")).contains("1000"));
}

#[test]
fn random_text_never_panics() {
    let mut random = crate::testing::Seeded(5);
    let pieces = [
        "'", "\"", "$", "$a$", "/*", "*/", "--", "\n", "é", ";", "E'", "\\", "[", "]", "x",
    ];
    for _ in 0..5000 {
        let body: String = (0..random.below(20))
            .map(|_| pieces[random.below(15)])
            .collect();
        for head in ["folder", "postgresql://h/d"] {
            let _ = parse(&format!("-- database: {head}\n-- table: a\nSELECT {body}"));
            let _ = parse(&body);
        }
    }
}
