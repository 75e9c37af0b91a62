//! One delivery through the whole verifier: signed, chunked, out of time, too large, under
//! another key, and with one bit flipped.

use countersign::scheme::Scheme;
use countersign::{
    Code, Delivery, Head, KeyRing, Outgoing, Rejection, Secret, Signed, SignedDelivery, Signer,
    Timestamp, Verifier,
};

use super::input::Input;
use super::oracle::secrets;
use super::{Reached, SCHEMES};

pub static REACHED: Reached = Reached::new();

const SIGNED_AT: i64 = 1_700_000_000;
const OTHER_UTF8: &str = "another secret that signs nothing";
const OTHER_BASE64: &str = "YW5vdGhlciBzZWNyZXQgdGhhdCBzaWducyBub3RoaW5n";

/// Which key, which time, or why not; what both ways in must agree on.
type Verdict = Result<(String, Option<Timestamp>), Rejection>;

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let scheme = (*input.pick(&SCHEMES)).clone();
    let late = i64::from(input.u16()) - 32_768;
    let limit = u64::from(input.u16());
    let (past, future) = (u32::from(input.u16()), u32::from(input.byte()));
    let flip = usize::from(input.u16());
    let id = String::from_utf8_lossy(input.short()).into_owned();
    let cuts = input.short();
    let body = input.rest();

    let (signing, verifying) = secrets(&scheme);
    let verifier = build(&scheme, verifying, past, future, limit.max(1));
    let signer = Signer::new(scheme.clone(), &signing).unwrap();
    let sent = Outgoing::new(body).event_id(&id);
    let at = Timestamp::from_unix_milliseconds(SIGNED_AT * 1000 + i64::from(flip as u8));
    let Ok(delivery) = signer.sign(&sent, at) else {
        // Only a scheme that signs its id may refuse one.
        assert_eq!(scheme.id, "standard_webhooks_v1", "{id:?}");
        REACHED.note(false);
        return;
    };
    let now = Timestamp::from_unix_milliseconds(SIGNED_AT * 1000 + late * 100);

    // Genuine: what the signer made passes, but for its size and its age.
    let genuine = judge(&verifier, delivery.headers(), body, cuts, now);
    let expected = expect(&scheme, &verifier, &delivery, &id, now);
    assert_eq!(genuine.as_ref().err().map(Rejection::code), expected);
    if let Ok((key, _)) = &genuine {
        assert_eq!(key, "fuzz");
        let whole = verifier.verify(&delivery.as_delivery(), now);
        if let Ok(verified) = &whole {
            assert_eq!(verified.body(), body);
        }
    }
    REACHED.note(genuine.is_ok());

    // From here on nothing may pass; the window and the cap are out of the way.
    let open = |secret| build(&scheme, secret, u32::MAX, u32::MAX, u64::MAX);
    if scheme.algorithm.is_public_key() {
        // The other key: a signature of the right length over nothing.
    } else {
        let other = match scheme.key.form {
            countersign::scheme::KeyForm::Base64 => OTHER_BASE64,
            _ => OTHER_UTF8,
        };
        let stranger = open(Secret::new("other", other).unwrap());
        refuse(&stranger, delivery.headers(), body, cuts, now);
    }
    let own = open(secrets(&scheme).1);
    if !body.is_empty() {
        let mut changed = body.to_vec();
        changed[flip / 8 % body.len()] ^= 1 << (flip % 8);
        refuse(&own, delivery.headers(), &changed, cuts, now);
    }
    let mut longer = body.to_vec();
    longer.push(flip as u8);
    refuse(&own, delivery.headers(), &longer, cuts, now);
    flip_signature(&own, &delivery, flip, cuts, now);
}

fn build(scheme: &Scheme, secret: Secret, past: u32, future: u32, limit: u64) -> Verifier {
    let ring = KeyRing::new().with_secret(secret).unwrap();
    let builder = Verifier::builder(scheme.clone())
        .ring(&ring)
        .body_limit(limit);
    let builder = if scheme.timestamp.is_empty() {
        builder
    } else {
        builder.past(Some(past)).future(Some(future))
    };
    builder.build().unwrap()
}

