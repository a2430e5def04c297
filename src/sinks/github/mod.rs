//! GitHub code scanning: uploads SARIF files through the REST API, and waits until GitHub has
//! processed them.
//!
//! GitHub closes every alert that is missing from an upload of its category, so files are examined
//! before anything is sent.

mod advice;
mod api;
mod file;
mod left_out;
mod place;

pub use api::{GitHub, Processing, Upload};
pub use file::{SarifFile, SarifFileError, no_category_twice};
pub use left_out::check_report;
pub use place::{CommitId, GitRef, RepositoryName, Token};
