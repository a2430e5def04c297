//! Resource types as a documentation page.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::words::{call, scope};
use crate::facts::fields::{self, Field};
use crate::facts::{ATTRIBUTES, ApiCall, Attribute, KINDS, Kind, Scope};
use crate::model::series;
use crate::rules::{Pack, script_of};

/// The page: a table of all resource types with the rules that use them, then each type.
pub(crate) fn page(pack: &Pack, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<!-- Generated: `cargo xtask generate` writes this page. -->\n\
         # Facts\n\n\
         This page lists what rules can read. `rolecall facts` and `rolecall facts KIND` print the same information for the installed\n\
         version, and `rolecall facts --format json-schema` prints JSON Schemas for the facts. Names are those of the AWS API in snake_case; values are\n\
         the same as in the AWS API.\n\n\
         Every resource has the *fields* of its kind, because the API call that lists the kind returns them. A *fact* requires an additional\n\
         API call: rules declare in `needs` which facts they read, and facts that no selected rule declares are not collected. A `?`\n\
         marks each value that can be absent; an absent value is `()`. A kind that is listed once per region has a separate list for each\n\
         account and region.\n\n\
         Resources of every kind also have these *attributes*:\n"
    )?;
    writeln!(out, "| attribute | type | |\n|---|---|---|")?;
    for Attribute { name, doc, optional } in &ATTRIBUTES {
        let optional = if *optional { "?" } else { "" };
        writeln!(out, "| `{name}` | string{optional} | {doc} |")?;
    }
    writeln!(
        out,
        "\n## Kinds\n\n\
         | kind | once per | facts | calls | IAM actions | built-in rules |\n|---|---|---|---|---|---|"
    )?;
    for kind in KINDS {
        let calls: Vec<&ApiCall> = kind.calls().collect();
        let actions: BTreeSet<&str> = calls.iter().map(|call| call.action).collect();
        // A script stands for its variants, which read the same.
        let rules: BTreeSet<&str> = pack
            .values()
            .filter(|rule| rule.meta.demand().wants_kind(kind.name))
            .map(|rule| script_of(rule).id.as_str())
            .collect();
        let facts: Vec<&str> = kind.facts.iter().map(|fact| fact.name).collect();
        let names: Vec<&str> = calls.iter().map(|call| call.name).collect();
        // The anchor that Markdown generates for the heading.
        let link = kind.name.replace('.', "");
        let cells = [codes(facts), codes(names), codes(actions), codes(rules)];
        writeln!(out, "| [`{}`](#{link}) | {} | {} |", kind.name, scope(kind), cells.join(" | "))?;
    }
    writeln!(
        out,
        "\n## API calls that are not made\n\n\
         Read-only permissions would allow the following API calls, but rolecall does not make them:\n\n\
         - `DescribeTags`: the calls that list EC2 resources also return the tags of these resources.\n\
         - `DescribeImages` with the parameter `ExecutableUsers`: the field `public` of each image shows whether the image is public. The\n\
         \x20\x20fact `image_metadata` of `ec2.instance` describes the image that the instance was launched from, even if another account\n\
         \x20\x20owns it.\n\
         - `GetPasswordData`, `GetConsoleOutput` and similar calls: the response is a secret or can contain one.\n\n\
         The following calls do not belong to a kind: `sts:AssumeRole`, `sts:GetCallerIdentity` (which requires no permission), and\n\
         `ec2:DescribeRegions` if no regions are configured.\n\n\
         `ListObjectsV2` and `GetObjectAcl` for a sample of objects, and `HeadBucket` for names of buckets, are made only for\n\
         [opt-in rules](rules/README.md), which you select by id, or for your own rules: rolecall reads configuration, not data, and\n\
         `s3:ListBucket`, the permission for two of these calls, also allows listing objects."
    )?;
    for kind in KINDS {
        writeln!(out)?;
        self::kind(kind, out)?;
    }
    Ok(())
}

/// One resource type.
pub(crate) fn kind(kind: &Kind, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {}\n\n{}", kind.name, kind.doc)?;
    match kind.list {
        [] if kind.scope == Scope::Account => {
            writeln!(out, "Known without an API call: there is exactly one.")?;
        }
        [] => writeln!(out, "Not listed: there is exactly one per {}.", scope(kind))?,
        calls => writeln!(out, "Listed by {}.", series(calls.iter().map(call), "and"))?,
    }
    if let Some(arn) = kind.arn {
        writeln!(out, "ARN: `{arn}`.")?;
    }
    writeln!(out)?;
    table("field", &fields::of(&kind.shape, ""), out)?;
    for fact in kind.facts {
        writeln!(
            out,
            "\n### {}: {}\n\n{}\nType: {}. {}: {}.\n",
            kind.name,
            fact.name,
            fact.doc,
            fields::kind(&fact.shape),
            if fact.is_response() { "Call" } else { "Calls" },
            series(fact.calls().map(call), "and")
        )?;
        table("fact", &fields::of(&fact.shape, fact.name), out)?;
    }
    Ok(())
}

fn table(head: &str, fields: &[Field], out: &mut dyn Write) -> io::Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    writeln!(out, "| {head} | type | |\n|---|---|---|")?;
    let cell = |text: &str| text.replace('|', "\\|");
    fields.iter().try_for_each(|field| {
        writeln!(out, "| `{}` | {} | {} |", field.path, field.kind, cell(&field.doc))
    })
}

fn codes<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