/// Why a delivery of the signer is refused, if it is.
fn expect(
    scheme: &Scheme,
    verifier: &Verifier,
    delivery: &SignedDelivery,
    id: &str,
    now: Timestamp,
) -> Option<Code> {
    let has_id_header = scheme
        .event_id
        .as_ref()
        .is_some_and(|rule| rule.header.is_some());
    if has_id_header && id.trim_ascii().is_empty() {
        return Some(Code::MissingSignatureHeaders);
    }
    if u64::try_from(delivery.body().len()).unwrap() > verifier.body_limit() {
        return Some(Code::BodyTooLarge);
    }
    let written = match scheme.timestamp.first()?.unit {
        countersign::scheme::TimestampUnit::Seconds => SIGNED_AT * 1000,
        _ => {
            let (_, text) = delivery
                .headers()
                .iter()
                .find(|(name, _)| name.ends_with("-timestamp"))?;
            let time = Timestamp::parse_rfc3339(text).unwrap();
            time.unix_seconds() * 1000 + i64::from(time.subsecond_nanoseconds() / 1_000_000)
        }
    };
    let now = now.unix_seconds() * 1000 + i64::from(now.subsecond_nanoseconds() / 1_000_000);
    let window = verifier.window();
    let past = i64::from(window.past_s.unwrap()) * 1000;
    let future = i64::from(window.future_s.unwrap()) * 1000;
    let is_in_time = (-future..=past).contains(&(now - written));
    (!is_in_time).then_some(Code::TimestampSkewTooLarge)
}

/// The verdict of the whole body, after every chunking of it said the same.
fn judge<V: AsRef<[u8]>>(
    verifier: &Verifier,
    headers: &[(String, V)],
    body: &[u8],
    cuts: &[u8],
    now: Timestamp,
) -> Verdict {
    let owned: Vec<(&str, &[u8])> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_ref()))
        .collect();
    let delivery = Delivery::new(&owned, body).method("POST");
    let whole = verifier.authenticate(&delivery, now);
    let whole = whole.map(|authentic| told(authentic.key_name(), authentic.timestamp()));
    if let Err(rejection) = &whole {
        assert_eq!(verifier.verify(&delivery, now).err(), Some(*rejection));
    }
    // Without a URL no route can mismatch; what is not genuine is refused before its event.
    if let Ok(verified) = verifier.verify(&delivery, now) {
        assert_eq!(whole, Ok(told(verified.key_name(), verified.timestamp())));
    }
    let streaming = verifier.streaming().expect("all of these stream");
    let head = Head::new(&owned).method("POST");
    let streamed = streaming.begin(head).and_then(|mut stream| {
        let mut rest = body;
        for cut in cuts {
            let (chunk, after) = rest.split_at(usize::from(*cut).min(rest.len()));
            stream.update(chunk)?;
            rest = after;
        }
        stream.update(rest)?;
        stream.finish(now)
    });
    let named = verifier.verify(&delivery, now);
    match &streamed {
        Ok(unsealed) => match (unsealed.verified(), named) {
            (Ok(verified), Ok(named)) => {
                assert_eq!(verified.body(), body);
                assert_eq!(verified.dedupe_key("fuzz"), named.dedupe_key("fuzz"));
            }
            (verified, named) => assert_eq!(verified.err(), named.err()),
        },
        Err(rejection) => assert_eq!(named.err(), Some(*rejection)),
    }
    let streamed = streamed.map(|unsealed| told(unsealed.key_name(), unsealed.timestamp()));
    assert_eq!(whole, streamed, "both ways in, {}", verifier.scheme().id);
    let detached = streaming.begin_detached(head).and_then(|mut stream| {
        for chunk in body.chunks(usize::from(*cuts.first().unwrap_or(&0)) + 1) {
            stream.update(chunk)?;
        }
        let (key, time) = stream.finish(now)?;
        Ok(told(key, time))
    });
    assert_eq!(whole, detached, "detached, {}", verifier.scheme().id);
    whole
}

fn told(key: &str, time: Option<Signed<Timestamp>>) -> (String, Option<Timestamp>) {
    (key.to_owned(), time.map(|time| *time.get()))
}

fn refuse<V: AsRef<[u8]>>(
    verifier: &Verifier,
    headers: &[(String, V)],
    body: &[u8],
    cuts: &[u8],
    now: Timestamp,
) {
    let verdict = judge(verifier, headers, body, cuts, now);
    assert!(verdict.is_err(), "{} {verdict:?}", verifier.scheme().id);
    REACHED.note(false);
}

/// One bit of the signature header. Only the case of hexadecimal digits may change.
fn flip_signature(
    verifier: &Verifier,
    delivery: &SignedDelivery,
    flip: usize,
    cuts: &[u8],
    now: Timestamp,
) {
    let mut headers: Vec<(String, Vec<u8>)> = delivery
        .headers()
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
        .collect();
    let (_, signature) = headers.last_mut().unwrap();
    let original = signature.clone();
    let at = flip / 8 % original.len();
    signature[at] ^= 1 << (flip % 8);
    let is_hex = verifier.scheme().encoding == countersign::scheme::Encoding::Hex;
    if is_hex && signature.eq_ignore_ascii_case(&original) {
        return;
    }
    refuse(verifier, &headers, delivery.body(), cuts, now);
}
