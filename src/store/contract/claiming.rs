//! What a claim is answered.

use alloc::format;
use alloc::vec;

use super::rig::{Given, Must, Rig, Stop};
use crate::KeyId;
use crate::store::{Claim, ClaimRequest, ExpiredLease, KeptReply, Outcome, Store};

type Checked = Result<(), Stop>;

pub(super) async fn absent_is_fresh<S: Store>(rig: &Rig<S>) -> Checked {
    let request = rig.request()?;
    let claim = rig.claim(&request).await?;
    let lease = Must.fresh("a new key is claimed", claim)?;
    Must.that(lease.attempt() == 1, "the first attempt is not 1")?;
    Must.that(!lease.is_takeover(), "nothing was taken over")?;
    let is_asked_for = lease.key() == request.key()
        && lease.nonce() == request.nonce()
        && lease.duration() == request.lease()
        && lease.retention() == request.retention();
    Must.that(is_asked_for, "the lease is not the one that was asked for")
}

pub(super) async fn released_is_fresh<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, _) = rig.released().await?;
    let claim = rig.ask(&request).await?;
    let lease = Must.fresh("a released key is claimed", claim)?;
    Must.that(!lease.is_takeover(), "nothing was taken over")
}

pub(super) async fn own_claim_again_is_the_same_lease<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.held_and_seen().await?;
    rig.pass_nearly(rig.times.lease).await;
    let claim = rig.claim(&request).await?;
    let again = Must.fresh("the holder's claim is asked for again", claim)?;
    let is_same = (again.fence(), again.attempt(), again.is_takeover())
        == (lease.fence(), lease.attempt(), lease.is_takeover());
    Must.that(is_same, "it is another lease")
}

pub(super) async fn asking_again_moves_no_deadline<S: Store>(rig: &Rig<S>) -> Checked {
    let (asked, _) = rig.held().await?;
    let (silent, _) = rig.held().await?;
    rig.pass_nearly(rig.times.lease).await;
    let claim = rig.claim(&asked).await?;
    Given.fresh("the holder's claim is asked for again", claim)?;
    rig.pass_rest().await;
    let claim = rig.ask(&silent).await?;
    Given.fresh("an expired lease is claimed", claim)?;
    let claim = rig.ask(&asked).await?;
    Must.fresh("one whose holder asked again is claimed", claim)?;
    Ok(())
}

pub(super) async fn in_flight_is_in_progress<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, _) = rig.held().await?;
    let claim = rig.ask(&request).await?;
    Must.in_progress("somebody else asks at once", &claim)?;
    rig.pass_nearly(rig.times.lease).await;
    let claim = rig.ask(&request).await?;
    Must.in_progress("somebody else asks just before the deadline", &claim)?;
    Ok(())
}

pub(super) async fn in_progress_tells_the_rest<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, _) = rig.held().await?;
    let half = rig.times.lease.checked_div(2).unwrap_or_default();
    rig.pass(half).await;
    let claim = rig.ask(&request).await?;
    let left = Given.in_progress("somebody else asks", &claim)?;
    let rest = rig.times.lease.saturating_sub(half);
    // An engine may round up to its own unit of time.
    let most = rest.saturating_add(rig.times.late);
    let is_rest = left <= most && left >= rest.saturating_sub(rig.times.margin);
    Must.that(
        is_rest,
        &format!("{rest:?} of the lease are left, and {left:?} were told"),
    )
}

pub(super) async fn another_body_in_flight_is_in_progress<S: Store>(rig: &Rig<S>) -> Checked {
    let request = rig.request()?.digest([1; 32]);
    let claim = rig.claim(&request).await?;
    Given.fresh("a new key is claimed", claim)?;
    let claim = rig.ask(&request).await?;
    Given.in_progress("somebody else asks", &claim)?;
    let other = rig.other(&request)?.digest([2; 32]);
    let claim = rig.claim(&other).await?;
    Must.in_progress("somebody else asks with another body", &claim)?;
    Ok(())
}

