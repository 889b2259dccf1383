use super::*;
use crate::server::{self, Server};
use crate::table::Scalar;
use crate::testing::{rows, words};
use std::path::Path;

mod zones;

fn none(_: &str) -> Option<String> {
    None
}

fn refusal(text: &str) -> String {
    words(&PostgresAddress::read(text, &none).unwrap_err())
}

#[test]
fn addresses_are_completed_from_the_environment() {
    let environment = |name: &str| match name {
        "PGHOST" => Some("db.example.org".to_owned()),
        "PGUSER" => Some("reader".to_owned()),
        "PGPORT" => Some("5433".to_owned()),
        "PGDATABASE" => Some(String::new()),
        _ => None,
    };
    let read = |text| PostgresAddress::read(text, &environment).unwrap().place();
    assert_eq!(
        read("postgresql://"),
        "database reader at db.example.org, port 5433"
    );
    assert_eq!(
        read("postgres://a@[::1]:1/e%20hr"),
        "database e hr at ::1, port 1"
    );
    assert_eq!(
        read("postgresql://%2Frun?dbname=x&user=b"),
        "database x at /run, port 5433"
    );
}

#[test]
fn addresses_that_guess_or_hide_are_refused() {
    assert_eq!(refusal("postgresql://").lines().count(), 2);
    for (text, word) in [
        ("mysql://u@h", "postgresql://"),
        ("postgresql://u:pw@h/d", "PGPASSWORD"),
        ("postgresql://u@h/d?password=pw", "PGPASSWORD"),
        ("postgresql://u@h/d?options=-c", "options"),
        ("postgresql://u@h/d?user=other", "twice"),
        ("postgresql://u@a,b/d", "one host"),
        ("postgresql://u@h:0/d", "65535"),
        ("postgresql://u@h:x/d", "65535"),
        ("postgresql://u@h/d?sslmode=allow", "verify-full"),
        (
            "postgresql://u@h/d?sslmode=require&sslrootcert=x",
            "sslrootcert",
        ),
        ("postgresql://u@h/%zz", "postgresql://"),
        ("postgresql://u@h/d?sslmode", "postgresql://"),
    ] {
        let said = refusal(text);
        assert!(
            said.contains(word) && !said.contains("pw@"),
            "{text}: {said}"
        );
    }
}

