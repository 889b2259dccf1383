//! Points as data: two field elements, checked once when they enter.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize};
use std::io::Read;

use super::Point;
use crate::field::Felt;

/// Why a pair of field elements is not a public point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// The curve equation does not hold.
    #[error("point: expected a point of the curve")]
    NotOnCurve,
    /// The point is not in the subgroup of prime order.
    #[error("point: expected a point of the prime-order subgroup")]
    NotInSubgroup,
    /// The point is the neutral element.
    #[error("point: expected a point other than the identity")]
    Identity,
}

/// A point in the subgroup of prime order, not the identity: public keys, recipients, lane
/// commitments.
///
/// **Security**: every way in (constructor, borsh, serde) checks curve, subgroup and identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, BorshSerialize, Serialize)]
pub struct PublicPoint {
    x: Felt,
    y: Felt,
}

impl PublicPoint {
    /// Checks a point.
    ///
    /// **Errors**: off the curve, outside the subgroup, or the identity.
    pub fn new(point: Point) -> Result<Self, PointError> {
        if !point.is_on_curve() {
            return Err(PointError::NotOnCurve);
        }
        if point.is_identity() {
            return Err(PointError::Identity);
        }
        if !point.in_subgroup() {
            return Err(PointError::NotInSubgroup);
        }
        Ok(PublicPoint {
            x: Felt(point.x),
            y: Felt(point.y),
        })
    }

    pub fn point(&self) -> Point {
        Point {
            x: self.x.0,
            y: self.y.0,
        }
    }

    pub fn x(&self) -> Felt {
        self.x
    }

    pub fn y(&self) -> Felt {
        self.y
    }
}

impl TryFrom<Point> for PublicPoint {
    type Error = PointError;
    fn try_from(point: Point) -> Result<Self, PointError> {
        PublicPoint::new(point)
    }
}

impl From<PublicPoint> for Point {
    fn from(public: PublicPoint) -> Point {
        public.point()
    }
}

impl BorshDeserialize for PublicPoint {
    fn deserialize_reader<R: Read>(reader: &mut R) -> std::io::Result<Self> {
        let x = Felt::deserialize_reader(reader)?;
        let y = Felt::deserialize_reader(reader)?;
        PublicPoint::new(Point { x: x.0, y: y.0 })
            .map_err(|e| std::io::Error::new(std::io::ErrorKind::InvalidData, e))
    }
}

impl<'de> Deserialize<'de> for PublicPoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Coordinates {
            x: Felt,
            y: Felt,
        }
        let raw = Coordinates::deserialize(deserializer)?;
        PublicPoint::new(Point {
            x: raw.x.0,
            y: raw.y.0,
        })
        .map_err(serde::de::Error::custom)
    }
}
