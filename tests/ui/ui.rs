//! What the types forbid: each case is refused by the compiler, and for the reason that is meant.

#[test]
fn what_must_not_compile_does_not() {
    trybuild::TestCases::new().compile_fail("cases/*.rs");
}
