//! Services that receive reports: GitHub code scanning, and chats. Everything that they return is
//! untrusted, and so are the files that are sent.

pub mod github;
mod report_file;
pub mod webhook;

pub use report_file::ReportFile;
