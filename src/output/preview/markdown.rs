//! What a planned change would change, as a comment on a pull request.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::rows::groups;
use super::words::{
    DESTROYED, before, changes, destroyed, partial, reasons, result, rules, unread,
};
use crate::model::text::{markdown, one_line};
use crate::model::{Place, Severity, counted};
use crate::output::code_span::{account, code};
use crate::output::words::count;
use crate::report::{Destroyed, Preview, Previewed, Refused, RunInfo};

/// Bytes of the comment. One on GitHub has at most 65,536 characters, and the action adds a few.
const LONGEST: usize = 58_000;

/// Bytes of what is around the tables.
const AROUND: usize = 4_000;

/// Rows of a table.
const ROWS: usize = 50;

/// Rules of which rows are left out.
const LEFT_OUT: usize = 20;

/// What the passes that hold only by default are.
const BY_DEFAULT: &str = "Neither the plan nor the snapshot sets what these rules read. They pass if AWS's current defaults apply (`--assume-defaults`); to be sure, set it in the code.";

/// What failures that get worse are.
const WORSE: &str = "These fail already. The change adds to why.";

/// What failures before and after the change are.
const UNCHANGED: &str = "The change concerns these resources, but neither fixes these failures nor makes them worse. They do not count for the result.";

/// Where a failure is explained.
const EXPLAIN: &str = " `rolecall explain RULE` says how to fix a failure.";

/// Marks the comment, so that it can be found and updated.
const MARK: &str = "<!-- rolecall-preview -->";

/// What is written.
struct Comment<'a> {
    run: &'a RunInfo,
    /// Bytes that rows can still have.
    left: usize,
}

/// Writes the preview.
pub fn write_markdown(out: &mut dyn Write, preview: &Preview, run: &RunInfo) -> io::Result<()> {
    let mut comment = Comment { run, left: LONGEST - AROUND };
    writeln!(out, "{MARK}")?;
    let heading = heading(preview);
    writeln!(out, "## rolecall: {heading}\n")?;
    // A pull request can have the comments of several.
    match &preview.stack {
        Some(stack) => writeln!(out, "Stack {}\n", code(stack, 150))?,
        None => writeln!(out, "Terraform root {}\n", code(&preview.root, 100))?,
    }
    let lost = match preview.destroyed.len() {
        0 => String::new(),
        1 => "; 1 resource is destroyed with its data".to_owned(),
        number => format!("; {number} resources are destroyed with their data"),
    };
    writeln!(out, "**{}{lost}.** {}.\n", result(preview), numbers(preview))?;
    if !preview.refused.is_empty() {
        writeln!(out, "### The apply will fail ({})\n", preview.refused.len())?;
        let row = |one: &Refused| {
            let position =
                one.place.as_ref().map(|place| format!(", {}", code(&place.position(), 200)));
            let (label, position) = (code(&one.label(), 200), position.unwrap_or_default());
            format!("- {label}{position}: {}", markdown(&one.message))
        };
        comment.rows(out, preview.refused.iter().map(row))?;
    }
    comment.failures(out, preview)?;
    comment.exposed(out, &preview.exposed)?;
    comment.destroyed(out, &preview.destroyed)?;
    let fixed = format!("Fixed ({})", preview.fixed.len());
    let has_failures = !preview.new_failures.is_empty() || !preview.worse.is_empty();
    comment.findings(out, (&fixed, ""), &preview.fixed, !has_failures)?;
    let unchecked = format!("Not checked ({})", preview.not_checked.len());
    comment.findings(out, (&unchecked, ""), &preview.not_checked, true)?;
    comment.not_known(out, preview)?;
    let by_default =
        format!("Pass only with AWS's current defaults ({})", preview.by_default.len());
    comment.findings(out, (&by_default, BY_DEFAULT), &preview.by_default, false)?;
    let unchanged = format!("Failing before and after ({})", preview.unchanged.len());
    comment.findings(out, (&unchanged, UNCHANGED), &preview.unchanged, false)?;
    if !preview.unknown_types.is_empty() {
        let types: Vec<String> =
            preview.unknown_types.iter().take(ROWS).map(|(name, _)| code(name, 100)).collect();
        writeln!(out, "Types that the preview cannot read: {}\n", types.join(", "))?;
    }
    if let Some(unread) = unread(preview) {
        writeln!(out, "{unread}\n")?;
    }
    if let Some(partial) = partial(preview) {
        writeln!(out, "{partial}\n")?;
    }
    if !preview.deferred.is_empty() {
        let number = preview.deferred.len();
        writeln!(out, "<details><summary>Deferred to a later plan ({number})</summary>\n")?;
        let row = |(address, why): &(String, &str)| format!("- {}: {why}", code(address, 150));
        comment.rows(out, preview.deferred.iter().map(row))?;
        writeln!(out, "</details>\n")?;
    }
    let snapshot = match &preview.snapshot {
        Some(_) => {
            let times =
                preview.accounts.iter().filter_map(|account| account.collected_at.as_deref());
            times.max().map_or(String::new(), |time| {
                format!(" Compared with the snapshot of {}.", code(time, 40))
            })
        }
        None => " No snapshot: only what the plan says is known.".to_owned(),
    };
    let accounts: Vec<String> = preview
        .accounts
        .iter()
        .map(|one| account(one.account.as_str(), one.name.as_deref()))
        .collect();
    let has_rows = has_failures || !preview.exposed.is_empty() || !preview.not_known.is_empty();
    let help = if has_rows { EXPLAIN } else { "" };
    let accounts = match accounts.as_slice() {
        [] => String::new(),
        all => format!(" in {}", all.join(", ")),
    };
    writeln!(out, "<sub>{}{accounts}.{snapshot}{help}</sub>", rules(preview))
}

