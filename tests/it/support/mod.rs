//! Shared by the tests that run the program: a fake of AWS's own hosts, the program in a clean
//! environment, moto filled with three accounts, a proxy that injects faults into responses, and
//! reports as maps of verdicts.

#[allow(dead_code, unused_imports, reason = "the fake has options that no test uses yet")]
pub mod aws;
pub mod fault;
pub mod moto;
mod moto_responses;
#[cfg(all(feature = "remediate", unix))]
pub mod remediation;
pub mod report;
pub mod rolecall;
