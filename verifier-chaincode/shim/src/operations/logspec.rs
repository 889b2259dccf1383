//! `/logspec`: what is logged, and how that is changed.
//!
//! It is for whoever works on this machine, and for no page in a browser there: a page's requests
//! name where it came from (`Origin`), or a host of the page's own that was pointed here (`Host`).

use super::Operations;
use super::listener::Asker;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::IpAddr;
use tracing_subscriber::EnvFilter;

/// Largest body of a request.
///
/// **Units**: bytes.
pub(super) const MAX_BODY: usize = 4096;

/// What is logged, as `level` or `target=level,..`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogSpec {
    spec: String,
}

fn refused(code: StatusCode, why: &'static str) -> Response {
    (code, Json(json!({ "error": why }))).into_response()
}

/// Lets through what no page of somebody else's sent.
pub(super) async fn own_requests_only(
    ConnectInfo(asker): ConnectInfo<Asker>,
    request: Request,
    next: Next,
) -> Response {
    if request.headers().contains_key(ORIGIN) {
        return refused(StatusCode::FORBIDDEN, "expected a request without Origin");
    }
    if !names_this(request.uri(), request.headers(), asker.at) {
        let why = "expected one Host: localhost, or the address that was connected to";
        return refused(StatusCode::FORBIDDEN, why);
    }
    next.run(request).await
}

/// Whether a request names this machine, or the address that it came to, and nothing else. Any
/// port: one may be forwarded from elsewhere, and a name is what a page can choose.
fn names_this(uri: &Uri, headers: &HeaderMap, at: Option<IpAddr>) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let host = host.to_str().ok().and_then(|host| host.parse().ok());
    let is_this = |authority: &Authority| {
        let bare = authority.as_str();
        let name = authority.host();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        let address = address.parse::<IpAddr>().map(|ip| ip.to_canonical());
        let is_own = address.is_ok_and(|ip| ip.is_loopback() || Some(ip) == at);
        !bare.contains('@') && (is_own || name.eq_ignore_ascii_case("localhost"))
    };
    host.as_ref().is_some_and(is_this) && uri.authority().is_none_or(is_this)
}

pub(super) async fn get(State(operations): State<Operations>) -> Json<LogSpec> {
    let current = operations.log.as_ref();
    let spec = current.and_then(|log| log.with_current(ToString::to_string).ok());
    Json(LogSpec {
        spec: spec.unwrap_or_default(),
    })
}

pub(super) async fn put(
    State(operations): State<Operations>,
    ConnectInfo(asker): ConnectInfo<Asker>,
    wanted: Result<Json<LogSpec>, JsonRejection>,
) -> Response {
    if !asker.from.ip().to_canonical().is_loopback() {
        let why = "what is logged can be changed from this machine only";
        return refused(StatusCode::FORBIDDEN, why);
    }
    let wanted = match wanted {
        Ok(Json(wanted)) => wanted.spec,
        Err(error) => return refused(error.status(), "expected {\"spec\": \"...\"} as JSON"),
    };
    let (Some(log), Ok(filter)) = (&operations.log, EnvFilter::try_new(&wanted)) else {
        let why = "expected a level, or target=level pairs";
        return refused(StatusCode::BAD_REQUEST, why);
    };
    match log.reload(filter) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "logging has ended"),
    }
}

#[cfg(test)]
mod tests;
