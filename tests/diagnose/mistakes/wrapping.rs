//! Mistakes of what is around the body: Base64, an event of a gateway, compression.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::diagnose::Cause;

use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("wrapped in Base64", |maker| {
        let body = maker.event();
        let text = STANDARD.encode(&body);
        let arrived = match maker.random.below(4) {
            0 => text,
            1 => format!("\"{text}\""),
            2 => format!(r#"{{"httpMethod":"POST","body":"{text}","isBase64Encoded":true}}"#),
            _ => serde_json::to_string(&body).unwrap(),
        };
        maker.body(Cause::BodyBase64, body.as_bytes(), arrived.as_bytes())
    }),
    ("Base64 signed", |maker| {
        if maker.has_time_in_body() {
            return None;
        }
        let body = maker.event();
        maker.body(
            Cause::BodyBase64,
            STANDARD.encode(&body).as_bytes(),
            body.as_bytes(),
        )
    }),
    ("compressed", |maker| {
        let body = maker.event();
        let arrived = match maker.random.below(2) {
            0 => gzip(body.as_bytes()),
            _ => miniz_oxide::deflate::compress_to_vec_zlib(body.as_bytes(), 6),
        };
        maker.body(Cause::BodyCompressed, body.as_bytes(), &arrived)
    }),
    ("compressed bytes signed", |maker| {
        if maker.has_time_in_body() {
            return None;
        }
        let body = maker.event();
        maker.body(
            Cause::BodyCompressed,
            &gzip(body.as_bytes()),
            body.as_bytes(),
        )
    }),
    ("still said to be compressed", |maker| {
        let body = maker.event();
        let mut made = maker.body(
            Cause::BodyCompressed,
            body.as_bytes(),
            body.replace("event", "others").as_bytes(),
        )?;
        made.sent
            .headers
            .push(("Content-Encoding".into(), "br".into()));
        made.unproven()
    }),
];

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut made = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    made.extend(miniz_oxide::deflate::compress_to_vec(body, 6));
    made.extend(crc32fast::hash(body).to_le_bytes());
    made.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    made
}
