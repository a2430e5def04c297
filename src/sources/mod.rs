//! Infrastructure as code: which line of a repository declares a resource. A source is one Terraform
//! root, a set of CloudFormation templates, or another way in which code names what it created.
//!
//! Sources only read files: nothing runs Terraform, contacts a backend or calls AWS. Of a state, only
//! ids and addresses are used, and nothing else of it reaches snapshots, reports, logs or messages.
//! Everything that is read is bounded, and every place is in a file of the repository that git tracks.

pub mod cdk;
pub mod cloudformation;
mod declared;
mod git_index;
mod patch;
mod repository;
mod set;
mod source;
pub mod terraform;
pub mod yor;

pub use patch::{Literal, LiteralType, Surroundings, literal, patch, resource_type};
pub use repository::Repository;
pub use set::{SourceKind, Sources};
pub use source::{Source, SourceError, Subject};
