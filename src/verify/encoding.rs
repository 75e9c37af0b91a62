//! How one signature is written: canonical decoding into a buffer.

use alloc::string::String;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::scheme::Encoding;

/// Decodes `text` into `buffer`, if it is the one way to write some bytes. A token
/// (`Encoding::Text`) becomes its SHA-256, so that tokens of any length compare in
/// constant time.
#[inline]
pub(crate) fn decode<'b>(
    encoding: Encoding,
    text: &[u8],
    buffer: &'b mut [u8],
) -> Option<&'b [u8]> {
    let length = match encoding {
        Encoding::Base64 => STANDARD.decode_slice(text, buffer).ok()?,
        Encoding::Base64Url => URL_SAFE_NO_PAD.decode_slice(text, buffer).ok()?,
        Encoding::Hex => {
            let length = text.len() / 2;
            // The library would skip a `0x`, which is no digit of a signature.
            if text.starts_with(b"0x") {
                return None;
            }
            const_hex::decode_to_slice(text, buffer.get_mut(..length)?).ok()?;
            length
        }
        Encoding::Text => {
            let digest = Sha256::digest(text);
            buffer.get_mut(..digest.len())?.copy_from_slice(&digest);
            digest.len()
        }
    };
    buffer.get(..length)
}

/// Writes `signature` as text; `None` for a token that is no text.
pub(crate) fn encode(encoding: Encoding, signature: &[u8]) -> Option<String> {
    Some(match encoding {
        Encoding::Base64 => STANDARD.encode(signature),
        Encoding::Base64Url => URL_SAFE_NO_PAD.encode(signature),
        Encoding::Hex => hex::encode(signature),
        Encoding::Text => return String::from_utf8(signature.to_vec()).ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_text_decodes() {
        let mut buffer = [0; 64];
        let mut decodes =
            |encoding, text: &str| decode(encoding, text.as_bytes(), &mut buffer).is_some();
        assert!(decodes(Encoding::Base64, "AAE="));
        for text in ["AAE", "AAF=", "AAE=\n", "AA E=", "AAE==", "A-E="] {
            assert!(!decodes(Encoding::Base64, text), "{text:?}");
        }
        assert!(decodes(Encoding::Base64Url, "-_8"));
        for text in ["-_8=", "-_9", "+/8"] {
            assert!(!decodes(Encoding::Base64Url, text), "{text:?}");
        }
        assert!(decodes(Encoding::Hex, "00fF"));
        for text in ["0", "0x", "0x00", "00 ", "+1", "0X00"] {
            assert!(!decodes(Encoding::Hex, text), "{text:?}");
        }
        let long = "00".repeat(65);
        assert!(!decodes(Encoding::Hex, &long));
    }

    #[test]
    fn text_and_bytes_agree() {
        for encoding in [Encoding::Base64, Encoding::Base64Url, Encoding::Hex] {
            for length in 0..=64 {
                let bytes: alloc::vec::Vec<u8> = (0..length).collect();
                let mut buffer = [0; 64];
                assert_eq!(
                    decode(
                        encoding,
                        encode(encoding, &bytes).unwrap().as_bytes(),
                        &mut buffer
                    ),
                    Some(&bytes[..])
                );
            }
        }
    }
}
