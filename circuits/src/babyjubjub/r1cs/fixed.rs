//! Multiplication of a constant point by a hidden integer: windows of three bits, looked up in
//! constant tables.
//!
//! Window i adds (d + 2) 8^i B with its digit d in 0 .. 7, on the Montgomery curve; the last
//! windows add d 8^i B by the complete Edwards law, and the very last table also takes back the
//! surplus of the twos. Why no Montgomery addition is special: as integers, the sum before window i
//! is at least 2 and at most 9 (8^i - 1) / 7 < 2 * 8^i, so it is less than the addend, and sum plus
//! addend is at most 9 (8^(i+1) - 1) / 7 < l for i < 83. So the addend and the sum are multiples of
//! B by distinct integers whose sum and difference are not 0 modulo l: neither equal, nor opposite,
//! nor the identity.

use ark_ff::AdditiveGroup;
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::inverses::Inverses;
use super::montgomery::{MontgomeryVar, coordinates};
use super::{PointVar, hint};
use crate::babyjubjub::Point;
use crate::babyjubjub::extended::Extended;
use crate::field::Fr;
use crate::range::r1cs::linear;
use std::sync::{Arc, Mutex, PoisonError};

/// Bits of a window.
const WINDOW: usize = 3;
/// Entries of a table.
const ENTRIES: usize = 1 << WINDOW;
/// Windows that may be added on the Montgomery curve: 9 * 8^83 / 7 < l.
const SAFE_WINDOWS: usize = 83;

/// Eight pairs of coordinates.
type Table = Vec<(Fr, Fr)>;

/// What every window's digit adds.
struct Tables {
    /// Of all windows, one behind the other.
    points: Vec<Extended>,
    windows: Vec<Table>,
}

type Kept = ((Point, usize), Arc<Tables>);

/// Most tables that are kept: circuits multiply eleven points by integers of a few lengths.
const KEPT: usize = 32;

/// The tables of a base and a number of windows, which are public, made once.
///
/// **Errors**: the identity, or a point outside the prime subgroup.
fn tables(base: &Point, windows: usize) -> Result<Arc<Tables>, SynthesisError> {
    static MADE: Mutex<Vec<Kept>> = Mutex::new(Vec::new());
    let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let known = made()
        .iter()
        .find(|(of, _)| *of == (*base, windows))
        .cloned();
    if let Some((_, tables)) = known {
        return Ok(tables);
    }
    if base.is_identity() || !base.in_subgroup() {
        return Err(SynthesisError::Unsatisfiable);
    }
    let tables = Arc::new(make_tables(base, windows));
    let mut made = made();
    if made.len() < KEPT && made.iter().all(|(of, _)| *of != (*base, windows)) {
        made.push(((*base, windows), tables.clone()));
    }
    Ok(tables)
}

/// Of so many windows, how many are added on the Montgomery curve.
fn on_montgomery(windows: usize) -> usize {
    SAFE_WINDOWS.min(windows.saturating_sub(1))
}

/// The tables of all windows; those that are added on the Montgomery curve in its coordinates.
fn make_tables(base: &Point, windows: usize) -> Tables {
    let montgomery = on_montgomery(windows);
    let mut points: Vec<Extended> = Vec::with_capacity(windows * ENTRIES);
    let mut power = Extended::from(*base);
    let mut surplus = Extended::from(Point::IDENTITY);
    for window in 0..windows {
        let twice = power.double();
        let mut entry = if window < montgomery {
            surplus = surplus.add(&twice);
            twice
        } else if window + 1 < windows {
            Extended::from(Point::IDENTITY)
        } else {
            surplus.neg()
        };
        for _ in 0..ENTRIES {
            points.push(entry);
            entry = entry.add(&power);
        }
        power = twice.double().double();
    }
    let affine = Extended::batch_to_affine(&points);
    let (first, last) = affine.split_at(montgomery * ENTRIES);
    let pairs: Vec<(Fr, Fr)> = coordinates(first)
        .into_iter()
        .chain(last.iter().map(|p| (p.x, p.y)))
        .collect();
    let windows = pairs.chunks(ENTRIES).map(<[_]>::to_vec).collect();
    Tables { points, windows }
}

