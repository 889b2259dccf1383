//! The same data in every transfer syntax; sequences, private elements, character sets.

use super::write::{BIG, DEFLATED, EXPLICIT, IMPLICIT, Set, file, instance, syntax};
use super::*;

const ALL: [&str; 4] = [IMPLICIT, EXPLICIT, BIG, DEFLATED];

fn item(transfer: &str, id: &str) -> Set {
    Set::new(syntax(transfer)).text((0x40, 9), "SH", id)
}

/// A sequence of two items, one of which holds another.
fn nested(transfer: &'static str, lengths: bool) -> Vec<u8> {
    instance(transfer, IDS, |set| {
        let inner = [item(transfer, "deep")];
        let second = item(transfer, "two").items((0x40, 0x275), "SQ", &inner, lengths);
        let items = [item(transfer, "one"), second];
        let set = set
            .short((0x28, 0x10), "US", 512)
            .short((0x28, 0x106), "SS", 7);
        set.items((0x40, 0x275), "SQ", &items, lengths)
            .items((0x40, 0x555), "SQ", &[item(transfer, "only")], lengths)
            .items((0x40, 0xa043), "SQ", &[], lengths)
            .bytes((0x7fe0, 0x10), "OW", &[0; 64])
    })
}

#[test]
fn every_syntax_says_the_same() {
    for transfer in ALL {
        for lengths in [true, false] {
            let file = nested(transfer, lengths);
            check(&file, "Rows", "n:512");
            check(&file, "SmallestImagePixelValue", "n:7");
            check(&file, "pixel_bytes", "n:64");
            let of =
                |rest: &str| format!("RequestAttributesSequence{rest}.ScheduledProcedureStepID");
            check(&file, &of("[0]"), "t:one");
            check(&file, &of("[1]"), "t:two");
            check(&file, &of("[2]"), "-");
            check(&file, &of("[1].RequestAttributesSequence[0]"), "t:deep");
            check(&file, &of("[0].RequestAttributesSequence[0]"), "-");
            check(
                &file,
                "AcquisitionContextSequence[*].ScheduledProcedureStepID",
                "t:only",
            );
            check(&file, "ConceptNameCodeSequence[0].CodeValue", "-");
            refused(&file, &of("[*]"), "expected one item");
        }
    }
}

#[test]
fn unsupported_syntaxes_are_refused() {
    for (transfer, good) in [
        ("1.2.840.10008.1.2.4.70", true),
        ("1.2.840.10008.1.2.5", true),
        ("1.2.840.10008.1.2.6.2", false),
        ("1.2.840.113619.5.2", false),
        ("", false),
        (CANARY, false),
    ] {
        let bytes = instance(transfer, IDS, |set| set);
        assert_eq!(read(&bytes, &["Modality"]).is_ok(), good, "{transfer}");
    }
}

#[test]
fn a_sequence_of_unknown_type_is_implicit() {
    let inner = Set::new(syntax(IMPLICIT)).text((0x40, 9), "", "inside");
    let file = explicit(|mut set| {
        let unknown = Set::new(syntax(IMPLICIT)).items(
            (0x40, 0x275),
            "",
            std::slice::from_ref(&inner),
            false,
        );
        set = set.head((0x40, 0x275), "UN", write::UNDEFINED);
        set.out.extend(&unknown.out[8..]);
        set
    });
    check(
        &file,
        "RequestAttributesSequence[0].ScheduledProcedureStepID",
        "t:inside",
    );
    check(&file, "Modality", "t:MR");
    let defined = explicit(|set| set.bytes((0x40, 0x275), "UN", &[0; 8]));
    refused(
        &defined,
        "RequestAttributesSequence[0].ScheduledProcedureStepID",
        "expected a sequence",
    );
}

#[test]
fn private_elements_by_their_creator() {
    let private = |set: Set| {
        set.text((0x29, 0x10), "LO", "OTHER")
            .text((0x29, 0x11), "LO", "SIEMENS CSA HEADER ")
            .text((0x29, 0x1010), "LO", "wrong")
            .text((0x29, 0x1108), "CS", "right")
            .text((0x29, 0x1110), "OB", CANARY)
    };
    let file = explicit(private);
    check(&file, r#"(0029,"SIEMENS CSA HEADER",08)"#, "t:right");
    check(&file, r#"(0029,"OTHER",10)"#, "t:wrong");
    check(&file, r#"(0029,"OTHER",08)"#, "-");
    check(&file, r#"(0029,"SIEMENS",08)"#, "-");
    check(&file, r#"(0031,"OTHER",10)"#, "-");
    refused(&file, r#"(0029,"SIEMENS CSA HEADER",10)"#, "got OB");
    // In implicit VR nothing says what type it has.
    let implicit = instance(IMPLICIT, IDS, private);
    refused(&implicit, r#"(0029,"OTHER",10)"#, "(UN)");
    check(&implicit, r#"(0029,"NOBODY",10)"#, "-");
    let twice = explicit(|set| {
        set.text((0x29, 0x10), "LO", "OTHER")
            .text((0x29, 0x11), "LO", "OTHER")
            .text((0x29, 0x1010), "LO", "a")
            .text((0x29, 0x1110), "LO", "b")
    });
    refused(&twice, r#"(0029,"OTHER",10)"#, "one block");
}

#[test]
fn signed_or_not_is_said_by_the_pixels() {
    let value = |signed: Option<u16>| {
        instance(IMPLICIT, IDS, move |set| {
            let set = match signed {
                Some(signed) => set.short((0x28, 0x103), "US", signed),
                None => set,
            };
            set.short((0x28, 0x106), "US", 0xfffe)
        })
    };
    check(&value(Some(0)), "SmallestImagePixelValue", "n:65534");
    check(&value(Some(1)), "SmallestImagePixelValue", "n:-2");
    refused(
        &value(None),
        "SmallestImagePixelValue",
        "Pixel Representation",
    );
    refused(
        &value(Some(2)),
        "SmallestImagePixelValue",
        "Pixel Representation",
    );
}

#[test]
fn character_sets_are_inherited_by_items() {
    let set = |name: &str| Set::new(syntax(EXPLICIT)).text((8, 5), "CS", name);
    let latin = Set::new(syntax(EXPLICIT)).bytes((8, 0x104), "LO", b"M\xfcller");
    let own = set("ISO_IR 192").text((8, 0x104), "LO", "Müller");
    let whole = set("ISO_IR 100")
        .text((8, 0x18), "UI", "1")
        .items((8, 0x1140), "SQ", &[latin, own], true)
        .bytes((0x10, 0x10), "PN", b"M\xfcller^\xc4 ");
    let bytes = file(EXPLICIT, &whole.out);
    check(&bytes, "PatientName", "t:Müller^Ä");
    check(&bytes, "ReferencedImageSequence[0].CodeMeaning", "t:Müller");
    check(&bytes, "ReferencedImageSequence[1].CodeMeaning", "t:Müller");
    // A set that is not read matters to texts alone.
    let other = set("ISO_IR 999")
        .text((8, 0x18), "UI", "1")
        .text((0x10, 0x10), "PN", "a");
    let bytes = file(EXPLICIT, &other.out);
    check(&bytes, "SOPInstanceUID", "t:1");
    refused(&bytes, "PatientName", "ISO_IR 999");
    let other = set(CANARY)
        .text((8, 0x18), "UI", "1")
        .text((0x10, 0x10), "PN", "a");
    refused(&file(EXPLICIT, &other.out), "PatientName", "character set");
}
