//! `docs/fixes.md`: all actions, from the table.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::facts::{KINDS, fields};
use crate::fixes::spec::{Kinds, Write as ApiWrite};
use crate::fixes::{ACTIONS, ActionSpec, Origin, WriteTarget};
use crate::model::{Partition, Region};

const HEAD: &str = "<!-- Generated: `cargo xtask generate` writes this page. -->
# Fixes

This page lists the actions that fixes consist of. `fn fix` of a rule proposes them with `action(\"NAME\", #{ … })`; nothing else can be
changed. An action changes exactly one resource. Some actions only undo others, because they reopen what was closed: rules cannot
propose them.

Each action names the API calls that it makes and the IAM actions that the write role needs for them, with resources and conditions.
The session that carries an action out is allowed only that, for only that resource. If an action has a dry run, AWS checks the
permissions and parameters of all changes of an account before the first one is made. EC2 has dry runs, S3 has none.
";

/// The page.
fn page() -> String {
    let mut out = HEAD.to_owned();
    let mut groups: BTreeMap<String, Vec<&ActionSpec>> = BTreeMap::new();
    for spec in ACTIONS {
        groups.entry(spec.kinds.to_string()).or_default().push(spec);
    }
    for (kinds, actions) in groups {
        write!(out, "\n## {}\n", kinds.trim_matches('`')).unwrap();
        if actions.iter().any(|spec| spec.kinds == Kinds::WithTags) {
            let kinds = KINDS.iter().filter(|kind| Kinds::WithTags.contains(kind.name));
            let names: Vec<String> = kinds.map(|kind| format!("`{}`", kind.name)).collect();
            write!(out, "\nThese kinds: {}.\n", names.join(", ")).unwrap();
        }
        for spec in actions {
            describe(spec, &mut out);
        }
    }
    out
}

fn describe(spec: &ActionSpec, out: &mut String) {
    write!(out, "\n### {}\n\n{}\n", spec.name, spec.doc).unwrap();
    let params = fields::of(&spec.params, "");
    if !params.is_empty() {
        writeln!(out, "\n| parameter | type | |\n|---|---|---|").unwrap();
        for field in params {
            let doc = field.doc.replace('|', "\\|");
            writeln!(out, "| `{}` | {} | {doc} |", field.path, field.kind).unwrap();
        }
    }
    writeln!(out).unwrap();
    let names = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    if spec.origin == Origin::Undo {
        writeln!(out, "- Only undoes other actions.").unwrap();
    }
    if !spec.touches.is_empty() {
        writeln!(out, "- Changes: {}", names(spec.touches)).unwrap();
    }
    if !spec.reads.is_empty() {
        writeln!(out, "- Also reads: {}", names(spec.reads)).unwrap();
    }
    for write in example_writes(spec) {
        let iam: Vec<String> = write
            .permissions
            .iter()
            .map(|permission| {
                let conditions = serde_json::Value::Object(permission.conditions.clone());
                let when = if permission.conditions.is_empty() {
                    String::new()
                } else {
                    format!(" if `{conditions}`")
                };
                format!("`{}` on `{}`{when}", permission.action, permission.resource)
            })
            .collect();
        writeln!(out, "- Calls `{}`: {}", write.call, iam.join("; ")).unwrap();
    }
    writeln!(out, "- Dry run: {}", if spec.dry_run { "yes" } else { "no" }).unwrap();
    writeln!(out, "- Visible within: {} s", spec.settles).unwrap();
    let undo = match spec.undone_by {
        [] => "no".to_owned(),
        by => names(by),
    };
    writeln!(out, "- Undo: {undo}").unwrap();
}

fn example_writes(spec: &ActionSpec) -> Vec<ApiWrite> {
    let account = "111122223333".parse().unwrap();
    let partition = Partition::default();
    let region: Region = "eu-west-1".parse().unwrap();
    let mut writes: Vec<ApiWrite> = Vec::new();
    for kind in spec.kinds.all() {
        let target = WriteTarget {
            account: &account,
            partition: &partition,
            region: &region,
            kind: kind.name,
            id: "ID",
            arn: None,
        };
        for write in (spec.possible_writes)(&target) {
            if writes.iter().all(|known| known.call != write.call) {
                writes.push(write);
            }
        }
    }
    writes
}

#[test]
fn the_page_in_docs_is_current() {
    crate::generated::check("docs/fixes.md", &page());
}
