//! What renew, complete and release are answered, and what they change.

use alloc::format;

use super::rig::{Given, Must, Rig, Stop};
use crate::store::{ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};

type Checked = Result<(), Stop>;

pub(super) async fn renewal_moves_the_deadline<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.held_and_seen().await?;
    rig.pass_nearly(rig.times.lease).await;
    let claim = rig.ask(&request).await?;
    Given.in_progress("somebody else asks before the deadline", &claim)?;
    let (control, _) = rig.held_and_seen().await?;
    Must.ok("the holder renews", rig.renew(&lease).await?)?;
    rig.pass_nearly(rig.times.lease).await;
    let claim = rig.ask(&request).await?;
    Must.in_progress("somebody else asks before the new deadline", &claim)?;
    rig.pass_rest().await;
    rig.given_expired(&control).await?;
    let claim = rig.ask(&request).await?;
    Must.fresh("somebody else asks at the new deadline", claim)?;
    Ok(())
}

pub(super) async fn late_renewal_counts<S: Store>(rig: &Rig<S>) -> Checked {
    let (control, in_time) = rig.held_and_seen().await?;
    let (request, lease) = rig.held_and_seen().await?;
    rig.pass_nearly(rig.times.lease).await;
    Given.ok("a holder renews in time", rig.renew(&in_time).await?)?;
    rig.pass_rest().await;
    let claim = rig.ask(&control).await?;
    Given.in_progress("somebody asks for what was renewed in time", &claim)?;
    Must.ok("the holder renews", rig.renew(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    Must.in_progress("somebody else asks after that", &claim)?;
    Ok(())
}

pub(super) async fn renewal_by_another_is_fenced<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, old, _) = rig.replaced().await?;
    let half = rig.times.lease.checked_div(2).unwrap_or_default();
    rig.pass(half).await;
    Must.fenced("who was replaced renews", rig.renew(&old).await?)?;
    rig.pass(half.saturating_add(rig.times.late)).await;
    let claim = rig.ask(&request).await?;
    Must.fresh(
        "somebody else asks at the deadline that was there before",
        claim,
    )?;
    Ok(())
}

