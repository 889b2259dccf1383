mod journeys;
mod support;