pub(super) async fn terms_are_the_records<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, lease) = rig.held_and_seen().await?;
    let with = |times: u32, of: u32| {
        let scaled = |duration: core::time::Duration| {
            duration
                .saturating_mul(times)
                .checked_div(of)
                .unwrap_or_default()
        };
        let other = rig.other(&request)?;
        Ok::<_, Stop>(ClaimRequest::new(
            other.key(),
            other.nonce(),
            scaled(request.lease()),
            scaled(request.retention()),
        ))
    };
    rig.pass_nearly(rig.times.lease).await;
    let claim = rig.ask(&request).await?;
    Given.in_progress("somebody else asks just before the deadline", &claim)?;
    let claim = rig.claim(&with(1, 10)?).await?;
    Must.in_progress("somebody with a shorter lease asks then", &claim)?;
    let (control, _) = rig.done().await?;
    Given.ok("the holder completes", rig.complete(&lease).await?)?;
    rig.pass_nearly(rig.times.retention).await;
    let claim = rig.ask(&request).await?;
    Given.done("somebody asks just before the record ends", claim)?;
    let claim = rig.claim(&with(1, 10)?).await?;
    Must.done("somebody with a shorter retention asks then", claim)?;
    rig.pass_rest().await;
    let claim = rig.ask(&control).await?;
    Given.fresh("another record that has ended is claimed", claim)?;
    let claim = rig.claim(&with(10, 1)?).await?;
    Must.fresh("somebody with a longer retention asks after its end", claim)?;
    Ok(())
}

pub(super) async fn expired_is_taken_over<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, _) = rig.held_and_seen().await?;
    rig.pass_lease().await;
    let claim = rig.ask(&request).await?;
    Must.fresh("somebody else asks at the deadline", claim)?;
    let claim = rig.ask(&request).await?;
    Must.in_progress("somebody else asks after that", &claim)?;
    Ok(())
}

pub(super) async fn take_over_is_told<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, old) = rig.held_and_seen().await?;
    rig.pass_lease().await;
    let other = rig.other(&request)?;
    let claim = rig.claim(&other).await?;
    let new = Given.fresh("somebody else asks at the deadline", claim)?;
    Must.that(new.is_takeover(), "the new lease says that it is none")?;
    let is_next = new.attempt() == old.attempt().saturating_add(1);
    Must.that(is_next, "its attempt is not the next one")?;
    let claim = rig.claim(&other).await?;
    let again = Given.fresh("the new holder asks again", claim)?;
    Must.that(
        again.is_takeover(),
        "asked for again, it says that it is none",
    )?;
    let is_same = again.attempt() == new.attempt();
    Must.that(is_same, "asked for again, it is another attempt")
}

pub(super) async fn expired_is_not_handed_back<S: Store>(rig: &Rig<S>) -> Checked {
    let (_, control) = rig.held_and_seen().await?;
    let (request, lease) = rig.held_and_seen().await?;
    rig.pass_lease().await;
    Given.ok("a late holder completes", rig.complete(&control).await?)?;
    let claim = rig.claim(&request).await?;
    let left = Must.in_progress("the holder's claim is asked for at the deadline", &claim)?;
    Must.that(
        left.is_zero(),
        "it is to come again at once, and was told to wait",
    )?;
    Must.ok("the holder completes", rig.complete(&lease).await?)
}

pub(super) async fn expired_blocks_if_asked<S: Store>(rig: &Rig<S>) -> Checked {
    let (control, _) = rig.held_and_seen().await?;
    let (_, late) = rig.held_and_seen().await?;
    let (request, lease) = rig.held_and_seen().await?;
    let blocking = || Ok::<_, Stop>(rig.other(&request)?.expired(ExpiredLease::Block));
    let claim = rig.claim(&blocking()?).await?;
    Must.in_progress("somebody who may not take over asks at once", &claim)?;
    rig.pass_lease().await;
    rig.given_expired(&control).await?;
    Given.ok("a late holder completes", rig.complete(&late).await?)?;
    for own in [false, true] {
        let request = if own {
            request.clone().expired(ExpiredLease::Block)
        } else {
            blocking()?
        };
        let claim = rig.claim(&request).await?;
        let is_stuck = matches!(claim, Claim::Stuck);
        Must.that(
            is_stuck,
            &format!("asked at the deadline, expected Stuck, and was told {claim:?}"),
        )?;
    }
    Must.ok("the holder completes", rig.complete(&lease).await?)
}

pub(super) async fn done_tells_its_outcome<S: Store>(rig: &Rig<S>) -> Checked {
    for outcome in [Outcome::Processed, Outcome::Rejected, Outcome::DeadLettered] {
        let (request, lease) = rig.held_and_seen().await?;
        let settled = rig.store.complete(&lease, outcome, None).await?;
        Must.ok("the holder completes", settled)?;
        let claim = rig.ask(&request).await?;
        let (told, _) = Must.done("somebody asks after that", claim)?;
        Must.that(
            told == outcome,
            &format!("it was completed as {outcome:?}, and {told:?} was told"),
        )?;
        let claim = rig.claim(&request).await?;
        Must.done("its own nonce asks after that", claim)?;
    }
    Ok(())
}

