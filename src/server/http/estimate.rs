//! `POST /estimate_pose`: one picture, one answer, without a stream around it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::time::timeout;

use super::Peer;
use super::answer::Refusal;
use crate::server::access::client_address;
use crate::server::error::{Farewell, Fault};
use crate::server::hub::Hub;
use crate::server::still::StillAnswer;
use crate::wire::data_url;
use crate::wire::original::PoseResult;

/// The part of a form that holds the picture.
const FIELD: &str = "image";
/// How long a client whose body is too large may go on sending: one that is cut off does not hear why.
const OVERHANG: Duration = Duration::from_secs(1);

/// The picture as text.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct EstimateRequest {
    /// A data URL (`data:image/jpeg;base64,…`), or base64 alone.
    image: String,
}

/// The picture as a part of a form.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read part by part")]
pub(super) struct EstimateForm {
    /// A JPEG or PNG file.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

/// Finds the pose in one picture.
///
/// The first person's 17 body points in the order of COCO, hands, joint angles and points in space, as the original
/// backend answers. `body` is empty when nobody is in view.
#[utoipa::path(
    post,
    path = "/estimate_pose",
    tag = "poses",
    request_body(content(
        (EstimateForm = "multipart/form-data"),
        (EstimateRequest = "application/json"),
    ), description = "The picture; as large as the server's `--max-message` and `--max-side` allow."),
    responses(
        (status = 200, description = "What was seen.", body = super::schemas::PoseResult),
        (status = 400, description = "`bad_message`, `bad_image`, `image_too_large`: there is no usable picture.", body = super::answer::RefusalBody),
        (status = 401, description = "`bad_token`: the server asks for a token.", body = super::answer::RefusalBody),
        (status = 403, description = "`origin`: pages of this origin may not ask.", body = super::answer::RefusalBody),
        (status = 408, description = "`idle`: the body took too long.", body = super::answer::RefusalBody),
        (status = 413, description = "`too_big`: the body is larger than the server takes.", body = super::answer::RefusalBody),
        (status = 415, description = "`unsupported`: it is neither a form nor JSON.", body = super::answer::RefusalBody),
        (status = 429, description = "`rate_limit`: more pictures a second from this address than the server takes.", body = super::answer::RefusalBody,
            headers(("Retry-After" = u32, description = "Seconds."))),
        (status = 500, description = "`tracking`: the picture could not be tracked.", body = super::answer::RefusalBody),
        (status = 503, description = "`busy`: too many pictures wait.", body = super::answer::RefusalBody,
            headers(("Retry-After" = u32, description = "Seconds."))),
    ),
    security((), ("bearer" = []), ("token" = [])),
)]
pub(super) async fn estimate(
    State(hub): State<Arc<Hub>>,
    peer: Peer,
    request: Request,
) -> Result<Json<PoseResult>, Refusal> {
    let address = client_address(peer.0, request.headers(), &hub.options);
    let image = picture(&hub, address, request).await.inspect_err(|refusal| hub.metrics.refused_as(refusal.code()))?;
    let StillAnswer { frame, angles } = hub.track_still(address, image).await?;
    Ok(Json(PoseResult::of_frame(&frame, &angles)))
}

/// The picture's file.
async fn picture(hub: &Hub, address: IpAddr, request: Request) -> Result<Bytes, Refusal> {
    // A body takes its limit's memory; what all may take together is limited here.
    let _room = hub.expect_still(address)?;
    let limits = &hub.options.limits;
    let (head, body) = request.into_parts();
    let kind = kind(&head.headers).ok_or_else(|| {
        let message = "the body must be a form (multipart/form-data) with the picture in its part `image`, or JSON \
                       (application/json) with the picture as a data URL in `image`";
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Farewell::Unsupported.name(), message)
    })?;
    let Ok(body) = timeout(limits.idle, collect(body, limits.message_bytes)).await else {
        let message = format!("the body did not arrive within {:?}", limits.idle);
        return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, Farewell::Idle(limits.idle).name(), message));
    };
    let body = body?;
    match kind {
        Kind::Json => {
            let EstimateRequest { image } = serde_json::from_slice(&body).map_err(bad)?;
            let image =
                data_url::decode(&image).ok_or_else(|| bad("`image` is neither a data URL in base64 nor base64"))?;
            Ok(image.into())
        }
        Kind::Form => {
            let request = Request::from_parts(head, Body::from(body));
            let mut form = Multipart::from_request(request, &()).await.map_err(|error| bad(error.body_text()))?;
            while let Some(part) = form.next_field().await.map_err(|error| bad(error.body_text()))? {
                if part.name() == Some(FIELD) {
                    return part.bytes().await.map_err(|error| bad(error.body_text()));
                }
            }
            Err(bad("the form has no part `image`"))
        }
    }
}

fn bad(reason: impl ToString) -> Refusal {
    Fault::BadMessage(reason.to_string()).into()
}

enum Kind {
    Form,
    Json,
}

fn kind(headers: &HeaderMap) -> Option<Kind> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match value.split(';').next()?.trim().to_ascii_lowercase().as_str() {
        "multipart/form-data" => Some(Kind::Form),
        "application/json" => Some(Kind::Json),
        _ => None,
    }
}

/// The whole body, if it is no larger than it may be.
async fn collect(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut stream = body.into_data_stream();
    let mut collected = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| bad(format!("the body ended early: {error}")))?;
        if collected.len() + chunk.len() > limit {
            drop(collected);
            discard(stream).await;
            return Err(Farewell::TooBig(limit).into());
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(collected.freeze())
}

/// Reads on for a while without keeping anything.
async fn discard(mut stream: BodyDataStream) {
    let _ = timeout(OVERHANG, async { while stream.next().await.is_some_and(|chunk| chunk.is_ok()) {} }).await;
}
