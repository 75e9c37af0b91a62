//! Effects that leave the database: the transaction only writes down what to do, and this
//! does it afterwards. A crash between doing and writing that down does it once more, so
//! a letter carries its id for its reader to know it by.

use core::time::Duration;

use crate::books::{Books, Fault, Letter};

/// Does what is to be done; how many that were.
pub(crate) async fn work(books: &Books, write: impl Fn(&Letter)) -> Result<usize, Fault> {
    let mut done = 0_usize;
    loop {
        let letters = books.letters().await?;
        if letters.is_empty() {
            return Ok(done);
        }
        for letter in &letters {
            write(letter);
            books.written(letter).await?;
            done = done.saturating_add(1);
        }
    }
}

/// Again and again, in one process at a time.
pub(crate) async fn keep_working(books: &Books) {
    loop {
        let worked = work(books, |letter| {
            tracing::info!(
                "letter {} to {}: {}",
                letter.id,
                letter.account,
                letter.text
            );
        });
        if let Err(fault) = worked.await {
            tracing::warn!("letters wait: {fault}");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
