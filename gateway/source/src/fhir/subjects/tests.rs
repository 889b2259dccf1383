use super::*;

fn node(text: &str) -> Node {
    crate::json::parse(text.as_bytes()).unwrap_or(Node::Null)
}
fn patient(id: &str, rest: &str) -> Node {
    node(&format!(
        r#"{{"resourceType":"Patient","id":"{id}"{rest}}}"#
    ))
}
fn about(reference: &str) -> Node {
    node(&format!(r#"{{"subject":{{"reference":"{reference}"}}}}"#))
}
fn resolve(
    subjects: &mut Subjects,
    reference: &str,
    full_url: Option<&str>,
    file: u32,
) -> Result<usize, NoSubject> {
    subject_of(&about(reference), full_url, file).and_then(|r| subjects.resolve(&r))
}

/// Four patients of four files: one by URN, two of one id on two servers, one with an identifier.
fn four() -> (Subjects, [usize; 4]) {
    let mut subjects = Subjects::default();
    let with_number = patient("d", r#","identifier":[{"system":"mrn","value":"7"}]"#);
    let records = [
        (patient("a", ""), Some("urn:uuid:AAAA")),
        (patient("1", ""), Some("https://one/fhir/Patient/1")),
        (patient("1", ""), Some("https://two/fhir/Patient/1")),
        (with_number, None),
    ];
    let mut file = 0;
    let numbers = records.map(|(node, url)| {
        file += 1;
        subjects.add(Record::of(&node, url), file - 1).unwrap()
    });
    (subjects, numbers)
}

#[test]
fn references_of_every_form_resolve() {
    let (mut s, [a, b, c, d]) = four();
    let one = Some("https://one/fhir/Observation/5");
    assert_eq!(resolve(&mut s, "urn:uuid:aaaa", None, 9), Ok(a));
    assert_eq!(resolve(&mut s, "Patient/a", None, 0), Ok(a));
    assert_eq!(resolve(&mut s, "Patient/1/_history/3", one, 9), Ok(b));
    assert_eq!(resolve(&mut s, "https://two/fhir/Patient/1", one, 9), Ok(c));
    assert_eq!(resolve(&mut s, "Patient/1", None, 2), Ok(c));
    assert_eq!(resolve(&mut s, "Patient/d", None, 9), Ok(d));
    assert_eq!(
        resolve(&mut s, "Patient?identifier=mrn%7C7", None, 9),
        Ok(d)
    );
    let logical = node(r#"{"patient":{"identifier":{"system":"mrn","value":"7"}}}"#);
    assert!(subject_of(&logical, None, 9).is_ok_and(|r| s.resolve(&r) == Ok(d)));
}

#[test]
fn references_to_nobody_say_why() {
    let (mut s, _) = four();
    let three = Some("https://three/fhir/Observation/5");
    let mut refused = |reference: &str, url| resolve(&mut s, reference, url, 9).unwrap_err();
    assert_eq!(refused("Patient/1", None), NoSubject::Ambiguous);
    assert_eq!(refused("Patient/1", three), NoSubject::Unknown);
    assert_eq!(refused("Patient/none", None), NoSubject::Unknown);
    assert_eq!(refused("Group/1", None), NoSubject::NotAPatient);
    assert_eq!(refused("nonsense", None), NoSubject::NotAPatient);
    assert_eq!(refused("#p", None), NoSubject::Contained);
    for missing in [r#"{"subject":{"display":"x"}}"#, "{}"] {
        let subject = subject_of(&node(missing), None, 9);
        assert!(subject.is_err_and(|e| e == NoSubject::Missing), "{missing}");
    }
}

#[test]
fn one_person_in_several_files_is_one_person() {
    let who = r#","birthDate":"1980-01-01","gender":"male","name":[{"family":"F","given":["G"]}],"identifier":[{"system":"mrn","value":"7"}]"#;
    for urls in [["urn:uuid:b", "urn:uuid:a"], ["urn:uuid:a", "urn:uuid:b"]] {
        let mut s = Subjects::default();
        let first = s
            .add(Record::of(&patient("x", who), Some(urls[0])), 0)
            .unwrap();
        let second = s
            .add(Record::of(&patient("y", who), Some(urls[1])), 1)
            .unwrap();
        assert_eq!(s.root(first), s.root(second));
        let root = s.root(first);
        assert_eq!(
            (s.identity(root), s.merged(), s.records()),
            ("urn:uuid:a", 1, 2)
        );
    }
}

#[test]
fn a_shared_identifier_alone_makes_nobody_one_person() {
    let mut s = Subjects::default();
    let twin = |given: &str| {
        format!(
            r#","birthDate":"1980-01-01","gender":"male","name":[{{"family":"F","given":["{given}"]}}],"identifier":[{{"system":"insurance","value":"7"}}]"#
        )
    };
    let first = s
        .add(Record::of(&patient("x", &twin("A")), Some("urn:uuid:1")), 0)
        .unwrap();
    let second = s
        .add(Record::of(&patient("y", &twin("B")), Some("urn:uuid:2")), 0)
        .unwrap();
    assert_ne!(s.root(first), s.root(second));
    assert!(
        s.resolve(&Reference::Identifier("insurance|7".to_owned())) == Err(NoSubject::Ambiguous)
    );
}

#[test]
fn different_people_under_one_id_are_refused() {
    let mut s = Subjects::default();
    s.add(
        Record::of(&patient("1", r#","birthDate":"1980-01-01""#), None),
        0,
    )
    .unwrap();
    assert!(
        s.add(Record::of(&patient("1", r#","gender":"male""#), None), 1)
            .is_ok()
    );
    assert!(matches!(
        s.add(
            Record::of(&patient("1", r#","birthDate":"1990-01-01""#), None),
            2
        ),
        Err(SameId {
            first: 0,
            second: 2
        })
    ));
}