/// What the reader should know first, with what cannot be undone.
fn heading(preview: &Preview) -> String {
    match preview.destroyed.len() {
        0 => outcome(preview),
        number => {
            let resources = counted(number, "resource");
            let their = if number == 1 { "its" } else { "their" };
            format!("{}; the change destroys {resources} with {their} data", outcome(preview))
        }
    }
}

fn outcome(preview: &Preview) -> String {
    let new = preview.new_failures.iter().chain(&preview.worse).map(|one| one.severity).min();
    let what = match (preview.failures() > 0, preview.worse_failures() > 0) {
        (true, _) => "this change introduces failures".to_owned(),
        (false, true) => "this change makes failures worse".to_owned(),
        (false, false) if preview.is_incomplete() => {
            return "this change could not be checked completely".to_owned();
        }
        (false, false) => {
            let what = match (preview.new_failures.is_empty(), preview.worse.is_empty()) {
                (false, _) => "this change introduces failures",
                (true, false) => "this change makes failures worse",
                (true, true) if !preview.refused.is_empty() => "the apply will fail",
                (true, true) if !preview.exposed.is_empty() => {
                    "existing failures are newly exposed"
                }
                (true, true) if preview.not_known.is_empty() && !preview.is_partial => {
                    "no new failures"
                }
                (true, true) => "no new failures that are known before apply",
            };
            match preview.fail_on.filter(|_| new.is_some()) {
                Some(threshold) => format!("{what} below {threshold}"),
                None => what.to_owned(),
            }
        }
    };
    // A failure must not hide that something more severe can follow.
    match not_known_at_or_above(preview) {
        Some(unknown) if new.is_some_and(|new| unknown < new) => {
            format!("{what}, and some {unknown} results are not known until apply")
        }
        _ => what,
    }
}

/// The highest severity of what is not known until apply, if it would affect the exit code.
fn not_known_at_or_above(preview: &Preview) -> Option<Severity> {
    let highest = preview.not_known.iter().map(|one| one.severity).min();
    highest.filter(|one| preview.fail_on.is_none_or(|threshold| one.at_least(threshold)))
}

