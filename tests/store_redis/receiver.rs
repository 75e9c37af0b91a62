//! A receiver whose store's answers are lost: it asks again, and the sender is told that
//! all is well.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::{
    Incoming, KeyRing, OutagePolicy, Outgoing, Receiver, Reply, Secret, Signer, Timestamp, Verifier,
};
use redis::aio::MultiplexedConnection;

use crate::outage::managed;
use crate::relay::{Fate, Relay};
use crate::rig::{connect, forget_the_time, open};
use crate::server::Redis;

async fn keys(server: &mut MultiplexedConnection) -> u64 {
    redis::cmd("DBSIZE").query_async(server).await.unwrap()
}

/// How often somebody has connected to the server.
async fn connections(server: &mut MultiplexedConnection) -> u64 {
    let info = redis::cmd("INFO").arg("stats").take();
    let info: String = info.query_async(server).await.unwrap();
    let mut lines = info.lines();
    let count = lines.find_map(|line| line.strip_prefix("total_connections_received:"));
    count.unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_whose_claim_was_cut_off_is_processed_once_and_acknowledged() {
    let server = Redis::start();
    // The server knows the script, so that what is cut off is the answer to a claim.
    forget_the_time(&open(&server).await).await;
    let mut direct = connect(server.port()).await;
    let relay = Relay::start(server.port()).await;
    let secret = Secret::new("current", "a secret of the provider").unwrap();
    let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
    let verifier = Verifier::new(MUTOPAY, &ring).unwrap();
    let receiver = Receiver::builder(verifier, managed(relay.port()).await)
        .on_outage(OutagePolicy::AskRetry)
        .require_durable()
        .build()
        .unwrap();
    let signer = Signer::new(MUTOPAY, &secret).unwrap();
    // The answer may be through before it could be cut off.
    for payment in 0..20 {
        let now = Timestamp::from(std::time::SystemTime::now());
        let body = format!(r#"{{"payment_id":"{payment}","event":"payment.completed"}}"#);
        let signed = signer.sign(&Outgoing::new(body.as_bytes()), now).unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let receive = || {
            let incoming = Incoming::new(signed.headers().to_vec(), signed.body());
            let runs = Arc::clone(&runs);
            receiver.receive(incoming.method(signed.method()), move |_| async move {
                runs.fetch_add(1, Ordering::SeqCst);
                Ok(Reply::empty())
            })
        };
        let (before, connected) = (keys(&mut direct).await, connections(&mut direct).await);
        relay.set(Fate::CutAnswers);
        let mend = async {
            while keys(&mut direct).await == before {
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            relay.set(Fate::Pass);
        };
        let (receipt, ()) = tokio::join!(receive(), mend);
        assert_eq!(receipt.status(), 200, "{receipt:?}");
        let receipt = receive().await;
        assert_eq!(receipt.status(), 200, "{receipt:?}");
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        if connections(&mut direct).await > connected {
            return;
        }
    }
    panic!("no answer was cut off");
}
