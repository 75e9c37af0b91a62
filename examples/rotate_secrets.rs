//! A change of the secret while deliveries come in: from the old one to both, from both to
//! the new one, without a restart and without a delivery lost. Prints which deliveries each
//! ring takes.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

use core::error::Error;
use std::process::ExitCode;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::MemoryStore;
use countersign::{
    ConfigError, Incoming, IncomingHead, KeyRing, Outgoing, Receipt, Receiver, Reply, Secret,
    SignedDelivery, Signer, Timestamp, Verifier,
};
use tokio::task::JoinSet;

/// Deliveries that are on their way while a ring is swapped.
const IN_FLIGHT: usize = 200;

/// A sender, and how many payments it has told of.
struct Sender {
    signer: Signer,
    name: &'static str,
    sent: usize,
}

impl Sender {
    fn new(secret: &Secret, name: &'static str) -> Result<Self, ConfigError> {
        Ok(Self {
            signer: Signer::new(MUTOPAY, secret)?,
            name,
            sent: 0,
        })
    }

    /// The delivery of one more payment.
    fn next(&mut self) -> Result<SignedDelivery, ConfigError> {
        self.sent = self.sent.saturating_add(1);
        let (name, number) = (self.name, self.sent);
        let body = format!(r#"{{"payment_id":"{name}-{number}","event":"payment.completed"}}"#);
        self.signer
            .sign(&Outgoing::new(body.as_bytes()), Timestamp::now())
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let old = Secret::new("old", "the secret of the last years")?;
    let new = Secret::new("new", "the secret of the years to come")?;
    let mut by_old = Sender::new(&old, "old")?;
    let mut by_new = Sender::new(&new, "new")?;

    let only_old = KeyRing::new().with_secret(old.clone())?;
    let both = KeyRing::new().with_secret(new.clone())?.with_secret(old)?;
    let only_new = KeyRing::new().with_secret(new)?;

    let verifier = Verifier::new(MUTOPAY, &only_old)?;
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
    let mut is_right = true;

    println!("ring           signed with the old one   with the new one");
    is_right &= tell(
        "the old one",
        &receiver,
        &mut by_old,
        &mut by_new,
        (200, 401),
    )
    .await?;

    // First the receiver learns the new secret, then the provider signs with it.
    let refused = swap_among_deliveries(&receiver, &both, &mut by_old).await?;
    is_right &= refused == 0;
    is_right &= tell("both", &receiver, &mut by_old, &mut by_new, (200, 200)).await?;

    // Once the provider signs with the new one only, the old one goes.
    let late = by_old.next()?;
    let head = IncomingHead::new(late.headers().to_vec());
    let begun = receiver.begin(head).map_err(|_| "the head was refused")?;
    let refused_too = swap_among_deliveries(&receiver, &only_new, &mut by_new).await?;
    is_right &= refused_too == 0;
    is_right &= tell(
        "the new one",
        &receiver,
        &mut by_old,
        &mut by_new,
        (401, 200),
    )
    .await?;

    println!(
        "\nrefused among {IN_FLIGHT} deliveries in flight at each swap: {refused} and {refused_too}"
    );
    let ended = end(begun, late.body());
    println!("a delivery that began under both and ended under the new one: {ended}");
    is_right &= ended == "taken";

    // A ring that cannot be used is refused, and the one before stays.
    let empty = receiver.set_keys(&KeyRing::new());
    println!(
        "an empty ring: {}",
        empty
            .as_ref()
            .map_or_else(ToString::to_string, |()| "taken".into())
    );
    is_right &= empty.is_err();
    is_right &= status(&receiver, by_new.next()?).await == 200;
    Ok(ExitCode::from(u8::from(!is_right)))
}

/// Prints what the receiver answers to a delivery of each sender; whether it is this.
async fn tell(
    ring: &str,
    receiver: &Receiver<MemoryStore>,
    by_old: &mut Sender,
    by_new: &mut Sender,
    expected: (u16, u16),
) -> Result<bool, ConfigError> {
    let told = (
        status(receiver, by_old.next()?).await,
        status(receiver, by_new.next()?).await,
    );
    println!("{ring:<14} {:<25} {}", told.0, told.1);
    Ok(told == expected)
}

/// Swaps the ring while deliveries of one sender come in; how many were not answered 200.
async fn swap_among_deliveries(
    receiver: &Receiver<MemoryStore>,
    ring: &KeyRing,
    sender: &mut Sender,
) -> Result<usize, Box<dyn Error>> {
    let mut answers = JoinSet::new();
    for number in 0..IN_FLIGHT {
        if number == IN_FLIGHT / 2 {
            receiver.set_keys(ring)?;
        }
        let (receiver, delivery) = (receiver.clone(), sender.next()?);
        answers.spawn(async move { status(&receiver, delivery).await });
    }
    let answers = answers.join_all().await;
    Ok(answers.iter().filter(|status| **status != 200).count())
}

async fn status(receiver: &Receiver<MemoryStore>, delivery: SignedDelivery) -> u16 {
    let incoming = Incoming::new(delivery.headers().to_vec(), delivery.body());
    let receipt = receiver.receive(incoming, |_| async { Ok(Reply::empty()) });
    receipt.await.status()
}

/// Gives a delivery that has begun the rest of itself.
fn end(begun: countersign::Intake<MemoryStore>, body: &[u8]) -> &'static str {
    let ended = || -> Result<(), Receipt> {
        let mut intake = begun;
        intake.update(body)?;
        intake.verify().map(drop)
    };
    if ended().is_ok() { "taken" } else { "refused" }
}
