//! Names, units and values of what is measured; METRICS.md lists the same names.

use std::collections::{BTreeMap, BTreeSet};

use countersign::scheme::catalogue::STRIPE;
use countersign::{Incoming, Outgoing};
use metrics::Unit;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::told::{Ear, Series};
use crate::rig::{incoming, rig_of};

const BODY: &[u8] = br#"{"id":"evt_1"}"#;

fn by_name(series: Vec<Series>) -> BTreeMap<String, Series> {
    let named = |series: Series| (series.name.clone(), series);
    series.into_iter().map(named).collect()
}

#[tokio::test]
async fn a_genuine_delivery_is_measured() {
    let ear = Ear::open();
    let rig = rig_of(STRIPE);
    let signed = rig.sign(&Outgoing::new(BODY));
    rig.wait(7);
    let _ = rig.receive(incoming(&signed)).await;
    let series = by_name(ear.series());
    let values = |name: &str| series[name].values.clone();
    assert_eq!(values("countersign_body_bytes"), [14.0]);
    assert_eq!(values("countersign_skew_seconds"), [7.0]);
    assert_eq!(values("countersign_key_matches_total"), [1.0]);
    let place = BTreeMap::from([
        ("scheme".to_string(), "stripe".to_string()),
        ("endpoint".into(), String::new()),
    ]);
    let mut of_a_key = place.clone();
    of_a_key.insert("key".into(), "current".into());
    assert_eq!(series["countersign_key_matches_total"].labels, of_a_key);
    for name in [
        "body_bytes",
        "skew_seconds",
        "verification_seconds",
        "delivery_seconds",
    ] {
        assert_eq!(series[&format!("countersign_{name}")].labels, place);
    }
    let [verification] = values("countersign_verification_seconds")[..] else {
        panic!("one time");
    };
    let [delivery] = values("countersign_delivery_seconds")[..] else {
        panic!("one time");
    };
    assert!(0.0 < verification && verification < delivery && delivery < 60.0);
}

#[tokio::test]
async fn a_delivery_from_the_future_has_a_negative_skew() {
    let ear = Ear::open();
    let rig = rig_of(STRIPE);
    rig.wait(400);
    let signed = rig.sign(&Outgoing::new(BODY));
    rig.wait(-400);
    let receipt = rig.receive(incoming(&signed)).await;
    assert_eq!(receipt.status(), 401);
    let series = by_name(ear.series());
    assert_eq!(series["countersign_skew_seconds"].values, [-400.0]);
    assert!(!series.contains_key("countersign_key_matches_total"));
    assert_eq!(series["countersign_body_bytes"].values, [14.0]);
}

#[tokio::test]
async fn half_a_body_is_counted_and_not_measured() {
    let ear = Ear::open();
    let rig = rig_of(STRIPE);
    let headers = rig.sign(&Outgoing::new(BODY)).headers().to_vec();
    drop(
        rig.receiver
            .begin(countersign::IncomingHead::new(headers))
            .unwrap(),
    );
    let series = by_name(ear.series());
    assert_eq!(
        series.keys().collect::<Vec<_>>(),
        ["countersign_deliveries_total"]
    );
}

/// The names are those of the queries on the page, after Prometheus' exporter too.
#[tokio::test]
async fn prometheus_is_told_the_same_names() {
    let buckets = [-30.0, 0.0, 30.0];
    let recorder = PrometheusBuilder::new().set_buckets(&buckets).unwrap();
    let recorder = Box::leak(Box::new(recorder.build_recorder()));
    let _guard = metrics::set_default_local_recorder(recorder);
    let rig = rig_of(STRIPE);
    let _ = rig.receive(incoming(&rig.sign(&Outgoing::new(BODY)))).await;
    let page = recorder.handle().render();
    let place = r#"scheme="stripe",endpoint="""#;
    for line in [
        &format!(r#"countersign_deliveries_total{{{place},code="OK",claim="fresh"}} 1"#),
        &format!(r#"countersign_key_matches_total{{{place},key="current"}} 1"#),
        &format!(r#"countersign_skew_seconds_bucket{{{place},le="-30"}} 0"#),
        &format!(r#"countersign_skew_seconds_bucket{{{place},le="0"}} 1"#),
        &format!(r#"countersign_verification_seconds_bucket{{{place},le="30"}} 1"#),
        "# TYPE countersign_deliveries_total counter",
        "# HELP countersign_body_bytes Size of the body, as far as it was read.",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line}\n{page}");
    }
}

#[tokio::test]
async fn the_page_lists_what_is_told() {
    let ear = Ear::open();
    let rig = rig_of(STRIPE);
    let _ = rig.receive(incoming(&rig.sign(&Outgoing::new(BODY)))).await;
    let _ = rig.receive(Incoming::new(vec![("a", "b")], BODY)).await;
    let series = ear.series();
    let page = include_str!("../../METRICS.md");
    for series in &series {
        let kind = if series.name.ends_with("_total") {
            "counter"
        } else {
            "histogram"
        };
        let unit = match series.unit {
            Some(Unit::Bytes) => "bytes",
            Some(Unit::Count) => "deliveries",
            Some(Unit::Seconds) => "seconds",
            other => panic!("{other:?}"),
        };
        let labels: BTreeSet<_> = series
            .labels
            .keys()
            .map(|label| format!("`{label}`"))
            .collect();
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", series.name)))
            .unwrap();
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let listed: BTreeSet<_> = cells[3].split(", ").map(String::from).collect();
        assert_eq!((cells[2], cells[4], listed), (kind, unit, labels), "{row}");
        assert_eq!(format!("{}.", cells[5]), series.description);
    }
    let told: BTreeSet<_> = series.iter().map(|series| series.name.as_str()).collect();
    let listed = page
        .split('`')
        .filter(|word| word.starts_with("countersign_") && !word.contains(['{', '(', ' ']));
    assert_eq!(told, listed.collect());
    assert_eq!(told.len(), 6);
}
