//! Who may come in: address, origin, token.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Uri, header};
use subtle::ConstantTimeEq as _;

use super::error::Farewell;
use super::options::ServerOptions;

/// Browsers cannot set headers on a websocket; they may name the token among the subprotocols, behind this.
const TOKEN_PROTOCOL: &str = "bearer.";

/// The address that limits count by: the peer's, or the one that a trusted proxy forwards for.
pub(super) fn client_address(peer: SocketAddr, headers: &HeaderMap, options: &ServerOptions) -> IpAddr {
    let mut address = peer.ip().to_canonical();
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let mut hops: Vec<&str> = forwarded.flat_map(|line| line.split(',')).map(str::trim).collect();
    // From the nearest hop outwards, as far as each one is trusted to tell the next.
    while options.trusted_proxies.contains(&address) {
        let Some(next) = hops.pop().and_then(|hop| hop.parse::<IpAddr>().ok()) else { break };
        address = next.to_canonical();
    }
    address
}

/// Whether pages of this request's origin may connect. Programs name no origin.
pub(super) fn check_origin(headers: &HeaderMap, options: &ServerOptions) -> Result<(), Farewell> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().map_err(|_| Farewell::Origin)?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if is_allowed(origin, host, &options.allow_origins) { Ok(()) } else { Err(Farewell::Origin) }
}

/// Whether pages of `origin` may talk to the server that they know as `host`.
pub(super) fn is_allowed(origin: &str, host: Option<&str>, allowed: &[String]) -> bool {
    if allowed.iter().any(|allowed| allowed == "*" || allowed.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
        return true;
    }
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let Some(authority) = uri.authority() else { return false };
    let is_local = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    is_local || host.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_str()))
}

/// Whether the request shows the server's token, in one of the ways there are: `Authorization: Bearer`, `?token=`, or a
/// websocket's subprotocol `bearer.TOKEN`.
pub(super) fn check_token(headers: &HeaderMap, uri: &Uri, options: &ServerOptions) -> Result<(), Farewell> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
    let protocols = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    let protocol = protocols.flat_map(|line| line.split(',')).find_map(|name| name.trim().strip_prefix(TOKEN_PROTOCOL));
    let shown = [bearer.map(|(_, token)| token.trim().to_owned()), protocol.map(str::to_owned), query(uri, "token")];
    if shown.iter().flatten().any(|token| is_token(token, options)) || options.token.is_none() {
        Ok(())
    } else {
        Err(Farewell::BadToken)
    }
}

/// Whether this is the server's token; its length shows in the time this takes, its letters do not.
pub(super) fn is_token(shown: &str, options: &ServerOptions) -> bool {
    options.token.as_ref().is_none_or(|token| token.as_bytes().ct_eq(shown.as_bytes()).into())
}

/// One parameter of a query, decoded.
pub(super) fn query(uri: &Uri, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = axum::extract::Query::try_from_uri(uri).ok()?.0;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn options() -> ServerOptions {
        ServerOptions::new(ServerOptions::DEFAULT_ADDRESS, Settings::default())
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let parse = |value: &str| value.parse().expect("a header");
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, parse(value));
        }
        headers
    }

    #[test]
    fn own_pages_and_local_ones_may_connect() {
        for (origin, host, allowed) in [
            ("http://pose.example:8000", "pose.example:8000", true),
            ("http://localhost:5173", "pose.example:8000", true),
            ("http://[::1]:3000", "pose.example", true),
            ("http://other.example", "pose.example", false),
            ("http://localhost.other.example", "pose.example", false),
            ("http://pose.example:9000", "pose.example:8000", false),
            ("null", "pose.example", false),
            ("", "", false),
        ] {
            assert_eq!(is_allowed(origin, Some(host), &[]), allowed, "{origin} at {host}");
        }
        assert!(is_allowed("https://other.example", None, &["https://other.example/".to_owned()]));
        assert!(is_allowed("https://any.example", None, &["*".to_owned()]));
        assert_eq!(check_origin(&headers(&[("host", "pose.example")]), &options()), Ok(()), "no page at all");
    }

    #[test]
    fn a_token_may_be_shown_in_three_ways() {
        let options = ServerOptions { token: Some("s3cret".to_owned()), ..options() };
        let uri = |text: &str| text.parse::<Uri>().expect("a URI");
        for (pairs, uri, good) in [
            (vec![("authorization", "Bearer s3cret")], uri("/"), true),
            (vec![("authorization", "bearer  s3cret")], uri("/"), true),
            (vec![], uri("/?x=1&token=s3cret"), true),
            (vec![("sec-websocket-protocol", "livedance.v1, bearer.s3cret")], uri("/"), true),
            (vec![], uri("/"), false),
            (vec![("authorization", "Basic s3cret")], uri("/"), false),
            (vec![("authorization", "Bearer s3cre")], uri("/?token=S3CRET"), false),
            (vec![("sec-websocket-protocol", "bearer.")], uri("/"), false),
        ] {
            assert_eq!(check_token(&headers(&pairs), &uri, &options).is_ok(), good, "{pairs:?} {uri}");
        }
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let peer: SocketAddr = "10.0.0.1:999".parse().expect("an address");
        let forwarded = headers(&[("x-forwarded-for", "1.2.3.4, 5.6.7.8"), ("x-forwarded-for", "10.0.0.2")]);
        let address = |proxies: &[&str]| {
            let trusted_proxies = proxies.iter().map(|proxy| proxy.parse().expect("an address")).collect();
            client_address(peer, &forwarded, &ServerOptions { trusted_proxies, ..options() }).to_string()
        };
        assert_eq!(address(&[]), "10.0.0.1");
        assert_eq!(address(&["10.0.0.1"]), "10.0.0.2");
        assert_eq!(address(&["10.0.0.1", "10.0.0.2"]), "5.6.7.8");
    }
}
