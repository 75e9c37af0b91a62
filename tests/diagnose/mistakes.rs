//! Mistakes, made on purpose: for each a delivery that is refused because of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::diagnose::{Cause, Diagnosis, Finding};
use countersign::scheme::{
    Algorithm, Encoding, Format, HMAC_SHA256_BODY, KeyForm, KeyRules, Part, Scheme,
    SignatureSource, TimestampPlace, TimestampUnit, Waiver, catalogue,
};
use countersign::{KeyRing, Timestamp};

use super::case::{ID, Pairs, Random, Sent, URL};
use super::json::{self, COMPACT, Print};

pub(crate) type Mistake = fn(&mut Maker<'_>) -> Option<Refused>;

/// A refused delivery, and why it is refused.
pub(crate) struct Refused {
    pub(crate) scheme: Scheme,
    pub(crate) sent: Sent,
    pub(crate) stored: Vec<u8>,
    pub(crate) others: Vec<String>,
    pub(crate) at: Timestamp,
    pub(crate) causes: Vec<Cause>,
    pub(crate) proven: bool,
    /// The sender's secret.
    pub(crate) secret: String,
}

impl Refused {
    pub(crate) fn diagnosis(&self) -> Diagnosis {
        let ring = KeyRing::new().with("current", &self.stored).unwrap();
        let mut others = KeyRing::new();
        for (place, secret) in self.others.iter().enumerate() {
            others = others.with(&format!("other{place}"), secret).unwrap();
        }
        let diagnosis = Diagnosis::new(self.scheme.clone(), &ring).unwrap();
        // Without a proof to be found the whole budget would be spent.
        let budget = if self.proven { 20_000 } else { 600 };
        let diagnosis = diagnosis.other_secrets(&others).budget(budget);
        diagnosis.registered_url(URL)
    }

    pub(crate) fn explain(&self) -> Finding {
        self.diagnosis().explain(&self.sent.delivery(), self.at)
    }

    fn stored(mut self, stored: impl AsRef<[u8]>) -> Option<Self> {
        self.stored = stored.as_ref().to_vec();
        Some(self)
    }

    fn body(mut self, body: impl AsRef<[u8]>) -> Option<Self> {
        let changed = body.as_ref() != self.sent.body;
        self.sent.body = body.as_ref().to_vec();
        changed.then_some(self)
    }

    fn unproven(mut self) -> Option<Self> {
        self.proven = false;
        Some(self)
    }

    /// Changes the signature's own text.
    fn signature(mut self, change: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let SignatureSource::Header { name, .. } = &self.scheme.signature else {
            return None;
        };
        let separator = match &self.scheme.format {
            Format::KeyValue { .. } => "v1=",
            Format::Tagged { .. } => "v1,",
            Format::Bare { prefix } => prefix,
            _ => return None,
        };
        let header = self.sent.header(name);
        let at = header.find(separator)? + separator.len();
        let made = change(&header[at..])?;
        header.truncate(at);
        header.push_str(&made);
        Some(self)
    }
}

pub(crate) struct Maker<'p> {
    pub(crate) scheme: Scheme,
    pub(crate) random: Random,
    pairs: &'p Pairs,
}

impl<'p> Maker<'p> {
    pub(crate) fn new(scheme: &Scheme, random: Random, pairs: &'p Pairs) -> Self {
        Self {
            scheme: scheme.clone(),
            random,
            pairs,
        }
    }

    pub(crate) fn at() -> Timestamp {
        Timestamp::from_unix_seconds(1_781_740_800)
    }

    fn is_plain(&self) -> bool {
        self.scheme.key.form == KeyForm::Utf8 && self.scheme.key.strip_prefix.is_none()
    }

    fn is_mac(&self) -> bool {
        !self.is_rsa() && self.scheme.algorithm.covers_content()
    }

    fn is_rsa(&self) -> bool {
        self.scheme.algorithm == Algorithm::RsaPkcs1Sha256
    }

    fn covers_body(&self) -> bool {
        self.scheme.covers_body()
    }

