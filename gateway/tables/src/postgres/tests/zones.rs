//! Instants: told by a zone that somebody named, or not at all. The server's own is `Europe/Zurich`.

use super::*;

fn open_in(server: &Server, zone: Option<&str>) -> Result<PostgresDatabase, TableError> {
    let address = PostgresAddress::read(&server.address("root"), &none).unwrap();
    PostgresDatabase::connect(&address, None, Duration::from_secs(60), zone)
}

pub(super) fn instants(server: &Server) {
    named(server);
    unnamed(server);
    unknown(server);
}

/// The day that a ward's clock showed, in the value and in what a statement makes of it.
fn named(server: &Server) {
    for (zone, instant, time, day) in [
        (
            "Europe/Berlin",
            "2026-06-30 22:30:00Z",
            "2026-07-01T00:30:00+02:00",
            "2026-07-01",
        ),
        (
            "Europe/Berlin",
            "2026-01-31 23:30:00Z",
            "2026-02-01T00:30:00+01:00",
            "2026-02-01",
        ),
        // The server's own zone was another's of an hour that it would put on the day before.
        (
            "America/New_York",
            "2026-07-01 03:59:59.5Z",
            "2026-06-30T23:59:59.5-04:00",
            "2026-06-30",
        ),
        (
            "Asia/Kolkata",
            "2026-07-01 18:30:00Z",
            "2026-07-02T00:00:00+05:30",
            "2026-07-02",
        ),
        (
            "UTC",
            "2026-07-01 01:30:00+02",
            "2026-06-30T23:30:00Z",
            "2026-06-30",
        ),
        // Both sides of the hour that comes twice.
        (
            "europe/berlin",
            "2026-10-25 00:59:59Z",
            "2026-10-25T02:59:59+02:00",
            "2026-10-25",
        ),
        (
            "Europe/Berlin",
            "2026-10-25 01:00:00Z",
            "2026-10-25T02:00:00+01:00",
            "2026-10-25",
        ),
    ] {
        let database = open_in(server, Some(zone)).unwrap();
        let sql = format!(
            "SELECT t, t::date AS d, t AT TIME ZONE 'Asia/Tokyo' AS own FROM (VALUES (timestamptz '{instant}')) v(t)"
        );
        let mut table = database.table("t", &sql).unwrap();
        assert_eq!(table.columns()[0].kind.to_string(), "date with time");
        let read = rows(&mut table).unwrap();
        assert_eq!(
            read[0][..2],
            [format!("m {time}"), format!("d {day}")],
            "{sql}"
        );
        // A zone that the query names is its own business.
        assert!(
            !read[0][2].ends_with('Z') && !read[0][2].contains('+'),
            "{read:?}"
        );
    }
    let database = open_in(server, Some("Europe/Berlin")).unwrap();
    let sql = "SELECT t FROM (VALUES (timestamptz '-infinity'), ('0001-01-01 BC'), (NULL)) v(t)";
    let read = rows(&mut database.table("t", sql).unwrap()).unwrap();
    assert!(
        read[0][0].starts_with('!') && read[1][0].contains("1 to 9999"),
        "{read:?}"
    );
    assert_eq!(read[2][0], "-");
}

fn unnamed(server: &Server) {
    let database = open_in(server, None).unwrap();
    let sql = "SELECT now() AS taken, now() AS \"seen at\", now()::time AS clock, 1 AS n";
    let said = words(&database.table("t", sql).err().unwrap());
    assert_eq!(said.lines().count(), 3, "{said}");
    for part in ["\"taken\"", "\"seen at\"", "setting zone", "AT TIME ZONE"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let cast = "SELECT (timestamptz '2026-06-30 22:30Z' AT TIME ZONE 'Europe/Berlin')::date AS d";
    assert_eq!(one(&database, cast).unwrap(), ["d 2026-07-01"]);
    // A time of no zone is what it is.
    let plain = "SELECT timestamp '2026-06-30 22:30' AS t";
    assert_eq!(one(&database, plain).unwrap(), ["m 2026-06-30T22:30:00"]);
}

fn unknown(server: &Server) {
    // An offset is west of Greenwich for PostgreSQL, and east for everybody else.
    for zone in [
        "Europe/Nowhere",
        "+02:00",
        "-7",
        "",
        "UTC'; SELECT 1; --",
        "Etc/Unknown",
        "local",
    ] {
        let said = words(&open_in(server, Some(zone)).err().unwrap());
        assert!(
            said.contains("zone: expected the name of a zone"),
            "{zone}: {said}"
        );
    }
}
