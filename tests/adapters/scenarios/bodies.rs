//! Bodies that are slow, endless, of another length than announced, compressed, binary.

use std::time::Duration;

use countersign::scheme::catalogue::{CAL_COM, MUTOPAY};
use http::Version;

use crate::adapters::client::Raw;
use crate::adapters::driver::{Driver, Receivers};
use crate::adapters::rig::{PAYMENT, Plan, Rig, assert_bare};

/// It waits for no byte of its body.
pub(crate) async fn a_head_that_is_refused_is_answered_before_its_body_comes<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    let mut client = rig.connect().await;
    client
        .write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n")
        .await;
    let response = client.response().await.unwrap();
    assert_eq!(
        (response.status, rig.last_code()),
        (401, "MISSING_SIGNATURE_HEADERS")
    );
    assert_bare(&response);
}

pub(crate) async fn a_body_in_chunks_is_genuine<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    let mut client = rig.connect().await;
    let head = rig.raw_head(PAYMENT);
    client
        .write(format!("{head}transfer-encoding: chunked\r\n\r\n"))
        .await;
    for part in PAYMENT.chunks(5) {
        assert!(client.write(chunk(part)).await);
        tokio::task::yield_now().await;
    }
    client.write("0\r\nx-trailer: nobody's\r\n\r\n").await;
    assert_eq!(client.response().await.unwrap().status, 200);
    assert_eq!(rig.last_event().body(), PAYMENT);
}

pub(crate) async fn a_body_that_does_not_come_in_time_is_refused<D: Driver>() {
    let rig = impatient::<D>().await;
    let mut client = rig.connect().await;
    client.write(rig.raw(PAYMENT, PAYMENT.len())).await;
    for byte in &PAYMENT[..20] {
        client.write([*byte]).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    refused_as_incomplete(&rig, client).await;
}

pub(crate) async fn an_endless_body_is_refused_at_the_cap<D: Driver>() {
    let plan = Plan::new(MUTOPAY);
    let receiver = plan.receiver(|builder| builder.body_limit(CAP), |builder| builder);
    let rig = plan.serve_these::<D>(Receivers::Every(receiver)).await;
    let client = rig.connect().await;
    let head = rig.raw_head(PAYMENT);
    let (response, written) = client
        .write_without_end(
            format!("{head}transfer-encoding: chunked\r\n\r\n"),
            chunk(&[b' '; 16 * 1024]),
        )
        .await;
    assert_eq!((response.status, rig.last_code()), (413, "BODY_TOO_LARGE"));
    assert_bare(&response);
    // What was not taken waits in the sockets' buffers.
    assert!(written < CAP + MOST_IN_SOCKETS, "{written}");
    assert_eq!(rig.runs(), 0);
    assert!(rig.store.is_empty());
}

pub(crate) async fn an_http_2_body_over_the_cap_is_refused<D: Driver>() {
    let plan = Plan::new(MUTOPAY);
    let receiver = plan.receiver(|builder| builder.body_limit(CAP), |builder| builder);
    let rig = plan.serve_these::<D>(Receivers::Every(receiver)).await;
    let mut request = rig.signed(&[b' '; 1 << 20]);
    *request.version_mut() = Version::HTTP_2;
    let response = rig.send(request).await;
    assert_eq!((response.status, rig.last_code()), (413, "BODY_TOO_LARGE"));
    assert_bare(&response);
    assert_eq!(rig.runs(), 0);
    assert!(rig.store.is_empty());
}

pub(crate) async fn a_length_that_is_too_short_makes_another_body<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    let mut client = rig.connect().await;
    client.write(rig.raw(PAYMENT, PAYMENT.len() - 1)).await;
    client.write(PAYMENT).await;
    let response = client.response().await.unwrap();
    assert_eq!(
        (response.status, rig.last_code()),
        (401, "INVALID_SIGNATURE")
    );
    assert_eq!(rig.runs(), 0);
    assert!(rig.store.is_empty());
}

pub(crate) async fn a_length_that_is_too_long_makes_a_body_that_never_comes<D: Driver>() {
    let rig = impatient::<D>().await;
    let mut client = rig.connect().await;
    client.write(rig.raw(PAYMENT, PAYMENT.len() + 1)).await;
    client.write(PAYMENT).await;
    refused_as_incomplete(&rig, client).await;
}