    fn covers_time(&self) -> bool {
        self.scheme.covers().iter().any(|part| part == "time")
    }

    fn covers_header_time(&self) -> Option<String> {
        let source = self.scheme.timestamp.first()?;
        match &source.place {
            TimestampPlace::Header(name) if self.covers_time() => Some(name.to_string()),
            _ => None,
        }
    }

    /// A secret that is no encoding of anything.
    fn secret(&mut self) -> String {
        match self.scheme.key.form {
            KeyForm::Base64 => STANDARD.encode(self.random.bytes(24)),
            KeyForm::SpkiPem => self.pairs.private.clone(),
            _ => format!("{}-{}!", self.random.word(14), self.random.word(14)),
        }
    }

    /// Signed by the sender's scheme and secret; refused for `cause`.
    fn signed_by(
        &mut self,
        sender: &Scheme,
        secret: String,
        body: &[u8],
        url: &str,
        cause: Cause,
    ) -> Option<Refused> {
        let mut sent = Sent::by(sender, &secret, body, url, Self::at())?;
        if self.is_rsa() {
            // 155.io has a rule for each route, and none for others.
            sent.url = "https://shop.example/bet".into();
        }
        let stored = if self.is_rsa() {
            self.pairs.public.clone()
        } else {
            secret.clone()
        };
        Some(Refused {
            scheme: self.scheme.clone(),
            sent,
            stored: stored.into_bytes(),
            others: Vec::new(),
            at: Self::at(),
            causes: vec![cause],
            proven: true,
            secret,
        })
    }

    pub(crate) fn genuine(&mut self, cause: Cause) -> Refused {
        let body = json::event(COMPACT, &mut self.random);
        self.genuine_with(body.as_bytes(), cause).unwrap()
    }

    fn genuine_with(&mut self, body: &[u8], cause: Cause) -> Option<Refused> {
        let secret = self.secret();
        let sender = self.scheme.clone();
        self.signed_by(&sender, secret, body, URL, cause)
    }

    /// Signed over another body than the one that arrives.
    fn body(&mut self, cause: Cause, signed: &[u8], arrived: &[u8]) -> Option<Refused> {
        if !self.covers_body() {
            return None;
        }
        self.genuine_with(signed, cause)?.body(arrived)
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.random.below(list.len())]
    }

    fn event(&mut self) -> String {
        json::event(COMPACT, &mut self.random)
    }

    fn pretty(&mut self) -> String {
        json::event(
            Print {
                indent: "  ",
                colon: ": ",
                ..COMPACT
            },
            &mut self.random,
        )
    }
}

