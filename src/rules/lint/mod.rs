//! Static checks of rules, their test cases and frameworks. All errors in all files are reported at
//! once, each with its code. Some of them would also prevent a rule from loading; the others would
//! cause an `error` verdict at run time, or a wrong verdict.
//!
//! [`infer`], [`expressions`], [`methods`] and [`native_calls`] infer the types in a script;
//! [`fitting`], [`switches`], [`values`], [`constant`] and [`logic`] check them; [`flow`] and
//! [`absent`] check code paths, and [`unused`] and [`discarded`] find what is not used.
//! [`changing`] finds calls that return nothing. [`cases`], [`prose`] and [`framework`] check test cases, documentation and frameworks. The codes
//! are in [`crate::diagnostics::Code`].

mod absent;
#[cfg(test)]
mod absent_tests;
mod arguments;
mod calls;
mod cases;
mod changing;
mod constant;
mod declared;
mod derived;
mod discarded;
mod domain;
mod empty;
mod entries;
mod evidence;
mod expected;
mod expressions;
mod files;
mod fitting;
mod flow;
mod formats;
mod framework;
mod ids;
mod infer;
mod known;
mod linter;
mod listed;
mod literal;
mod logic;
mod lookups;
mod methods;
mod native_calls;
mod natives;
mod optional;
mod origin;
mod overwritten;
mod parts;
mod paths;
mod proposals;
mod prose;
mod protocols;
mod reads;
mod redeclared;
mod roles;
mod spans;
mod state;
mod switch_text;
mod switches;
#[cfg(test)]
mod tests;
mod there;
mod unused;
mod value;
mod values;
mod work;
#[cfg(test)]
mod work_tests;

pub use linter::{LintReport, lint, setting_errors};
