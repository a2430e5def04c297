//! Rules as documentation pages: an index, and a page for each rule. `rolecall rules --format
//! markdown` prints the pages of the selected rules; `docs/rules/` has those of the built-in pack.

use std::fmt::Write;

use super::fixes::Fixes;
use super::listing::{Listing, needs, used_by};
use crate::facts;
use crate::model::{code_series, counted, text};
use crate::rules::{Rule, SelectedRule};

/// The page of a rule.
pub(crate) fn page(selected: &SelectedRule, listing: &Listing<'_>) -> String {
    let rule = &selected.rule;
    let meta = &rule.meta;
    let kind = meta.kind.name;
    let mut out = format!("# {}\n\n", text::markdown(&meta.title));
    let profiles: Vec<String> =
        listing.profiles(rule).iter().map(|profile| format!("`{profile}`")).collect();
    let profiles = match profiles.as_slice() {
        [] if meta.opt_in => "opt-in".to_owned(),
        [] => "no profile".to_owned(),
        [only] => format!("profile: {only}"),
        several => format!("profiles: {}", several.join(", ")),
    };
    let severity = selected.severity;
    writeln!(out, "`{}` · severity {severity} · evaluates `{kind}` · {profiles}\n", rule.id).ok();
    if let Some(opt_in) = opt_in(rule) {
        writeln!(out, "{opt_in}\n").ok();
    }
    if !rule.prose.markdown.is_empty() {
        out.extend(
            rule.prose
                .markdown
                .chars()
                .map(|c| if c == '\n' || !text::is_unprintable(c) { c } else { '\u{fffd}' }),
        );
        out.push_str("\n\n");
    }
    if let Some(variant) = variant(rule) {
        writeln!(out, "{variant}\n").ok();
    }
    let calls = facts::calls(&meta.demand());
    let needs = needs(rule);
    out.push_str("## What it reads\n\n");
    if needs.is_empty() {
        writeln!(out, "The rule reads the fields of `{kind}`.\n").ok();
    } else {
        let needs = code_series(needs, "and");
        writeln!(out, "The rule reads the fields of `{kind}`, plus {needs}.\n").ok();
    }
    if let Some(users) = used_by(rule, |kind| format!("`{kind}`")) {
        writeln!(out, "{users}\n").ok();
    }
    out.push_str("| API call | IAM action |\n|---|---|\n");
    for call in calls {
        writeln!(out, "| `{}` | `{}` |", call.name, call.action).ok();
    }
    if !selected.params.is_empty() {
        out.push_str("\n## Parameters\n\n| parameter | value |\n|---|---|\n");
        for (name, value) in &selected.params {
            writeln!(
                out,
                "| `{name}` | `{}`{} |",
                text::printable(&value.to_string()).replace('|', "\\|"),
                limits(selected, name).replace('|', "\\|")
            )
            .ok();
        }
    }
    out += &fixes(selected).unwrap_or_default();
    let decided: Vec<_> = listing.requirements(rule).collect();
    if !decided.is_empty() {
        out.push_str("\n## Frameworks\n\n| framework | requirement | |\n|---|---|---|\n");
        for (framework, requirement) in decided {
            writeln!(
                out,
                "| `{}` | {} | {} |",
                framework.id,
                requirement.id,
                text::markdown(&requirement.title)
            )
            .ok();
        }
    }
    if !meta.aliases.is_empty() {
        let aliases: Vec<String> = meta.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        writeln!(out, "\nEarlier ids: {}.", aliases.join(", ")).ok();
    }
    out
}

/// What a rule has in common with others, if it is a variant.
pub(crate) fn variant(rule: &Rule) -> Option<String> {
    let script = rule.script.as_ref()?;
    let others = script.meta.variants.len() - 1;
    let (script, others) = (&script.id, counted(others, "other variant"));
    Some(format!(
        "The rule is a variant of `{script}`, with {others}: settings for `{script}` apply to all of them, unless the rule has its own."
    ))
}

/// How to select a rule, if it is opt-in.
pub(crate) fn opt_in(rule: &Rule) -> Option<String> {
    let id = &rule.id;
    rule.meta.opt_in.then(|| {
        format!(
            "The rule is opt-in: it is in no profile, not even in `all`, and patterns and frameworks do not select it. To run it, set \
             `enabled = true` in `[rules.\"{id}\"]`, or pass `--rule {id}`."
        )
    })
}

