#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| rolecall::internals::fuzz::evaluate(text).unwrap());
