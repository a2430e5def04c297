//! Kinds of AWS Organizations.

pub(crate) mod account;
