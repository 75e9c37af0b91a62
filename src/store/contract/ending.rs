//! When records end.

use super::rig::{Given, Must, Rig, Stop};
use super::settling::absent;
use crate::store::{Claim, Store};

type Checked = Result<(), Stop>;

pub(super) async fn fence_outlives_the_record<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, first) = rig.done().await?;
    rig.pass_nearly(rig.times.retention).await;
    rig.pass_rest().await;
    let claim = rig.ask(&request).await?;
    let second = Given.fresh("a record that has ended is claimed", claim)?;
    Must.that(first.fence() < second.fence(), "it does not rise")
}

pub(super) async fn done_lasts<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.held_and_seen().await?;
    // So late that a retention counted from the claim ends far before the right one.
    rig.pass_nearly(rig.times.lease).await;
    Given.ok("the holder completes", rig.complete(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    Given.done("somebody asks after that", claim)?;
    rig.pass_nearly(rig.times.retention).await;
    let claim = rig.ask(&request).await?;
    Must.done("somebody asks just before its end", claim)?;
    Ok(())
}

pub(super) async fn done_ends<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, _) = rig.done().await?;
    rig.pass_nearly(rig.times.retention).await;
    rig.pass_rest().await;
    let claim = rig.ask(&request).await?;
    let lease = Must.fresh("somebody asks at its end", claim)?;
    Must.that(lease.attempt() == 1, "the first attempt after it is not 1")?;
    Must.that(!lease.is_takeover(), "nothing was taken over")
}

pub(super) async fn released_ends<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, _) = rig.released().await?;
    rig.pass_nearly(rig.times.retention).await;
    rig.pass_rest().await;
    let claim = rig.ask(&request).await?;
    let lease = Given.fresh("somebody asks at its end", claim)?;
    Must.that(lease.attempt() == 1, "the first attempt after it is not 1")
}

pub(super) async fn ended_is_nobodys<S: Store>(rig: &Rig<S>) -> Checked {
    let (_, absent) = absent(rig).await?;
    Given.fenced("what is absent is released", rig.release(&absent).await?)?;
    let (request, lease) = rig.held_and_seen().await?;
    rig.pass_nearly(rig.times.retention).await;
    rig.pass_rest().await;
    Must.fenced("what has ended is renewed", rig.renew(&lease).await?)?;
    Must.fenced("what has ended is released", rig.release(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    let lease = Must.fresh("somebody asks after that", claim)?;
    Must.that(lease.attempt() == 1, "the first attempt after it is not 1")
}

pub(super) async fn live_lease_does_not_end<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.held_and_seen().await?;
    let half = rig.times.lease.checked_div(2).unwrap_or_default();
    let mut passed = core::time::Duration::ZERO;
    while passed <= rig.times.retention {
        rig.pass(half).await;
        passed = passed.saturating_add(half);
        let claim = rig.ask(&request).await?;
        match claim {
            Claim::Fresh(taken) if taken.attempt() == 1 => {
                return Must.that(
                    false,
                    "it was forgotten, and granted as if it had never been",
                );
            }
            told => {
                Given.in_progress("somebody asks while it is renewed", &told)?;
            }
        }
        Given.ok("the holder renews", rig.renew(&lease).await?)?;
    }
    Ok(())
}

pub(super) async fn forgotten_is_completed<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.held_and_seen().await?;
    rig.pass_nearly(rig.times.retention).await;
    rig.pass_rest().await;
    Must.ok("the holder completes", rig.complete(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    Must.done("somebody asks after that", claim)?;
    Ok(())
}
