//! Reports for people and for programs: one folder per format. An output receives the run, then one
//! account after the other, then the summary, and writes as it goes, so memory does not grow with
//! the number of accounts.
//!
//! This module owns formats and files. It evaluates nothing: verdicts, gaps and totals come from
//! [`crate::report`].

mod advice;
pub mod asff;
mod closing;
mod code_span;
mod collected;
mod console;
pub mod csv;
mod destination;
pub mod diff;
pub mod doctor;
mod document;
mod error;
mod escape;
mod format;
pub mod github;
pub mod gitlab;
pub mod history;
pub mod html;
pub mod inventory;
pub mod json;
mod json_log;
pub mod junit;
mod log_lines;
pub mod markdown;
#[cfg(test)]
mod matrix;
mod messages;
mod not_checked;
mod notice;
mod objects;
pub mod ocsf;
pub mod paths;
mod per_account;
pub mod preview;
mod probe;
pub mod remediation;
mod rule_texts;
#[cfg(test)]
pub(crate) mod sample;
pub mod sarif;
mod sink;
mod spreadsheet;
pub mod text;
mod timeline;
mod trend;
pub mod who_can;
mod words;
mod writer;

pub use asff::Asff;
pub use csv::Csv;
pub use destination::{Destination, FileMode};
pub use document::{Document, DocumentOutput};
pub use error::OutputError;
pub(crate) use escape::write_json;
pub use format::{Format, UnknownFormat};
pub use github::GitHub;
pub use gitlab::GitLab;
pub use html::Html;
pub use json::Json;
pub use json_log::{json_line, log_as_json, logs_as_json};
pub use junit::Junit;
pub use log_lines::{ShownNames, forget_folder, show_folder_as, with_shown_names};
pub use markdown::Markdown;
pub use messages::{LogLines, print_error, print_note, print_text, stderr};
pub use notice::Notice;
pub use ocsf::Ocsf;
pub use per_account::PerAccount;
pub use sarif::{
    Retired, SARIF_START, SarifFull, SarifOptions, SarifOutput, check_sarif, is_own_sarif,
    is_stale_part,
};
pub use sink::Sink;
pub use text::{TextOptions, TextOutput, usage_line, usage_table};
pub use timeline::{Process, Span, Timeline};
pub use writer::Output;
