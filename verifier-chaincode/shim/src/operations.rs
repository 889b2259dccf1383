//! The operations endpoint, in the manner of Fabric's own: `/healthz`, `/metrics`, `/version`,
//! `/logspec`.
//!
//! Plain HTTP, a few seconds a connection: it answers with nothing that a caller of the chaincode
//! chose. What changes something (`PUT /logspec`) is taken from this machine only.

use crate::log_lines::LogLines;
use crate::metrics::Metrics;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use listener::{Asker, ShortLived};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::{
    EnvFilter, Registry, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt,
};

mod listener;

/// Changes what is logged while the process runs.
pub type LogHandle = reload::Handle<EnvFilter, Registry>;

/// Why logging did not start.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Spec(#[from] tracing_subscriber::filter::ParseError),
    #[error(transparent)]
    Started(#[from] tracing_subscriber::util::TryInitError),
}

/// What the endpoint shows.
#[derive(Clone)]
pub struct Operations {
    pub metrics: Arc<Metrics>,
    /// Turns true when the process is asked to end.
    pub ending: watch::Receiver<bool>,
    /// The package label of what is served.
    pub label: String,
    pub version: &'static str,
    pub digest: &'static str,
    /// What is logged.
    pub log: Option<LogHandle>,
}

/// What is logged, as `level` or `target=level,..`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct LogSpec {
    spec: String,
}

/// Starts logging to standard error.
///
/// **Errors**: not a level and not such pairs, or logging was started before.
pub fn start_logging(spec: &str) -> Result<LogHandle, LogError> {
    let filter = EnvFilter::try_new(spec)?;
    let (filter, handle) = reload::Layer::new(filter);
    let lines = fmt::layer().with_writer(LogLines).with_ansi(false);
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init()?;
    Ok(handle)
}

/// Answers until the process ends.
///
/// **Errors**: the listener failed.
pub async fn serve_operations(
    listener: TcpListener,
    operations: Operations,
) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .route("/version", get(version))
        .route("/logspec", get(log_spec).put(set_log_spec))
        .with_state(operations);
    axum::serve(
        ShortLived::new(listener),
        routes.into_make_service_with_connect_info::<Asker>(),
    )
    .await
}

async fn health(State(operations): State<Operations>) -> (StatusCode, Json<Value>) {
    if *operations.ending.borrow() {
        let failed = json!([{"component": "chaincode", "reason": "the process is ending"}]);
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "Service Unavailable", "failed_checks": failed})),
        );
    }
    (StatusCode::OK, Json(json!({"status": "OK"})))
}

async fn metrics(State(operations): State<Operations>) -> impl IntoResponse {
    (
        [(
            "content-type",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        operations.metrics.render(),
    )
}

async fn version(State(operations): State<Operations>) -> Json<Value> {
    Json(
        json!({"Version": operations.version, "ContractDigest": operations.digest, "Label": operations.label}),
    )
}

async fn log_spec(State(operations): State<Operations>) -> Json<LogSpec> {
    let spec = operations
        .log
        .as_ref()
        .and_then(|log| log.with_current(ToString::to_string).ok())
        .unwrap_or_default();
    Json(LogSpec { spec })
}

async fn set_log_spec(
    State(operations): State<Operations>,
    ConnectInfo(Asker(caller)): ConnectInfo<Asker>,
    Json(wanted): Json<LogSpec>,
) -> (StatusCode, Json<Value>) {
    let refused = |code, why: &str| (code, Json(json!({"error": why})));
    if !caller.ip().is_loopback() {
        return refused(
            StatusCode::FORBIDDEN,
            "what is logged can be changed from this machine only",
        );
    }
    let (Some(log), Ok(filter)) = (&operations.log, EnvFilter::try_new(&wanted.spec)) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "expected a level, or target=level pairs",
        );
    };
    match log.reload(filter) {
        Ok(()) => (StatusCode::NO_CONTENT, Json(Value::Null)),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "logging has ended"),
    }
}
