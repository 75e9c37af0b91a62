//! The receiver: what runs, what does not, and what the sender is told.

mod receiver {
    pub(super) mod rig;

    mod build;
    mod faults;
    mod flow;
    mod identity;
    mod told;
}
