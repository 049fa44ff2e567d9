//! What HTTP routes answer where they cannot do what was asked.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::server::error::{Farewell, Fault};

/// Seconds after which a server that was busy, or was asked too often, may be asked again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Why a request was refused.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Refusal)]
pub(super) struct RefusalBody {
    /// The reason's name, for programs.
    #[schema(example = "bad_image")]
    code: &'static str,
    /// What is wrong and what to do, for people.
    #[schema(example = "the picture cannot be used: it is neither a JPEG nor a PNG file")]
    message: String,
    /// The same as `message`, where clients of the original backend look for it.
    error: String,
}

/// A refusal with its status.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) const fn code(&self) -> &'static str {
        self.code
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let status = match fault {
            Fault::BadMessage(_) | Fault::BadImage(_) | Fault::StaleSequence { .. } | Fault::BadSequence => {
                StatusCode::BAD_REQUEST
            }
            Fault::RateLimit { .. } => StatusCode::TOO_MANY_REQUESTS,
            Fault::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Fault::Tracking(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, fault.code(), fault.to_string())
    }
}

impl From<Farewell> for Refusal {
    fn from(farewell: Farewell) -> Self {
        let status = match farewell {
            Farewell::BadToken => StatusCode::UNAUTHORIZED,
            Farewell::Origin => StatusCode::FORBIDDEN,
            Farewell::TooBig(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Farewell::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Farewell::Protocol | Farewell::BadText => StatusCode::BAD_REQUEST,
            Farewell::Idle(_) | Farewell::SlowReader(_) => StatusCode::REQUEST_TIMEOUT,
            Farewell::GoingAway | Farewell::TooManyClients(_) | Farewell::TooManyFromAddress(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Self::new(status, farewell.name(), farewell.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        let mut response = (status, Json(RefusalBody { code, error: message.clone(), message })).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                drop(headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                drop(headers.insert(header::RETRY_AFTER, RETRY_AFTER));
            }
            // What is left of the body is not read.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                drop(headers.insert(header::CONNECTION, HeaderValue::from_static("close")));
            }
            _ => {}
        }
        response
    }
}