/// Of the denominators of additions on the Montgomery curve: u of the addend less u of the sum before.
fn inverses(tables: &Tables, bits: &[Boolean<Fr>]) -> Inverses {
    let values: Option<Vec<bool>> = bits.iter().map(|bit| bit.value().ok()).collect();
    let values = values.unwrap_or_default();
    let windows = values.chunks(WINDOW).zip(tables.points.chunks(ENTRIES));
    let mut addends = windows
        .take(on_montgomery(tables.windows.len()))
        .map(|(bits, points)| {
            let digit = bits
                .iter()
                .rev()
                .fold(0, |digit, bit| 2 * digit + usize::from(*bit));
            points[digit]
        });
    let mut pairs = Vec::new();
    if let Some(mut sum) = addends.next() {
        for addend in addends {
            pairs.push([sum, addend]);
            sum = sum.add(&addend);
        }
    }
    Inverses::of(&pairs)
}

/// The table's entry under three bits: `low(b0, b1) + b2 * high(b0, b1)` with both parts linear in
/// b0, b1 and b0 b1.
///
/// **Cost**: 3.
fn lookup(
    table: &[(Fr, Fr)],
    bits: &[FpVar<Fr>; WINDOW],
) -> Result<(FpVar<Fr>, FpVar<Fr>), SynthesisError> {
    let both = &bits[0] * &bits[1];
    let entry = |pick: fn(&(Fr, Fr)) -> Fr| -> Result<FpVar<Fr>, SynthesisError> {
        let t: Vec<Fr> = table.iter().map(pick).collect();
        let plane = |t: [Fr; 4]| {
            let corner = t[3] - t[2] - t[1] + t[0];
            linear(
                t[0],
                &[
                    (t[1] - t[0], &bits[0]),
                    (t[2] - t[0], &bits[1]),
                    (corner, &both),
                ],
            )
        };
        let low = plane([t[0], t[1], t[2], t[3]])?;
        let high = plane([t[4] - t[0], t[5] - t[1], t[6] - t[2], t[7] - t[3]])?;
        select_linear(&bits[2], &low, &high)
    };
    Ok((entry(|p| p.0)?, entry(|p| p.1)?))
}

/// `low + bit * high` as one witness.
fn select_linear(
    bit: &FpVar<Fr>,
    low: &FpVar<Fr>,
    high: &FpVar<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    if bit.is_constant() || high.is_constant() {
        return Ok(low + bit * high);
    }
    let value = (|| Ok::<_, SynthesisError>(low.value()? + bit.value()? * high.value()?))();
    let out = hint(&bit.cs(), value.ok())?;
    bit.mul_equals(high, &(&out - low))?;
    Ok(out)
}

/// `base` times the integer with these bits, low first.
///
/// **Shape**: `base` in the prime subgroup and not the identity (a programming error otherwise);
/// any number of bits, the integer is taken modulo l. **Cost**: about 2 per bit: 504 for 251 bits.
///
/// **Errors**: a base that is not allowed.
pub fn fixed_base_mul(base: Point, bits: &[Boolean<Fr>]) -> Result<PointVar, SynthesisError> {
    let windows = bits.len().div_ceil(WINDOW);
    let tables = tables(&base, windows)?;
    let cs = bits
        .iter()
        .fold(ConstraintSystemRef::None, |cs, bit| cs.or(bit.cs()));
    if cs.is_none() {
        let values = bits
            .iter()
            .map(|bit| bit.value())
            .collect::<Result<Vec<_>, _>>()?;
        return Ok(PointVar::constant(base.mul_bits_vartime(&values)));
    }
    let montgomery = on_montgomery(windows);
    let mut sum: Option<MontgomeryVar> = None;
    let mut total: Option<PointVar> = None;
    let mut inverses = inverses(&tables, bits);
    for (i, table) in tables.windows.iter().enumerate() {
        let bit = |j: usize| {
            bits.get(WINDOW * i + j)
                .map_or(FpVar::Constant(Fr::ZERO), |bit| FpVar::from(bit.clone()))
        };
        let (a, b) = lookup(table, &[bit(0), bit(1), bit(2)])?;
        if i < montgomery {
            let addend = MontgomeryVar { u: a, v: b };
            sum = Some(match &sum {
                Some(before) => before.add(&addend, &mut inverses)?,
                None => addend,
            });
            continue;
        }
        let addend = PointVar { x: a, y: b };
        let before = match (total, sum.take()) {
            (Some(total), _) => Some(total),
            (None, Some(sum)) => Some(sum.to_edwards()?),
            (None, None) => None,
        };
        total = Some(match before {
            Some(before) => before.add(&addend)?,
            None => addend,
        });
    }
    Ok(total.unwrap_or(PointVar::constant(Point::IDENTITY)))
}
