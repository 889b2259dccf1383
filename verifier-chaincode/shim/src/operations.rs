//! The operations endpoint, in the manner of Fabric's own: `/healthz`, `/metrics`, `/version`,
//! `/logspec`.
//!
//! Plain HTTP, a few seconds a connection: it answers with nothing that a caller of the chaincode
//! chose. What changes something (`PUT /logspec`) is taken from this machine only, and from no page
//! in a browser there.

use crate::log_lines::LogLines;
use crate::metrics::Metrics;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use listener::{Asker, ShortLived};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::{
    EnvFilter, Registry, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt,
};

mod listener;
mod logspec;

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
    let log_spec = get(logspec::get)
        .put(logspec::put)
        .layer(DefaultBodyLimit::max(logspec::MAX_BODY))
        .layer(from_fn(logspec::own_requests_only));
    let routes = Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .route("/version", get(version))
        .route("/logspec", log_spec)
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
