//! Which hosts are Amazon SNS's own.

/// Whether a host is SNS's, in any region.
pub(crate) fn is_sns(host: &str) -> bool {
    let region = host.strip_prefix("sns.").and_then(|rest| {
        let china = rest.strip_suffix(".amazonaws.com.cn");
        china.or_else(|| rest.strip_suffix(".amazonaws.com"))
    });
    region.is_some_and(is_region)
}

/// Whether this is a region such as `eu-west-1`. Other labels are other services: buckets
/// that strangers name stand under `s3` and `s3-us-west-2`.
fn is_region(label: &str) -> bool {
    let in_region = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let parts = label.split('-').count();
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    label.bytes().all(in_region)
        && parts >= 3
        && label.rsplit('-').next().is_some_and(is_digits)
        && !label.starts_with("s3")
}
