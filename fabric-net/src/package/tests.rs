use super::*;

#[test]
fn a_package_is_the_same_bytes_each_time_and_another_label_is_another_package() {
    let one = package("medveil_00").expect("a package");
    assert_eq!(one, package("medveil_00").expect("a package"));
    // On every machine and with every later version: members who packed at other times approve
    // one package id.
    assert_eq!(
        one.id,
        "medveil_00:696d111c20c179de69397579142ec27ebfb881d95fa3d9b4a29f992945558ebe"
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
