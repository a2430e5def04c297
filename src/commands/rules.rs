//! `rolecall rules`: lists rules, or compares them with the controls of another tool.

mod compare;
mod filter;
pub(crate) mod fixes;
pub(crate) mod listing;
pub(crate) mod reference;

use filter::Filters;
use listing::{Listed, Listing, describe};

use std::io::{self, Write};
use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use crate::cli::{DocFormat, Global, Narrowing, RulesArgs};
use crate::exit::Exit;
use crate::model::{counted, text};
use crate::rules::{DEFAULT_PROFILE, EVERY_RULE, SelectedRule};
use crate::run::error::CommandError;
use crate::run::setup::Setup;

/// Writes the list to `out`.
pub fn run(global: &Global, args: &RulesArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    if args.hash {
        let hash = Setup::hash_of_rules(global, &args.rules)?;
        writeln!(out, "{hash}").map_err(CommandError::Write)?;
        return Ok(Exit::Clean);
    }
    let filters = Filters::new(args)?;
    let setup = Setup::new(global, &Narrowing::default(), &args.rules, false)?;
    if let Some(tool) = args.compare {
        let report = compare::Report::new(tool, &setup, &args.rules)?;
        report
            .write(args.format.chosen(), out)
            .and_then(|()| out.flush())
            .map_err(CommandError::Write)?;
        return Ok(Exit::Clean);
    }
    let rules = filters.of(&setup);
    let others = filters.in_other_profiles(global, args, rules.len())?;
    if rules.is_empty() {
        return Err(filters.nothing_matches(others));
    }
    let listing =
        Listing { rules: &rules, frameworks: &setup.frameworks, profiles: &setup.profiles };
    match args.format.chosen() {
        DocFormat::Text => table(&listing, others, &filters.not_opted_in(&setup, args), out),
        DocFormat::Json => json(&listing, out),
        DocFormat::Markdown => listing
            .rules
            .iter()
            .try_for_each(|selected| writeln!(out, "{}", reference::page(selected, &listing))),
    }
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

/// The rules, by topic if there is more than one. `others`: how many more match in other profiles.
/// `opt_in`: the ids of opt-in rules that match, but are not selected.
fn table(
    listing: &Listing<'_>,
    others: usize,
    opt_in: &[&str],
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = |text: fn(&Arc<SelectedRule>) -> &str| {
        listing.rules.iter().map(|selected| text(selected).width()).max().unwrap_or(0)
    };
    let widths =
        (width(|selected| &selected.rule.id), width(|selected| selected.rule.meta.kind.name));
    let groups = listing.by_topic();
    let is_grouped = groups.len() > 1;
    for (topic, rules) in &groups {
        if is_grouped {
            let title = topic.map_or("Your own rules", |topic| &topic.title);
            writeln!(out, "{title} ({})", rules.len())?;
        }
        for selected in rules {
            line(selected, listing, widths, if is_grouped { "  " } else { "" }, out)?;
        }
        if is_grouped {
            writeln!(out)?;
        }
    }
    let more = match others {
        0 => String::new(),
        others => format!("; {others} more match with --rule-profile {EVERY_RULE}"),
    };
    if is_grouped || others > 0 {
        writeln!(out, "{}{more}", counted(listing.rules.len(), "rule"))?;
    }
    if !opt_in.is_empty() {
        writeln!(out, "opt-in, selected only by id: {}", opt_in.join(", "))?;
    }
    Ok(())
}

/// A rule. `widths`: of its id and kind.
fn line(
    selected: &SelectedRule,
    listing: &Listing<'_>,
    (ids, kinds): (usize, usize),
    indent: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rule = &selected.rule;
    let title = text::printable(&rule.meta.title);
    let mark = match (&rule.folder, listing.profile(rule)) {
        (Some(_), _) => "  (yours)".to_owned(),
        (None, Some(profile)) if profile != DEFAULT_PROFILE => format!("  (profile {profile})"),
        (None, None) if rule.meta.opt_in => "  (opt-in)".to_owned(),
        (None, _) => String::new(),
    };
    writeln!(
        out,
        "{indent}{:ids$}  {:8}  {:kinds$}  {title}{mark}",
        rule.id, selected.severity, rule.meta.kind.name
    )
}

fn json(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    let listed: Vec<Listed<'_>> =
        listing.rules.iter().map(|selected| describe(selected, listing)).collect();
    serde_json::to_writer_pretty(&mut *out, &listed)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::TagRequirements;
    use crate::rules;
    use crate::rules::Library;
    use crate::rules::RuleFilter;

    #[test]
    fn the_reference_in_docs_is_current() {
        const GENERATED: &str = "<!-- Generated: `cargo xtask generate` writes this page. -->\n";
        let Library { mut pack, frameworks, profiles } = Library::load(&[]).unwrap();
        // `docs/tagging.md` has those on required tags.
        rules::keep_required(&mut pack, &TagRequirements::default());
        let rules = rules::select(&pack, &BTreeMap::new(), &[&RuleFilter::every(&pack)]).unwrap();
        let listing = Listing { rules: &rules, frameworks: &frameworks, profiles: &profiles };
        let page = |text: String| format!("{GENERATED}{text}");
        let mut pages =
            BTreeMap::from([("README.md".to_owned(), page(reference::index(&listing)))]);
        pages.extend(rules.iter().map(|selected| {
            (format!("{}.md", selected.rule.id), page(reference::page(selected, &listing)))
        }));
        crate::generated::check_folder("docs/rules", &pages);
        // The table of contents lists the pages below the index.
        let contents =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/SUMMARY.md"))
                .unwrap();
        let mut current = String::new();
        for line in contents.lines().filter(|line| !line.starts_with("  - [`")) {
            current += &format!("{line}\n");
            if line.ends_with("(rules/README.md)") {
                for selected in &rules {
                    let id = &selected.rule.id;
                    current += &format!("  - [`{id}`](rules/{id}.md)\n");
                }
            }
        }
        crate::generated::check("docs/SUMMARY.md", &current);
    }

    #[test]
    fn profiles_are_nested_and_the_last_one_has_all_rules_that_are_not_opt_in() {
        let Library { pack, profiles, .. } = Library::load(&[]).unwrap();
        let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["baseline", "strict", EVERY_RULE]);
        for rule in pack.values() {
            assert_eq!(profiles.last().unwrap().has(rule), !rule.meta.opt_in, "{}", rule.id);
            let has: Vec<bool> = profiles.iter().map(|profile| profile.has(rule)).collect();
            assert!(has.is_sorted(), "{}: {has:?}", rule.id);
        }
        assert!(pack.values().filter(|rule| profiles[0].has(rule)).count() >= 10);
    }
}
