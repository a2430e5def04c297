//! Shared by the tests that run the program: the simulated AWS, the program in a clean environment,
//! moto filled with three accounts, a proxy that injects faults into responses, and
//! reports as maps of verdicts.

pub mod fault;
pub mod moto;
#[cfg(all(feature = "remediate", unix))]
pub mod remediation;
pub mod report;
pub mod rolecall;

pub use simulator as aws;
