//! One value of one element as a typed value, by its value representation.
//!
//! Source: DICOM PS3.5, section 6.2.

use super::charset::{Charset, Parts};
use super::element::Syntax;
use super::order::compare;
use super::{date, number};
use crate::table::{Kind, Scalar};
use dicom_core::VR;
use dicom_core::dictionary::VirtualVr;
use std::cmp::Ordering;

/// Which item, or which value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    /// There must be at most one.
    Only,
    At(u32),
    /// The smallest of the values.
    Min,
    /// The largest.
    Max,
    /// How many there are.
    Count,
}

/// What a value's meaning depends on beside its bytes.
pub(super) struct Context<'a> {
    pub syntax: Syntax,
    /// Or why its texts cannot be read.
    pub charset: &'a Result<Charset, String>,
    /// Pixel Representation of the data set or of one around it.
    pub signed: Option<bool>,
}

/// The type of values of a representation; none: it is not read as a column.
pub(super) fn kind(vr: VirtualVr) -> Option<Kind> {
    use VR::*;
    let VirtualVr::Exact(vr) = vr else {
        return (vr == VirtualVr::Xs).then_some(Kind::Number);
    };
    Some(match vr {
        DA => Kind::Date,
        DT => Kind::Time,
        DS | IS | FL | FD | US | UL | SS | SL | UV | SV => Kind::Number,
        AE | AS | AT | CS | LO | LT | PN | SH | ST | TM | UC | UI | UR | UT => Kind::Text,
        _ => return None,
    })
}

/// One value, or one of all. Past the last value, or where the value is empty, it is `Null`.
pub(super) fn scalar(
    vr: VirtualVr,
    bytes: &[u8],
    index: Index,
    context: &Context<'_>,
) -> Result<Scalar, String> {
    let vr = match vr {
        VirtualVr::Exact(vr) => vr,
        VirtualVr::Xs => us_or_ss(bytes, context)?,
        _ => VR::OW,
    };
    match vr {
        VR::AT | VR::FL | VR::FD | VR::US | VR::UL | VR::SS | VR::SL | VR::UV | VR::SV => {
            binary(vr, bytes, index, context.syntax)
        }
        _ if kind(VirtualVr::Exact(vr)).is_some() => text(vr, bytes, index, context.charset),
        VR::UN => Err("expected a type, got an element without one (UN)".to_owned()),
        _ => Err(format!("expected one value, got {}", vr.to_string())),
    }
}

/// In implicit VR some elements are US or SS, as the pixels are; where no value is at or above 2^15
/// both say the same.
fn us_or_ss(bytes: &[u8], context: &Context<'_>) -> Result<VR, String> {
    let is_large = |b: &[u8]| b.try_into().is_ok_and(|b| context.syntax.u16(b) >= 1 << 15);
    match context.signed {
        Some(true) => Ok(VR::SS),
        Some(false) => Ok(VR::US),
        None if bytes.chunks(2).any(is_large) => Err(
            "expected Pixel Representation (0028,0103), which says whether this number is signed"
                .to_owned(),
        ),
        None => Ok(VR::US),
    }
}

/// The value that is meant of those of an element.
fn choose<T>(
    mut values: impl ExactSizeIterator<Item = T>,
    index: Index,
    read: impl Fn(T) -> Result<Scalar, String>,
) -> Result<Scalar, String> {
    let wanted = match index {
        Index::At(index) => return values.nth(index as usize).map_or(Ok(Scalar::Null), read),
        Index::Only if values.len() > 1 => {
            return Err(format!(
                "expected one value, got {}: name one by its place, as `[0]`, or take `[min]`, \
                 `[max]` or `[count]`",
                values.len()
            ));
        }
        Index::Only => return values.next().map_or(Ok(Scalar::Null), read),
        Index::Count => {
            let n = values.try_fold(0u32, |n, value| {
                Ok::<u32, String>(n + u32::from(read(value)? != Scalar::Null))
            })?;
            return Ok(Scalar::Number(n.to_string()));
        }
        Index::Min => Ordering::Less,
        Index::Max => Ordering::Greater,
    };
    values.try_fold(Scalar::Null, |best, value| {
        let value = read(value)?;
        if value == Scalar::Null || best == Scalar::Null {
            return Ok(if value == Scalar::Null { best } else { value });
        }
        let order = compare(&value, &best);
        let order = order.ok_or("expected values that have an order")?;
        Ok(if order == wanted { value } else { best })
    })
}

