//! The routes that are no streams.

use std::net::SocketAddr;
use std::time::Duration;

use livedance::motion::random::Random;
use livedance::server::{Limits, ServerOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::*;

/// What a server answered.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    fn assert_refused(&self, status: u16, code: &str) {
        let body = self.json();
        assert_eq!((self.status, body["code"].as_str()), (status, Some(code)), "{self:?}");
        assert!(body["message"].as_str().is_some_and(|message| message.len() > 10), "{body}");
        assert_eq!(body["error"], body["message"]);
    }
}

async fn ask(address: SocketAddr, method: &str, path: &str, headers: &str, body: &[u8]) -> Reply {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    // A server that has heard enough need not read it all.
    let _ = socket.write_all(body).await;
    listen(socket).await
}

async fn listen(mut socket: TcpStream) -> Reply {
    let mut answer = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("the server answers").unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Reply { status, head, body: answer[end + 4..].to_vec() }
}

const FORM: &str = "Content-Type: multipart/form-data; boundary=edge\r\n";
const JSON: &str = "Content-Type: application/json\r\n";

fn form(name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n".to_vec();
    let head = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    body
}

fn data_url(file: &[u8]) -> String {
    livedance::wire::data_url::encode_jpeg(file)
}

#[tokio::test]
async fn a_form_and_json_are_answered_alike() {
    let limits = Limits { message_bytes: 16 << 20, ..Limits::default() };
    let server = start(ServerOptions { limits, ..options() });
    let address = server.address();
    let picture = &demo(1)[0];
    let by_form = ask(address, "POST", "/estimate_pose", FORM, &form("image", picture)).await;
    let text = json!({"image": data_url(picture)}).to_string();
    let by_json = ask(address, "POST", "/estimate_pose", JSON, text.as_bytes()).await;
    let bare = data_url(picture).split_once(',').unwrap().1.to_owned();
    let by_base64 = ask(address, "POST", "/estimate_pose", JSON, json!({"image": bare}).to_string().as_bytes()).await;
    for reply in [&by_form, &by_json, &by_base64] {
        assert_eq!(reply.status, 200, "{reply:?}");
        let (answer, first) = (reply.json(), by_form.json());
        assert_eq!(answer["body"].as_array().map(Vec::len), Some(17));
        assert_eq!(answer["body"][0]["name"], "nose");
        assert!(answer["pose_3d_angles"]["left_elbow"].is_number() && answer["timings"]["total_backend"].is_number());
        assert_eq!((&answer["body"], &answer["pose_3d_coords"]), (&first["body"], &first["pose_3d_coords"]));
    }
    // Megabytes of noise: as much as the server takes, not as much as its libraries would by themselves.
    let mut random = Random::new(1);
    let noise = std::iter::repeat_with(|| random.next_u64() as u8);
    let large = jpeg(1600, 1200, &noise.take(1600 * 1200 * 3).collect::<Vec<_>>());
    assert!(large.len() > 2 << 20, "{} bytes", large.len());
    assert_eq!(ask(address, "POST", "/estimate_pose", FORM, &form("image", &large)).await.status, 200);
    let nobody = ask(address, "POST", "/estimate_pose", FORM, &form("image", &blank(64, 64))).await;
    assert_eq!((nobody.status, nobody.json()["body"].clone()), (200, json!([])));
    stop(server).await;
}