#[test]
fn passwords_are_found_where_nobody_else_reads_them() {
    use std::os::unix::fs::PermissionsExt;
    let address = PostgresAddress::read("postgresql://u@h:7/d", &none).unwrap();
    let home = tempfile::tempdir().unwrap();
    let find = |environment: &dyn Fn(&str) -> Option<String>| {
        Password::find(&address, environment, Some(home.path())).map(|found| found.map(|p| p.0))
    };
    assert_eq!(find(&none).unwrap(), None);
    let file = home.path().join(".pgpass");
    let lines = "# x\nh:7:d:other:no\nh:8:*:*:no\nh:7:d:u\n*:*:*:u:a\\:b:c\\\\\nh:7:d:u:late\n";
    std::fs::write(&file, lines).unwrap();
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&file, open).unwrap();
    assert!(words(&find(&none).unwrap_err()).contains("chmod 600"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(find(&none).unwrap().as_deref(), Some("a:b:c\\"));
    let set = |name: &str| (name == "PGPASSWORD").then(|| "set".to_owned());
    assert_eq!(find(&set).unwrap().as_deref(), Some("set"));
    std::fs::write(&file, vec![b'x'; 2 << 20]).unwrap();
    assert!(words(&find(&none).unwrap_err()).contains("1 MiB"));
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let address = PostgresAddress::read("postgresql://u@127.0.0.1:1/d", &none).unwrap();
    let said = words(
        &PostgresDatabase::connect(&address, None, Duration::ZERO, None)
            .err()
            .unwrap(),
    );
    assert!(said.contains("database d at 127.0.0.1, port 1"), "{said}");
}

#[test]
fn on_a_real_server() {
    let Some(programs) = server::programs() else {
        eprintln!("no PostgreSQL found, nothing tested on it: apt-get install postgresql-15");
        return;
    };
    let server = Server::start(programs);
    server
        .run(
            "CREATE ROLE reader LOGIN PASSWORD 'sesame'; GRANT pg_read_all_data TO reader;
             CREATE TABLE visits (id int8, note text); CREATE SEQUENCE counter;
             INSERT INTO visits SELECT n, 'visit ' || n FROM generate_series(1, 20000) n;",
        )
        .unwrap();
    types(&server);
    cells_without_a_value(&server);
    zones::instants(&server);
    refusals(&server);
    one_state(&server);
    many_rows(&server);
    nested_in_asynchronous_code(&server);
    timeouts(&server);
    match server.encrypts {
        true => encryption(&server),
        false => eprintln!("this PostgreSQL is built without encryption, which is not tested"),
    }
}

fn open(server: &Server) -> PostgresDatabase {
    let address = PostgresAddress::read(&server.address("root"), &none).unwrap();
    PostgresDatabase::connect(&address, None, Duration::from_secs(60), None).unwrap()
}

fn one(database: &PostgresDatabase, sql: &str) -> Result<Vec<String>, TableError> {
    let mut rows = rows(&mut database.table("t", sql)?)?;
    Ok(rows.pop().unwrap_or_default())
}

fn types(server: &Server) {
    let database = open(server);
    let check = |sql: &str, kind: &str, expected: &str| {
        let table = database.table("t", &format!("SELECT {sql} AS a")).unwrap();
        assert_eq!(table.columns()[0].kind.to_string(), kind, "{sql}");
        assert_eq!(rows(&mut { table }).unwrap(), [[expected]], "{sql}");
    };
    for sql in ["NULL::int4", "NULL::numeric"] {
        check(sql, "number", "-");
    }
    check("(-32768)::int2", "number", "n -32768");
    check("2147483647", "number", "n 2147483647");
    check(
        "(-9223372036854775808)::int8",
        "number",
        "n -9223372036854775808",
    );
    check("0.1::float4", "number", "n 0.1");
    check("1e-7::float8", "number", "n 0.0000001");
    check("'-0'::float8", "number", "n 0");
    check("-12.50", "number", "n -12.50");
    check("0.000", "number", "n 0.000");
    check("1e-20::numeric", "number", "n 0.00000000000000000001");
    check("100000000::numeric", "number", "n 100000000");
    let long = format!("{}.{}", "9".repeat(300), "123456789".repeat(30));
    check(&long, "number", &format!("n {long}"));
    check("true", "boolean", "b true");
    check("date '0001-01-01'", "date", "d 0001-01-01");
    check("date '9999-12-31'", "date", "d 9999-12-31");
    check("date '1969-12-31'", "date", "d 1969-12-31");
    check(
        "timestamp '1969-12-31 23:59:59.5'",
        "date with time",
        "m 1969-12-31T23:59:59.5",
    );
    check("'Zürich '::text", "text", "t Zürich ");
    check("'x'::varchar(5)", "text", "t x");
    check("'x'::char(3)", "text", "t x  ");
    check("'x'::name", "text", "t x");
    let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    check(&format!("'{uuid}'::uuid"), "text", &format!("t {uuid}"));
}

fn cells_without_a_value(server: &Server) {
    let database = open(server);
    let check = |of: &str, value: &str, word: &str, good: (&str, &str)| {
        let sql = format!(
            "SELECT n FROM (VALUES ('{value}'::{of}), ('{}')) v(n)",
            good.0
        );
        let mut read = Vec::new();
        let taken = database.table("t", &sql).unwrap().rows(&mut |record| {
            read.push(match &record.cells[0] {
                Scalar::Error(error) => format!("! {}", error.word),
                other => crate::testing::cell(other),
            });
            Ok(())
        });
        taken.unwrap();
        assert_eq!(read, [format!("! {word}"), good.1.to_owned()], "{sql}");
    };
    for of in ["float4", "float8", "numeric"] {
        for (value, word) in [
            ("NaN", "NaN"),
            ("Infinity", "infinity"),
            ("-Infinity", "-infinity"),
        ] {
            check(of, value, word, ("7.5", "n 7.5"));
        }
    }
    let day = ("2026-01-31", "d 2026-01-31");
    let time = ("2026-01-31 10:00", "m 2026-01-31T10:00:00");
    for (of, good) in [("date", day), ("timestamp", time)] {
        check(of, "infinity", "infinity", good);
        check(of, "-infinity", "-infinity", good);
        for value in [
            "0001-01-01 BC",
            "4713-01-01 BC",
            "10000-01-01",
            "294276-12-31",
        ] {
            check(of, value, "", good);
        }
    }
}

fn refusals(server: &Server) {
    let database = open(server);
    let sql = "SELECT 1 AS a, '{}'::json AS b, ARRAY[1] AS c, '1 day'::interval AS d,
               now()::time AS e, 2 AS a, '\\x00'::bytea AS f";
    let said = words(&database.table("t", sql).err().unwrap());
    assert_eq!(said.lines().count(), 6, "{said}");
    assert!(
        said.contains("\"b\" has the type json") && said.contains("CAST(b AS text)"),
        "{said}"
    );
    for (sql, word) in [
        ("SELECT nothing FROM visits", "42703"),
        ("SELECT 1; SELECT 2", "42601"),
        ("DELETE FROM visits", "SELECT"),
        ("SELECT $1::int", "parameters"),
        ("SELECT", "no column"),
        ("SET TRANSACTION READ WRITE", "SELECT"),
    ] {
        let said = words(&one(&database, sql).unwrap_err());
        assert!(said.contains(word), "{sql}: {said}");
    }
    // Each of these fails while it runs, which ends its transaction.
    for (sql, code) in [
        ("SELECT note::int AS n FROM visits", "22P02"),
        (
            "WITH gone AS (DELETE FROM visits RETURNING id) SELECT * FROM gone",
            "25006",
        ),
        ("SELECT nextval('counter') AS n", "25006"),
        (
            "SELECT set_config('transaction_read_only', 'off', true) AS n",
            "25001",
        ),
    ] {
        let said = words(&one(&open(server), sql).unwrap_err());
        assert!(
            said.contains(code) && !said.contains("visit 1"),
            "{sql}: {said}"
        );
    }
}

fn one_state(server: &Server) {
    let database = open(server);
    let count = "SELECT count(*) AS n FROM visits";
    let mut table = database.table("t", count).unwrap();
    server.run("INSERT INTO visits VALUES (0, 'new')").unwrap();
    assert_eq!(rows(&mut table).unwrap(), [["n 20000"]]);
    assert_eq!(one(&database, count).unwrap(), ["n 20000"]);
    server.run("DELETE FROM visits WHERE id = 0").unwrap();
    assert_eq!(rows(&mut table).unwrap(), [["n 20000"]]);
}

fn many_rows(server: &Server) {
    let database = open(server);
    let mut table = database
        .table("t", "SELECT id, note FROM visits ORDER BY id")
        .unwrap();
    let all = rows(&mut table).unwrap();
    assert_eq!(all.len(), 20_000);
    assert_eq!(all[19_999], ["n 20000", "t visit 20000"]);
    // Portions end where rows do, also where the last is full.
    for count in [0, 1, 255, 256, 257, 4096, 8192] {
        let sql = format!("SELECT id FROM visits ORDER BY id LIMIT {count}");
        assert_eq!(
            rows(&mut database.table("t", &sql).unwrap()).unwrap().len(),
            count
        );
    }
    // Who stops taking ends the reading, and another may begin.
    let ended = table.rows(&mut |_| Err(TableError::Taken("enough".into())));
    assert!(matches!(ended, Err(TableError::Taken(_))));
    assert_eq!(rows(&mut table).unwrap().len(), 20_000);
    let mut other = database.table("u", "SELECT 1 AS a").unwrap();
    drop(database);
    assert_eq!(rows(&mut other).unwrap(), [["n 1"]]);
}

fn nested_in_asynchronous_code(server: &Server) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let database = open(server);
        assert_eq!(one(&database, "SELECT 1 AS a").unwrap(), ["n 1"]);
    });
}

