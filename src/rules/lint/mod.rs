//! Static checks of rule files, with their cases and the frameworks beside them: all mistakes of
//! all files in one go, each with its code. What would keep a rule from loading is found here as at
//! loading; the rest would be an `error` at run time, or silently wrong.
//!
//! [`infer`], [`expressions`] and [`methods`] follow values through a script, [`fitting`],
//! [`switches`] and [`values`] say where they cannot go, [`flow`] looks at its ways, [`unused`] at
//! what is left over; [`cases`], [`prose`] and [`framework`] check what stands beside the script.
//! The codes are in [`crate::diagnostics::Code`].

mod cases;

mod expected;
mod expressions;
mod files;
mod fitting;
mod flow;
mod framework;
mod infer;
mod linter;
mod methods;
mod natives;
mod prose;
mod spans;
mod switches;
#[cfg(test)]
mod tests;
mod unused;
mod value;
mod values;

pub use linter::{Linted, lint};
