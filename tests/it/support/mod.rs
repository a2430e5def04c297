//! What the tests that run the program share: a fake of AWS's own hosts, the program with a clean
//! environment, moto filled with three accounts, a proxy that spoils answers on the way, and
//! reports as maps of verdicts.

#[allow(dead_code, unused_imports, reason = "the fake offers more than today's tests ask of it")]
pub mod aws;
pub mod fault;
pub mod moto;
mod moto_responses;
pub mod report;
pub mod rolecall;