pub(super) async fn done_gives_its_reply<S: Store>(rig: &Rig<S>) -> Checked {
    let longest = vec![0xa5; KeptReply::MAX_BYTES];
    for bytes in [b"\x00\xff'\";--".as_slice(), &[], &longest] {
        let reply = KeptReply::new(bytes);
        let (request, lease) = rig.held_and_seen().await?;
        let settled = rig
            .store
            .complete(&lease, Outcome::Processed, reply.as_ref())
            .await?;
        Given.ok("the holder completes", settled)?;
        let claim = rig.ask(&request).await?;
        let (_, told) = Given.done("somebody asks after that", claim)?;
        Must.that(
            told == reply,
            &format!("{reply:?} was kept, and {told:?} came back"),
        )?;
    }
    let (request, _) = rig.done().await?;
    let claim = rig.ask(&request).await?;
    let (_, told) = Given.done("somebody asks", claim)?;
    Must.that(told.is_none(), "no reply was kept, and one came back")
}

/// A key that is done, with this body if any.
async fn done_with<S: Store>(rig: &Rig<S>, digest: Option<[u8; 32]>) -> Result<ClaimRequest, Stop> {
    let mut request = rig.request()?;
    if let Some(digest) = digest {
        request = request.digest(digest);
    }
    let claim = rig.claim(&request).await?;
    let lease = Given.fresh("a new key is claimed", claim)?;
    Given.ok("the holder completes", rig.complete(&lease).await?)?;
    Ok(request)
}

pub(super) async fn another_body_is_reused<S: Store>(rig: &Rig<S>) -> Checked {
    let mut near = [1; 32];
    if let Some(last) = near.last_mut() {
        *last = 0;
    }
    for other in [[2; 32], near] {
        let request = done_with(rig, Some([1; 32])).await?;
        let claim = rig.claim(&rig.other(&request)?.digest(other)).await?;
        let is_reused = matches!(claim, Claim::Reused);
        Must.that(
            is_reused,
            &format!("asked with another body, expected Reused, and was told {claim:?}"),
        )?;
    }
    Ok(())
}

pub(super) async fn no_digest_is_done<S: Store>(rig: &Rig<S>) -> Checked {
    let without = done_with(rig, None).await?;
    let claim = rig.ask(&without).await?;
    Given.done("somebody asks", claim)?;
    let claim = rig.claim(&rig.other(&without)?.digest([1; 32])).await?;
    Must.done("who knows the body asks for one completed without", claim)?;
    let with = done_with(rig, Some([1; 32])).await?;
    let claim = rig.ask(&with).await?;
    Must.done(
        "who does not know the body asks for one completed with it",
        claim,
    )?;
    let claim = rig.claim(&rig.other(&with)?.digest([1; 32])).await?;
    Must.done("somebody asks with the same body", claim)?;
    Ok(())
}

pub(super) async fn keys_do_not_meet<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, _) = rig.done().await?;
    let bytes = *request.key().as_bytes();
    for place in 0..bytes.len() {
        for bit in 0..u8::BITS {
            let mut near = bytes;
            if let Some(byte) = near.get_mut(place) {
                *byte ^= 1_u8.wrapping_shl(bit);
            }
            let claim = rig
                .claim(&rig.request_for(KeyId::from_bytes(near))?)
                .await?;
            Must.fresh(
                &format!("a key that differs in bit {bit} of byte {place} is claimed"),
                claim,
            )?;
        }
    }
    let claim = rig.ask(&request).await?;
    Must.done("the first key is asked for again", claim)?;
    Ok(())
}

pub(super) async fn fence_rises<S: Store>(rig: &Rig<S>) -> Checked {
    let (request, first) = rig.released().await?;
    let claim = rig.ask(&request).await?;
    let second = Given.fresh("a released key is claimed", claim)?;
    rig.pass_lease().await;
    let claim = rig.ask(&request).await?;
    let third = Given.fresh("an expired lease is claimed", claim)?;
    Must.that(
        first.fence() < second.fence(),
        "it does not rise after a release",
    )?;
    Must.that(
        second.fence() < third.fence(),
        "it does not rise with a take-over",
    )
}
