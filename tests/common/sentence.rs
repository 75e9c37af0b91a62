//! What an error says.

use countersign::StoreError;

/// Says so, and whether it may pass by itself.
pub(crate) fn says<T>(told: Result<T, StoreError>, problem: &str, is_transient: bool) {
    let Err(error) = told else {
        panic!("nothing was said of: {problem}");
    };
    let text = error.to_string();
    assert!(text.contains(problem), "{text}: {error:?}");
    assert_eq!(error.is_transient(), is_transient, "{text}");
}
