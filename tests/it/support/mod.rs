//! What the tests that run the program share: the program with a clean environment, moto filled with three accounts, a proxy that spoils
//! answers on the way, and reports as maps of verdicts.

pub mod fault;
pub mod moto;
pub mod report;
pub mod rolecall;
