//! Resource types as text for people.

use std::io::{self, Write};

use super::words::{attributes, call, scope};
use crate::facts::fields::{self, Field};
use crate::facts::{KINDS, Kind, Scope};
use crate::model::series;

/// One line per resource type.
pub(crate) fn list(out: &mut dyn Write) -> io::Result<()> {
    let width = KINDS.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    writeln!(out, "{:width$}  {:8}  {:>6}  {:>5}", "KIND", "ONCE PER", "FIELDS", "FACTS")?;
    for kind in KINDS {
        let fields = fields::of(&kind.shape, "").len();
        writeln!(
            out,
            "{:width$}  {:8}  {fields:>6}  {:>5}  {}",
            kind.name,
            scope(kind),
            kind.facts.len(),
            kind.doc
        )?;
    }
    writeln!(
        out,
        "\n`rolecall facts KIND` shows the fields and facts of a kind; each fact requires an additional API call."
    )
}

/// Everything about one resource type.
pub(crate) fn kind(kind: &Kind, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}\n", kind.name, kind.doc)?;
    match kind.list {
        [] if kind.scope == Scope::Account => {
            writeln!(out, "known without an API call: there is exactly one")?;
        }
        [] => writeln!(out, "not listed: there is exactly one per {}", scope(kind))?,
        calls => {
            let calls: Vec<String> = calls.iter().map(call).collect();
            let per = if kind.scope == Scope::Global { "account" } else { "account and region" };
            writeln!(out, "listed by {}, once per {per}", series(calls, "and"))?;
        }
    }
    writeln!(out, "identified by {}", kind.id)?;
    if let Some(arn) = kind.arn {
        writeln!(out, "ARN {arn}")?;
    }
    let base = fields::of(&kind.shape, "");
    let of_facts: Vec<Vec<Field>> =
        kind.facts.iter().map(|fact| fields::of(&fact.shape, fact.name)).collect();
    writeln!(out, "\nFields of every resource (`?`: optional, `()` if absent):")?;
    table(&base, out)?;
    writeln!(out, "\nAttributes, which resources of every kind have:")?;
    table(&attributes(kind), out)?;
    if !kind.facts.is_empty() {
        writeln!(
            out,
            "\nFacts on demand (list them in the `needs` of a rule; if a fact is not configured, it is `()`):"
        )?;
    }
    for (fact, fields) in kind.facts.iter().zip(&of_facts) {
        writeln!(
            out,
            "\n  {}: {}\n  {} by {}",
            fact.name,
            fact.doc,
            fields::kind(&fact.shape),
            series(fact.calls().map(call), "and")
        )?;
        table(fields, out)?;
    }
    writeln!(out, "\nA minimal rule:\n")?;
    example(kind).lines().try_for_each(|line| writeln!(out, "{}", format!("  {line}").trim_end()))
}

/// Maximum width of the path column; longer paths shift the rest of their line.
const WIDEST: usize = 52;

fn table(fields: &[Field], out: &mut dyn Write) -> io::Result<()> {
    let path = fields.iter().map(|field| field.path.len()).max().unwrap_or(0).min(WIDEST);
    let kind = fields.iter().map(|field| field.kind.len()).max().unwrap_or(0);
    fields.iter().try_for_each(|field| {
        writeln!(out, "  {:path$}  {:kind$}  {}", field.path, field.kind, field.doc)
    })
}

/// A minimal rule on the resource type.
pub(crate) fn example(kind: &Kind) -> String {
    let name = kind.name.rsplit('.').next().unwrap_or(kind.name);
    let needs = kind
        .facts
        .first()
        .map(|fact| format!("    needs: [\"{}\"],\n", fact.name))
        .unwrap_or_default();
    format!(
        "//! What the problem is.\n\n\
         const RULE = #{{\n    title: \"The problem in one line\",\n    resource: \"{}\",\n{needs}    severity: \"medium\",\n}};\n\n\
         fn check({name}, params) {{\n    skip(\"not implemented\")\n}}\n",
        kind.name,
    )
}
