//! The commands: each takes what was typed and what the config says, runs, and comes back with an exit code or an error that says what
//! to do. Results go to the writer that `main` hands in; nothing here prints by itself.

pub mod completions;
pub mod init;
