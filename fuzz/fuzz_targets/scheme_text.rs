#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| countersign_fuzz::scheme_text::run(data));
