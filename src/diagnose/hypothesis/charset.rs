//! What the body may have been for the sender, in another character set.

use alloc::string::String;
use alloc::vec::Vec;

use super::super::cause::Cause;
use super::{Row, group};

const CHARSET: &str = "The body was decoded as text and encoded again in another character set. Hash the bytes as they came from the socket, and never a string made of them.";

/// The rows.
pub(in super::super) const ROWS: &[Row] = &[
    Row::new(
        Cause::BodyCharset,
        "UTF-8 to Latin-1",
        CHARSET,
        |body, _| to_latin1(body),
    )
    .group(group::CHARSET),
    Row::new(
        Cause::BodyCharset,
        "Latin-1 to UTF-8",
        CHARSET,
        |body, _| {
            Some(
                body.iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>()
                    .into_bytes(),
            )
        },
    )
    .group(group::CHARSET),
    Row::new(
        Cause::BodyCharset,
        "UTF-8 to Windows-1252",
        CHARSET,
        |body, _| to_windows(body),
    )
    .group(group::CHARSET),
    Row::new(
        Cause::BodyCharset,
        "Windows-1252 to UTF-8",
        CHARSET,
        |body, _| {
            Some(
                body.iter()
                    .map(|byte| from_windows(*byte))
                    .collect::<String>()
                    .into_bytes(),
            )
        },
    )
    .group(group::CHARSET),
    Row::new(
        Cause::BodyCharset,
        "invalid bytes replaced",
        CHARSET,
        |body, _| Some(String::from_utf8_lossy(body).into_owned().into_bytes()),
    )
    .group(group::CHARSET),
    Row::new(
        Cause::BodyCharset,
        "other than ASCII became question marks",
        CHARSET,
        |body, _| {
            let text = core::str::from_utf8(body).ok()?;
            Some(
                text.chars()
                    .map(|c| if c.is_ascii() { c } else { '?' })
                    .collect::<String>()
                    .into_bytes(),
            )
        },
    )
    .group(group::CHARSET),
    Row::new(
        Cause::BodyCharset,
        "other than ASCII dropped",
        CHARSET,
        |body, _| Some(body.iter().copied().filter(u8::is_ascii).collect()),
    )
    .group(group::CHARSET),
    Row::new(Cause::BodyCharset, "UTF-16", CHARSET, |body, way| {
        let units = core::str::from_utf8(body).ok()?.encode_utf16();
        Some(match way {
            0 => units.flat_map(u16::to_le_bytes).collect(),
            _ => units.flat_map(u16::to_be_bytes).collect(),
        })
    })
    .ways(2)
    .group(group::CHARSET),
    Row::new(
        Cause::BodyCharset,
        "one byte that became the replacement character",
        CHARSET,
        |body, way| {
            let byte = 0x80_u8.checked_add(u8::try_from(way).ok()?)?;
            replacement(body, byte)
        },
    )
    .ways(128)
    .group(group::CHARSET),
];

/// Decoders make of a byte that is no text this character.
const REPLACEMENT: &[u8] = b"\xef\xbf\xbd";

fn to_latin1(body: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(body).ok()?;
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect()
}

/// What Windows-1252 has at 0x80 to 0x9F; five places are empty and stay as they are.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn from_windows(byte: u8) -> char {
    let odd = byte
        .checked_sub(0x80)
        .and_then(|at| WINDOWS.get(usize::from(at)));
    odd.copied().unwrap_or_else(|| char::from(byte))
}

fn to_windows(body: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(body).ok()?;
    let byte = |c: char| {
        let at = WINDOWS.iter().position(|known| *known == c);
        let odd = at.and_then(|at| u8::try_from(at).ok()?.checked_add(0x80));
        odd.or_else(|| u8::try_from(u32::from(c)).ok())
    };
    text.chars().map(byte).collect()
}

/// The body with each replacement character as the byte that it may have been.
fn replacement(body: &[u8], byte: u8) -> Option<Vec<u8>> {
    let mut made = Vec::with_capacity(body.len());
    let mut rest = body;
    let mut seen = false;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(REPLACEMENT) {
            made.push(byte);
            rest = after;
            seen = true;
        } else {
            made.push(*first);
            rest = after;
        }
    }
    seen.then_some(made)
}

#[cfg(test)]
mod tests {
    use super::super::undoes;
    use super::*;

    /// Every row, by an example of its mistake: the body that arrived, and the signed one.
    #[test]
    fn each_row_undoes_its_mistake() {
        undoes::<[u8]>(
            ROWS,
            &[
                ("UTF-8 to Latin-1", "é".as_bytes(), b"\xe9"),
                ("Latin-1 to UTF-8", b"\xe9", "é".as_bytes()),
                ("UTF-8 to Windows-1252", "€é".as_bytes(), b"\x80\xe9"),
                ("Windows-1252 to UTF-8", b"\x80\xe9", "€é".as_bytes()),
                ("invalid bytes replaced", b"a\xff", "a\u{fffd}".as_bytes()),
                (
                    "other than ASCII became question marks",
                    "aé€".as_bytes(),
                    b"a??",
                ),
                ("other than ASCII dropped", "aé".as_bytes(), b"a"),
                ("UTF-16", b"ab", b"a\0b\0"),
                (
                    "one byte that became the replacement character",
                    "a\u{fffd}b".as_bytes(),
                    b"a\xe9b",
                ),
            ],
        );
    }
}
