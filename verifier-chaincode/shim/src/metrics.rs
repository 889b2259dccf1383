//! What the process counts, for those who watch it. Names of calls and codes of refusals only:
//! nothing that a caller chose.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// One kind of call and how it ended.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    call: &'static str,
    outcome: &'static str,
}

/// One kind of call.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Called {
    call: &'static str,
}

/// Why the process ended connections.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct EndedFor {
    reason: &'static str,
}

/// Counters of one process.
pub struct Metrics {
    registry: Registry,
    calls: Family<Ended, Counter>,
    seconds: Family<Called, Histogram>,
    running: Gauge,
    streams: Gauge,
    connections_ended: Family<EndedFor, Counter>,
}

impl Metrics {
    /// All at nothing; `prefix` begins the name of each.
    pub fn new(prefix: &str, label: &str, digest: &str) -> Self {
        let mut registry = Registry::with_prefix(prefix);
        let calls = Family::<Ended, Counter>::default();
        registry.register(
            "calls",
            "Calls that ended, by function and outcome",
            calls.clone(),
        );
        // A query takes a millisecond, a claim over thousands of chunks half a minute.
        let seconds = Family::<Called, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.001, 2.0, 16))
        });
        registry.register("call_seconds", "How long calls took", seconds.clone());
        let (running, streams) = (Gauge::default(), Gauge::default());
        registry.register("calls_running", "Calls that run now", running.clone());
        registry.register(
            "peer_streams",
            "Peers that are connected now",
            streams.clone(),
        );
        let connections_ended = Family::<EndedFor, Counter>::default();
        registry.register(
            "connections_ended",
            "Connections, and streams of a message that came too slowly, that this process ended",
            connections_ended.clone(),
        );
        let build = Info::new(vec![
            ("label", label.to_owned()),
            ("contract_digest", digest.to_owned()),
        ]);
        registry.register("build", "What is served", build);
        Metrics {
            registry,
            calls,
            seconds,
            running,
            streams,
            connections_ended,
        }
    }

    /// In the text format that Prometheus reads.
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing to memory cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    pub(crate) fn began(&self) {
        self.running.inc();
    }

    pub(crate) fn end_call(&self, call: &'static str, refusal: Option<&'static str>, micros: u64) {
        self.running.dec();
        let outcome = refusal.unwrap_or("ok");
        self.calls.get_or_create(&Ended { call, outcome }).inc();
        self.seconds
            .get_or_create(&Called { call })
            .observe(micros as f64 / 1e6);
    }

    /// A call that was refused before it ran.
    pub(crate) fn turned_away(&self, refusal: &'static str) {
        self.calls
            .get_or_create(&Ended {
                call: "other",
                outcome: refusal,
            })
            .inc();
    }

    pub(crate) fn connections_ended(&self, reason: &'static str, how_many: usize) {
        if let Ok(how_many @ 1..) = u64::try_from(how_many) {
            let ended = EndedFor { reason };
            self.connections_ended
                .get_or_create(&ended)
                .inc_by(how_many);
        }
    }

    pub(crate) fn stream_opened(&self) {
        self.streams.inc();
    }

    pub(crate) fn stream_closed(&self) {
        self.streams.dec();
    }
}
