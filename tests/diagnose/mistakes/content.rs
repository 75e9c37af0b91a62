//! Mistakes of what is signed, and with what: content, URL, algorithm, provider.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::diagnose::Cause;
use countersign::scheme::{Algorithm, Challenge, HMAC_SHA256_BODY, Part, Waiver, catalogue};

use super::super::case::{ID, URL};
use super::super::maker::Maker;
use super::super::refused::Refused;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("another content signed", |maker| {
        if !maker.is_mac() {
            return None;
        }
        let text = maker.scheme.content.to_string();
        let mut others = vec!["{body}", "{body_sha256}"];
        if text.contains("{timestamp}") {
            others.extend([
                "{timestamp}{body}",
                "{timestamp}:{body}",
                "{body}.{timestamp}",
                "v0:{timestamp}:{body}",
                "{timestamp}|{body}",
            ]);
        }
        if text.contains("{url}") {
            others.extend(["{url}.{body}", "{body}|{url}"]);
        }
        others.retain(|other| *other != text);
        let content = maker.pick(&others);
        let mut sender = maker.scheme.clone();
        sender.content = content.parse().unwrap();
        sender.other_contents = Default::default();
        sender.waivers = waivers();
        sender.event_id = None;
        sender.challenge = Challenge::None;
        sender.dedupe = HMAC_SHA256_BODY.dedupe;
        let secret = maker.secret();
        let body = maker.event();
        let cause = Cause::SignedContent;
        let mut made = maker.signed_by(&sender, secret, body.as_bytes(), URL, cause)?;
        for name in maker.scheme.required_headers() {
            let headers = &mut made.sent.headers;
            if !headers.iter().any(|(known, _)| known == name) {
                headers.push((name.to_owned(), ID.to_owned()));
            }
        }
        Some(made)
    }),
    ("another URL", |maker| {
        let signs = |part| maker.scheme.content.parts().contains(&part);
        let urls: &[&str] = if signs(Part::Url) {
            &[
                "http://shop.example/hooks/in?b=2&a=1",
                "https://shop.example:443/hooks/in?b=2&a=1",
                "https://shop.example/hooks/in/?b=2&a=1",
                "https://shop.example/hooks/in?a=1&b=2",
                "https://shop.example/hooks/in",
                "https://www.shop.example/hooks/in?b=2&a=1",
                "http://shop.internal:8080/hooks/in?b=2&a=1",
            ]
        } else if signs(Part::QuerySorted) {
            &[
                "https://shop.example/hooks/in",
                "https://shop.example/hooks/in?a=1&b=3",
            ]
        } else {
            return None;
        };
        let url = maker.pick(urls);
        let secret = maker.secret();
        let body = maker.event();
        let scheme = maker.scheme.clone();
        let mut made = maker.signed_by(&scheme, secret, body.as_bytes(), url, Cause::UrlChanged)?;
        made.sent.url = URL.into();
        let headers = [
            ("X-Forwarded-Host", "shop.internal:8080"),
            ("X-Original-URI", "/hooks/in?a=1&b=3"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        made.sent.headers.extend(headers);
        Some(made)
    }),
    ("another algorithm", |maker| {
        if maker.is_rsa() {
            return padded(maker);
        }
        if !maker.is_mac() {
            return None;
        }
        let mut sender = maker.scheme.clone();
        let own = sender.algorithm;
        let others: Vec<Algorithm> = [
            Algorithm::HmacSha1,
            Algorithm::HmacSha256,
            Algorithm::HmacSha512,
        ]
        .into_iter()
        .filter(|other| *other != own)
        .collect();
        sender.algorithm = maker.pick(&others);
        let secret = maker.secret();
        let body = maker.event();
        maker.signed_by(&sender, secret, body.as_bytes(), URL, Cause::Algorithm)
    }),
    ("a delivery of another provider", |maker| {
        if !maker.is_plain() || !maker.is_mac() {
            return None;
        }
        let other = if maker.scheme.id == "stripe" {
            &catalogue::SLACK
        } else {
            &catalogue::STRIPE
        };
        let secret = maker.secret();
        let body = maker.event();
        maker.signed_by(other, secret, body.as_bytes(), URL, Cause::OtherScheme)
    }),
];

/// RSA-PSS in place of PKCS#1 v1.5.
fn padded(maker: &mut Maker<'_>) -> Option<Refused> {
    let mut made = maker.genuine(Cause::Algorithm);
    let mut signature = vec![0; maker.pairs.rsa.public_modulus_len()];
    let random = aws_lc_rs::rand::SystemRandom::new();
    let way = maker.pick(&[0, 1]);
    let padding: &dyn aws_lc_rs::signature::RsaEncoding = match way {
        0 => &aws_lc_rs::signature::RSA_PSS_SHA256,
        _ => &aws_lc_rs::signature::RSA_PKCS1_SHA512,
    };
    maker
        .pairs
        .rsa
        .sign(padding, &random, &made.sent.body, &mut signature)
        .unwrap();
    *made.sent.header("x-marbles-signature") = STANDARD.encode(signature);
    Some(made)
}

/// What a sender needs that signs otherwise than is safe.
fn waivers() -> alloc::borrow::Cow<'static, [Waiver]> {
    let reason = || "made on purpose".into();
    vec![
        Waiver::InsecureAmbiguousContent { reason: reason() },
        Waiver::InsecureUnsignedTimestamp { reason: reason() },
        Waiver::InsecureUnsignedKey { reason: reason() },
    ]
    .into()
}
