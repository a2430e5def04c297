#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| rolecall::rules::fuzz::ports(text).unwrap());
