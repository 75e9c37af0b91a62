//! Every variant, and what the search finds in it.

use super::rules::{Bounds, Claiming, FENCED, Release, Rules, Unconfirmed};
use super::search::{Violation, search};
use Violation::{Dup, Half, Lost, Two};

/// More of everything, for what is shipped.
const WIDE: Bounds = Bounds {
    crashes: 2,
    errors: 2,
    losses: 2,
    ticks: 6,
    forgets: 0,
    renewals: 0,
};

/// A worker renews its lease, once in all.
const RENEWED: Bounds = Bounds {
    renewals: 1,
    ..FENCED.bounds
};

/// One crash fewer, and the store loses its record once.
const FORGETFUL: Bounds = Bounds {
    crashes: 1,
    forgets: 1,
    ..FENCED.bounds
};

/// Searches every state; there is nothing to find.
fn assert_sound(rules: Rules) {
    let found = search(&rules, &[]);
    for counterexample in &found.counterexamples {
        print!("{}", counterexample.story());
    }
    println!("{} states", found.states);
    assert!(found.counterexamples.is_empty());
}

/// These violations are found, the shortest after so many steps, and no others until
/// then. `--show-output` prints them.
fn assert_unsound(rules: Rules, expected: &[(Violation, usize)]) {
    let until: Vec<Violation> = expected.iter().map(|(violation, _)| *violation).collect();
    let found = search(&rules, &until);
    let mut told = Vec::new();
    for counterexample in &found.counterexamples {
        print!("{}", counterexample.story());
        told.push((counterexample.violation, counterexample.steps.len()));
    }
    println!("{} states", found.states);
    assert_eq!(told, expected);
}

#[test]
fn w_the_resource_checks_the_fence() {
    assert_sound(FENCED.with(WIDE));
}

#[test]
fn y_the_worker_starts_only_inside_its_lease() {
    assert_sound(Rules {
        resource_checks_fence: false,
        starts_inside_lease: true,
        bounds: WIDE,
        ..FENCED
    });
}

#[test]
fn w_with_a_renewal() {
    assert_sound(FENCED.with(RENEWED));
}

#[test]
fn y_with_a_renewal() {
    assert_sound(Rules {
        resource_checks_fence: false,
        starts_inside_lease: true,
        bounds: RENEWED,
        ..FENCED
    });
}

#[test]
fn n_inbox() {
    assert_sound(Rules {
        claiming: Claiming::Inbox,
        resource_checks_fence: false,
        never_twice: true,
        bounds: WIDE,
        ..FENCED
    });
}

#[test]
fn a_marks_before() {
    let rules = Rules {
        claiming: Claiming::MarkBefore,
        release: Release::Nothing,
        ..FENCED
    };
    assert_unsound(rules, &[(Lost, 5), (Half, 6)]);
}

#[test]
fn b_marks_before_and_undoes_it_on_error() {
    let rules = Rules {
        claiming: Claiming::MarkBefore,
        release: Release::Deletes,
        ..FENCED
    };
    assert_unsound(rules, &[(Lost, 5), (Half, 6)]);
}

#[test]
fn c_marks_after() {
    let rules = Rules {
        claiming: Claiming::MarkAfter,
        ..FENCED
    };
    assert_unsound(rules, &[(Two, 4), (Dup, 8), (Half, 10)]);
}

#[test]
fn d_has_no_lease() {
    let rules = Rules {
        claiming: Claiming::Marker,
        ..FENCED
    };
    assert_unsound(rules, &[(Lost, 9)]);
}

#[test]
fn e_does_not_check_the_owner() {
    let rules = Rules {
        checks_owner: false,
        ..FENCED
    };
    assert_unsound(rules, &[(Two, 10), (Half, 12)]);
}

#[test]
fn f_in_progress_is_answered_success() {
    let rules = Rules {
        in_progress_is_success: true,
        ..FENCED
    };
    assert_unsound(rules, &[(Lost, 5), (Half, 6)]);
}

#[test]
fn g_fenced_is_answered_success() {
    let rules = Rules {
        fenced_is_success: true,
        ..FENCED
    };
    assert_unsound(rules, &[(Half, 12)]);
}

#[test]
fn h_an_unconfirmed_completion_is_answered_success() {
    let rules = Rules {
        unconfirmed: Unconfirmed::Success,
        ..FENCED
    };
    assert_unsound(rules, &[(Half, 13)]);
}

#[test]
fn p_the_same_if_the_effect_ended_inside_the_lease() {
    let rules = Rules {
        unconfirmed: Unconfirmed::SuccessIfEndedInLease,
        ..FENCED
    };
    assert_unsound(rules, &[(Half, 13)]);
}

#[test]
fn t_release_deletes() {
    let rules = Rules {
        release: Release::Deletes,
        ..FENCED
    };
    assert_unsound(rules, &[(Half, 13)]);
}

#[test]
fn x_nobody_keeps_a_late_worker_from_starting() {
    let rules = Rules {
        resource_checks_fence: false,
        ..FENCED
    };
    assert_unsound(rules, &[(Half, 12)]);
}

#[test]
fn z_a_lease_counts_from_the_last_time_it_was_asked_for() {
    let rules = Rules {
        resource_checks_fence: false,
        starts_inside_lease: true,
        lease_counts_from_last_ask: true,
        ..FENCED
    };
    assert_unsound(rules, &[(Two, 9), (Half, 15)]);
}

#[test]
fn o_an_expired_lease_blocks() {
    let rules = Rules {
        takes_over: false,
        never_twice: true,
        ..FENCED
    };
    assert_unsound(rules, &[(Lost, 9)]);
}

#[test]
fn r_the_store_forgets_once() {
    let rules = Rules {
        bounds: FORGETFUL,
        ..FENCED
    };
    assert_unsound(rules, &[(Two, 5), (Half, 11)]);
}

#[test]
fn q_the_store_forgets_and_fences_start_again() {
    let rules = Rules {
        bounds: FORGETFUL,
        fences_restart: true,
        ..FENCED
    };
    assert_unsound(rules, &[(Two, 5), (Half, 11), (Lost, 15)]);
}
