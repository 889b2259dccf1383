//! Passing over what is not kept of a resource: checked and digested.

use super::{Kind, MAX_DEPTH, NUMBER, Skimmer};
use crate::json::Refusal;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Passes over a value: its kind and digest.
#[derive(Clone, Copy)]
pub(super) struct Skim<'s> {
    skimmer: &'s Skimmer,
    depth: u32,
}

impl<'s> Skim<'s> {
    pub(super) fn top(skimmer: &'s Skimmer) -> Self {
        Skim { skimmer, depth: 1 }
    }
    fn number(&self, text: &str) -> (Kind, u64) {
        (Kind::Scalar, self.skimmer.key(b'n', text.as_bytes()))
    }
    fn inner(self) -> Self {
        Skim {
            depth: self.depth + 1,
            ..self
        }
    }
}

impl<'de> DeserializeSeed<'de> for Skim<'_> {
    type Value = (Kind, u64);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let skimmer = self.skimmer;
        if self.depth > MAX_DEPTH {
            return Err(skimmer.why.refuse(Refusal::TooDeep));
        }
        let left = skimmer.left.get().checked_sub(1);
        skimmer
            .left
            .set(left.ok_or_else(|| skimmer.why.refuse(Refusal::TooMany))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skim<'_> {
    type Value = (Kind, u64);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a json value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok((Kind::Scalar, 1))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok((Kind::Scalar, 2 + u64::from(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.number(&value.to_string()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.number(&value.to_string()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(self.number(&value.to_string()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((Kind::Text, self.skimmer.key(b't', text.as_bytes())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut all = 4;
        while let Some((_, item)) = seq.next_element_seed(self.inner())? {
            all = self.skimmer.pair(all, item);
        }
        Ok((Kind::List, all))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let skimmer = self.skimmer;
        let start = skimmer.names.borrow().len();
        let mut all = 5u64;
        while let Some(name) = map.next_key_seed(SkimName(skimmer))? {
            let Some(name) = name else {
                let text = map.next_value_seed(NumberText(skimmer))?;
                return Ok((Kind::Scalar, text));
            };
            skimmer.names.borrow_mut().push(name);
            let (_, value) = map.next_value_seed(self.inner())?;
            all = all.wrapping_add(skimmer.pair(name, value));
        }
        if !skimmer.unrepeated(start) {
            return Err(skimmer.why.refuse(Refusal::Repeated));
        }
        Ok((Kind::Object, all))
    }
}

impl Skimmer {
    /// Whether the names from `start` on differ. Forgets them.
    fn unrepeated(&self, start: usize) -> bool {
        let mut names = self.names.borrow_mut();
        let own = names.get_mut(start..).unwrap_or_default();
        own.sort_unstable();
        let fine = own.windows(2).all(|pair| pair.first() != pair.last());
        names.truncate(start);
        fine
    }
}

/// A name below the top, digested; none for the parser's mark of a number.
struct SkimName<'s>(&'s Skimmer);

impl<'de> DeserializeSeed<'de> for SkimName<'_> {
    type Value = Option<u64>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for SkimName<'_> {
    type Value = Option<u64>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        if name == NUMBER {
            return Ok(None);
        }
        if name == "modifierExtension" {
            self.0.modifier.set(true);
        }
        Ok(Some(self.0.key(b'f', name.as_bytes())))
    }
}

struct NumberText<'s>(&'s Skimmer);

impl<'de> DeserializeSeed<'de> for NumberText<'_> {
    type Value = u64;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for NumberText<'_> {
    type Value = u64;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }
    fn visit_str<E>(self, text: &str) -> Result<u64, E> {
        Ok(self.0.key(b'n', text.as_bytes()))
    }
}
