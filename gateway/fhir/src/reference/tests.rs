use super::*;

#[test]
fn texts_are_taken_apart() {
    let typed = |base, kind, id| Target::Typed { base, kind, id };
    for (text, expected) in [
        ("Patient/1", typed(None, "Patient", "1")),
        ("Patient/1/_history/2", typed(None, "Patient", "1")),
        (
            "http://s/fhir/Patient/1",
            typed(Some("http://s/fhir"), "Patient", "1"),
        ),
        (
            "http://s/Patient/1",
            typed(Some("http://s"), "Patient", "1"),
        ),
        (
            "http://s/people/1",
            Target::Opaque("http://s/people/1".into()),
        ),
        ("URN:OID:1.2", Target::Opaque("urn:oid:1.2".into())),
        ("urn:uuid:1", Target::Opaque("urn:uuid:1".into())),
        ("#x", Target::Contained("x")),
        ("Patient", Target::Unreadable),
        ("a/b/Patient/1", Target::Unreadable),
        ("/Patient/1", Target::Unreadable),
        ("Patient/1?x", Target::Unreadable),
        ("Patient?identifier=a%7", Target::Unreadable),
        ("Patient?identifier=a|b&c=d", Target::Unreadable),
        (
            "Patient?identifier=a%7Cb",
            Target::Query {
                kind: "Patient",
                token: "a|b".into(),
            },
        ),
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
    let uuid = "00000000-0000-4000-8000-00000000000A";
    assert_eq!(parse(&format!("Urn:Uuid:{uuid}")), Target::Uuid(uuid));
    assert!(Ident::of("Patient", uuid) == Ident::of("Patient", &uuid.to_lowercase()));
    assert!(Ident::of("Patient", "A") != Ident::of("Patient", "a"));
    assert!(Ident::of("Pa", "tient1") != Ident::of("Patient", "1"));
}

#[test]
fn servers_are_compared_without_the_case_of_their_host() {
    let mut bases = Bases::default();
    let a = bases.number("https://S.org/fhir");
    assert_eq!(bases.number("HTTPS://s.org/fhir"), a);
    assert_ne!(bases.number("https://s.org/FHIR"), a);
    assert_eq!(bases.len(), 2);
}

#[test]
fn full_urls_that_contradict_the_type_are_names_as_they_stand() {
    let mut bases = Bases::default();
    let mut name = |url: Option<&str>| {
        let names = names("Patient", Some("1"), url, 7, &mut bases);
        (
            names.key.base == NO_BASE,
            names.id.is_some(),
            names.identity,
        )
    };
    assert_eq!(name(None), (true, false, "Patient/1".into()));
    assert_eq!(name(Some("Patient/1")), (true, false, "Patient/1".into()));
    assert_eq!(
        name(Some("http://s/Patient/1")),
        (false, false, "http://s/Patient/1".into())
    );
    assert_eq!(
        name(Some("http://s/Group/1")),
        (true, true, "http://s/Group/1".into())
    );
    assert_eq!(name(Some("urn:oid:1")), (true, true, "urn:oid:1".into()));
}