/// Each mistake by name.
pub(crate) const MISTAKES: &[(&str, Mistake)] = &[
    ("blanks around the secret", |maker| {
        if maker.is_rsa() {
            return None;
        }
        let (start, end) = maker.pick(&[
            ("", "\n"),
            (" ", ""),
            ("", "\r\n"),
            ("\u{feff}", ""),
            ("\t", " "),
            ("", "\u{a0}"),
        ]);
        let made = maker.genuine(Cause::SecretWhitespace);
        let stored = format!("{start}{}{end}", made.secret);
        made.stored(stored)
    }),
    ("newlines of a PEM escaped", |maker| {
        if !maker.is_rsa() {
            return None;
        }
        let stored = maker.pairs.public.trim().replace('\n', "\\n");
        maker.genuine(Cause::SecretWhitespace).stored(stored)
    }),
    ("quotes around the secret", |maker| {
        let quote = maker.pick(&["\"", "'", "`"]);
        let made = maker.genuine(Cause::SecretQuoted);
        let inner = String::from_utf8(made.stored.clone()).unwrap();
        made.stored(format!("{quote}{}{quote}", inner.trim()))
    }),
    ("the secret in an encoding", |maker| {
        if !maker.is_plain() || maker.is_rsa() {
            return None;
        }
        let as_hex = maker.pick(&[false, true]);
        let made = maker.genuine(Cause::SecretNotDecoded);
        let stored = if as_hex {
            hex::encode(&made.secret)
        } else {
            STANDARD.encode(&made.secret)
        };
        made.stored(stored)
    }),
    ("a scheme that decodes no secret", |maker| {
        if maker.scheme.key.form != KeyForm::Base64 {
            return None;
        }
        let mut made = maker.genuine(Cause::SecretNotDecoded);
        made.scheme.key = KeyRules {
            form: KeyForm::Utf8,
            strip_prefix: None,
            ..made.scheme.key
        };
        Some(made)
    }),
    ("a scheme that decodes a plain secret", |maker| {
        if !maker.is_plain() || !maker.is_mac() {
            return None;
        }
        let sender = maker.scheme.clone();
        let secret = STANDARD.encode(maker.random.bytes(24));
        let body = maker.event();
        let mut made = maker.signed_by(
            &sender,
            secret,
            body.as_bytes(),
            URL,
            Cause::SecretWronglyDecoded,
        )?;
        made.scheme.key = KeyRules {
            form: KeyForm::Base64,
            min_bytes: 0,
            ..made.scheme.key
        };
        Some(made)
    }),
    ("the prefix cut", |maker| {
        if !maker.is_plain() || maker.is_rsa() {
            return None;
        }
        let sender = maker.scheme.clone();
        let rest = maker.secret();
        let body = maker.event();
        let made = maker.signed_by(
            &sender,
            format!("whsec_{rest}"),
            body.as_bytes(),
            URL,
            Cause::SecretPrefixCut,
        )?;
        made.stored(rest)
    }),
    ("the prefix kept", |maker| {
        if !maker.is_plain() || maker.is_rsa() {
            return None;
        }
        let made = maker.genuine(Cause::SecretPrefixKept);
        let prefix = maker.pick(&["whsec_", "sha256=", "SIGNING_SECRET="]);
        let stored = format!("{prefix}{}", made.secret);
        made.stored(stored)
    }),
    ("another secret", |maker| {
        let mut made = maker.genuine(Cause::OtherSecret);
        let stored = if maker.is_rsa() {
            Pairs::new().public
        } else {
            maker.secret()
        };
        made.others = vec![
            maker.random.word(24),
            String::from_utf8(made.stored).unwrap(),
        ];
        made.stored = stored.into_bytes();
        Some(made)
    }),
    ("printed again", |maker| {
        let seed = maker.random.clone();
        let place = maker.random.below(json::PAIRS.len());
        let (_, signed, arrived) = json::PAIRS[place];
        let signed = json::event(signed, &mut seed.clone());
        let arrived = json::event(arrived, &mut seed.clone());
        maker.body(
            Cause::BodyReserialized,
            signed.as_bytes(),
            arrived.as_bytes(),
        )
    }),
    ("a newline added", |maker| {
        let body = maker.event();
        let end = maker.pick(&["\n", "\r\n"]);
        maker.body(
            Cause::BodyNewline,
            body.as_bytes(),
            format!("{body}{end}").as_bytes(),
        )
    }),
    ("a newline lost", |maker| {
        let body = maker.event();
        let end = maker.pick(&["\n", "\r\n"]);
        maker.body(
            Cause::BodyNewline,
            format!("{body}{end}").as_bytes(),
            body.as_bytes(),
        )
    }),
    ("line ends changed", |maker| {
        let body = maker.pretty();
        let other = body.replace('\n', "\r\n");
        let (signed, arrived) = maker.pick(&[(&body, &other), (&other, &body)]);
        maker.body(
            Cause::BodyLineEndings,
            signed.as_bytes(),
            arrived.as_bytes(),
        )
    }),
    ("a byte order mark", |maker| {
        let body = maker.event();
        let other = format!("\u{feff}{body}");
        let (signed, arrived) = maker.pick(&[(&body, &other), (&other, &body)]);
        maker.body(Cause::BodyBom, signed.as_bytes(), arrived.as_bytes())
    }),
    ("blanks around the body", |maker| {
        let body = maker.event();
        let other = maker
            .pick(
                &[
                    format!(" {body}").as_str(),
                    format!("{body} ").as_str(),
                    format!("{body}\n\n").as_str(),
                ]
                .map(|text| text.len()),
            )
            .to_string();
        let other = match other.len() % 2 {
            0 => format!(" {body}"),
            _ => format!("{body} "),
        };
        let (signed, arrived) = maker.pick(&[(&body, &other), (&other, &body)]);
        maker.body(Cause::BodyTrimmed, signed.as_bytes(), arrived.as_bytes())
    }),
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
        if maker
            .scheme
            .timestamp
            .iter()
            .any(|source| matches!(source.place, TimestampPlace::Json(_)))
        {
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
        if maker
            .scheme
            .timestamp
            .iter()
            .any(|source| matches!(source.place, TimestampPlace::Json(_)))
        {
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
        if !maker.covers_body() {
            return None;
        }
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
    ("another character set", |maker| {
        let body = maker.event();
        let latin: Vec<u8> = body
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        let (signed, arrived) = match maker.random.below(3) {
            0 => (body.clone().into_bytes(), latin),
            1 => (latin, body.into_bytes()),
            // The sender's Latin-1, decoded as UTF-8.
            _ => (
                latin.clone(),
                String::from_utf8_lossy(&latin).into_owned().into_bytes(),
            ),
        };
        if maker
            .scheme
            .timestamp
            .iter()
            .any(|source| matches!(source.place, TimestampPlace::Json(_)))
            && core::str::from_utf8(&signed).is_err()
        {
            return None;
        }
        maker.body(Cause::BodyCharset, &signed, &arrived)
    }),
    ("a form written again", |maker| {
        let name = maker.random.word(8);
        let signed = format!(
            "event=payment%20done&id=evt_0001&event_id=evt_0001&transactionId=1&name={name}%2F%C3%A9"
        );
        let arrived = match maker.random.below(3) {
            0 => signed.replace("%20", "+"),
            1 => signed.replace("%2F%C3%A9", "%2f%c3%a9"),
            _ => signed.replace("%20", " ").replace("%2F%C3%A9", "/é"),
        };
        if maker.scheme.event_id.is_some() && maker.scheme.event_id.as_ref().unwrap().required {
            return None;
        }
        maker.form(&signed, &arrived)
    }),
    ("the payload of a form", |maker| {
        let body = maker.event();
        let encoded =
            percent_encoding::utf8_percent_encode(&body, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        let encoded = encoded
            .replace("%20", "+")
            .replace("%5F", "_")
            .replace("%2E", ".")
            .replace("%2D", "-")
            .replace("%2A", "*");
        maker.form(&format!("payload={encoded}"), &body)
    }),
    ("consumed", |maker| {
        let body = maker.event();
        let mut made = maker.body(Cause::BodyEmpty, body.as_bytes(), b"")?;
        made.sent
            .headers
            .push(("Content-Length".into(), body.len().to_string()));
        made.unproven()
    }),
    ("nothing signed", |maker| {
        if maker
            .scheme
            .timestamp
            .iter()
            .any(|source| matches!(source.place, TimestampPlace::Json(_)))
        {
            return None;
        }
        let body = maker.event();
        maker.body(Cause::BodyEmpty, b"", body.as_bytes())
    }),
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
    ("the time printed again", |maker| {
        let name = maker.covers_header_time()?;
        if maker.scheme.timestamp[0].unit != TimestampUnit::Iso8601 {
            return None;
        }
        let mut made = maker.genuine(Cause::TimestampReformatted);
        let text = maker.pick(&[
            "2026-06-18T00:00:00Z",
            "2026-06-18T00:00:00.000000Z",
            "2026-06-18T00:00:00.000+00:00",
            "2026-06-18T02:00:00.000+02:00",
        ]);
        *made.sent.header(&name) = text.into();
        Some(made)
    }),
    ("milliseconds of the time lost", |maker| {
        let name = maker.covers_header_time()?;
        if maker.scheme.timestamp[0].unit != TimestampUnit::Iso8601 {
            return None;
        }
        let secret = maker.secret();
        let body = maker.event();
        let scheme = maker.scheme.clone();
        let at = Timestamp::from_unix_milliseconds(
            1_781_740_800_000 + i64::try_from(maker.random.below(999) + 1).unwrap(),
        );
        let sent = Sent::by(&scheme, &secret, body.as_bytes(), URL, at)?;
        let mut made = maker.signed_by(
            &scheme,
            secret,
            body.as_bytes(),
            URL,
            Cause::TimestampReformatted,
        )?;
        made.sent = sent;
        *made.sent.header(&name) = "2026-06-18T00:00:00Z".into();
        Some(made)
    }),
    ("the time in another unit on its way", |maker| {
        let name = maker.covers_header_time()?;
        let text = match maker.scheme.timestamp[0].unit {
            TimestampUnit::Seconds => "1781740800000",
            TimestampUnit::Milliseconds => "1781740800",
            _ => return None,
        };
        let mut made = maker.genuine(Cause::TimestampUnit);
        *made.sent.header(&name) = text.into();
        Some(made)
    }),
    ("the time in another unit from the sender", |maker| {
        let unit = match maker.scheme.timestamp.first()?.unit {
            TimestampUnit::Seconds => TimestampUnit::Milliseconds,
            TimestampUnit::Milliseconds => TimestampUnit::Seconds,
            _ => return None,
        };
        if !maker.covers_time() {
            return None;
        }
        let mut sender = maker.scheme.clone();
        sender.timestamp.to_mut()[0].unit = unit;
        let secret = maker.secret();
        let body = maker.event();
        maker.signed_by(&sender, secret, body.as_bytes(), URL, Cause::TimestampUnit)
    }),
    ("another URL", |maker| {
        if !maker.scheme.content.parts().contains(&Part::Url) {
            return None;
        }
        let secret = maker.secret();
        let body = maker.event();
        let scheme = maker.scheme.clone();
        let url = maker.pick(&[
            "http://shop.example/hooks/in?b=2&a=1",
            "https://shop.example:443/hooks/in?b=2&a=1",
            "https://shop.example/hooks/in/?b=2&a=1",
            "https://shop.example/hooks/in?a=1&b=2",
            "https://shop.example/hooks/in",
            "https://www.shop.example/hooks/in?b=2&a=1",
            "http://shop.internal:8080/hooks/in?b=2&a=1",
        ]);
        let mut made = maker.signed_by(&scheme, secret, body.as_bytes(), url, Cause::UrlChanged)?;
        made.sent.url = URL.into();
        made.sent
            .headers
            .push(("X-Forwarded-Host".into(), "shop.internal:8080".into()));
        Some(made)
    }),
    ("the signature in another encoding", |maker| {
        if !maker.scheme.algorithm.covers_content() {
            return None;
        }
        let way = maker.random.below(3);
        let encoding = maker.scheme.encoding;
        maker.genuine(Cause::SignatureEncoding).signature(|text| {
            let bytes = match encoding {
                Encoding::Hex => hex::decode(text).ok()?,
                _ => STANDARD.decode(text).ok()?,
            };
            Some(match (encoding, way) {
                (Encoding::Hex, 0) => STANDARD.encode(bytes),
                (Encoding::Hex, _) => STANDARD.encode(text),
                (_, 0) => hex::encode(bytes),
                (_, 1) => {
                    text.trim_end_matches('=').to_owned()
                        + if text.ends_with('=') { "" } else { "=" }
                }
                _ => STANDARD.encode(hex::encode(bytes)),
            })
        })
    }),
    ("the signature without its prefix", |maker| {
        let text = match &maker.scheme.format {
            Format::Bare { prefix } if !prefix.is_empty() => prefix.to_string(),
            Format::Tagged { .. } => "v1,".to_owned(),
            Format::KeyValue { .. } => "v1=".to_owned(),
            _ => return None,
        };
        let other = maker.pick(&["", "sig="]);
        let mut made = maker.genuine(Cause::SignaturePrefix);
        let SignatureSource::Header { name, .. } = &made.scheme.signature else {
            return None;
        };
        let header = made.sent.header(name);
        *header = header.replace(&text, other);
        Some(made)
    }),
    ("the signature cut", |maker| {
        if !maker.is_mac() {
            return None;
        }
        let least = if maker.scheme.encoding == Encoding::Hex {
            20
        } else {
            16
        };
        let most = if maker.scheme.algorithm == Algorithm::HmacSha1 {
            24
        } else {
            38
        };
        let length = least + maker.random.below(most - least) / 4 * 4;
        maker
            .genuine(Cause::SignatureTruncated)
            .signature(|text| Some(text[..length].to_owned()))
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
    ("headers dropped", |maker| {
        let names: Vec<String> = maker
            .scheme
            .required_headers()
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let SignatureSource::Header {
            name: signature, ..
        } = &maker.scheme.signature.clone()
        else {
            return None;
        };
        assert!(names.iter().any(|name| name == signature));
        let mut made = maker.genuine(Cause::HeadersMissing);
        made.sent
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case(signature));
        made.unproven()
    }),
    ("headers renamed", |maker| {
        let SignatureSource::Header { name, .. } = &maker.scheme.signature.clone() else {
            return None;
        };
        let way = maker.random.below(4);
        let mut made = maker.genuine(Cause::HeadersRenamed);
        let header = made
            .sent
            .headers
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .unwrap();
        header.0 = match way {
            0 => name.replace('-', "_"),
            1 => format!("HTTP_{}", name.replace('-', "_").to_uppercase()),
            2 => format!("x-forwarded-{name}"),
            _ => format!("X-Original-{name}"),
        };
        if header.0 == *name {
            return None;
        }
        Some(made)
    }),
    ("a header repeated", |maker| {
        let SignatureSource::Header { name, .. } = &maker.scheme.signature.clone() else {
            return None;
        };
        let first = maker.pick(&[true, false]);
        let mut made = maker.genuine(Cause::HeaderRepeated);
        let other = (
            name.to_string(),
            made.sent
                .header(name)
                .replace(['1', '2', '3', 'a', 'b', 'c'], "0"),
        );
        if other.1 == *made.sent.header(name) {
            return None;
        }
        made.sent
            .headers
            .insert(if first { 0 } else { made.sent.headers.len() }, other);
        Some(made)
    }),
    ("too old", |maker| {
        let past = i64::from(maker.scheme.window.past_s?);
        maker.scheme.timestamp.first()?;
        let mut made = maker.genuine(Cause::StaleDelivery);
        made.at = Timestamp::from_unix_seconds(
            1_781_740_801 + past + i64::try_from(maker.random.below(100_000)).unwrap(),
        );
        Some(made)
    }),
    ("from the future", |maker| {
        let future = i64::from(maker.scheme.window.future_s?);
        maker.scheme.timestamp.first()?;
        let mut made = maker.genuine(Cause::ClockDrift);
        made.at = Timestamp::from_unix_seconds(
            1_781_740_799 - future - i64::try_from(maker.random.below(100_000)).unwrap(),
        );
        Some(made)
    }),
    ("another event's id", |maker| {
        let rule = maker.scheme.event_id.clone()?;
        let (Some(header), Some(_)) = (&rule.header, &rule.json) else {
            return None;
        };
        if maker.scheme.content.to_string().contains(header.as_ref()) {
            return None;
        }
        let other = maker.pick(&["EVT_0001", "prod:evt_0001", "req_77"]);
        let mut made = maker.genuine(Cause::EventIdMismatch);
        *made.sent.header(header) = other.into();
        Some(made)
    }),
];

impl Maker<'_> {
    /// A form body, for schemes that name no event by a field of it.
    fn form(&mut self, signed: &str, arrived: &str) -> Option<Refused> {
        if self
            .scheme
            .timestamp
            .iter()
            .any(|source| matches!(source.place, TimestampPlace::Json(_)))
        {
            return None;
        }
        self.body(Cause::BodyUrlencoded, signed.as_bytes(), arrived.as_bytes())
    }
}

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

pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut made = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    made.extend(miniz_oxide::deflate::compress_to_vec(body, 6));
    made.extend(crc32fast::hash(body).to_le_bytes());
    made.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    made
}
