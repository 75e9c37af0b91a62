//! A secret is neither printed, nor compared, nor serialised, nor read back.
use countersign::{KeyRing, Secret};

fn printed(secret: &Secret) -> String {
    format!("{secret}")
}

fn compared(one: &Secret, other: &Secret) -> bool {
    one == other
}

fn serialised(secret: &Secret) -> String {
    serde_json::to_string(secret).unwrap()
}

fn ring_serialised(ring: &KeyRing) -> String {
    serde_json::to_string(ring).unwrap()
}

fn read(secret: &Secret) -> &[u8] {
    secret.text()
}

fn main() {}
