//! What this application needs of a peer's and of an orderer's configuration.

use super::settings::{Settings, milliseconds};
use super::{Finding, Level};

/// What a key must say.
enum Need {
    True,
    Given,
    /// A duration of at least so many seconds.
    Seconds(u32),
    /// A number of at least this.
    AtLeast(f64),
    /// A list of handlers with this name in it.
    Handler(&'static str),
}

/// One key, what it must say, how bad it is where it does not, and why.
struct Rule(&'static str, Need, Level, &'static str);

use Level::{Problem, Warning};
use Need::{AtLeast, Given, Handler, Seconds, True};

const CORE: [Rule; 19] = [
    Rule(
        "peer.tls.enabled",
        True,
        Problem,
        "private values and identities travel between peers and clients: enable TLS on every listener",
    ),
    Rule(
        "peer.handlers.authFilters",
        Handler("TimeWindowCheck"),
        Warning,
        "the contract takes its day from the transaction's time, which the client chooses; Fabric 3 peers refuse what is 15 minutes off with this filter. Fabric 2.5 has none: there the contract's own process refuses",
    ),
    Rule(
        "peer.handlers.authFilters",
        Handler("ExpirationCheck"),
        Problem,
        "without it an expired certificate may still ask",
    ),
    Rule(
        "peer.authentication.timewindow",
        Seconds(60),
        Warning,
        "how far a proposal's time may be away; 15m is Fabric's and this contract's",
    ),
    Rule(
        "peer.gateway.enabled",
        True,
        Problem,
        "clients use the peer's gateway service for everything",
    ),
    Rule(
        "peer.gateway.endorsementTimeout",
        Seconds(30),
        Warning,
        "a claim over thousands of chunks verifies for tens of seconds in endorsement",
    ),
    Rule(
        "peer.limits.concurrency.gatewayService",
        AtLeast(100.0),
        Warning,
        "more calls at once are refused, and clients do not repeat them",
    ),
    Rule(
        "peer.limits.concurrency.endorserService",
        AtLeast(100.0),
        Warning,
        "more calls at once are refused",
    ),
    Rule(
        "peer.maxRecvMsgSize",
        AtLeast(16_777_216.0),
        Problem,
        "a call is up to 8 MiB and counts twice where arguments are also written",
    ),
    Rule(
        "peer.maxSendMsgSize",
        AtLeast(16_777_216.0),
        Problem,
        "a call is up to 8 MiB and counts twice where arguments are also written",
    ),
    Rule(
        "peer.gossip.externalEndpoint",
        Given,
        Problem,
        "peers of other organisations cannot find this one: no private data reaches it",
    ),
    Rule(
        "peer.gossip.pvtData.reconciliationEnabled",
        True,
        Problem,
        "a member that was down never gets the private data it missed",
    ),
    Rule(
        "peer.gossip.pvtData.reconcileSleepInterval",
        Seconds(1),
        Warning,
        "how long a returning member waits before it looks for what it missed",
    ),
    Rule(
        "peer.gossip.pvtData.transientstoreMaxBlockRetention",
        AtLeast(1000.0),
        Problem,
        "private values wait here between endorsement and commit: too few blocks lose them",
    ),
    Rule(
        "chaincode.externalBuilders",
        Given,
        Problem,
        "the contract runs as a service: a peer needs a builder for packages of type ccaas",
    ),
    Rule(
        "chaincode.executetimeout",
        Seconds(30),
        Problem,
        "a transaction that verifies many proofs takes that long; Fabric's own 30s suits up to some 8,000 proofs",
    ),
    Rule(
        "ledger.pvtdataStore.purgeInterval",
        AtLeast(1.0),
        Warning,
        "after how many blocks expired private data leaves the store",
    ),
    Rule(
        "ledger.pvtdataStore.purgedKeyAuditLogging",
        True,
        Warning,
        "who must show that a value was purged needs the log line",
    ),
    Rule(
        "ledger.history.enableHistoryDatabase",
        Given,
        Warning,
        "the contract does not use it; switch it off to save disk, on for your own queries",
    ),
];

const ORDERER: [Rule; 5] = [
    Rule(
        "General.TLS.Enabled",
        True,
        Problem,
        "orderers and peers know each other by TLS certificates",
    ),
    Rule(
        "ChannelParticipation.Enabled",
        True,
        Problem,
        "channels are joined by this API; there is no system channel any more",
    ),
    Rule(
        "Admin.TLS.Enabled",
        True,
        Problem,
        "whoever reaches the administration listener joins and removes channels",
    ),
    Rule(
        "General.Authentication.TimeWindow",
        Seconds(60),
        Warning,
        "how far a request's time may be away",
    ),
    Rule(
        "General.MaxRecvMsgSize",
        AtLeast(16_777_216.0),
        Problem,
        "a call is up to 8 MiB and counts twice where arguments are also written",
    ),
];

impl Rule {
    fn check(&self, settings: &Settings) -> Finding {
        let Rule(key, need, level, why) = self;
        let word = settings.word(key);
        let (holds, expected) = match need {
            True => (word.eq_ignore_ascii_case("true"), "true".to_owned()),
            Given => (!word.is_empty() && word != "[]", "a value".to_owned()),
            Seconds(n) => (
                milliseconds(&word).is_some_and(|ms| ms >= f64::from(*n) * 1000.0),
                format!("at least {n}s"),
            ),
            AtLeast(n) => (
                word.parse::<f64>().is_ok_and(|got| got >= *n),
                format!("at least {n}"),
            ),
            Handler(name) => (
                settings.names(key).iter().any(|n| n == name),
                format!("{name} among the names"),
            ),
        };
        let found = match need {
            Handler(_) => settings.names(key).join(", "),
            _ => word.chars().take(80).collect(),
        };
        let found = if found.is_empty() {
            "nothing".to_owned()
        } else {
            found
        };
        Finding {
            level: if holds { Level::Good } else { *level },
            at: format!("{}: {key}", settings.name),
            found,
            expected,
            why,
        }
    }
}

/// A peer's core.yaml.
pub fn core(settings: &Settings) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CORE.iter().map(|rule| rule.check(settings)).collect();
    findings.push(pull_threshold(settings));
    findings
}

/// An orderer's orderer.yaml.
pub fn orderer(settings: &Settings) -> Vec<Finding> {
    ORDERER.iter().map(|rule| rule.check(settings)).collect()
}

/// Seen on Fabric 3.1: a member that did not endorse a purge finds nobody who still has it, and
/// commits nothing while it looks.
fn pull_threshold(settings: &Settings) -> Finding {
    let key = "peer.gossip.pvtData.pullRetryThreshold";
    let found = settings.word(key);
    let is_short = milliseconds(&found).is_some_and(|ms| ms <= 10_000.0);
    let why = "a member that did not endorse a purge looks for its private part in vain, and its chain stands still for that long";
    let level = if is_short {
        Level::Good
    } else {
        Level::Warning
    };
    Finding {
        level,
        at: format!("{}: {key}", settings.name),
        found,
        expected: "at most 10s".to_owned(),
        why,
    }
}
