#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| countersign_fuzz::lambda_event::run(data));
