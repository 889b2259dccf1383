use super::*;
use axum::http::HeaderValue;

/// Whether a request with these hosts, to this target, names a process at 10.0.0.7.
fn names(hosts: &[&str], target: &str) -> bool {
    let mut headers = HeaderMap::new();
    for host in hosts {
        headers.append(HOST, HeaderValue::from_bytes(host.as_bytes()).unwrap());
    }
    let at = Some("10.0.0.7".parse().unwrap());
    names_this(&target.parse().unwrap(), &headers, at)
}

#[test]
fn this_machine_and_the_address_that_was_connected_to_are_named_and_nothing_else() {
    for own in [
        "localhost",
        "LocalHost:9443",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.3.4.5:9443",
        "[::1]",
        "[::1]:9443",
        "[::ffff:127.0.0.1]:1",
        "10.0.0.7:9443",
        "[::ffff:10.0.0.7]:9443",
    ] {
        assert!(names(&[own], "/logspec"), "{own}");
        let absolute = format!("http://{own}/logspec");
        assert!(names(&["localhost"], &absolute), "{own}");
    }
    for foreign in [
        "",
        " ",
        "example.org",
        "example.org:9443",
        "localhost.example.org",
        "localhost.",
        "127.0.0.1.example.org",
        "127.0.0.1@example.org",
        "localhost@127.0.0.1",
        "10.0.0.8:9443",
        "0.0.0.0:9443",
        "[::]:9443",
        "127.0.0.1:9443, example.org",
        "2130706433",
        "local\u{e9}",
    ] {
        assert!(!names(&[foreign], "/logspec"), "{foreign}");
    }
    assert!(!names(&["localhost"], "http://example.org/logspec"));
    assert!(!names(&["example.org"], "http://localhost/logspec"));
    assert!(!names(&[], "/logspec"));
    assert!(!names(&["localhost", "localhost"], "/logspec"));
}