#[tokio::test]
async fn what_holds_no_picture_is_refused_in_words() {
    let limits = Limits { image_side: 640, message_bytes: 1 << 20, ..Limits::default() };
    let server = start(ServerOptions { limits, ..options() });
    let address = server.address();
    let json = |text: &str| text.as_bytes().to_vec();
    let cut = &demo(1)[0][..2000];
    for (headers, body, status, code) in [
        ("", json("{}"), 415, "unsupported"),
        ("Content-Type: image/jpeg\r\n", demo(1)[0].clone(), 415, "unsupported"),
        (JSON, json(""), 400, "bad_message"),
        (JSON, json("[1]"), 400, "bad_message"),
        (JSON, json(r#"{"image":7}"#), 400, "bad_message"),
        (JSON, json(r#"{"picture":"/9g="}"#), 400, "bad_message"),
        (JSON, json(r#"{"image":"data:image/jpeg;base64,*"}"#), 400, "bad_message"),
        (JSON, json(r#"{"image":""}"#), 400, "bad_image"),
        (JSON, json(r#"{"image":"/9g="}"#), 400, "bad_image"),
        (FORM, json("--edge--\r\n"), 400, "bad_message"),
        (FORM, json("no form at all"), 400, "bad_message"),
        ("Content-Type: multipart/form-data\r\n", form("image", cut), 400, "bad_message"),
        (FORM, form("file", &demo(1)[0]), 400, "bad_message"),
        (FORM, form("image", b""), 400, "bad_image"),
        (FORM, form("image", b"GIF89a no picture"), 400, "bad_image"),
        (FORM, form("image", cut), 400, "bad_image"),
        (FORM, form("image", &blank(16, 641)), 400, "image_too_large"),
        (FORM, form("image", &vec![0; 1 << 20]), 413, "too_big"),
        (FORM, form("image", &vec![0; 8 << 20]), 413, "too_big"),
    ] {
        ask(address, "POST", "/estimate_pose", headers, &body).await.assert_refused(status, code);
    }
    let method = ask(address, "GET", "/estimate_pose", "", b"").await;
    assert_eq!(method.status, 405);
    let good = ask(address, "POST", "/estimate_pose", FORM, &form("image", &demo(1)[0])).await;
    assert_eq!(good.status, 200, "{good:?}");
    assert!(metric(address, "livedance_faults_total{code=\"bad_image\"}").await >= 5.0);
    stop(server).await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let limits = Limits { idle: Duration::from_millis(400), ..Limits::default() };
    let server = start(ServerOptions { limits, ..options() });
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    let head = format!("POST /estimate_pose HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n{FORM}\r\n--edge");
    socket.write_all(head.as_bytes()).await.unwrap();
    let (read, mut write) = socket.into_split();
    let dribble = async {
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    };
    let answer = async {
        let mut read = read;
        let mut answer = vec![0; 4096];
        let count = read.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..count]).into_owned()
    };
    let answer = tokio::select! {
        answer = timeout(PATIENCE, answer) => answer.expect("the server answers"),
        () = dribble => unreachable!(),
    };
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("idle"), "{answer}");
    stop(server).await;
}

#[tokio::test]
async fn a_server_that_is_flooded_says_when_to_come_back() {
    let server = start_with(|limits| limits.frames_per_second = 10_000);
    let address = server.address();
    let body = form("image", &blank(64, 64));
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let body = body.clone();
        requests.spawn(async move { ask(address, "POST", "/estimate_pose", FORM, &body).await });
    }
    let replies = requests.join_all().await;
    let busy: Vec<&Reply> = replies.iter().filter(|reply| reply.status != 200).collect();
    assert!(!busy.is_empty() && busy.len() < 200, "{} of 200", busy.len());
    for reply in busy {
        reply.assert_refused(503, "busy");
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    stop(server).await;
}

#[tokio::test]
async fn an_address_sends_no_more_pictures_than_a_client_frames() {
    let limits = Limits { frames_per_second: 1, ..Limits::default() };
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = start(ServerOptions { limits, trusted_proxies, ..options() });
    let address = server.address();
    let body = form("image", &blank(64, 64));
    let ask = async |from: &str| {
        let headers = format!("{FORM}X-Forwarded-For: {from}\r\n");
        ask(address, "POST", "/estimate_pose", &headers, &body).await
    };
    let replies = futures_util::future::join_all((0..10).map(|_| ask("10.0.0.1"))).await;
    let (taken, refused): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(|reply| reply.status == 200);
    assert!(!taken.is_empty() && !refused.is_empty(), "{} of 10 are refused", refused.len());
    for reply in refused {
        reply.assert_refused(429, "rate_limit");
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    assert_eq!(ask("10.0.0.2").await.status, 200, "others are not held up");
    assert!(metric(address, "livedance_faults_total{code=\"rate_limit\"}").await >= 1.0);
    stop(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_whose_senders_have_left_are_not_looked_at() {
    let server = start(options());
    let address = server.address();
    let body = form("image", &blank(2000, 2000));
    let length = body.len();
    let head = format!("POST /estimate_pose HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n{FORM}\r\n");
    let mut sockets = Vec::new();
    for _ in 0..24 {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        sockets.push(socket);
    }
    until("they wait", async || metric(address, "livedance_queue_length").await >= 8.0).await;
    drop(sockets);
    until("nobody waits any more", async || metric(address, "livedance_queue_length").await < 1.0).await;
    let mut client = Client::connect(address).await;
    client.track(0, &blank(64, 64)).await;
    let looked_at = metric(address, "livedance_worker_frames_total{worker=\"0\"}").await;
    assert!(looked_at < 20.0, "{looked_at} of 25");
    stop(server).await;
}

#[tokio::test]
async fn without_the_token_there_is_no_answer() {
    let server = start(ServerOptions { token: Some("open sesame".to_owned()), ..options() });
    let address = server.address();
    let body = form("image", &blank(32, 32));
    let bearer = "Authorization: Bearer open sesame\r\n";
    for (method, path, headers) in
        [("POST", "/estimate_pose", FORM), ("GET", "/api/status", ""), ("GET", "/metrics", "")]
    {
        let refused = ask(address, method, path, headers, &body).await;
        refused.assert_refused(401, "bad_token");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        let wrong = format!("{headers}Authorization: Bearer opensesame\r\n");
        ask(address, method, path, &wrong, &body).await.assert_refused(401, "bad_token");
        assert_eq!(ask(address, method, path, &format!("{headers}{bearer}"), &body).await.status, 200, "{path}");
        let query = format!("{path}?token=open%20sesame");
        assert_eq!(ask(address, method, &query, headers, &body).await.status, 200, "{path}");
    }
    for path in ["/health", "/openapi.json", "/openapi/"] {
        assert_eq!(ask(address, "GET", path, "", b"").await.status, 200, "{path}");
    }
    stop(server).await;
}

#[tokio::test]
async fn pages_of_allowed_origins_may_ask() {
    let allow_origins = vec!["https://pages.example".to_owned()];
    let server = start(ServerOptions { allow_origins, ..options() });
    let address = server.address();
    let asks = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization, content-type\r\n";
    let preflight = format!("Origin: https://pages.example\r\n{asks}");
    let reply = ask(address, "OPTIONS", "/estimate_pose", &preflight, b"").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://pages.example"));
    assert!(reply.header("access-control-allow-methods").is_some_and(|methods| methods.contains("POST")), "{reply:?}");
    let allowed = reply.header("access-control-allow-headers").unwrap_or_default().to_ascii_lowercase();
    assert!(allowed.contains("authorization") && allowed.contains("content-type"), "{reply:?}");

    let good = format!("{FORM}Origin: https://pages.example\r\n");
    let reply = ask(address, "POST", "/estimate_pose", &good, &form("image", &blank(32, 32))).await;
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, Some("https://pages.example")));

    let foreign = format!("Origin: https://other.example\r\n{asks}");
    for method in ["OPTIONS", "POST", "GET"] {
        ask(address, method, "/estimate_pose", &foreign, b"").await.assert_refused(403, "origin");
    }
    stop(server).await;
}

#[tokio::test]
async fn operators_see_clients_and_workers() {
    let server = start(options());
    let address = server.address();
    let mut client = Client::connect(address).await;
    client.track(0, &demo(1)[0]).await;
    let rated = async || ask(address, "GET", "/api/status", "", b"").await.json()["clients"][0]["results_per_s"] != 0.0;
    until("rates", rated).await;
    let status = ask(address, "GET", "/api/status", "", b"").await.json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&status), "clients limits model server totals uptime_s workers");
    assert_eq!(keys(&status["workers"][0]), "busy_share frames id state");
    assert_eq!(
        keys(&status["clients"][0]),
        "address config connected_s dropped frames_in_per_s id latency_ms_p50 latency_ms_p95 queued results_per_s transport"
    );
    assert_eq!(keys(&status["totals"]), "clients dropped errors frames refused results");
    assert_eq!((&status["model"], &status["workers"][0]["state"]), (&json!("lite"), &json!("idle")));
    let seen = &status["clients"][0];
    assert_eq!((&seen["address"], &seen["transport"]), (&json!("127.0.0.1"), &json!("binary")));
    assert_eq!(seen["config"], json!({"hands": false, "people": 1}));
    assert!(seen["latency_ms_p50"].as_f64().is_some_and(|ms| ms > 0.0), "{seen}");
    assert_eq!((&status["totals"]["frames"], &status["totals"]["results"]), (&json!(1), &json!(1)));
    assert_eq!(status["limits"]["message_bytes"], 4 << 20);

    let text = String::from_utf8(ask(address, "GET", "/metrics", "", b"").await.body).unwrap();
    assert!(text.ends_with("# EOF\n") && text.matches("# EOF").count() == 1, "{text}");
    for line in [
        "livedance_build_info{version=\"",
        "livedance_workers 1",
        "livedance_worker_frames_total{worker=\"0\"} 1",
        "livedance_worker_busy_seconds_total{worker=\"0\"} ",
        "livedance_queue_length 0",
        "livedance_uptime_seconds ",
        "livedance_stage_seconds_bucket{le=\"0.25\",stage=\"pose\"} ",
    ] {
        assert!(text.lines().any(|found| found.starts_with(line)), "{line}\n{text}");
    }
    if cfg!(target_os = "linux") {
        for name in ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"] {
            assert!(metric(address, &format!("{name} ")).await > 0.0, "{name}");
        }
    }
    stop(server).await;
}

#[tokio::test]
async fn what_is_described_is_there() {
    let server = start(options());
    let address = server.address();
    let description = ask(address, "GET", "/openapi.json", "", b"").await.json();
    assert!(description["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let paths = description["paths"].as_object().unwrap();
    for path in ["/estimate_pose", "/api/status", "/health", "/metrics", "/openapi.json"] {
        assert!(paths.contains_key(path), "{path}");
    }
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            let reply = ask(address, &method.to_uppercase(), path, "", b"").await;
            let status = reply.status.to_string();
            assert!(operation["responses"].get(&status).is_some(), "{method} {path} answers {status}");
        }
    }
    stop(server).await;
}

#[tokio::test]
async fn the_descriptions_page_needs_no_other_host() {
    let server = start(options());
    let address = server.address();
    let moved = ask(address, "GET", "/openapi", "", b"").await;
    assert_eq!((moved.status, moved.header("location")), (308, Some("/openapi/")));
    let page = ask(address, "GET", "/openapi/", "", b"").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let text = String::from_utf8(page.body.clone()).unwrap();
    assert!(!text.contains("://"), "{text}");
    for part in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert!(text.contains(part), "{text}");
        assert_eq!(ask(address, "GET", &format!("/openapi/{part}"), "", b"").await.status, 200, "{part}");
    }
    let setup = ask(address, "GET", "/openapi/swagger-initializer.js", "", b"").await;
    let setup = String::from_utf8(setup.body).unwrap();
    assert!(setup.contains("/openapi.json") && setup.contains("\"validatorUrl\": \"none\""), "{setup}");
    let known = format!("If-None-Match: {}\r\n", page.header("etag").unwrap());
    let again = ask(address, "GET", "/openapi/", &known, b"").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    ask(address, "GET", "/openapi/none.js", "", b"").await.assert_refused(404, "not_found");
    stop(server).await;
}
