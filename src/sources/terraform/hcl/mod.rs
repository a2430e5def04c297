//! The code of Terraform, as far as placing needs it: blocks, attributes, where they are, and which
//! variables an expression reads.
//!
//! [`parse`] reads HCL with the crate `hcl-edit`; what that rejects is read by [`scan`], which accepts
//! anything, and `.tf.json` by [`json`]. Nothing is evaluated.

mod json;
mod parse;
mod read;
mod scan;
mod syntax;

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;

pub use read::{names, read};
pub use syntax::{Attribute, Block, Dynamic, Expr, Reference, Value};
