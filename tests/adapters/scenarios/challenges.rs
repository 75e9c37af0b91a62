//! What the receiver answers before there is an event.

use bytes::Bytes;
use countersign::Clock;
use countersign::challenge::{Challenges, Registrations};
use countersign::scheme::catalogue::{ASANA, DROPBOX, TRELLO};
use http::Request;
use http_body_util::Full;
use time::Duration;

use crate::adapters::driver::{Driver, Receivers};
use crate::adapters::rig::Plan;

fn request(method: &str, uri: &str) -> Request<Full<Bytes>> {
    let builder = Request::builder().method(method).uri(uri);
    builder.body(Full::default()).unwrap()
}

pub(crate) async fn a_challenge_is_answered_and_reaches_no_application<D: Driver>() {
    let answered = "CHALLENGE_ANSWERED";
    let rig = Plan::new(DROPBOX)
        .serve_with::<D>(|builder| builder.challenges(Challenges::new()))
        .await;
    let response = rig.send(request("GET", "/hooks?challenge=abc123")).await;
    assert_eq!((response.status, &response.body[..]), (200, &b"abc123"[..]));
    assert_eq!(
        response.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    assert_eq!((rig.last_code(), rig.runs()), (answered, 0));
    let response = rig.send(request("GET", "/hooks?challenge=%3Cb%3E")).await;
    assert_eq!((response.status, response.body.len()), (403, 0));
    assert_eq!((rig.last_code(), rig.runs()), ("CHALLENGE_REFUSED", 0));

    let plan = Plan::new(TRELLO);
    let receiver = plan.receiver(
        |builder| builder.registered_url("https://receiver.test/"),
        |builder| builder.challenges(Challenges::new()),
    );
    let rig = plan.serve_these::<D>(Receivers::Every(receiver)).await;
    let response = rig.send(request("HEAD", "/")).await;
    assert_eq!(
        (response.status, rig.last_code(), rig.runs()),
        (200, answered, 0)
    );

    let registrations = Registrations::new();
    let rig = Plan::new(ASANA)
        .serve_with::<D>(|builder| {
            let challenges = Challenges::new().registrations(&registrations);
            builder.challenges(challenges)
        })
        .await;
    let until = rig.clock.now().saturating_add(Duration::minutes(1));
    let registration = registrations.open("/asana/5f0c9d2e", "new", until).unwrap();
    for (path, status) in [("/asana/0", 403), ("/asana/5f0c9d2e?x=1", 200)] {
        let mut handshake = request("POST", path);
        let secret = "b537207f20cbfa02357cf448134da559".parse().unwrap();
        handshake.headers_mut().insert("X-Hook-Secret", secret);
        let response = rig.send(handshake).await;
        assert_eq!(
            (response.status, response.body.len(), rig.runs()),
            (status, 0, 0)
        );
        let sent_back = response.header("x-hook-secret");
        assert_eq!(sent_back.is_some(), status == 200, "{sent_back:?}");
    }
    assert_eq!(
        registration.secret().await.unwrap().insecure_get().name(),
        "new"
    );
}
