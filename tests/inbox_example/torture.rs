//! Kills while payments come in.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use crate::example::{Example, SECRET};
use crate::random::Random;
use crate::sender::Sender;
use crate::server::Process;
use crate::trade::Trade;

/// Unless `COUNTERSIGN_KILLS` says otherwise.
const KILLS: u64 = 700;
/// One kill in so many is the database server's, where there is one.
const SERVERS_PART: u64 = 20;

/// What was traded, when every payment is acknowledged.
pub(crate) async fn run(store: &str, server: Option<&Process>) -> &'static Trade {
    let kills = std::env::var("COUNTERSIGN_KILLS");
    let kills = kills.map_or(KILLS, |kills| kills.parse().unwrap());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seed = now.unwrap().as_secs();
    let random: &Random = Box::leak(Box::new(Random::new(seed)));
    let trade: &Trade = Box::leak(Box::default());

    let mut example = Example::start(store);
    example.wait().await;
    let sender = Sender::new(SECRET, example.url()).unwrap();
    let senders = tokio::spawn(trade.run(sender, random));
    let began = Instant::now();
    let mut servers_kills = 0;
    for kill in 1..=kills {
        // Now and then it is killed while it starts, else when it has done something.
        if random.below(8) > 0 {
            example.wait().await;
            let enough = trade.acknowledged.load(Ordering::SeqCst) + random.below(40);
            let waited = Instant::now();
            while trade.acknowledged.load(Ordering::SeqCst) < enough
                && waited.elapsed() < Duration::from_secs(1)
            {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        tokio::time::sleep(Duration::from_micros(random.below(20_000))).await;
        match server {
            Some(server) if kill % SERVERS_PART == 0 => {
                tokio::task::block_in_place(|| {
                    server.kill();
                    server.restart();
                });
                servers_kills += 1;
            }
            _ => tokio::task::block_in_place(|| example.kill_and_restart()),
        }
    }
    let killing = began.elapsed();
    trade.end();
    while !senders.is_finished() {
        example.wait().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    senders.await.unwrap();
    println!(
        "seed {seed}: {kills} kills ({servers_kills} of the database) in {killing:.1?}; {} payments, {} attempts: {} acknowledged, {} told to retry, {} cut off, {} refused",
        trade.payments.load(Ordering::SeqCst),
        trade.attempts.load(Ordering::SeqCst),
        trade.acknowledged.load(Ordering::SeqCst),
        trade.told_to_retry.load(Ordering::SeqCst),
        trade.cut_off.load(Ordering::SeqCst),
        trade.refused.load(Ordering::SeqCst),
    );
    assert!(trade.cut_off.load(Ordering::SeqCst) > kills / 2);
    assert!(trade.payments.load(Ordering::SeqCst) > kills);
    trade
}
