#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rolecall::internals::fuzz::terraform_state(bytes).unwrap());
