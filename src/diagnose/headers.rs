//! What headers tell without a MAC: what is missing, renamed or repeated, and what they say
//! of the body.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cause::Cause;
use super::finding::Mistake;
use super::reading::Layout;
use super::search::other_scheme;
use crate::scheme::catalogue;
use crate::{HeaderName, Headers};

/// Values of a repeated header that are tried one by one.
pub(super) const MAX_VALUES: usize = 8;
/// Each of them gets this part of the budget.
pub(super) const SHARES: u32 = 8;

/// Headers in which the ones that are missing stand in for others.
pub(super) struct Renamed<'h> {
    headers: &'h dyn Headers,
    /// The name that is missing, and the one that arrived.
    names: Vec<(String, HeaderName)>,
    missing: Vec<String>,
}

impl<'h> Renamed<'h> {
    /// `None` if nothing arrived that may be one of the missing headers.
    pub(super) fn new(headers: &'h dyn Headers, missing: &[String]) -> Option<Self> {
        let mut names = Vec::new();
        for own in missing {
            let near = near(own).into_iter().map(|near| HeaderName::new(&near));
            let arrived = near
                .into_iter()
                .find(|near| !values(headers, near).is_empty());
            names.extend(arrived.map(|near| (own.clone(), near)));
        }
        let missing = missing.to_vec();
        (!names.is_empty()).then_some(Self {
            headers,
            names,
            missing,
        })
    }
}

impl Headers for Renamed<'_> {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        match self.names.iter().find(|(own, _)| name.matches(own)) {
            Some((_, arrived)) => self.headers.visit(arrived, see),
            None => self.headers.visit(name, see),
        }
    }
}

/// Headers of which some show one of their values.
pub(super) struct Picked<'h> {
    headers: &'h dyn Headers,
    names: &'h [String],
    picked: usize,
}

impl<'h> Picked<'h> {
    /// `None` if no header has so many values.
    pub(super) fn new(
        headers: &'h dyn Headers,
        names: &'h [String],
        picked: usize,
    ) -> Option<Self> {
        let has = |name: &String| values(headers, &HeaderName::new(name)).len() > picked;
        names.iter().any(has).then_some(Self {
            headers,
            names,
            picked,
        })
    }
}

impl Headers for Picked<'_> {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        if !self.names.iter().any(|own| name.matches(own)) {
            return self.headers.visit(name, see);
        }
        let values = values(self.headers, name);
        if let Some(value) = values.get(self.picked).or_else(|| values.last()) {
            see(value);
        }
    }
}

fn values<'h>(headers: &'h dyn Headers, name: &HeaderName) -> Vec<&'h [u8]> {
    let mut found = Vec::new();
    headers.visit(name, &mut |value| found.push(value));
    found.retain(|value| !value.trim_ascii().is_empty());
    found
}

/// Names under which proxies, gateways and servers pass a header on.
fn near(name: &str) -> Vec<String> {
    let bare = name.strip_prefix("x-").unwrap_or(name);
    let mut near = alloc::vec![
        name.replace('-', "_"),
        alloc::format!("http_{}", name.replace('-', "_")),
        alloc::format!("redirect_http_{}", name.replace('-', "_")),
        bare.to_string(),
        alloc::format!("x-{bare}"),
        bare.replace('-', "_"),
        name.replace('-', ""),
    ];
    for prefix in [
        "x-forwarded-",
        "x-original-",
        "x-amzn-remapped-",
        "x-amz-meta-",
        "x-orig-",
        "original-",
        "forwarded-",
        "x-proxy-",
        "proxy-",
        "http-",
        "x-http-",
        "x-envoy-",
        "x-ms-",
        "x-goog-",
        "x-azure-",
        "grpcgateway-",
    ] {
        near.push(alloc::format!("{prefix}{name}"));
        near.push(alloc::format!("{prefix}{bare}"));
    }
    near.retain(|near| near != name);
    near.dedup();
    near
}

