//! Hears what is told, on this thread: events by a subscriber of its own, metrics by
//! the recorder for debugging.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use metrics::LocalRecorderGuard;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Metadata, Subscriber};

/// All that is told while it lives.
pub(crate) struct Ear {
    events: Arc<Mutex<Vec<Heard>>>,
    snapshotter: Snapshotter,
    _subscriber: DefaultGuard,
    _recorder: LocalRecorderGuard<'static>,
}

/// One event.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

/// One time series.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) unit: Option<metrics::Unit>,
    pub(crate) description: String,
    /// A counter's sum, or a histogram's values.
    pub(crate) values: Vec<f64>,
}

impl Ear {
    pub(crate) fn open() -> Self {
        // The guard borrows it, and the future of a test may hold no borrow of its own.
        let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
        let events = Arc::default();
        let subscriber = Listener(Arc::clone(&events));
        Self {
            events,
            snapshotter: recorder.snapshotter(),
            _subscriber: tracing::subscriber::set_default(subscriber),
            _recorder: metrics::set_default_local_recorder(recorder),
        }
    }

    /// The events since the last time.
    pub(crate) fn events(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    /// Whether there was no event since the last time.
    pub(crate) fn is_silent(&self) -> bool {
        self.events.lock().unwrap().is_empty()
    }

    /// The time series, and what they counted since the last time.
    pub(crate) fn series(&self) -> Vec<Series> {
        let told = |(key, unit, description, value): (
            metrics_util::CompositeKey,
            Option<metrics::Unit>,
            Option<metrics::SharedString>,
            DebugValue,
        )| Series {
            name: key.key().name().into(),
            labels: key
                .key()
                .labels()
                .map(|label| (label.key().into(), label.value().into()))
                .collect(),
            unit,
            description: description.map_or_else(String::new, |text| text.to_string()),
            values: match value {
                DebugValue::Counter(count) => vec![f64::from(u32::try_from(count).unwrap())],
                DebugValue::Histogram(values) => values.iter().map(|value| value.0).collect(),
                DebugValue::Gauge(_) => panic!("there is no gauge"),
            },
        };
        let snapshot = self.snapshotter.snapshot().into_vec();
        snapshot.into_iter().map(told).collect()
    }

    /// The one delivery that was told of since the last time: its event, of which the
    /// count agrees. Fields are compared where `wanted` names them.
    #[track_caller]
    pub(crate) fn one(&self, wanted: &[(&'static str, &str)]) -> Heard {
        let mut events = self.events();
        assert_eq!(events.len(), 1, "one event for one delivery: {events:?}");
        let heard = events.remove(0);
        assert_eq!(heard.target, "countersign");
        for (name, value) in wanted {
            let told = heard.fields.get(name).map_or("", String::as_str);
            assert_eq!(told, *value, "{name}: {heard:?}");
        }
        let counted: Vec<_> = self
            .series()
            .into_iter()
            .filter(|series| series.name == "countersign_deliveries_total")
            .filter(|series| series.values != [0.0])
            .collect();
        assert_eq!(counted.len(), 1, "one count for one delivery: {counted:?}");
        assert_eq!(counted[0].values, [1.0]);
        let labels = ["scheme", "endpoint", "code", "claim"]
            .map(|name| (name.to_string(), heard.fields.get(name).cloned()))
            .map(|(name, value)| (name, value.unwrap_or_default()));
        assert_eq!(counted[0].labels, BTreeMap::from(labels));
        heard
    }
}

struct Listener(Arc<Mutex<Vec<Heard>>>);

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.0.lock().unwrap().push(Heard {
            level: *event.metadata().level(),
            target: event.metadata().target().into(),
            fields: fields.0,
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        write!(text, "{value:?}").unwrap();
        self.0.insert(field.name(), text);
    }
}
