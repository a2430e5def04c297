//! Rules: prose and metadata, packs, the one sandbox, and how facts become script values.

pub mod diagnostic;
