//! Changes to nested forms whose parts carry their lengths: Protocol Buffers and DER. The parts are
//! read as a tree, one is changed, and all lengths are written anew.

use super::{Source, bytes};

/// A part: its tag and what it holds.
#[derive(Clone)]
pub(super) struct Part {
    tag: u64,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Number(u64),
    Bytes(Vec<u8>),
    Parts(Vec<Part>),
}

/// How parts are read and written.
pub(super) struct Encoding {
    read: fn(&[u8]) -> Option<(Part, &[u8])>,
    write: fn(u64, &Body, &[u8], &mut Vec<u8>),
    /// Whether a part's bytes may be parts themselves.
    may_nest: fn(u64) -> bool,
}

pub(super) const PROTOBUF: Encoding = Encoding {
    read: read_protobuf,
    write: write_protobuf,
    may_nest: |_| true,
};
pub(super) const DER: Encoding = Encoding {
    read: read_der,
    write: write_der,
    // Constructed, or an octet string, which may wrap a value.
    may_nest: |tag| tag & 0x20 != 0 || tag == 0x04,
};

/// Deeper trees are not changed below this.
const DEPTH: usize = 24;

/// Changes one part. None where the input is none of the encoding.
pub(super) fn change(
    encoding: &Encoding,
    input: &[u8],
    source: &mut Source<'_>,
) -> Option<Vec<u8>> {
    let mut parts = read_all(encoding, input, DEPTH)?;
    let n = count(&parts);
    let at = source.below(n);
    change_nth(encoding, &mut parts, &mut { at }, source);
    let mut out = Vec::new();
    write_all(encoding, &parts, &mut out);
    Some(out)
}

fn read_all(encoding: &Encoding, mut input: &[u8], depth: usize) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    while !input.is_empty() {
        let (mut part, rest) = (encoding.read)(input)?;
        if let Body::Bytes(bytes) = &part.body {
            let nests = depth > 0 && bytes.len() > 1 && (encoding.may_nest)(part.tag);
            if let Some(inner) = nests
                .then(|| read_all(encoding, bytes, depth - 1))
                .flatten()
            {
                part.body = Body::Parts(inner);
            }
        }
        parts.push(part);
        input = rest;
    }
    Some(parts)
}

fn write_all(encoding: &Encoding, parts: &[Part], out: &mut Vec<u8>) {
    for part in parts {
        let content = match &part.body {
            Body::Number(_) => Vec::new(),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Parts(parts) => {
                let mut inner = Vec::new();
                write_all(encoding, parts, &mut inner);
                inner
            }
        };
        (encoding.write)(part.tag, &part.body, &content, out);
    }
}

fn count(parts: &[Part]) -> usize {
    let inner = |part: &Part| match &part.body {
        Body::Parts(parts) => count(parts),
        _ => 0,
    };
    parts.iter().map(|part| 1 + inner(part)).sum()
}

/// Changes the part of this number, counted from the first one downwards.
fn change_nth(
    encoding: &Encoding,
    parts: &mut Vec<Part>,
    left: &mut usize,
    source: &mut Source<'_>,
) -> bool {
    for i in 0..parts.len() {
        if *left == 0 {
            change_part(encoding, parts, i, source);
            return true;
        }
        *left -= 1;
        if let Body::Parts(inner) = &mut parts[i].body
            && change_nth(encoding, inner, left, source)
        {
            return true;
        }
    }
    false
}

fn change_part(encoding: &Encoding, parts: &mut Vec<Part>, at: usize, source: &mut Source<'_>) {
    match source.below(8) {
        0 => drop(parts.remove(at)),
        1 => {
            let times = [1, 1, 2, 30, 300][source.below(5)];
            let part = parts[at].clone();
            parts.splice(at..at, std::iter::repeat_n(part, times));
        }
        2 => {
            let to = source.below(parts.len());
            parts.swap(at, to);
        }
        3 => parts[at].tag = parts[at].tag.wrapping_add(source.below(9) as u64) & 0xff,
        4 => {
            let other = read_all(encoding, source.other(), DEPTH).unwrap_or_default();
            let nth = source.below(count(&other));
            if let Some(part) = nth_part(&other, &mut { nth }) {
                parts[at] = part.clone();
            }
        }
        5 => {
            let inner = parts[at].clone();
            parts[at].body = Body::Parts(vec![inner]);
        }
        _ => change_body(&mut parts[at].body, source),
    }
}

fn nth_part<'p>(parts: &'p [Part], left: &mut usize) -> Option<&'p Part> {
    for part in parts {
        if *left == 0 {
            return Some(part);
        }
        *left -= 1;
        if let Body::Parts(inner) = &part.body
            && let Some(found) = nth_part(inner, left)
        {
            return Some(found);
        }
    }
    None
}

fn change_body(body: &mut Body, source: &mut Source<'_>) {
    match body {
        Body::Number(number) => *number = bytes::odd_number(source),
        Body::Bytes(inner) => match source.below(6) {
            0 => inner.clear(),
            _ => bytes::change(inner, source),
        },
        Body::Parts(parts) => match source.below(4) {
            0 => parts.clear(),
            1 => parts.reverse(),
            _ => *body = Body::Bytes(vec![source.below(256) as u8; source.below(40)]),
        },
    }
}

fn varint(input: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (i, byte) in input.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * i).min(63);
        if byte & 0x80 == 0 {
            return Some((value, input.get(i + 1..)?));
        }
    }
    None
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_protobuf(input: &[u8]) -> Option<(Part, &[u8])> {
    let (tag, rest) = varint(input)?;
    let (body, rest) = match tag & 7 {
        0 => varint(rest).map(|(number, rest)| (Body::Number(number), rest))?,
        2 => {
            let (length, rest) = varint(rest)?;
            let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            (Body::Bytes(bytes.to_vec()), rest)
        }
        _ => return None,
    };
    (tag >> 3 != 0).then_some((Part { tag, body }, rest))
}

fn write_protobuf(tag: u64, body: &Body, content: &[u8], out: &mut Vec<u8>) {
    match body {
        Body::Number(number) => {
            put_varint(tag & !7, out);
            put_varint(*number, out);
        }
        _ => {
            put_varint(tag & !7 | 2, out);
            put_varint(content.len() as u64, out);
            out.extend_from_slice(content);
        }
    }
}

fn read_der(input: &[u8]) -> Option<(Part, &[u8])> {
    let (tag, rest) = input.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |n, b| n << 8 | usize::from(*b)), rest)
        }
        _ => return None,
    };
    let (bytes, rest) = rest.split_at_checked(length)?;
    let part = Part {
        tag: u64::from(*tag),
        body: Body::Bytes(bytes.to_vec()),
    };
    Some((part, rest))
}

fn write_der(tag: u64, _: &Body, content: &[u8], out: &mut Vec<u8>) {
    out.extend(medveil_msp::der_element(tag as u8, content));
}