/// What the lists have, in one line.
fn numbers(preview: &Preview) -> String {
    let lists = [
        (preview.new_failures.len(), "new"),
        (preview.worse.len(), "worse than before"),
        (preview.exposed.len(), "newly exposed by existing failures"),
        (preview.fixed.len(), "fixed"),
        (preview.not_known.len(), "not known until apply"),
        (preview.not_checked.len(), "not checked"),
        (preview.unchanged.len(), "failing before and after"),
        (preview.passes, "passing"),
    ];
    let by_default = match preview.by_default.len() {
        0 => String::new(),
        number => format!(" ({number} only with AWS's defaults)"),
    };
    let lists = lists.into_iter().filter(|(number, _)| *number > 0);
    let lists: Vec<String> = lists.map(|(number, what)| format!("{number} {what}")).collect();
    match lists.is_empty() {
        true if preview.changes == 0 => sentence(&changes(preview)),
        true => format!("{}. No rule applies to what changes", sentence(&changes(preview))),
        false => {
            format!("{}. Checks: {}{by_default}", sentence(&changes(preview)), lists.join(", "))
        }
    }
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Comment<'_> {
    /// Writes rows, as many as there is place for.
    fn rows(&mut self, out: &mut dyn Write, rows: impl Iterator<Item = String>) -> io::Result<()> {
        let mut left_out = 0;
        for (at, row) in rows.enumerate() {
            if left_out == 0 && at < ROWS && row.len() < self.left {
                self.left -= row.len() + 1;
                writeln!(out, "{row}")?;
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            writeln!(out, "\n… and {left_out} more; the JSON report lists all of them")?;
        }
        writeln!(out)
    }

    /// A rule: its title, and its id with a link to what explains it. The title states the failure, so
    /// that it is a question if there is none.
    fn rule(&self, id: &str, fails: bool) -> String {
        let rule = self.run.rule(id);
        let name = code(id, 100);
        let name = match rule.and_then(|rule| rule.help_uri.as_deref()).filter(|uri| is_link(uri)) {
            Some(uri) => format!("[{name}]({uri})"),
            None => name,
        };
        match rule.map(|rule| one_line(&rule.title, 150)).filter(|title| !title.is_empty()) {
            Some(title) => {
                let mark = if fails { "" } else { "?" };
                format!("{}{mark}<br>{name}", markdown(&title))
            }
            None => name,
        }
    }

    /// New failures and worse ones, first those with the most severe.
    fn failures(&mut self, out: &mut dyn Write, preview: &Preview) -> io::Result<()> {
        let mut lists = [
            ("New failures", "", &preview.new_failures),
            ("Worse than before", WORSE, &preview.worse),
        ];
        lists.sort_by_key(|(_, _, list)| list.iter().map(|one| one.severity).min());
        for (heading, text, list) in lists.into_iter().filter(|(_, _, list)| !list.is_empty()) {
            writeln!(out, "### {heading} ({})\n", list.len())?;
            if !text.is_empty() {
                writeln!(out, "{text}\n")?;
            }
            self.table(out, list)?;
        }
        Ok(())
    }

    fn findings(
        &mut self,
        out: &mut dyn Write,
        (heading, text): (&str, &str),
        list: &[Previewed],
        is_open: bool,
    ) -> io::Result<()> {
        if list.is_empty() {
            return Ok(());
        }
        let open = if is_open { " open" } else { "" };
        writeln!(out, "<details{open}><summary>{heading}</summary>\n")?;
        if !text.is_empty() {
            writeln!(out, "{text}\n")?;
        }
        self.table(out, list)?;
        writeln!(out, "</details>\n")
    }

    /// What is destroyed with its data.
    fn destroyed(&mut self, out: &mut dyn Write, list: &[Destroyed]) -> io::Result<()> {
        if list.is_empty() {
            return Ok(());
        }
        writeln!(out, "### {DESTROYED} ({})\n", list.len())?;
        let row = |one: &Destroyed| {
            let parts = destroyed(one);
            let names = parts.len() - usize::from(one.remark.is_some());
            let position = one.place.as_ref().map(Place::position);
            let parts = parts.iter().take(names).chain(&position);
            let names: Vec<String> = parts.map(|part| code(part, 200)).collect();
            match &one.remark {
                Some(remark) => format!("- {}: {remark}", names.join(", ")),
                None => format!("- {}", names.join(", ")),
            }
        };
        self.rows(out, list.iter().map(row))
    }

    /// What joins security groups that fail already.
    fn exposed(&mut self, out: &mut dyn Write, list: &[Previewed]) -> io::Result<()> {
        if list.is_empty() {
            return Ok(());
        }
        writeln!(out, "### Newly exposed by existing failures ({})\n", list.len())?;
        writeln!(
            out,
            "These security groups fail already. They also let in traffic to what joins them.\n"
        )?;
        writeln!(
            out,
            "| severity | rule | security group | joined by | lets in |\n|---|---|---|---|---|"
        )?;
        let rows: Vec<String> = list
            .iter()
            .map(|one| {
                let (label, message) = (code(&one.resource.label(), 150), code(&one.message, 200));
                let (rule, waived) =
                    (self.rule(&one.rule, true), if one.waived { "waived: " } else { "" });
                let who = lines(names(&one.joined_by), one.place().map(Place::position));
                format!("| {} | {rule} | {label} | {who} | {waived}{message} |", one.severity)
            })
            .collect();
        self.rows(out, rows.into_iter())
    }

    /// By rule, verdict before and cause: a plan always has many.
    fn not_known(&mut self, out: &mut dyn Write, preview: &Preview) -> io::Result<()> {
        if preview.not_known.is_empty() {
            return Ok(());
        }
        let number = preview.not_known.len();
        // It is what is left to look at.
        let has_failures = !preview.new_failures.is_empty() || !preview.worse.is_empty();
        let is_open = !has_failures || not_known_at_or_above(preview).is_some();
        let open = if is_open { " open" } else { "" };
        writeln!(out, "<details{open}><summary>Not known until apply ({number})</summary>\n")?;
        writeln!(out, "| severity | rule | resources | before | why |\n|---|---|---|---|---|")?;
        type Row = (Vec<String>, BTreeSet<String>);
        let mut rules: BTreeMap<(Severity, &str, &str, String), Row> = BTreeMap::new();
        // A nested stack can change anything, which says the same of every rule.
        let (nested, others): (Vec<_>, Vec<_>) =
            preview.not_known.iter().partition(|one| is_of_nested_stack(one, preview));
        let of_nested = nested.iter().map(|one| one.severity).min().map(|severity| {
            let rules: BTreeSet<&str> = nested.iter().map(|one| one.rule.as_str()).collect();
            let (stacks, number) = (names(&preview.nested), nested.len());
            let rules = count(rules.len(), "rule", "rules");
            let number = count(number, "result", "results");
            let why = "a nested stack has a change set of its own: preview that as well";
            format!("| {severity} | {number} of {rules} | {stacks} | – | {why} |")
        });
        for one in others {
            let key = (one.severity, one.rule.as_str(), before(one), reasons(one));
            let (resources, positions) = rules.entry(key).or_default();
            resources.extend(all_names(one));
            positions.extend(one.place().map(Place::position));
        }
        let rows: Vec<String> = rules
            .iter()
            .map(|((severity, rule, before, reasons), (resources, positions))| {
                let (rule, reasons) = (self.rule(rule, false), code(reasons, 300));
                let resources = lines(names(resources), positions.iter().cloned());
                format!("| {severity} | {rule} | {resources} | {before} | {reasons} |")
            })
            .collect();
        self.rows(out, of_nested.into_iter().chain(rows))?;
        writeln!(out, "</details>\n")
    }

    fn table(&mut self, out: &mut dyn Write, list: &[Previewed]) -> io::Result<()> {
        writeln!(out, "| severity | rule | resource | details |\n|---|---|---|---|")?;
        let mut left_out: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
        let groups = groups(list);
        for (at, group) in groups.iter().enumerate() {
            // Rows that are not shown are not formatted.
            let row = (left_out.is_empty() && at < ROWS).then(|| {
                let (resource, details) = (group.resource(), group.details());
                let rule = self.rule(group.rule(), group.fails());
                format!("| {} | {rule} | {resource} | {details} |", group.severity())
            });
            match row.filter(|row| row.len() < self.left) {
                Some(row) => {
                    self.left -= row.len() + 1;
                    writeln!(out, "{row}")?;
                }
                None => {
                    let key = (group.severity(), group.rule());
                    *left_out.entry(key).or_default() += group.len();
                }
            }
        }
        if !left_out.is_empty() {
            let number: usize = left_out.values().sum();
            let of = |((_, rule), number): (&(Severity, &str), &usize)| {
                format!("{number} of {}", code(rule, 100))
            };
            let rules: Vec<String> = left_out.iter().take(LEFT_OUT).map(of).collect();
            let more = left_out.len().saturating_sub(LEFT_OUT);
            let others =
                if more > 0 { format!(", and others of {more} rules") } else { String::new() };
            let rules = rules.join(", ");
            writeln!(
                out,
                "\n… and {number} more ({rules}{others}); the JSON report lists all of them"
            )?;
        }
        writeln!(out)
    }
}

/// Whether something is not known only because of what nested stacks can change.
fn is_of_nested_stack(one: &Previewed, preview: &Preview) -> bool {
    let names_it = |message: &str| {
        let is_it = |stack: &String| message.contains(&format!("because of {stack} ("));
        preview.nested.iter().any(is_it)
    };
    !one.causes.is_empty() && one.causes.iter().all(|cause| names_it(&cause.message))
}

/// What is not known: the resource, or all that makes a list unknown.
fn all_names(one: &Previewed) -> Vec<String> {
    match (one.addresses.first(), &one.part) {
        (None, _) => vec![one.resource.label()],
        (Some(address), Some(part)) => vec![format!("{address} ({part})")],
        (Some(_), None) if one.resource.id.is_none() => one.addresses.clone(),
        (Some(address), None) => vec![address.clone()],
    }
}

/// The first names, and how many more there are.
fn names(all: &[String]) -> String {
    let shown: Vec<String> = all.iter().take(3).map(|name| code(name, 150)).collect();
    match all.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Names, and below them the first lines of code.
fn lines(names: String, positions: impl IntoIterator<Item = String>) -> String {
    let positions: Vec<String> = positions.into_iter().collect();
    match positions.is_empty() {
        true => names,
        false => format!("{names}<br>{}", self::names(&positions)),
    }
}

/// Whether an address can be the target of a link as it is.
fn is_link(uri: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#&=%+@,;".contains(c);
    uri.len() <= 300 && uri.starts_with("https://") && uri.chars().all(is_plain)
}