/// That headers arrived under other names.
pub(super) fn renamed(renamed: &Renamed<'_>) -> Mistake {
    let arrived: Vec<String> = renamed
        .names
        .iter()
        .map(|(_, name)| name.as_str().to_string())
        .collect();
    let own: Vec<String> = renamed.names.iter().map(|(own, _)| own.clone()).collect();
    let others = renamed.missing.iter().filter(|name| !own.contains(name));
    let others: Vec<String> = others.cloned().collect();
    let words = alloc::format!(
        "`{}` arrived as `{}`. Have the proxy or server pass headers on under their own names, or give the scheme an alias.",
        own.join("`, `"),
        arrived.join("`, `")
    );
    let mut detail = alloc::vec![("missing", own.into()), ("arrived", arrived.into())];
    if !others.is_empty() {
        detail.push(("missing_still", others.into()));
    }
    Mistake {
        cause: Cause::HeadersRenamed,
        detail,
        fix: words,
    }
}

/// That headers did not arrive.
pub(super) fn missing(names: &[String]) -> Mistake {
    let words = if names.is_empty() {
        "The body holds no signature, where the scheme has it. Look at what parses or rewrites the body before it is verified.".to_string()
    } else {
        alloc::format!(
            "`{}` did not arrive, under no name that is near. Log the headers in front of the proxy and behind it: many drop headers that are not on a list, or that hold underscores.",
            names.join("`, `")
        )
    };
    Mistake {
        cause: Cause::HeadersMissing,
        detail: alloc::vec![("missing", names.to_vec().into())],
        fix: words,
    }
}

/// That a header stands several times, and which value is the right one, if that is known.
pub(super) fn repeated(names: &[String], picked: Option<usize>) -> Mistake {
    let mut detail = alloc::vec![("headers", names.to_vec().into())];
    if let Some(picked) = picked {
        detail.push(("right_value", picked.saturating_add(1).into()));
    }
    let which = match picked {
        Some(0) => "the first value is the sender's",
        Some(_) => "a later value is the sender's",
        None => "no value of it makes the signature match",
    };
    Mistake {
        cause: Cause::HeaderRepeated,
        detail,
        fix: alloc::format!(
            "`{}` stands several times with different values; {which}. Find what adds the other (a proxy that writes its own beside the sender's, or a client that sets it twice), and have it replace nothing and add nothing.",
            names.join("`, `")
        ),
    }
}

/// The provider whose headers these are, if they are complete and the scheme's own are not.
pub(super) fn other_provider(layout: &Layout, headers: &dyn Headers) -> Option<Mistake> {
    let like = catalogue::like(headers);
    let first = like
        .iter()
        .find(|like| like.absent.is_empty() && like.scheme.id != layout.scheme.id)?;
    Some(other_scheme(first.scheme, None))
}

/// What headers say of a body that is not the one that arrived.
pub(super) fn body_facts(headers: &dyn Headers, body: &[u8]) -> Option<Mistake> {
    let value = |name: &str| {
        let values = values(headers, &HeaderName::new(name));
        values
            .first()
            .and_then(|value| core::str::from_utf8(value).ok())
            .map(|value| value.trim().to_ascii_lowercase())
    };
    let encoding = value("content-encoding").filter(|encoding| encoding != "identity");
    if let Some(encoding) = encoding {
        let known = ["gzip", "x-gzip", "deflate", "br", "zstd", "compress"];
        let name = known.into_iter().find(|known| *known == encoding)?;
        return Some(Mistake {
            cause: Cause::BodyCompressed,
            detail: alloc::vec![("content_encoding", name.into()), ("delivered_bytes", body.len().into())],
            fix: "The headers say that the body is compressed. Whichever form is signed, what arrived here is not it: verify the bytes before the layer that decompresses, or after it.".into(),
        });
    }
    let announced: usize = value("content-length")?.parse().ok()?;
    if announced == body.len() || !is_nothing(body) {
        return None;
    }
    Some(Mistake {
        cause: Cause::BodyEmpty,
        detail: alloc::vec![("delivered_bytes", body.len().into()), ("announced_bytes", announced.into())],
        fix: "The headers announce a body and none is left: something read it before. Read the raw body first, keep it, and parse from what was kept.".into(),
    })
}

/// What parsers make of a body that is gone.
fn is_nothing(body: &[u8]) -> bool {
    matches!(
        body.trim_ascii(),
        b"" | b"{}" | b"null" | b"[]" | b"\"\"" | b"undefined" | b"[object Object]"
    )
}
