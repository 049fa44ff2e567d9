//! The description of all routes for programs, and a page that shows it.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_swagger_ui::Config;

use super::files::{File, hand_out};
use super::{answer, estimate, pages, schemas, status};
use crate::server::hub::Hub;
use crate::server::web::etag;

/// What the page needs and nothing more: no other host. It sets styles from scripts and draws icons that lie within it.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What can be asked over HTTP.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "LiveDance",
        description = "Pictures in, poses out.\n\n\
            A single picture goes to `POST /estimate_pose`. Streams go over websockets, which this description has no words \
            for: `GET /v1/stream` (subprotocol `livedance.v1`) speaks Protobuf, or JSON with `?format=json`; `/socket.io/` \
            speaks Socket.IO 5 over Engine.IO 4, event `frame` in and `pose_result` out. Messages, close codes and limits of \
            both stand in `docs/protocol.md` of the repository.\n\n\
            Where the server was given a token, all but `/health`, `/openapi.json` and the pages ask for it: in \
            `Authorization: Bearer …`, or in `?token=…`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/")),
    paths(estimate::estimate, status::status, pages::health, pages::metrics, document),
    components(schemas(schemas::PoseResult, answer::RefusalBody)),
    tags(
        (name = "poses", description = "People in pictures"),
        (name = "operation", description = "How the server is"),
    ),
    external_docs(url = "https://spec.openapis.org/oas/v3.1.0", description = "What this description follows"),
)]
struct Description;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut document = Description::openapi();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.add_security_scheme("token", SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new("token"))));
    // Nothing here can fail to be written.
    document.to_json().unwrap_or_default()
});

/// This description.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "operation",
    responses(
        (status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json"),
        (status = 403, description = "`origin`: pages of this origin may not ask.", body = super::answer::RefusalBody),
    ),
    security(()),
)]
pub(super) async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// A page that shows the description.
pub(super) fn page() -> Router<Arc<Hub>> {
    Router::new()
        .route("/openapi", get(async || Redirect::permanent("/openapi/")))
        .route("/openapi/", get(async |headers: HeaderMap| part("index.html", &headers)))
        .route("/openapi/{part}", get(async |Path(name): Path<String>, headers: HeaderMap| part(&name, &headers)))
}

fn part(name: &str, request: &HeaderMap) -> Response {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
        // "none" is the word for asking no other host whether the description is right.
        Arc::new(Config::new(["/openapi.json"]).validator_url("none").display_request_duration(true))
    });
    let found = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)).ok().flatten();
    let Some(found) = found else { return hand_out(None, request) };
    let etag = etag(&found.bytes);
    let bytes = Cow::Owned(found.bytes.into_owned());
    hand_out(Some(File { content_type: &found.content_type, etag: &etag, policy: POLICY, bytes }), request)
}