/// And neither does one whose client ends what it sends.
pub(crate) async fn a_body_that_breaks_off_is_never_taken_for_whole<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    let mut client = rig.connect().await;
    client.write(rig.raw(PAYMENT, PAYMENT.len() + 1)).await;
    client.write(PAYMENT).await;
    client.end().await;
    if let Some(response) = client.response().await {
        assert!((400..500).contains(&response.status), "{response:?}");
    }
    assert_eq!(rig.runs(), 0);
    assert!(rig.store.is_empty());
}

pub(crate) async fn a_huge_length_reserves_nothing<D: Driver>() {
    let rig = impatient::<D>().await;
    let before = address_space();
    let mut clients = Vec::new();
    for length in [1_usize << 33, 1 << 36, 1 << 40, 1 << 50] {
        let mut client = rig.connect().await;
        client.write(rig.raw(PAYMENT, length)).await;
        client.write(PAYMENT).await;
        clients.push(client);
    }
    for client in clients {
        refused_as_incomplete(&rig, client).await;
    }
    if let (Some(before), Some(after)) = (before, address_space()) {
        let grown = after - before;
        assert!(grown < 4 << 20, "{grown} KiB for lengths from 8 GiB on");
    }
}

pub(crate) async fn a_compressed_body_is_passed_through_unopened<D: Driver>() {
    let rig = Plan::new(CAL_COM).serve::<D>().await;
    let mut request = rig.signed(GZIP);
    let gzip = "gzip".parse().unwrap();
    request.headers_mut().insert("content-encoding", gzip);
    assert_eq!(rig.send(request).await.status, 200);
    let delivered = rig.last_delivered();
    assert_eq!(delivered.body, GZIP);
    assert_eq!(delivered.event.body(), GZIP);
    assert_eq!(delivered.headers["content-encoding"], "gzip");
}

pub(crate) async fn the_very_same_bytes_reach_the_application<D: Driver>() {
    let rig = Plan::new(CAL_COM).serve::<D>().await;
    let every: Vec<u8> = (0..=255).collect();
    let bodies: [&[u8]; 8] = [
        b"",
        b"\0",
        b"\xff\xfe not UTF-8 \xc3\x28",
        b"\xef\xbb\xbf{ \"a\" :\t1.0e0,\r\n \"a\": \"\\u00e9\\/\", \"z\": 9007199254740993 }\r\n",
        b"a=1&b=%7E+%2b&a=2",
        b"\r\n\r\n",
        &every,
        &every.repeat(1200),
    ];
    for body in bodies {
        assert_eq!(rig.send(rig.signed(body)).await.status, 200);
        let delivered = rig.last_delivered();
        assert_eq!(delivered.body, body);
        assert_eq!(delivered.event.body(), body);
    }
    assert_eq!(rig.runs(), 8);
}

pub(crate) async fn json_that_a_middleware_printed_again_is_refused<D: Driver>() {
    let rig = Plan::new(MUTOPAY).prints_json_again().serve::<D>().await;
    let body = br#"{"payment_id": "p1", "event": "payment.completed"}"#;
    let response = rig.send(rig.signed(body)).await;
    assert_eq!(
        (response.status, rig.last_code()),
        (401, "INVALID_SIGNATURE")
    );
    assert_eq!(rig.runs(), 0);
    // What the middleware would print itself passes: it is there, and does what it says.
    let body = br#"{"event":"payment.completed","payment_id":"p1"}"#;
    assert_eq!(rig.send(rig.signed(body)).await.status, 200);
}

/// A rig that does not wait for long.
async fn impatient<D: Driver>() -> Rig {
    Plan::new(MUTOPAY)
        .serve_with::<D>(|builder| builder.body_timeout(Duration::from_millis(150)))
        .await
}

async fn refused_as_incomplete(rig: &Rig, mut client: Raw) {
    let response = client.response().await.unwrap();
    assert_eq!((response.status, rig.last_code()), (408, "BODY_INCOMPLETE"));
    assert_bare(&response);
    assert_eq!(rig.runs(), 0);
    assert!(rig.store.is_empty());
}

fn chunk(part: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", part.len()).into_bytes();
    chunk.extend(part);
    chunk.extend(b"\r\n");
    chunk
}

/// The most address space that this process ever had, in KiB; `None` where the system
/// does not tell.
fn address_space() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmPeak:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

const CAP: u64 = 64 * 1024;
/// More than two ends of a loopback connection hold.
const MOST_IN_SOCKETS: u64 = 24 << 20;
/// The word `hello`, compressed.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00";
