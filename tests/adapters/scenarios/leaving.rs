//! Clients that hang up, and a server that stops.

use std::sync::Arc;
use std::time::Duration;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::Outcome;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::adapters::application::Gate;
use crate::adapters::driver::Driver;
use crate::adapters::rig::{Known, PAYMENT, Plan};

pub(crate) async fn a_client_that_hangs_up_in_the_middle_of_the_work_cancels_nothing<D: Driver>() {
    let gate = Gate::new();
    let rig = Plan::new(MUTOPAY).application(gate.application());
    let rig = rig.serve::<D>().await;
    let mut client = rig.connect().await;
    client.write(rig.raw(PAYMENT, PAYMENT.len())).await;
    client.write(PAYMENT).await;
    gate.has_begun().await;
    drop(client);
    sleep(A_MOMENT).await;
    let retry = rig.pay().await;
    assert_eq!((retry.status, rig.last_code()), (503, "EVENT_IN_PROGRESS"));
    assert_eq!(rig.known().await, Known::Held);
    gate.open();
    rig.until("a retry meets it done", async || {
        rig.pay().await;
        rig.last_code() == "DUPLICATE_EVENT_ID"
    })
    .await;
    assert_eq!(rig.runs(), 1);
    assert_eq!(rig.known().await, Known::Done(Outcome::Processed));
}

pub(crate) async fn a_client_that_hangs_up_in_the_middle_of_its_body_leaves_nothing<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    let mut client = rig.connect().await;
    client.write(rig.raw(PAYMENT, PAYMENT.len())).await;
    client.write(&PAYMENT[..20]).await;
    sleep(A_MOMENT).await;
    drop(client);
    sleep(A_MOMENT).await;
    assert_eq!(rig.runs(), 0);
    assert!(rig.store.is_empty());
    assert_eq!(rig.pay().await.status, 200);
    assert_eq!((rig.last_code(), rig.runs()), ("OK", 1));
}

pub(crate) async fn a_server_that_stops_waits_for_the_claim_in_flight<D: Driver>() {
    let gate = Gate::new();
    let rig = Plan::new(MUTOPAY).application(gate.application());
    let rig = Arc::new(rig.serve::<D>().await);
    let paying = {
        let rig = Arc::clone(&rig);
        tokio::spawn(async move { rig.pay().await })
    };
    gate.has_begun().await;
    let stopping = {
        let rig = Arc::clone(&rig);
        tokio::spawn(async move { rig.stop().await })
    };
    sleep(A_MOMENT).await;
    assert!(!stopping.is_finished());
    assert_eq!(rig.known().await, Known::Held);
    gate.open();
    assert_eq!(paying.await.unwrap().status, 200);
    stopping.await.unwrap();
    assert_eq!((rig.last_code(), rig.runs()), ("OK", 1));
    assert_eq!(rig.known().await, Known::Done(Outcome::Processed));
    assert!(TcpStream::connect(rig.address).await.is_err());
}

/// Long enough for the server to see what a client did.
const A_MOMENT: Duration = Duration::from_millis(100);
