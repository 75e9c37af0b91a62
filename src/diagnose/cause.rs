//! The mistakes that a diagnosis can prove, by their stable ids.

use core::fmt;

macro_rules! causes {
    ($($(#[doc = $meaning:literal])+ $name:ident = $id:literal,)+) => {
        /// A mistake that makes a genuine delivery fail. The ids never change their meaning.
        ///
        /// ```
        /// use countersign::diagnose::Cause;
        ///
        /// assert_eq!(Cause::BodyReserialized.as_str(), "BODY_RESERIALIZED");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Cause {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Cause {
            /// Every cause, in the order in which they are looked for.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable id.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }

            /// What it is, in a few words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($meaning),+).trim_ascii(),)+
                }
            }
        }
    };
}

causes! {
    /// Required headers did not arrive.
    HeadersMissing = "HEADERS_MISSING",
    /// Required headers arrived under other names.
    HeadersRenamed = "HEADERS_RENAMED",
    /// A header that must stand once arrived with several values.
    HeaderRepeated = "HEADER_REPEATED",
    /// The signature is written in another encoding.
    SignatureEncoding = "SIGNATURE_ENCODING",
    /// The text around the signature is another one.
    SignaturePrefix = "SIGNATURE_PREFIX",
    /// The signature was cut.
    SignatureTruncated = "SIGNATURE_TRUNCATED",
    /// Blanks, a newline or a byte order mark around or in the secret.
    SecretWhitespace = "SECRET_WHITESPACE",
    /// Quotes around the secret.
    SecretQuoted = "SECRET_QUOTED",
    /// Base64 or hexadecimal text of a secret is used as it is.
    SecretNotDecoded = "SECRET_NOT_DECODED",
    /// A secret is decoded that is used as it is.
    SecretWronglyDecoded = "SECRET_WRONGLY_DECODED",
    /// A prefix that belongs to the secret is missing or cut.
    SecretPrefixCut = "SECRET_PREFIX_CUT",
    /// A prefix that does not belong to the secret is kept.
    SecretPrefixKept = "SECRET_PREFIX_KEPT",
    /// Another secret that was offered matches.
    OtherSecret = "OTHER_SECRET",
    /// Something else than the scheme's content is signed.
    SignedContent = "SIGNED_CONTENT",
    /// The time's text was printed again.
    TimestampReformatted = "TIMESTAMP_REFORMATTED",
    /// The time is in another unit.
    TimestampUnit = "TIMESTAMP_UNIT",
    /// The signed URL is another one than the receiver's.
    UrlChanged = "URL_CHANGED",
    /// A newline at the body's end was added or lost.
    BodyNewline = "BODY_NEWLINE",
    /// The body's line ends were changed.
    BodyLineEndings = "BODY_LINE_ENDINGS",
    /// A byte order mark was added or lost.
    BodyBom = "BODY_BOM",
    /// Blanks around the body were added or lost.
    BodyTrimmed = "BODY_TRIMMED",
    /// The body is wrapped in Base64 or in a JSON string.
    BodyBase64 = "BODY_BASE64",
    /// The body is compressed where it was signed plain, or the reverse.
    BodyCompressed = "BODY_COMPRESSED",
    /// The body's characters were encoded again.
    BodyCharset = "BODY_CHARSET",
    /// A form body was decoded or encoded again.
    BodyUrlencoded = "BODY_URLENCODED",
    /// The body was empty, or was consumed before it was verified.
    BodyEmpty = "BODY_EMPTY",
    /// The JSON body was parsed and printed again.
    BodyReserialized = "BODY_RESERIALIZED",
    /// Another algorithm was used.
    Algorithm = "ALGORITHM",
    /// The delivery is another provider's.
    OtherScheme = "OTHER_SCHEME",
    /// Genuine, but the receiver's clock is off.
    ClockDrift = "CLOCK_DRIFT",
    /// Genuine, but old: a replay, or a late retry.
    StaleDelivery = "STALE_DELIVERY",
    /// The header's event id is another one than the signed body's.
    EventIdMismatch = "EVENT_ID_MISMATCH",
    /// The signature is right as it is; refused for another reason.
    SignatureMatches = "SIGNATURE_MATCHES",
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_contract() {
        let ids: alloc::vec::Vec<&str> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
        assert_eq!(
            ids.join(" "),
            "HEADERS_MISSING HEADERS_RENAMED HEADER_REPEATED SIGNATURE_ENCODING SIGNATURE_PREFIX \
             SIGNATURE_TRUNCATED SECRET_WHITESPACE SECRET_QUOTED SECRET_NOT_DECODED \
             SECRET_WRONGLY_DECODED SECRET_PREFIX_CUT SECRET_PREFIX_KEPT OTHER_SECRET \
             SIGNED_CONTENT TIMESTAMP_REFORMATTED TIMESTAMP_UNIT URL_CHANGED BODY_NEWLINE \
             BODY_LINE_ENDINGS BODY_BOM BODY_TRIMMED BODY_BASE64 BODY_COMPRESSED BODY_CHARSET \
             BODY_URLENCODED BODY_EMPTY BODY_RESERIALIZED ALGORITHM OTHER_SCHEME CLOCK_DRIFT \
             STALE_DELIVERY EVENT_ID_MISMATCH SIGNATURE_MATCHES"
        );
    }
}
