//! Resource types as a documentation page.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::words::{call, scope};
use crate::facts::fields::{self, Field};
use crate::facts::{ApiCall, KINDS, Kind};
use crate::rules::Pack;

/// The page: a table of all resource types with the rules that use them, then each type.
pub(crate) fn page(pack: &Pack, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<!-- Generated: `cargo xtask generate` writes this page. -->\n\
         # Facts\n\n\
         What rules can read. `rolecall facts` and `rolecall facts KIND` print the same for the program at hand, and `rolecall facts\n\
         --format json-schema` prints it for tools. Names are those of the AWS API in snake_case, values are AWS's own.\n\n\
         The *fields* of a kind are on every resource, since the call that lists the kind returns them. A *fact* costs a call of its own for\n\
         each resource: a rule declares it in `needs`, and what no selected rule declares is not asked of AWS. `?` marks what may be absent;\n\
         it is `()` then. A kind that is listed once per region is one list per account and region.\n\n\
         ## Kinds\n\n\
         | kind | once per | facts | calls | IAM actions | built-in rules |\n|---|---|---|---|---|---|"
    )?;
    for kind in KINDS {
        let calls: Vec<&ApiCall> =
            kind.list.iter().chain(kind.facts.iter().map(|fact| &fact.call)).collect();
        let actions: BTreeSet<&str> = calls.iter().map(|call| call.action).collect();
        let rules: Vec<&str> = pack
            .values()
            .filter(|rule| rule.meta.demand().wants_kind(kind.name))
            .map(|rule| rule.id.as_str())
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
        "\n## What is not asked\n\n\
         Calls that could be made with read-only permissions, and are not:\n\n\
         - `ListObjectsV2`, `GetObjectAcl`: objects are data. A sample of them proves nothing of the others, and all of them are too many.\n\
         - `HeadBucket`: takes `s3:ListBucket`, which opens the list of objects, and tells no more than `ListBuckets`.\n\
         - `DescribeTags`: tags come with every list.\n\
         - `DescribeImages` by executable users: `public` is a field of every image. Images of others that instances run from are described\n\
         \x20\x20by `image_metadata` of the instance, in one call for all.\n\
         - `GetPasswordData`, `GetConsoleOutput` and the like: what they answer is a secret or may hold one.\n\n\
         Calls that stand in no kind: `sts:AssumeRole`, `sts:GetCallerIdentity` (takes no permission), and `ec2:DescribeRegions` where no\n\
         regions are named."
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
        [] => writeln!(out, "Not listed: there is exactly one per {}.", scope(kind))?,
        calls => {
            writeln!(out, "Listed by {}.", calls.iter().map(call).collect::<Vec<_>>().join(", "))?
        }
    }
    if let Some(arn) = kind.arn {
        writeln!(out, "ARN: `{arn}`.")?;
    }
    writeln!(out)?;
    table("field", &fields::of(&kind.shape, ""), out)?;
    for fact in kind.facts {
        writeln!(
            out,
            "\n### {}: {}\n\n{}\nType: {}. Call: {}.\n",
            kind.name,
            fact.name,
            fact.doc,
            fields::kind(&fact.shape),
            call(&fact.call)
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
