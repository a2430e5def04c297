//! Kinds of AWS Organizations.

pub mod account;