/// What can be fixed, and how.
fn fixes(selected: &SelectedRule) -> Option<String> {
    let fixes = Fixes::of(selected)?;
    let mut out = format!("\n## Remediation\n\n{}\n", fixes.summary(&selected.rule));
    if !fixes.needs.is_empty() {
        let needs = code_series(fixes.needs, "and");
        writeln!(out, "\nTo plan a fix, rolecall also reads {needs}.").ok();
    }
    if !fixes.calls.is_empty() {
        out.push_str("\n| API call | IAM action |\n|---|---|\n");
        for call in fixes.calls {
            writeln!(out, "| `{}` | `{}` |", call.call, call.action).ok();
        }
    }
    if !fixes.actions.is_empty() {
        out.push_str("\n| action | description | IAM actions of the write role |\n|---|---|---|\n");
        for action in fixes.actions {
            let iam: Vec<String> = action.iam.iter().map(|one| format!("`{one}`")).collect();
            let description = text::markdown(action.description);
            writeln!(out, "| `{}` | {description} | {} |", action.name, iam.join(", ")).ok();
        }
    }
    if !fixes.params.is_empty() {
        out.push_str("\n| parameter of the fix | value |\n|---|---|\n");
        for (name, value) in fixes.params {
            let value = text::printable(&value.to_string()).replace('|', "\\|");
            writeln!(out, "| `{name}` | `{value}` |").ok();
        }
    }
    Some(out)
}

/// The tables of all rules by topic, each rule with a link to its page.
#[cfg(test)]
pub(crate) fn index(listing: &Listing<'_>) -> String {
    let mut out = "# Rules\n\n\
        This page lists the built-in rules by topic. `rolecall rules` lists the rules that a scan would run; add `--rule-profile all`\n\
        to list all rules, and `--topic`, `--kind` or `--severity` to filter them. The profiles are `baseline`, `strict` and `all`;\n\
        each profile includes all rules of the previous one. Opt-in rules make calls that other rules do not need, for example on\n\
        objects, so they are in no profile: they run only if you select them by id. The last column lists the frameworks with\n\
        requirements that the rule checks; `rolecall frameworks ID` shows them. The rules on [required tags](../tagging.md) are not\n\
        listed here. If you use another scanner, see [Moving from another scanner](../moving.md).\n\n\
        | topic | `--topic` | rules |\n|---|---|---|\n"
        .to_owned();
    let groups = listing.by_topic();
    let groups = groups.iter().filter_map(|(topic, rules)| Some(((*topic)?, rules)));
    for (topic, rules) in groups.clone() {
        let anchor = topic.title.to_lowercase().replace(' ', "-");
        let (title, id) = (&topic.title, &topic.id);
        writeln!(out, "| [{title}](#{anchor}) | `{id}` | {} |", rules.len()).ok();
    }
    for (topic, rules) in groups {
        writeln!(
            out,
            "\n## {}\n\n| rule | severity | evaluates | what is wrong | profile | frameworks |\n|---|---|---|---|---|---|",
            topic.title
        )
        .ok();
        for selected in rules {
            row(selected, listing, &mut out);
        }
    }
    out
}

/// The row of a rule in the index.
#[cfg(test)]
fn row(selected: &SelectedRule, listing: &Listing<'_>, out: &mut String) {
    let rule = &selected.rule;
    let mut frameworks: Vec<&str> =
        listing.requirements(rule).map(|(framework, _)| framework.id.as_str()).collect();
    frameworks.dedup();
    writeln!(
        out,
        "| [`{0}`]({0}.md) | {1} | `{2}` | {3} | {4} | {5} |",
        rule.id,
        selected.severity,
        rule.meta.kind.name,
        text::markdown(&rule.meta.title),
        listing.profile(rule).unwrap_or(if rule.meta.opt_in { "opt-in" } else { "none" }),
        frameworks.join(", ")
    )
    .ok();
}

/// What the values of a parameter must be, if the rule limits them.
fn limits(selected: &SelectedRule, name: &str) -> String {
    let limits = selected.rule.meta.limits.get(name);
    limits.map(|limits| format!("; must {}", limits.requirement())).unwrap_or_default()
}
