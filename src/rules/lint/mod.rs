//! Static checks of rules, their test cases and frameworks. All errors in all files are reported at
//! once, each with its code. Some of them would also prevent a rule from loading; the others would
//! cause an `error` verdict at run time, or a wrong verdict.
//!
//! [`infer`], [`expressions`] and [`methods`] infer the types in a script; [`fitting`], [`switches`],
//! [`values`] and [`constant`] check them; [`flow`] and [`absent`] check code paths, and
//! [`unused`] finds unused declarations.
//! [`cases`], [`prose`] and [`framework`] check test cases, documentation and frameworks. The codes
//! are in [`crate::diagnostics::Code`].

mod absent;
#[cfg(test)]
mod absent_tests;
mod cases;
mod constant;
mod domain;
mod expected;
mod expressions;
mod files;
mod fitting;
mod flow;
mod framework;
mod infer;
mod known;
mod linter;
mod lookups;
mod methods;
mod natives;
mod optional;
mod origin;
mod paths;
mod prose;
mod spans;
mod switch_text;
mod switches;
#[cfg(test)]
mod tests;
mod unused;
mod value;
mod values;
mod work;
#[cfg(test)]
mod work_tests;

pub use linter::{LintReport, lint, setting_errors};
