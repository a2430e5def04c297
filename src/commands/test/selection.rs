//! Selects the rules to test, and runs the selected cases.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::options::Options;
use super::run::{Outcome, Tested, run_cases};
use crate::cli::{Global, TestArgs};
use crate::config::Config;
use crate::diagnostics::Diagnostic;
use crate::model::did_you_mean;
use crate::rules::cases::without_rule;
use crate::rules::{self, LoadError, Rule, script_of};
use crate::run::error::CommandError;
use crate::run::setup::unmatched;

/// Files and folders of rules to test; an empty list means the built-in pack.
pub(super) fn paths(global: &Global, args: &TestArgs) -> Result<Vec<PathBuf>, CommandError> {
    if args.paths.is_empty() {
        let config = Config::load(
            global.config.as_deref(),
            &crate::config::without_secrets,
            &global.files(),
        )?;
        return Ok(config.scan.rule_folders);
    }
    let rule_of = |path: &PathBuf| {
        if path.is_dir() {
            return Ok(path.clone());
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name.strip_suffix(".cases.json") {
            Some(id) => Ok(path.with_file_name(format!("{id}.rhai"))),
            None if name.ends_with(".rhai") || !path.exists() => Ok(path.clone()),
            None => {
                let shown = crate::model::text::one_line(&path.display().to_string(), 200);
                Err(CommandError::Usage(format!(
                    "`{shown}` is not a folder, a rule (`<id>.rhai`) or a test case file (`<id>.cases.json`)"
                )))
            }
        }
    };
    args.paths.iter().map(rule_of).collect()
}

/// The rules in these files, where a script with variants is one rule.
pub(super) fn rules_of(paths: &[PathBuf]) -> Result<Vec<Arc<Rule>>, LoadError> {
    if paths.is_empty() {
        let pack = rules::load(&[])?;
        let scripts = pack.values().map(script_of);
        let scripts: BTreeMap<&str, &Arc<Rule>> =
            scripts.map(|script| (script.id.as_str(), script)).collect();
        Ok(scripts.into_values().cloned().collect())
    } else {
        rules::load_alone(paths)
    }
}

/// Test case files without their rule; none if cases are selected.
pub(super) fn orphans(paths: &[PathBuf], options: &Options) -> Result<Vec<Diagnostic>, LoadError> {
    if options.filter.is_some() { Ok(Vec::new()) } else { without_rule(paths) }
}

/// Runs the selected cases. A filter that matches none is an error: a run without cases would look
/// clean.
pub(super) fn test(rules: &[Arc<Rule>], options: &Options) -> Result<Vec<Tested>, CommandError> {
    let mut tested = run_cases(rules, options)?;
    let Some(filter) = &options.filter else { return Ok(tested) };
    let ran = |tested: &Tested| match &tested.outcome {
        Outcome::Ran(outcome) => !outcome.cases.is_empty(),
        Outcome::NoCases => {
            let variants = tested.rule.meta.variants.iter().map(|variant| &variant.id);
            std::iter::once(&tested.rule.id).chain(variants).any(|id| filter.matches(id))
        }
        Outcome::Unreadable(_) => true,
    };
    if !tested.iter().any(ran) {
        let names = tested.iter().flat_map(Tested::names);
        let pattern = filter.patterns().concat();
        let meant = did_you_mean(&pattern, names);
        return Err(CommandError::Usage(unmatched(
            "--filter",
            &pattern,
            "case",
            meant,
            "use a rule id or `RULE/CASE`",
        )));
    }
    tested.retain(ran);
    Ok(tested)
}
