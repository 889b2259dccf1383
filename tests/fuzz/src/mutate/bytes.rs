//! Changes that know nothing of the form, and those of lengths before what they count.

use super::{MAX_INPUT, Source};
use rand::Rng;

/// Numbers at which decoders go wrong.
const NUMBERS: [u64; 20] = [
    0,
    1,
    2,
    7,
    8,
    16,
    31,
    32,
    33,
    64,
    127,
    128,
    255,
    256,
    4096,
    65_535,
    65_536,
    0x7fff_ffff,
    0xffff_ffff,
    u64::MAX,
];

/// Changes an input in one place.
pub(super) fn change(input: &mut Vec<u8>, source: &mut Source<'_>) {
    match source.below(13) {
        0 => flip(input, source),
        1 => set(input, source),
        2 => insert(input, source),
        3 => {
            let range = source.range(input.len());
            input.drain(range);
        }
        4 => repeat(input, source),
        5 => overwrite(input, source),
        6 => splice(input, source),
        7 => block(input, source),
        8 => number(input, source),
        9 => add(input, source),
        10 => {
            let end = source.below(input.len() + 1);
            input.truncate(end);
        }
        11 => word(input, source),
        _ => swap(input, source),
    }
}

fn flip(input: &mut [u8], source: &mut Source<'_>) {
    let at = source.below(input.len());
    let bit = source.below(8);
    if let Some(byte) = input.get_mut(at) {
        *byte ^= 1 << bit;
    }
}

fn set(input: &mut [u8], source: &mut Source<'_>) {
    let at = source.below(input.len());
    let with = match source.below(3) {
        0 => [0, 1, 0x7f, 0x80, 0xff, b'"', b'\n'][source.below(7)],
        _ => source.below(256) as u8,
    };
    if let Some(byte) = input.get_mut(at) {
        *byte = with;
    }
}

fn insert(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let at = source.below(input.len() + 1);
    let bytes: Vec<u8> = (0..=source.below(8))
        .map(|_| source.below(256) as u8)
        .collect();
    input.splice(at..at, bytes);
}

/// Copies a range to another place.
fn repeat(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let range = source.range(input.len());
    let copy = input.get(range).unwrap_or_default().to_vec();
    let at = source.below(input.len() + 1);
    input.splice(at..at, copy);
}

/// Writes a range of another input over this one.
fn overwrite(input: &mut [u8], source: &mut Source<'_>) {
    let other = source.other().to_vec();
    let range = source.range(other.len());
    let from = other.get(range).unwrap_or_default();
    let at = source.below(input.len());
    for (byte, with) in input.iter_mut().skip(at).zip(from) {
        *byte = *with;
    }
}

/// The beginning of this input and the end of another.
fn splice(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let end = source.below(input.len() + 1);
    input.truncate(end);
    let other = source.other().to_vec();
    let start = match source.chance(2) {
        true => end.min(other.len()),
        false => source.below(other.len()),
    };
    input.extend_from_slice(other.get(start..).unwrap_or_default());
}

/// Replaces 32 bytes by 32 others of this or another input: numbers and points.
fn block(input: &mut [u8], source: &mut Source<'_>) {
    let other = source.other().to_vec();
    let step = if source.chance(2) { 32 } else { 1 };
    let places = |len: usize| len.saturating_sub(32) / step + 1;
    let from = source.below(places(other.len())) * step;
    let to = source.below(places(input.len())) * step;
    let Some(bytes) = other.get(from..from + 32) else {
        return;
    };
    if let Some(place) = input.get_mut(to..to + 32) {
        place.copy_from_slice(bytes);
    }
}

/// A number at which decoders go wrong.
pub(super) fn odd_number(source: &mut Source<'_>) -> u64 {
    let number = NUMBERS[source.below(NUMBERS.len())];
    match source.below(4) {
        0 => number.wrapping_sub(1),
        1 => number.wrapping_neg(),
        _ => number,
    }
}

fn number(input: &mut [u8], source: &mut Source<'_>) {
    let size = [1, 2, 4, 8][source.below(4)];
    let number = odd_number(source);
    let bytes = match source.chance(3) {
        true => number.to_be_bytes()[8 - size..].to_vec(),
        false => number.to_le_bytes()[..size].to_vec(),
    };
    let at = source.below(input.len());
    if let Some(place) = input.get_mut(at..at + size) {
        place.copy_from_slice(&bytes);
    }
}

/// Adds a little to a number of four bytes.
fn add(input: &mut [u8], source: &mut Source<'_>) {
    let at = source.below(input.len());
    let little = source.rng.gen_range(-16i64..=16) as u32;
    if let Some(place) = input.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<4>) {
        *place = u32::from_le_bytes(*place)
            .wrapping_add(little)
            .to_le_bytes();
    }
}

fn word(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let Some(word) = source.pick(source.words) else {
        return;
    };
    let at = source.below(input.len() + 1);
    let end = if source.chance(2) {
        at
    } else {
        (at + word.len()).min(input.len())
    };
    input.splice(at..end, word.bytes());
}

/// Two ranges of one length change places.
fn swap(input: &mut [u8], source: &mut Source<'_>) {
    let range = source.range(input.len());
    let to = source.below(input.len());
    for (a, b) in range.zip(to..input.len()) {
        input.swap(a, b);
    }
}

/// Repeats a range until the input is large, so that what takes time or memory shows it.
pub(super) fn blow_up(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let range = source.range(input.len());
    let at = range.end;
    let copy = input.get(range).unwrap_or_default().to_vec();
    if copy.is_empty() {
        return;
    }
    let times = (MAX_INPUT - input.len().min(MAX_INPUT)) / copy.len();
    let times = times >> source.below(8);
    input.splice(at..at, copy.repeat(times));
}

/// Finds a length of four bytes in front of what it counts, changes what it counts, and the length
/// with it, or one without the other.
pub(super) fn change_length(input: &[u8], source: &mut Source<'_>) -> Option<Vec<u8>> {
    let lengths: Vec<(usize, usize)> = (0..input.len().saturating_sub(3))
        .filter_map(|at| {
            let length = u32::from_le_bytes(*input.get(at..)?.first_chunk()?) as usize;
            ((1..=input.len() - at - 4).contains(&length)).then_some((at, length))
        })
        .collect();
    let (at, length) = *source.pick(&lengths)?;
    let content = at + 4..at + 4 + length;
    let mut body = input.get(content.clone())?.to_vec();
    match source.below(5) {
        0 => body.clear(),
        1 => body.extend_from_within(..),
        2 => body = source.other().to_vec(),
        _ => change(&mut body, source),
    }
    let counted = match source.below(8) {
        0 => odd_number(source) as u32,
        1 => body.len() as u32 + 1,
        _ => body.len() as u32,
    };
    let (before, after) = (input.get(..at)?, input.get(content.end..)?);
    Some([before, &counted.to_le_bytes(), &body, after].concat())
}
