//! What the file looks like.

/// At byte 68 of the file: "csgn". It tells the store's files from anybody else's.
pub(super) const APPLICATION_ID: i64 = 0x6373_676e;

/// At byte 60 of the file. A store refuses a file with a higher one.
pub(super) const VERSION: i64 = 1;

/// One row per event. Ended records are found by going round the keys, so that no
/// step pays for a second index.
pub(super) const CLAIM: &str = "CREATE TABLE claim (
    key BLOB PRIMARY KEY NOT NULL CHECK (length(key) = 16),
    state INTEGER NOT NULL CHECK (state IN (0, 1, 2)), -- in flight, released, done
    nonce BLOB NOT NULL CHECK (length(nonce) = 16),
    fence INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    is_takeover INTEGER NOT NULL,
    lease_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL, -- times are microseconds since 1970
    deadline_us INTEGER,         -- of the lease, while in flight
    outcome INTEGER,             -- 1 processed, 2 rejected, 3 dead-lettered, when done
    digest BLOB,                 -- the body's SHA-256, where it counts
    reply BLOB
) WITHOUT ROWID, STRICT";

/// One row: the last fence that was granted. It outlives the records.
pub(super) const FENCE: &str = "CREATE TABLE fence (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    last INTEGER NOT NULL
) STRICT";