fn binary(vr: VR, bytes: &[u8], index: Index, syntax: Syntax) -> Result<Scalar, String> {
    let size = match vr {
        VR::US | VR::SS => 2,
        VR::FD | VR::UV | VR::SV => 8,
        _ => 4,
    };
    if !bytes.len().is_multiple_of(size) {
        let name = vr.to_string();
        return Err(format!("expected a multiple of {size} bytes for {name}"));
    }
    choose(bytes.chunks_exact(size), index, |value| {
        if vr == VR::AT {
            return tag(value, syntax).ok_or_else(|| "expected a tag".to_owned());
        }
        let mut value = value.to_vec();
        if syntax == Syntax::ExplicitBig {
            value.reverse();
        }
        let digits = digits(vr, &value).ok_or_else(|| format!("expected {size} bytes"))?;
        Ok(Scalar::Number(digits?))
    })
}

/// A number of the representation's size, in little endian.
fn digits(vr: VR, value: &[u8]) -> Option<Result<String, &'static str>> {
    Some(match vr {
        VR::US => Ok(u16::from_le_bytes(value.try_into().ok()?).to_string()),
        VR::SS => Ok(i16::from_le_bytes(value.try_into().ok()?).to_string()),
        VR::UL => Ok(u32::from_le_bytes(value.try_into().ok()?).to_string()),
        VR::SL => Ok(i32::from_le_bytes(value.try_into().ok()?).to_string()),
        VR::UV => Ok(u64::from_le_bytes(value.try_into().ok()?).to_string()),
        VR::SV => Ok(i64::from_le_bytes(value.try_into().ok()?).to_string()),
        VR::FL => number::single(f32::from_le_bytes(value.try_into().ok()?)),
        VR::FD => number::double(f64::from_le_bytes(value.try_into().ok()?)),
        _ => return None,
    })
}

/// A tag is two numbers of 16 bits, as `(0008,0018)`.
fn tag(value: &[u8], syntax: Syntax) -> Option<Scalar> {
    let (group, element) = value.split_at_checked(2)?;
    let (group, element) = (group.try_into().ok()?, element.try_into().ok()?);
    let (group, element) = (syntax.u16(group), syntax.u16(element));
    Some(Scalar::Text(format!("({group:04x},{element:04x})")))
}

fn text(
    vr: VR,
    bytes: &[u8],
    index: Index,
    charset: &Result<Charset, String>,
) -> Result<Scalar, String> {
    use VR::*;
    let parts = Parts {
        several: !matches!(vr, LT | ST | UT | UR),
        name: vr == PN,
    };
    let values = match vr {
        LO | LT | PN | SH | ST | UC | UT => charset
            .as_ref()
            .map_err(String::clone)?
            .values(bytes, parts)?,
        _ => Charset::default().values(bytes, parts)?,
    };
    choose(values.iter(), index, |value| word(vr, value))
}

/// One text of an element.
fn word(vr: VR, value: &str) -> Result<Scalar, String> {
    use VR::*;
    let value = trim(vr, value);
    if value.is_empty() {
        return Ok(Scalar::Null);
    }
    if value.contains('\0') {
        return Err("expected text without a NUL inside".to_owned());
    }
    Ok(match vr {
        DA => Scalar::Date(date::date(value)?),
        DT => Scalar::Time(date::date_time(value)?),
        DS => Scalar::Number(number::decimal(value)?),
        IS => Scalar::Number(number::integer(value)?),
        _ => Scalar::Text(value.to_owned()),
    })
}

/// Takes padding away: blanks and NUL at the end; blanks in front where the standard says that they
/// do not count.
fn trim(vr: VR, value: &str) -> &str {
    use VR::*;
    let value = value.trim_end_matches([' ', '\0']);
    match vr {
        AE | CS | LO | SH | DS | IS => value.trim_start_matches(' '),
        _ => value,
    }
}

/// The values of an element of texts without a character set of its own, trimmed.
pub(super) fn plain_values(vr: VR, bytes: &[u8]) -> Result<Vec<String>, String> {
    let parts = Parts {
        several: true,
        name: false,
    };
    let values = Charset::default().values(bytes, parts)?;
    Ok(values.iter().map(|v| trim(vr, v).to_owned()).collect())
}
