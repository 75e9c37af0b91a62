//! Ways to break the contract, and the check that each is caught by.

use countersign::store::contract::Check;

macro_rules! faults {
    ($($fault:ident => $check:ident,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            $($fault,)*
        }

        pub(crate) const FAULTS: &[(Fault, Check)] = &[
            $((Fault::$fault, Check::$check),)*
        ];
    };
}

faults! {
    CountsFromZero => AbsentIsFresh,
    ReleaseDoesNothing => ReleasedIsFresh,
    ForgetsOwnNonce => OwnClaimAgainIsTheSameLease,
    AskingAgainRenews => AskingAgainMovesNoDeadline,
    MarksBefore => InFlightIsInProgress,
    TellsTheWholeLease => InProgressTellsTheRest,
    ReusedInFlight => AnotherBodyInFlightIsInProgress,
    JudgesByTheAskersLease => TermsAreTheRecords,
    InProgressForever => ExpiredIsTakenOver,
    ForgetsTakeOvers => TakeOverIsTold,
    HandsBackExpired => ExpiredIsNotHandedBack,
    NeverBlocks => ExpiredBlocksIfAsked,
    ForgetsOutcomes => DoneTellsItsOutcome,
    DropsReplies => DoneGivesItsReply,
    IgnoresDigests => AnotherBodyIsReused,
    UnknownDigestDiffers => NoDigestIsDone,
    MergesKeys => KeysDoNotMeet,
    FenceStandsStill => FenceRises,
    FencesRestart => FenceOutlivesTheRecord,
    CountsFromTheClaim => DoneLasts,
    ForgetsExpiry => DoneEnds,
    KeepsTombstones => ReleasedEnds,
    SettlesEnded => EndedIsNobodys,
    EndsLiveLeases => LiveLeaseDoesNotEnd,
    RenewsNothing => RenewalMovesTheDeadline,
    LateRenewalIsFenced => LateRenewalCounts,
    AnybodyRenews => RenewalByAnotherIsFenced,
    RenewsReleased => RenewalNeedsAClaim,
    LateCompletionIsFenced => LateCompletionCounts,
    ReleasedCannotComplete => CompletionAfterRelease,
    CompletesAgain => CompletingTwiceChangesNothing,
    ForgottenIsFenced => ForgottenIsCompleted,
    AnybodyCompletes => CompletionByAnotherIsFenced,
    ReleaseDeletes => ReleaseLeavesATombstone,
    LateReleaseIsFenced => LateReleaseCounts,
    SecondReleaseIsFenced => ReleasingTwiceChangesNothing,
    AnybodyReleases => ReleaseByAnotherIsFenced,
    ReleasesNothing => ReleaseNeedsAClaim,
    ReleasesDone => ReleaseNeedsAClaim,
    KnowsNonceOnly => HolderIsNonceAndFence,
    KnowsFenceOnly => HolderIsNonceAndFence,
    ReadsThenClaims => RaceHasOneWinner,
    ReadsThenCompletes => RaceOfCompletionAndTakeOver,
    ReadsThenClaimsReleased => RaceOfHolders,
}