pub(super) async fn renewal_needs_a_claim<S: Store>(rig: &Rig<S>) -> Checked {
    rig.given_release().await?;
    let (request, lease) = rig.released().await?;
    Must.fenced("what is released is renewed", rig.renew(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    Must.fresh("somebody asks after that", claim)?;
    let (request, lease) = rig.done().await?;
    Must.fenced("what is done is renewed", rig.renew(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    Must.done("somebody asks after that", claim)?;
    let (request, absent) = absent(rig).await?;
    Must.fenced("what is absent is renewed", rig.renew(&absent).await?)?;
    let claim = rig.ask(&request).await?;
    Must.fresh("somebody asks after that", claim)?;
    Ok(())
}

/// A lease of a key that the store has never seen.
pub(super) async fn absent<S: Store>(rig: &Rig<S>) -> Result<(ClaimRequest, Lease), Stop> {
    let (_, lease) = rig.held().await?;
    let request = rig.request()?;
    let absent = Lease::granted(&request, lease.fence(), 1);
    Ok((request, absent))
}

pub(super) async fn late_completion_counts<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.held_and_seen().await?;
    rig.pass_lease().await;
    Must.ok("the holder completes", rig.complete(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    Must.done("somebody asks after that", claim)?;
    Ok(())
}

pub(super) async fn completion_after_release<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.released().await?;
    Must.ok("who released completes", rig.complete(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    Must.done("somebody asks after that", claim)?;
    Ok(())
}

pub(super) async fn completing_twice_changes_nothing<S: Store>(rig: &Rig<S>) -> Checked {
    let (control, _) = rig.done().await?;
    let (request, lease) = rig.done().await?;
    rig.pass_nearly(rig.times.retention).await;
    let claim = rig.ask(&request).await?;
    let (first, _) = Given.done("somebody asks just before its end", claim)?;
    let reply = KeptReply::new(*b"another");
    let outcome = Outcome::DeadLettered;
    let again = rig.store.complete(&lease, outcome, reply.as_ref()).await?;
    Must.ok("the holder completes again", again)?;
    let claim = rig.ask(&request).await?;
    let (outcome, reply) = Must.done("somebody asks after that", claim)?;
    let is_same = outcome == first && reply.is_none();
    Must.that(is_same, "the outcome or the reply has changed")?;
    rig.pass_rest().await;
    let claim = rig.ask(&control).await?;
    Given.fresh("another record that has ended is claimed", claim)?;
    let claim = rig.ask(&request).await?;
    Must.fresh("somebody asks at the end that was there before", claim)?;
    Ok(())
}

pub(super) async fn completion_by_another_is_fenced<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, old, new) = rig.replaced().await?;
    Must.fenced(
        "who was replaced completes while the next one works",
        rig.complete(&old).await?,
    )?;
    let claim = rig.ask(&request).await?;
    Must.in_progress("somebody asks after that", &claim)?;
    Must.ok("the holder completes", rig.complete(&new).await?)?;
    let outcome = Outcome::DeadLettered;
    let settled = rig.store.complete(&old, outcome, None).await?;
    Must.fenced("who was replaced completes what is done", settled)?;
    let claim = rig.ask(&request).await?;
    let (outcome, _) = Must.done("somebody asks after that", claim)?;
    Must.that(outcome == Outcome::Processed, "the outcome has changed")
}

pub(super) async fn release_leaves_a_tombstone<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, old, new) = rig.replaced().await?;
    Given.fenced("who was replaced completes", rig.complete(&old).await?)?;
    Given.ok("the holder releases", rig.release(&new).await?)?;
    Must.fenced(
        "who was replaced completes after that",
        rig.complete(&old).await?,
    )?;
    let claim = rig.ask(&request).await?;
    let next = Given.fresh("a released key is claimed", claim)?;
    let is_next = next.attempt() == new.attempt().saturating_add(1);
    Must.that(is_next, "its attempt is not the next one")
}

pub(super) async fn late_release_counts<S: Store>(rig: &Rig<S>) -> Checked {
    rig.given_release().await?;
    let (request, lease) = rig.held_and_seen().await?;
    rig.pass_lease().await;
    Must.ok("the holder releases", rig.release(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    let next = Given.fresh("somebody asks after that", claim)?;
    Must.that(
        !next.is_takeover(),
        "it counts as taken over, not as released",
    )
}

pub(super) async fn releasing_twice_changes_nothing<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.released().await?;
    let claim = rig.ask(&request).await?;
    let next = Given.fresh("a released key is claimed", claim)?;
    let is_kept = next.attempt() > lease.attempt();
    Given.that(is_kept, "a released record is not kept")?;
    let (request, lease) = rig.released().await?;
    Must.ok("the holder releases again", rig.release(&lease).await?)?;
    let claim = rig.ask(&request).await?;
    Given.fresh("somebody asks after that", claim)?;
    Ok(())
}

pub(super) async fn release_by_another_is_fenced<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, old, new) = rig.replaced().await?;
    Must.fenced(
        "who was replaced releases while the next one works",
        rig.release(&old).await?,
    )?;
    let claim = rig.ask(&request).await?;
    Must.in_progress("somebody asks after that", &claim)?;
    Given.ok("the holder completes", rig.complete(&new).await?)?;
    Must.fenced(
        "who was replaced releases what is done",
        rig.release(&old).await?,
    )?;
    let claim = rig.ask(&request).await?;
    Must.done("somebody asks after that", claim)?;
    Ok(())
}

pub(super) async fn release_needs_a_claim<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.done().await?;
    Must.fenced(
        "the holder releases what is done",
        rig.release(&lease).await?,
    )?;
    let claim = rig.ask(&request).await?;
    Must.done("somebody asks after that", claim)?;
    let (request, absent) = absent(rig).await?;
    Must.fenced("what is absent is released", rig.release(&absent).await?)?;
    let claim = rig.ask(&request).await?;
    let lease = Must.fresh("somebody asks after that", claim)?;
    Must.that(lease.attempt() == 1, "the first attempt after it is not 1")
}

pub(super) async fn holder_is_nonce_and_fence<S: Store>(rig: &Rig<S>) -> Checked {
    let (_, old, _) = rig.replaced().await?;
    for (step, settled) in [
        ("renews", rig.renew(&old).await?),
        ("releases", rig.release(&old).await?),
        ("completes", rig.complete(&old).await?),
    ] {
        Given.fenced(&format!("who was replaced {step}"), settled)?;
    }
    let (request, first) = rig.released().await?;
    // The same nonce again: only the fence tells the two leases apart.
    let claim = rig.claim(&request).await?;
    let second = Given.fresh("a released key is claimed", claim)?;
    Given.that(first.fence() < second.fence(), "the fence does not rise")?;
    let stranger = Lease::granted(&rig.other(&request)?, second.fence(), second.attempt());
    for (who, lease) in [
        ("its own nonce under an older fence", &first),
        ("another nonce under its fence", &stranger),
    ] {
        for (step, settled) in [
            ("renews", rig.renew(lease).await?),
            ("releases", rig.release(lease).await?),
            ("completes", rig.complete(lease).await?),
        ] {
            Must.is(&format!("{who} {step}"), settled, Settled::Fenced)?;
        }
    }
    let claim = rig.ask(&request).await?;
    Must.in_progress("somebody asks after that", &claim)?;
    Must.ok("the holder completes", rig.complete(&second).await?)
}
