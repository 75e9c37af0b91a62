//! Real endpoints, until ctrl-c.

use core::error::Error;
use core::future::ready;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{any, get};
use countersign::adapter::Endpoints;
use countersign::adapter::tower::WebhookLayer;
use countersign::scheme::catalogue;
use countersign::{KeyRing, OutagePolicy, Receiver, Verifier};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::capture::Capture;
use crate::endpoint;
use crate::place::{AnyStore, Place};

/// One scheme, and the variable that holds its secret.
pub(crate) type Named = (String, String);

pub(crate) async fn run(
    listen: SocketAddr,
    named: &[Named],
    place: &Place,
    capture: Option<PathBuf>,
) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_ansi(std::io::stdout().is_terminal())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    let metrics = PrometheusBuilder::new().install_recorder()?;
    tokio::spawn(tidy(metrics.clone()));

    let store = place.open().await?;
    let receivers = named
        .iter()
        .map(|named| receiver(named, &store))
        .collect::<Result<Vec<_>, _>>()?;
    let endpoints = || {
        named.iter().zip(&receivers).fold(
            Endpoints::under("/webhooks"),
            |endpoints, ((scheme, _), receiver)| endpoints.with(scheme.as_str(), receiver.clone()),
        )
    };
    let mut webhooks = Router::new()
        .route("/webhooks/{scheme}", any(endpoint::handle))
        .route("/webhooks/{scheme}/{*route}", any(endpoint::handle))
        .route_layer(WebhookLayer::new(endpoints()));
    if let Some(folder) = capture {
        let capture = Arc::new(Capture::new(endpoints(), folder)?);
        webhooks = webhooks.route_layer(from_fn(move |request, next| {
            Arc::clone(&capture).watch(request, next)
        }));
    }
    let router = webhooks.route("/metrics", get(move || ready(metrics.render())));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    for (scheme, _) in named {
        tracing::info!("http://{address}/webhooks/{scheme}");
    }
    tracing::info!("http://{address}/metrics, ctrl-c ends");
    axum::serve(listener, router)
        .with_graceful_shutdown(interrupted())
        .await?;
    // The server waited for its connections; work of clients that hung up may go on.
    for receiver in &receivers {
        receiver.idle().await;
    }
    tracing::info!("stopped");
    Ok(())
}

fn receiver(
    (scheme, variable): &Named,
    store: &AnyStore,
) -> Result<Receiver<AnyStore>, Box<dyn Error>> {
    let known = || {
        let ids = catalogue::ALL.iter().map(|scheme| scheme.id.as_ref());
        ids.collect::<Vec<_>>().join(", ")
    };
    let scheme = catalogue::find(scheme)
        .ok_or_else(|| format!("no scheme `{scheme}`; there are {}", known()))?;
    let secret =
        std::env::var(variable).map_err(|_| format!("the variable {variable} is not set"))?;
    let verifier = Verifier::new(scheme.clone(), &KeyRing::new().with("current", secret)?)?;
    let receiver = Receiver::builder(verifier, Arc::clone(store))
        // GitHub never retries: what an outage of this store loses is redelivered by hand.
        .on_outage(OutagePolicy::AskRetry)
        .replies(endpoint::reply)
        .build()?;
    Ok(receiver)
}

/// Folds what was counted into the histograms, which nobody does between two visits else.
async fn tidy(metrics: PrometheusHandle) {
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    loop {
        tick.tick().await;
        metrics.run_upkeep();
    }
}

async fn interrupted() {
    // Without a signal handler there is nothing to wait for: serve until killed.
    if tokio::signal::ctrl_c().await.is_err() {
        core::future::pending::<()>().await;
    }
}
