//! A stream hands out nothing, and is over when it is finished.
use countersign::{Stream, Timestamp};

fn body<'d>(stream: &Stream<'d>) -> &'d [u8] {
    stream.body()
}

fn twice(stream: Stream<'_>) {
    let _ = stream.finish(Timestamp::EPOCH);
    let _ = stream.finish(Timestamp::EPOCH);
}

fn main() {}