fn timeouts(server: &Server) {
    let text = format!(
        "postgresql://root@{}:{}/postgres",
        server.socket(),
        server.port
    );
    let address = PostgresAddress::read(&text, &none).unwrap();
    let bound = Duration::from_millis(200);
    let database = PostgresDatabase::connect(&address, None, bound, None).unwrap();
    let said = words(&one(&database, "SELECT pg_sleep(60)::text AS a").unwrap_err());
    assert!(said.contains("longer than the bound"), "{said}");
}

fn encryption(server: &Server) {
    let connect = |host: &str, more: &str, password: Option<&str>| {
        let text = format!("postgresql://reader@{host}:{}/postgres?{more}", server.port);
        let address = PostgresAddress::read(&text, &none).unwrap();
        let password = password.map(|text| Password::typed(text.to_owned()));
        let database =
            PostgresDatabase::connect(&address, password.as_ref(), Duration::ZERO, None)?;
        one(
            &database,
            "SELECT ssl AS a FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        )
    };
    let file = |path: &Path| format!("sslmode=verify-full&sslrootcert={}", path.display());
    let (ours, other) = (
        file(&server.path("ca.crt")),
        file(&server.path("other.crt")),
    );
    let sesame = Some("sesame");
    for more in ["", "sslmode=prefer", "sslmode=require"] {
        assert_eq!(connect("127.0.0.1", more, sesame).unwrap(), ["b true"]);
    }
    assert_eq!(connect("localhost", &ours, sesame).unwrap(), ["b true"]);
    for (host, more, password, word) in [
        ("localhost", other.as_str(), sesame, "certificate"),
        ("127.0.0.1", &ours, sesame, "certificate"),
        ("localhost", "sslmode=verify-full", sesame, "certificate"),
        ("localhost", "sslmode=disable", sesame, "no encryption"),
        (
            "localhost",
            "sslmode=require",
            Some("wrong"),
            "authentication",
        ),
        ("localhost", "sslmode=require", None, "password missing"),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=/none",
            sesame,
            "/none",
        ),
    ] {
        let said = words(&connect(host, more, password).unwrap_err());
        assert!(said.contains(word), "{said}");
        assert!(!said.contains("sesame"), "{said}");
    }
}
