//! The demonstration: payments sent over HTTP, many of them again and at once, and a look
//! at the books.

use core::error::Error;
use core::time::Duration;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::endpoint::Endpoint;
use crate::outbox;
use crate::place::Place;
use crate::sender::Sender;
use crate::serve;

const SECRET: &str = "whsec_Y291bnRlcnNpZ24gaW5ib3ggZGVtb25zdHJhdGlvbg==";
const PAYMENTS: i64 = 60;
/// Every payment is sent so often at once, and once more when it was acknowledged.
const AT_ONCE: usize = 4;
const ACCOUNTS: [&str; 3] = ["ada", "grace", "edsger"];

/// What came of the attempts.
#[derive(Default)]
struct Answers {
    acknowledged: u32,
    told_to_retry: u32,
    other: u32,
}

/// Runs it; whether the books balance.
pub(crate) async fn run(place: &Place) -> Result<bool, Box<dyn Error>> {
    let endpoint = Arc::new(Endpoint::new(SECRET, place.open().await?)?);
    let before = endpoint.books.balance().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = serve::router(Arc::clone(&endpoint));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    println!(
        "payments at http://{address}/payments, the books in {}\n",
        place.engine()
    );

    let sender = Sender::new(SECRET, format!("http://{address}/payments"));
    let sender = sender.map_err(|error| error.to_string())?;
    // Another run on the same database has other events.
    let run = countersign::store::Nonce::random()?;
    let run = run.as_bytes().iter().take(4);
    let run: String = run.map(|byte| format!("{byte:02x}")).collect();
    let mut sent = 0_i64;
    let mut payments = JoinSet::new();
    for (number, account) in (1..=PAYMENTS).zip(ACCOUNTS.iter().cycle()) {
        let cents = number.saturating_mul(100);
        sent = sent.saturating_add(cents);
        let event = format!("evt_{run}_{number}");
        for _ in 0..AT_ONCE {
            payments.spawn(deliver(sender.clone(), event.clone(), account, cents));
        }
    }
    let mut answers = Answers::default();
    while let Some(delivered) = payments.join_next().await {
        let delivered = delivered?.map_err(|error| error.to_string())?;
        answers.add(&delivered);
    }
    server.abort();

    let entered = endpoint.books.balance().await?;
    let letters = outbox::work(&endpoint.books, |_| ()).await?;
    let after = endpoint.books.balance().await?;
    let payments = entered.payments.saturating_sub(before.payments);
    let ledger = entered.ledger_cents.saturating_sub(before.ledger_cents);
    let accounts = entered.accounts_cents.saturating_sub(before.accounts_cents);
    println!(
        "attempts answered 200                {:>7}",
        answers.acknowledged
    );
    println!(
        "attempts answered 503, sent again    {:>7}",
        answers.told_to_retry
    );
    println!("attempts answered otherwise          {:>7}", answers.other);
    println!("payments sent                        {PAYMENTS:>7}");
    println!("payments in the ledger               {payments:>7}");
    println!("cents sent                           {sent:>7}");
    println!("cents in the ledger                  {ledger:>7}");
    println!("cents on the accounts                {accounts:>7}");
    println!("letters written after the commit     {letters:>7}");
    let is_right = payments == PAYMENTS
        && ledger == sent
        && accounts == sent
        && answers.other == 0
        && after.letters_to_write == 0;
    println!(
        "\nthe books {}",
        if is_right {
            "balance"
        } else {
            "do NOT balance"
        }
    );
    Ok(is_right)
}

/// Sent until it is acknowledged, and once more by mistake.
async fn deliver(
    sender: Sender,
    event: String,
    account: &str,
    cents: i64,
) -> Result<Answers, Box<dyn Error + Send + Sync>> {
    let mut answers = Answers::default();
    while answers.acknowledged < 2 {
        match sender.send(&event, account, cents).await? {
            200 => answers.acknowledged = answers.acknowledged.saturating_add(1),
            503 => {
                answers.told_to_retry = answers.told_to_retry.saturating_add(1);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            _ => {
                answers.other = answers.other.saturating_add(1);
                return Ok(answers);
            }
        }
    }
    Ok(answers)
}

impl Answers {
    fn add(&mut self, other: &Self) {
        self.acknowledged = self.acknowledged.saturating_add(other.acknowledged);
        self.told_to_retry = self.told_to_retry.saturating_add(other.told_to_retry);
        self.other = self.other.saturating_add(other.other);
    }
}
