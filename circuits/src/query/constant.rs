//! Constants of a column's type, as the integers its cells hold.
//!
//! A cell holds value - min in as many bits as the column has, and that span is what registrations
//! prove. A constant outside the span, or between two values of it, is folded exactly: the
//! comparison is then true of every value, of none, or one with a neighbouring constant. A missing
//! value stays unknown.

use super::QueryError;
use super::program::Op;
use crate::schema::{Column, ColumnType, day_of_text};

/// Most digits of a number.
const MAX_DIGITS: usize = 24;

/// A constant as written.
pub(super) enum Literal {
    /// Digits with at most one point.
    Number { minus: bool, digits: String },
    /// A quoted text.
    Text(String),
    /// TRUE or FALSE.
    Flag(bool),
}

impl Literal {
    fn print(&self) -> String {
        let text: String = match self {
            Literal::Number { minus, digits } => {
                format!("{}{digits}", if *minus { "-" } else { "" })
            }
            Literal::Text(text) => format!("'{text}'"),
            Literal::Flag(flag) => flag.to_string().to_uppercase(),
        };
        text.chars().take(80).collect()
    }
}

/// A constant on the scale of a column: an integer, or the integer below and something more.
struct Scaled {
    floor: i128,
    exact: bool,
}

/// The comparison as it stands in the program.
pub(super) fn fold(column: &Column, op: Op, literal: &Literal) -> Result<(Op, u32), QueryError> {
    let ordered = !matches!(op, Op::Eq | Op::Ne);
    if ordered && matches!(column.kind, ColumnType::Code { .. } | ColumnType::Flag) {
        let expected = "only =, <> and IN: its values have no order".to_owned();
        return Err(QueryError::Constant {
            column: column.name.clone(),
            expected,
            got: literal.print(),
        });
    }
    let constant = scale_literal(column, literal)?;
    let (op, k) = whole(op, &constant);
    let (low, high) = column.proven_bounds();
    Ok(clamp(op, k, i128::from(low), i128::from(high)))
}

/// The same comparison with an integer.
fn whole(op: Op, constant: &Scaled) -> (Op, i128) {
    match (constant.exact, op) {
        (true, _) => (op, constant.floor),
        // Nothing equals what lies between two values; what is below or at most it is at most the
        // lower of them.
        (false, Op::Eq) => (Op::Never, 0),
        (false, Op::Ne) => (Op::Always, 0),
        (false, Op::Lt | Op::Le) => (Op::Le, constant.floor),
        (false, _) => (Op::Gt, constant.floor),
    }
}

/// The same comparison with a constant inside low .. high, or one that all or no value of the span
/// satisfies.
fn clamp(op: Op, k: i128, low: i128, high: i128) -> (Op, u32) {
    let folded = match op {
        Op::Never | Op::Always => Some(op),
        _ if k < low => Some(if matches!(op, Op::Ne | Op::Gt | Op::Ge) {
            Op::Always
        } else {
            Op::Never
        }),
        _ if k > high => Some(if matches!(op, Op::Ne | Op::Lt | Op::Le) {
            Op::Always
        } else {
            Op::Never
        }),
        _ => None,
    };
    match folded {
        Some(op) => (op, 0),
        // The span of a one-cell column is below 2^24.
        None => (op, (k - low) as u32),
    }
}

fn scale_literal(column: &Column, literal: &Literal) -> Result<Scaled, QueryError> {
    let exact = |floor: i128| Scaled { floor, exact: true };
    let (found, expected) = match (&column.kind, literal) {
        (ColumnType::Int { .. }, Literal::Number { minus, digits }) => {
            (number(*minus, digits, 0), number_of(0))
        }
        (ColumnType::Decimal { scale, .. }, Literal::Number { minus, digits }) => {
            (number(*minus, digits, *scale), number_of(*scale))
        }
        (ColumnType::Day { .. }, Literal::Text(text)) => {
            (day_of_text(text).map(|d| exact(d.into())), day())
        }
        (ColumnType::Code { codes }, Literal::Text(text)) => {
            let index = codes.iter().position(|c| c == text);
            (index.map(|i| exact(i as i128)), code(codes))
        }
        (ColumnType::Flag, Literal::Flag(flag)) => (Some(exact(i128::from(*flag))), String::new()),
        (ColumnType::Int { .. }, _) => (None, number_of(0)),
        (ColumnType::Decimal { scale, .. }, _) => (None, number_of(*scale)),
        (ColumnType::Day { .. }, _) => (None, day()),
        (ColumnType::Code { codes }, _) => (None, code(codes)),
        (ColumnType::Flag, _) => (None, "TRUE or FALSE".to_owned()),
    };
    found.ok_or_else(|| QueryError::Constant {
        column: column.name.clone(),
        expected,
        got: literal.print(),
    })
}

fn number_of(scale: u32) -> String {
    match scale {
        0 => format!("a number of at most {MAX_DIGITS} digits, without exponent"),
        scale => format!(
            "a number of at most {MAX_DIGITS} digits, without exponent ({scale} digits after the point are kept)"
        ),
    }
}

fn day() -> String {
    "a date as 'YYYY-MM-DD', years 1800 to 2999".to_owned()
}

fn code(codes: &[String]) -> String {
    let first: Vec<String> = codes.iter().take(8).map(|c| format!("'{c}'")).collect();
    let more = if codes.len() > 8 {
        format!(", .. ({} codes)", codes.len())
    } else {
        String::new()
    };
    format!("one of {}{more}", first.join(", "))
}

/// Digits with at most one point, times 10^scale.
fn number(minus: bool, digits: &str, scale: u32) -> Option<Scaled> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = whole.len() + fraction.len();
    let plain = whole
        .bytes()
        .chain(fraction.bytes())
        .all(|b| b.is_ascii_digit());
    if !plain || all == 0 || all > MAX_DIGITS || scale > 9 {
        return None;
    }
    // At most 24 + 9 digits, which i128 holds.
    let read = |text: &str| {
        text.bytes()
            .fold(0i128, |acc, b| acc * 10 + i128::from(b - b'0'))
    };
    let scale = scale as usize;
    let (kept, lost) = fraction.split_at(scale.min(fraction.len()));
    let magnitude = (read(whole) * 10i128.pow(kept.len() as u32) + read(kept))
        * 10i128.pow((scale - kept.len()) as u32);
    let exact = lost.bytes().all(|b| b == b'0');
    let floor = match (minus, exact) {
        (false, _) => magnitude,
        (true, true) => -magnitude,
        (true, false) => -magnitude - 1,
    };
    Some(Scaled { floor, exact })
}
