//! How the inner service runs and ends.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServiceResponse;
use actix_web::error::{ErrorBadRequest, ErrorServiceUnavailable};
use actix_web::rt::net::TcpStream;
use actix_web::rt::spawn;
use actix_web::rt::time::{sleep, timeout};
use actix_web::test::init_service;
use actix_web::{App, Error, HttpResponse, HttpServer, web};
use countersign::adapter::actix_web::VerifiedWebhook;
use countersign::scheme::catalogue::MUTOPAY;
use countersign::{HandlerError, Reply};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

use super::rig::{Alone, PAYMENT, Rig, on_a_worker, send};

/// Tells when it is dropped.
struct Told(Rc<Cell<bool>>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// Work that never ends by itself, and that cannot leave its thread.
async fn hang(begun: Rc<Cell<u32>>, dropped: Rc<Cell<bool>>) -> HttpResponse {
    let _told = Told(dropped);
    begun.set(begun.get() + 1);
    std::future::pending().await
}

#[test]
fn rule_06_a_client_that_hangs_up_cancels_nothing() {
    on_a_worker(async {
        let rig = Rig::new();
        let done = Rc::new(Cell::new(false));
        let work = Rc::clone(&done);
        let handler = move |_: VerifiedWebhook| {
            let work = Rc::clone(&work);
            async move {
                sleep(Duration::from_millis(100)).await;
                work.set(true);
                HttpResponse::Ok().finish()
            }
        };
        let app = App::new().service(web::resource("/").wrap(rig.middleware()).to(handler));
        let app = init_service(app).await;
        let hung_up = send(&app, rig.payment().to_request());
        assert!(timeout(Duration::from_millis(20), hung_up).await.is_err());
        let answered = send(&app, rig.payment().to_request()).await;
        assert_eq!(answered.verdict(), (503, "EVENT_IN_PROGRESS"));
        assert!(!done.get());
        while !done.get() {
            sleep(Duration::from_millis(5)).await;
        }
        sleep(Duration::from_millis(20)).await;
        let answered = send(&app, rig.payment().to_request()).await;
        assert_eq!(answered.verdict(), (200, "DUPLICATE_EVENT_ID"));
    });
}

/// An error has a response: what a middleware further in answers in place of a handler.
#[test]
fn rule_07_an_error_counts_as_the_response_that_it_makes() {
    on_a_worker(async {
        type Make = fn() -> Error;
        let cases: [(Make, _, _); 2] = [
            (
                || ErrorBadRequest("not for us"),
                (200, "EVENT_REFUSED"),
                (200, "DUPLICATE_EVENT_ID"),
            ),
            (
                || ErrorServiceUnavailable("later"),
                (503, "HANDLER_FAILED"),
                (503, "HANDLER_FAILED"),
            ),
        ];
        for (error, first, second) in cases {
            let rig = Rig::new();
            let resource = web::resource("/")
                .to(HttpResponse::Ok)
                .wrap_fn(move |_, _| async move { Err::<ServiceResponse, _>(error()) })
                .wrap(rig.middleware());
            let app = init_service(App::new().service(resource)).await;
            let answered = send(&app, rig.payment().to_request()).await;
            assert_eq!(answered.verdict(), first);
            assert!(answered.is_error && answered.body.is_empty());
            let answered = send(&app, rig.payment().to_request()).await;
            assert_eq!(answered.verdict(), second);
        }
    });
}

/// Its head with what it has set, its body, and its status.
#[test]
fn rule_08_an_answer_of_success_leaves_as_it_is() {
    on_a_worker(async {
        let rig = Rig::new();
        let handler = |_: VerifiedWebhook| async {
            HttpResponse::Created()
                .content_type("text/plain")
                .insert_header(("x-own", "1"))
                .body("taken")
        };
        let app = App::new().service(web::resource("/").wrap(rig.middleware()).to(handler));
        let app = init_service(app).await;
        let answered = send(&app, rig.payment().to_request()).await;
        assert_eq!(answered.verdict(), (201, "OK"));
        assert_eq!(answered.headers.get("x-own").unwrap(), "1");
        assert_eq!(answered.headers.get("content-type").unwrap(), "text/plain");
        assert_eq!(answered.body, "taken");
    });
}

#[test]
fn rule_09_a_handler_that_takes_too_long_is_cancelled_and_its_lease_runs_out() {
    on_a_worker(async {
        let rig = Rig::with(MUTOPAY, |builder| {
            builder.handler_timeout(Duration::from_millis(50))
        });
        let (begun, dropped) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        let runs = (Rc::clone(&begun), Rc::clone(&dropped));
        let handler = move |_: VerifiedWebhook| hang(Rc::clone(&runs.0), Rc::clone(&runs.1));
        let app = App::new().service(web::resource("/").wrap(rig.middleware()).to(handler));
        let app = init_service(app).await;
        let answered = send(&app, rig.payment().to_request()).await;
        assert_eq!(answered.verdict(), (503, "COMPLETION_UNKNOWN"));
        assert!(answered.headers.contains_key("retry-after"));
        assert!(answered.is_error && answered.body.is_empty());
        sleep(Duration::from_millis(10)).await;
        assert_eq!((begun.get(), dropped.get()), (1, true));
        let answered = send(&app, rig.payment().to_request()).await;
        assert_eq!(answered.verdict(), (503, "EVENT_IN_PROGRESS"));
    });
}

/// Work that outlasts the server's patience when it is stopped.
#[test]
fn rule_09_work_that_a_stopped_worker_takes_down_keeps_its_lease() {
    on_a_worker(async {
        let rig = Rig::new();
        let (webhooks, begun) = (rig.middleware(), Arc::new(Semaphore::new(0)));
        let begin = Arc::clone(&begun);
        let server = HttpServer::new(move || {
            let begin = Arc::clone(&begin);
            let handler = move |_: VerifiedWebhook| {
                begin.add_permits(1);
                std::future::pending::<HttpResponse>()
            };
            App::new().service(web::resource("/").wrap(webhooks.clone()).to(handler))
        });
        let server = server.workers(1).shutdown_timeout(1).disable_signals();
        let server = server.bind("127.0.0.1:0").unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        spawn(server);
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(&rig.raw_payment()).await.unwrap();
        begun.acquire().await.unwrap().forget();
        drop(client);
        handle.stop(true).await;

        let app = App::new().app_data(rig.data()).route(
            "/",
            web::post().to(|webhook: Alone| webhook.process(|_| async { Ok(Reply::empty()) })),
        );
        let app = init_service(app).await;
        let answered = send(&app, rig.payment().to_request()).await;
        assert_eq!(answered.verdict(), (503, "EVENT_IN_PROGRESS"));
    });
}

/// Also where the request went down with the handler.
#[test]
fn rule_10_the_reason_is_in_the_extensions() {
    on_a_worker(async {
        let rig = Rig::new();
        let panics = |_: VerifiedWebhook| async {
            if PAYMENT.len() > 1 {
                panic!("meant");
            }
            HttpResponse::Ok().finish()
        };
        let app = App::new().service(web::resource("/").wrap(rig.middleware()).to(panics));
        let app = init_service(app).await;
        for _ in 0..2 {
            let answered = send(&app, rig.payment().to_request()).await;
            assert_eq!(answered.verdict(), (503, "HANDLER_FAILED"));
            assert_eq!(answered.headers.get("retry-after").unwrap(), "5");
            assert!(answered.is_error && answered.body.is_empty());
        }
    });
}

/// What waits for its turn and never gets it leaves nothing running.
#[test]
fn a_duplicate_leaves_no_task_behind() {
    on_a_worker(async {
        let rig = Rig::new();
        let held = Rc::new(());
        let app = App::new().app_data(rig.data()).route(
            "/",
            web::post().to({
                let held = Rc::clone(&held);
                move |webhook: Alone| {
                    let held = Rc::clone(&held);
                    async move {
                        let handler = move |_| {
                            drop(held);
                            async { Err(HandlerError::reject("done with it")) }
                        };
                        webhook.process(handler).await
                    }
                }
            }),
        );
        let app = init_service(app).await;
        let before = Rc::strong_count(&held);
        for _ in 0..3 {
            let answered = send(&app, rig.payment().to_request()).await;
            assert_eq!(answered.status, 200);
        }
        sleep(Duration::from_millis(10)).await;
        assert_eq!(Rc::strong_count(&held), before);
    });
}
