//! The table of helpers: what a script can call, with documentation, examples and the native
//! function in one place. The engine, the command `rolecall helpers`, `docs/helpers.md`, the editor
//! definitions and lint are all generated from it, so they cannot disagree.

use std::rc::Rc;

use rhai::Engine;
use serde_json::Value;

use crate::facts::Shape;
use crate::facts::fields::{self, Field};
use crate::rules::values::context::EvalContext;

/// Helpers on one subject.
pub struct Topic {
    /// The subject: `Network`.
    pub title: &'static str,
    pub(super) about: &'static [&'static str],
    /// The helpers, in the order of the documentation.
    pub helpers: &'static [Helper],
}

/// A function for scripts.
pub struct Helper {
    /// Its name.
    pub name: &'static str,
    /// Its signatures.
    pub signatures: &'static [Signature],
    /// Its documentation, including edge cases, as Rust stores doc comments: one line each, with a
    /// leading space.
    pub(super) doc: &'static [&'static str],
    /// Example calls and their values, which a test checks.
    pub examples: &'static [Example],
    pub(super) register: fn(&mut Engine, &Rc<EvalContext>),
}

/// One signature of a helper.
pub struct Signature {
    /// Its parameters. A helper whose first parameter is a list or a map may be called as a method
    /// of it.
    pub params: &'static [Param],
    /// The type of its return value; with `?` it may be `()`.
    pub returns: &'static str,
}

/// A parameter.
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Its type: `string`, `int`, `bool`, `time`, `list of …`, `map`, `object`, `closure`, `any` or
    /// the name of a [`ResultShape`], followed by `?` if `()` is accepted.
    pub kind: &'static str,
}

/// A call and its value, both as Rhai.
pub struct Example {
    pub(super) script: &'static str,
    /// An expression with the same value.
    pub value: &'static str,
}

impl Example {
    /// The call, on one line.
    pub fn call(&self) -> String {
        self.script.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    }
}

impl Topic {
    /// What applies to all of its helpers, as Markdown.
    pub fn about(&self) -> String {
        lines(self.about)
    }
}

fn lines(doc: &[&str]) -> String {
    let lines: Vec<&str> = doc.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

impl Helper {
    /// How many arguments each signature takes.
    #[cfg(test)]
    pub fn arities(&self) -> std::collections::BTreeSet<usize> {
        self.signatures.iter().map(|signature| signature.params.len()).collect()
    }

    /// The documentation as Markdown; paragraphs are separated by an empty line.
    pub fn doc(&self) -> String {
        lines(self.doc)
    }

    /// The first paragraph of the documentation, on one line.
    pub fn summary(&self) -> String {
        let first = self.doc.iter().map(|line| line.trim()).take_while(|line| !line.is_empty());
        first.collect::<Vec<_>>().join(" ")
    }

    /// The type of its result, which is the same for all signatures, except for functions that are
    /// generic.
    pub fn returns(&self) -> &'static str {
        self.signatures.first().map_or("", |signature| signature.returns)
    }

    /// The signatures, as text: `days_between(earlier: time, later: time) -> int`.
    pub fn usage(&self) -> impl Iterator<Item = String> {
        self.signatures.iter().map(|signature| {
            let params: Vec<String> = signature
                .params
                .iter()
                .map(|param| format!("{}: {}", param.name, param.kind))
                .collect();
            format!("{}({}) -> {}", self.name, params.join(", "), signature.returns)
        })
    }
}

/// A helper that looks up resources itself.
pub(crate) struct LookUp {
    /// The helper.
    pub(crate) helper: &'static str,
    /// The kinds that it looks up, which the rule must declare.
    pub(crate) kinds: &'static [&'static str],
    /// Whether it returns resources of its (only) kind.
    pub(crate) returns_resources: bool,
}

/// The shape of what helpers return: a map with known fields. Signatures refer to it by name.
pub struct ResultShape {
    /// Its name in signatures: `opening` in `list of opening`.
    pub name: &'static str,
    /// Its fields. Helpers return values of this type, so it cannot differ from what they return.
    pub shape: Shape,
}

impl ResultShape {
    /// Its documentation, in one line.
    pub fn doc(&self) -> String {
        let schema = (self.shape.schema)();
        let doc = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        doc.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Its fields, with those of objects within it. The documentation of a field with a fixed set of
    /// values ends with them.
    pub fn fields(&self) -> Vec<Field> {
        fields::of(&self.shape, "")
    }
}

/// Declares a topic: for each helper its doc comment, `fn` with its signatures, examples as `call
/// => value;`, and how it is registered.
macro_rules! topic {
    ($(#[doc = $about:literal])+ $title:literal; $(
        $(#[doc = $doc:literal])+
        fn $name:ident $(( $($param:ident: $kind:literal),* ) -> $returns:literal)+;
        $($script:literal => $value:literal;)+
        |$engine:pat_param, $context:pat_param| $register:expr;
    )+) => {
        /// The helpers of this topic.
        pub(crate) static TOPIC: $crate::rules::helpers::table::Topic = $crate::rules::helpers::table::Topic {
            title: $title,
            about: &[$($about),+],
            helpers: &[$($crate::rules::helpers::table::Helper {
                name: stringify!($name),
                doc: &[$($doc),+],
                signatures: &[$($crate::rules::helpers::table::Signature {
                    params: &[$($crate::rules::helpers::table::Param { name: stringify!($param), kind: $kind }),*],
                    returns: $returns,
                }),+],
                examples: &[$($crate::rules::helpers::table::Example { script: $script, value: $value }),+],
                register: |$engine: &mut rhai::Engine, $context: &std::rc::Rc<$crate::rules::values::context::EvalContext>| {
                    $register;
                },
            }),+],
        };
    };
}
pub(super) use topic;
