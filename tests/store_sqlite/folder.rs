//! A folder that goes when the test ends, and requests.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::store::{Claim, ClaimRequest, Lease, Nonce, Store};
use countersign::{KeyId, StoreError};

pub(crate) const LEASE: Duration = Duration::from_secs(10);
pub(crate) const RETENTION: Duration = Duration::from_secs(100);

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "countersign-sqlite-{}-{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::SeqCst)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("claims.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// For this key, under a nonce of its own.
pub(crate) fn request(key: u64) -> ClaimRequest {
    request_as(key, Nonce::random().unwrap())
}

pub(crate) fn request_as(key: u64, nonce: Nonce) -> ClaimRequest {
    ClaimRequest::new(id(key), nonce, LEASE, RETENTION)
}

/// Spread over all keys, as hashes are.
pub(crate) fn id(key: u64) -> KeyId {
    let spread = u128::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
}

/// A step is asked again while that may help: a disk under load can hold a sync, and with
/// it the file's lock, for seconds.
pub(crate) async fn patiently<T, Step>(step: impl Fn() -> Step) -> T
where
    Step: Future<Output = Result<T, StoreError>>,
{
    for _ in 0..20 {
        match step().await {
            Err(error) if error.is_transient() => println!("asked again: {error}"),
            answer => return answer.unwrap(),
        }
    }
    panic!("the store does not answer");
}

pub(crate) async fn fresh(store: &impl Store, request: &ClaimRequest) -> Lease {
    match patiently(|| store.claim(request)).await {
        Claim::Fresh(lease) => lease,
        other => panic!("{other:?}"),
    }
}
