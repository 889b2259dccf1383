//! What decides about values besides this program: its versions stand in the reading report.

/// Packages with terminologies and dictionaries, and their versions.
pub const VERSIONS: [(&str, &str); 2] =
    [("dicom-dictionary-std", "0.10.1"), ("ucum-units", "0.1.0")];

#[cfg(test)]
mod tests {
    use super::VERSIONS;

    #[test]
    fn versions_are_those_that_are_built() {
        let lock = include_str!("../../../Cargo.lock");
        for (name, version) in VERSIONS {
            let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(lock.contains(&entry), "{name} {version}");
        }
    }
}
