use super::*;
use std::collections::HashMap;

#[test]
fn a_call_has_few_arguments_and_transient_values() {
    let input = |n| ChaincodeInput {
        args: vec![Vec::new(); n],
        ..ChaincodeInput::default()
    };
    let payload = |n: usize| {
        let values = (0..n).map(|i| (i.to_string(), vec![7; i % 300]));
        ChaincodeProposalPayload {
            input: vec![7; 100_000],
            transient_map: HashMap::from_iter(values),
        }
    };
    assert!(few_fields(&[]).is_ok());
    for n in [0, 1, 300, MAX_ARGUMENTS - 1] {
        assert!(few_fields(&input(n).encode_to_vec()).is_ok(), "{n}");
        assert!(few_fields(&payload(n).encode_to_vec()).is_ok(), "{n}");
    }
    for n in [MAX_ARGUMENTS + 1, 1_000_000] {
        assert!(few_fields(&input(n).encode_to_vec()).is_err(), "{n}");
    }
    assert!(few_fields(&payload(MAX_ARGUMENTS + 1).encode_to_vec()).is_err());
}

#[test]
fn no_form_of_a_field_hides_those_after_it() {
    let args = [0x0a, 0x00].repeat(MAX_ARGUMENTS + 1);
    // A number, eight bytes, text, four bytes, a number of ten bytes.
    for first in [
        &[0x08, 0x01][..],
        &[0x09, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0x12, 0x02, 0x0a, 0x00],
        &[0x0d, 1, 2, 3, 4],
        &[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
    ] {
        assert!(few_fields(first).is_ok(), "{first:?}");
        assert!(few_fields(&[first, &args].concat()).is_err(), "{first:?}");
    }
    // A group, forms that do not exist, and what ends in the middle.
    for no in [
        &[0x0b, 0x0c][..],
        &[0x0e],
        &[0x0f, 1],
        &[0x0a, 0x02, 0x00],
        &[0x09, 1, 2],
        &[0x0a],
        &[0x80],
    ] {
        assert!(few_fields(no).is_err(), "{no:?}");
    }
}
