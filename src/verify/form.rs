//! Named fields of a form body (`application/x-www-form-urlencoded`), as bytes.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use percent_encoding::percent_decode;

/// The field's value, decoded; `None` if it is absent or stands twice.
pub(super) fn field<'d>(body: &'d [u8], name: &str) -> Option<Cow<'d, [u8]>> {
    let mut found = pairs(body).filter(|(key, _)| key.as_ref() == name.as_bytes());
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

/// Name and value of every field, sorted by name and value, joined without separators.
/// Of equal fields one counts: so sign Twilio's libraries.
pub(super) fn sorted(body: &[u8]) -> Vec<u8> {
    let mut pairs: Vec<_> = pairs(body).collect();
    pairs.sort();
    pairs.dedup();
    pairs
        .iter()
        .flat_map(|(name, value)| [name.as_ref(), value.as_ref()])
        .flatten()
        .copied()
        .collect()
}

fn pairs(body: &[u8]) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || decode(halves.next().unwrap_or_default());
            (half(), half())
        })
}

fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'+') {
        return percent_decode(text).into();
    }
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    Cow::Owned(percent_decode(&spaced).collect())
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn fields_are_decoded_and_single() {
        let body = b"a=1%2B2+3&b=%ff&a%62=x&c=1&c=2&d";
        let text = |name| field(body, name).map(Cow::into_owned);
        assert_eq!(text("a"), Some(b"1+2 3".to_vec()));
        assert_eq!(text("b"), Some(vec![0xff]));
        assert_eq!(text("ab"), Some(b"x".to_vec()));
        assert_eq!(text("c"), None);
        assert_eq!(text("d"), Some(Vec::new()));
        assert_eq!(sorted(b"b=2&a=1+"), b"a1 b2");
        assert_eq!(sorted(b"a=2&b=0&a=1&a=%32"), b"a1a2b0");
    }
}
