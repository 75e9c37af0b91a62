//! The secret lint: texts that cannot be a secret of the scheme, by the mistake
//! that made them.

use alloc::string::ToString;

use crate::SecretProblem;
use crate::scheme::{KeyForm, KeyRules};

/// Digits from which a text of hexadecimal digits only is no accident of Base64.
const HEX_IS_CERTAIN: usize = 32;

/// What is wrong with `text`, before it is decoded.
pub(super) fn lint(rules: &KeyRules, text: &[u8]) -> Result<(), SecretProblem> {
    if text.is_empty() {
        return Err(SecretProblem::Empty);
    }
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(SecretProblem::Blank);
    }
    let is_pem = text.trim_ascii_start().starts_with(b"-----BEGIN");
    if is_pem && matches!(rules.form, KeyForm::SpkiPem | KeyForm::X509Pem) {
        return Ok(());
    }
    // White space around JSON means nothing.
    if rules.form == KeyForm::Jwk && text.trim_ascii_start().starts_with(b"{") {
        return Ok(());
    }
    if text.trim_ascii() != text || text.starts_with("\u{feff}".as_bytes()) || has_odd_edge(text) {
        return Err(SecretProblem::Surrounded);
    }
    if let [first @ (b'"' | b'\'' | b'`'), .., last] = text
        && first == last
    {
        return Err(SecretProblem::Quoted);
    }
    if is_pem {
        return Err(SecretProblem::PemGiven);
    }
    if let Some(refused) = rules
        .refused_prefixes
        .iter()
        .find(|refused| text.starts_with(refused.prefix.as_bytes()))
    {
        return Err(SecretProblem::WrongKind {
            is: refused.is.to_string(),
        });
    }
    if let Some(prefix) = &rules.strip_prefix
        && text == prefix.as_bytes()
    {
        return Err(SecretProblem::PrefixOnly {
            prefix: prefix.to_string(),
        });
    }
    if rules.form == KeyForm::Utf8 && text == b"whsec_" {
        return Err(SecretProblem::PrefixOnly {
            prefix: "whsec_".to_string(),
        });
    }
    if rules.form == KeyForm::Base64
        && text.len() >= HEX_IS_CERTAIN
        && text.len().is_multiple_of(2)
        && text.iter().all(u8::is_ascii_hexdigit)
    {
        return Err(SecretProblem::HexForBase64 { length: text.len() });
    }
    Ok(())
}

/// Unicode white space at an end, such as a no-break space from a web page.
fn has_odd_edge(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_ok_and(|text| text.trim() != text || text.ends_with('\u{feff}'))
}
