//! No panic on any bytes.

use super::*;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn b12_random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_files(&[("a.json", bytes.clone()), ("b.ndjson", bytes)], &Limits::DEFAULT);
    }

    #[test]
    fn b12_changed_bundles_never_panic(at in 0usize..1500, with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = one("urn:uuid:p1", "Patient/p1").into_bytes();
        let at = at.min(bytes.len() - 1);
        bytes[at] = with;
        if cut {
            bytes.truncate(at);
        }
        let _ = read_files(&[("a.json", bytes)], &Limits::DEFAULT);
    }

    #[test]
    fn b12_odd_structures_never_panic(name in "(subject|code|valueQuantity|effectiveDateTime|status|id|resourceType)", with in "(null|1|\\[\\]|\\{\\}|\"x\"|\\[null\\]|true|\\[\\[1\\]\\])") {
        let resource = hba1c("o", "urn:uuid:p1", "7", "2024").replace(&format!("\"{name}\":"), &format!("\"{name}\":{with},\"was\":"));
        let text = bundle("batch", &[entry("urn:uuid:p1", &patient("p1", "male")), entry("", &resource)]);
        let _ = run(&[("a.json", &text)]);
    }
}
