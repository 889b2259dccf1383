mod attacks;
mod faults;
mod journeys;
mod races;
pub(crate) mod support;
