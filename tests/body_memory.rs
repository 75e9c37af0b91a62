//! How much memory a large body takes while it comes and while a handler has it: what
//! the process really has at its peak. On Linux.
#![cfg(target_os = "linux")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

use std::convert::Infallible;
use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::{env, fs};

use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use axum::{Extension, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use countersign::adapter::tower::WebhookLayer;
use countersign::scheme::catalogue::STANDARD_WEBHOOKS_V1;
use countersign::store::MemoryStore;
use countersign::{Event, KeyRing, Receiver, ReceiverBuilder, Timestamp, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt;
use sha2::Sha256;
use tower::ServiceExt;

const MIB: usize = 1024 * 1024;
const BODY: usize = 25 * MIB;
const KEY: &[u8] = b"a key of the tests, long enough.";
/// As much as a server reads at once. The body is this again and again, so that it is
/// nowhere in memory but where the receiver puts it.
static CHUNK: [u8; 16 * 1024] = [b'x'; 16 * 1024];

struct Repeated {
    left: usize,
}

impl http_body::Body for Repeated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= CHUNK.len();
        if (self.left / CHUNK.len()).is_multiple_of(16) {
            look();
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&CHUNK)))))
    }
}

fn builder() -> ReceiverBuilder<MemoryStore> {
    let ring = KeyRing::new()
        .with("current", STANDARD.encode(KEY))
        .unwrap();
    let verifier = Verifier::builder(STANDARD_WEBHOOKS_V1)
        .ring(&ring)
        .body_limit(BODY.try_into().unwrap())
        .build()
        .unwrap();
    Receiver::builder(verifier, MemoryStore::with_capacity(10))
}

fn request() -> Request<Repeated> {
    let time = Timestamp::now().unix_seconds();
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    mac.update(format!("msg_1.{time}.").as_bytes());
    for _ in 0..BODY / CHUNK.len() {
        mac.update(&CHUNK);
    }
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Request::post("/")
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", time)
        .header("webhook-signature", format!("v1,{signature}"))
        .body(Repeated { left: BODY })
        .unwrap()
}

fn receive(router: Router, request: Request<Repeated>) {
    assert_eq!(status(router, request), StatusCode::OK);
}

/// A first small one, whose code takes memory of its own.
fn warm_up(router: Router) {
    let mut small = Request::new(Repeated { left: 0 });
    *small.method_mut() = Method::POST;
    assert_eq!(status(router, small), StatusCode::UNAUTHORIZED);
}

fn status(router: Router, request: Request<Repeated>) -> StatusCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let response = runtime.block_on(router.oneshot(request)).unwrap();
    response.status()
}

/// Runs a test in a process of its own, where nobody else takes memory.
fn alone(test: &str, work: impl FnOnce()) {
    const CHILD: &str = "COUNTERSIGN_TEST_BODY_MEMORY";
    if env::var_os(CHILD).is_some() {
        return work();
    }
    let mut child = Command::new(env::current_exe().unwrap());
    let child = child.args(["--exact", test, "--nocapture"]).env(CHILD, "1");
    let ended = child.output().unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    println!("{told}");
    assert!(
        ended.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

fn in_status(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

/// The most memory that was seen so far. Not what is mapped from files: how much of the
/// program's own code that is differs from run to run.
static MOST: AtomicUsize = AtomicUsize::new(0);

/// Looks at how much memory the process has: while the body comes, and while it is held.
fn look() {
    MOST.fetch_max(in_status("RssAnon:"), Ordering::Relaxed);
}

/// The most that was seen, beyond what there was `before`.
fn peak(before: usize) -> usize {
    let peak = MOST.load(Ordering::Relaxed).saturating_sub(before);
    println!("{} KiB at the peak", peak / 1024);
    peak
}

/// The body in memory, the event, and the handler's `Bytes` are one copy; the second
/// one meets an allocator that has been used.
#[test]
fn a_body_that_a_handler_holds_is_there_once() {
    alone("a_body_that_a_handler_holds_is_there_once", || {
        let handler = |event: Extension<Event>, body: Bytes| async move {
            assert_eq!(body.len(), BODY);
            assert_eq!(event.body().as_ptr(), body.as_ptr(), "the same bytes");
            // Pages that nobody touched would not count.
            assert!(body.chunks(CHUNK.len()).all(|chunk| *chunk == CHUNK));
            look();
            StatusCode::OK
        };
        let router = || {
            let router = Router::new().route("/", post(handler));
            let router = router.layer(DefaultBodyLimit::disable());
            router.layer(WebhookLayer::new(builder().build().unwrap()))
        };
        warm_up(router());
        let before = in_status("RssAnon:");
        for _ in 0..2 {
            receive(router(), request());
            let peak = peak(before);
            assert!((BODY..BODY + BODY / 10).contains(&peak), "{peak} bytes");
        }
    });
}

#[test]
fn a_spooled_body_takes_less_than_1_mib() {
    alone("a_spooled_body_takes_less_than_1_mib", || {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let handler = |event: Extension<Event>, mut body: axum::body::Body| async move {
            let mut length = 0;
            while let Some(frame) = body.frame().await {
                let data = frame.unwrap().into_data().unwrap();
                assert!(data.chunks(CHUNK.len()).all(|chunk| *chunk == CHUNK));
                length += data.len();
                look();
            }
            assert_eq!(length, BODY);
            assert!(event.spooled().is_some());
            StatusCode::OK
        };
        let router = || {
            let receiver = builder().spool(folder.path()).build().unwrap();
            let router = Router::new().route("/", post(handler));
            router.layer(WebhookLayer::new(receiver))
        };
        warm_up(router());
        let before = in_status("RssAnon:");
        receive(router(), request());
        let peak = peak(before);
        assert!(peak < MIB, "{peak} bytes");
    });
}
