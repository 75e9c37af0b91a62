//! The URL of a request, as far as the request tells it.

use alloc::format;
use alloc::string::String;

/// The URL of a request, with its host if it tells one: its own authority, its `Host`
/// else. Only a verifier with the waiver looks at the host.
pub(super) fn url(authority: Option<&str>, host: Option<&str>, path: Option<&str>) -> String {
    let path = path.unwrap_or("/");
    match authority.or(host) {
        Some(host) => format!("https://{host}{path}"),
        None => path.into(),
    }
}
