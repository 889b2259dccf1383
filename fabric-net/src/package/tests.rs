use super::*;

#[test]
fn a_package_is_the_same_bytes_each_time_and_another_label_is_another_package() {
    let one = package("medveil_00").expect("a package");
    assert_eq!(one, package("medveil_00").expect("a package"));
    // On every machine and with every later version: members who packed at other times approve
    // one package id.
    assert_eq!(
        one.id,
        "medveil_00:295d7b1a8d77ec7581b6a549a3669fbd56428cc111afc57943cbd204e31e4068"
    );
    assert_ne!(one.id, package("medveil_01").expect("a package").id);
    assert!(one.id.starts_with("medveil_00:") && one.id.len() == "medveil_00:".len() + 64);
}

#[test]
fn a_package_holds_no_address_and_no_key() {
    let bytes = package("medveil_00").expect("a package").bytes;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    let names: Vec<String> = archive
        .entries()
        .expect("entries")
        .map(|e| {
            e.expect("an entry")
                .path()
                .expect("a path")
                .display()
                .to_string()
        })
        .collect();
    assert_eq!(names, ["metadata.json", "code.tar.gz"]);
    assert!(CONNECTION.contains("{{.client_key}}") && !CONNECTION.contains("BEGIN"));
}
