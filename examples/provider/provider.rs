//! The provider's side, shared by the examples of one framework each: Stripe, as this
//! crate signs for it, sending over HTTP.

use core::error::Error;
use core::net::SocketAddr;

use countersign::scheme::Scheme;
use countersign::scheme::catalogue::STRIPE;
use countersign::{Outgoing, Secret, Signer, Timestamp};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// How it signs.
pub(crate) const SCHEME: Scheme = STRIPE;
/// What both sides hold.
pub(crate) const SECRET: &str = "whsec_secret_of_the_demonstration";

/// Sends a genuine delivery, the same again, and the same with another amount in it;
/// whether each was answered as it should be, which is printed.
pub(crate) async fn send_to(server: SocketAddr) -> Result<bool, Box<dyn Error>> {
    let signer = Signer::new(SCHEME, &Secret::new("current", SECRET)?)?;
    let genuine = r#"{"id":"evt_1","type":"charge.succeeded","data":{"object":{"amount":100}}}"#;
    let signed = signer.sign(&Outgoing::new(genuine.as_bytes()), Timestamp::now())?;
    let forged = genuine.replace("100", "1");

    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let mut is_right = true;
    for (sent, body, expected) in [
        ("a delivery", genuine, 200),
        ("the same again", genuine, 200),
        ("the same with another amount", &forged, 401),
    ] {
        let mut request = Request::post(format!("http://{server}/webhooks"));
        for (name, value) in signed.headers() {
            request = request.header(name, value);
        }
        let body = Full::from(body.to_owned());
        let status = client.request(request.body(body)?).await?.status();
        println!("{sent}: {status}");
        is_right &= status == expected;
    }
    Ok(is_right)
}
