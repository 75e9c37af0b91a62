//! How often the server is asked, by its own count.

use countersign::store::{Claim, Outcome, Settled, Store};
use redis::aio::MultiplexedConnection;

use crate::requests::fresh;
use crate::rig::{connect, open, request, tell_the_time};
use crate::server::Redis;

/// Commands since the last call, those of scripts apart.
async fn commands(connection: &mut MultiplexedConnection) -> Vec<(String, u64)> {
    let stats: String = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(connection)
        .await
        .unwrap();
    let _: () = redis::cmd("CONFIG")
        .arg("RESETSTAT")
        .query_async(connection)
        .await
        .unwrap();
    let mut commands: Vec<_> = stats
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(':'))
        .map(|(name, stats)| {
            let calls = stats.strip_prefix("calls=").unwrap();
            let calls = calls.split(',').next().unwrap().parse().unwrap();
            (name.to_owned(), calls)
        })
        .filter(|(name, _)| !["info", "config|resetstat"].contains(&name.as_str()))
        .collect();
    commands.sort();
    commands
}

fn only(name: &str) -> Vec<(String, u64)> {
    vec![(name.into(), 1)]
}

fn calls(commands: &[(String, u64)], name: &str) -> u64 {
    let found = commands.iter().find(|(command, _)| command == name);
    found.map_or(0, |(_, calls)| *calls)
}

#[tokio::test]
async fn a_new_event_and_one_that_is_done_are_one_command() {
    let server = Redis::start();
    let store = open(&server).await;
    let mut other = connect(server.port()).await;
    // A machine with much else to do may let the time grow old in between.
    for key in 0..20 {
        tell_the_time(&store).await;
        commands(&mut other).await;
        let lease = fresh(&store, &request(key)).await;
        if commands(&mut other).await != only("set") {
            continue;
        }
        let settled = store.complete(&lease, Outcome::Processed, None).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
        tell_the_time(&store).await;
        commands(&mut other).await;
        let claim = store.claim(&request(key)).await.unwrap();
        assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
        if commands(&mut other).await == only("set") {
            return;
        }
    }
    panic!("never one command");
}

#[tokio::test]
async fn each_other_step_is_one_script() {
    let server = Redis::start();
    let store = open(&server).await;
    let mut other = connect(server.port()).await;
    let lease = fresh(&store, &request(1)).await;
    assert_eq!(store.renew(&lease).await.unwrap(), Settled::Ok);
    assert_eq!(store.release(&lease).await.unwrap(), Settled::Ok);
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    // Each script is known to the server from here on.
    let lease = fresh(&store, &request(2)).await;
    commands(&mut other).await;
    assert_eq!(store.renew(&lease).await.unwrap(), Settled::Ok);
    assert_eq!(calls(&commands(&mut other).await, "evalsha"), 1);
    assert_eq!(store.release(&lease).await.unwrap(), Settled::Ok);
    assert_eq!(calls(&commands(&mut other).await, "evalsha"), 1);
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    let commands = commands(&mut other).await;
    assert_eq!(
        (calls(&commands, "evalsha"), calls(&commands, "eval")),
        (1, 0)
    );
}

/// A server forgets its scripts when it starts anew, and when it is told to.
#[tokio::test]
async fn a_forgotten_script_is_sent_again() {
    let server = Redis::start();
    let store = open(&server).await;
    let mut other = connect(server.port()).await;
    let flush = async |other: &mut MultiplexedConnection| {
        let flush = redis::cmd("SCRIPT").arg("FLUSH").take();
        flush.query_async::<()>(other).await.unwrap();
    };
    flush(&mut other).await;
    let lease = fresh(&store, &request(1)).await;
    flush(&mut other).await;
    assert_eq!(store.renew(&lease).await.unwrap(), Settled::Ok);
    flush(&mut other).await;
    assert_eq!(store.release(&lease).await.unwrap(), Settled::Ok);
    flush(&mut other).await;
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    let commands = commands(&mut other).await;
    assert_eq!(calls(&commands, "eval"), 4, "{commands:?}");
}
