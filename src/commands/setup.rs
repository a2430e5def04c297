//! What most commands begin with: the config, the rules, and what narrows the run.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::CommandError;
use crate::cli::{Global, Narrowing, RuleSource};
use crate::config::Config;
use crate::model::{AccountId, Globs};
use crate::report::Selection;
use crate::rules::{self, LoadError, Pack, RuleFilter, SelectedRule, SettingFault};

/// The name of a selection that leaves nothing out.
const BASELINE: &str = "baseline";

/// The config and the rules that run.
#[derive(Debug)]
pub struct Setup {
    /// The config.
    pub config: Config,
    /// The rules, sorted by id.
    pub rules: Vec<Arc<SelectedRule>>,
    /// What the report says of the selection.
    pub selection: Selection,
    /// Regions that the run is narrowed to.
    pub regions: Option<Globs>,
    /// Patterns for accounts that the run is narrowed to.
    accounts: Option<Globs>,
}

impl Setup {
    /// Reads the config and the rules. `secrets`: whether external ids are needed, and so their environment variables.
    pub fn new(global: &Global, narrowing: &Narrowing, source: &RuleSource, secrets: bool) -> Result<Self, CommandError> {
        let environment = |name: &str| std::env::var(name).ok();
        let environment: &dyn Fn(&str) -> Option<String> = if secrets { &environment } else { &crate::config::without_secrets };
        let config = Config::load(global.config.as_deref(), environment)?;
        let pack = load(&config, source)?;
        let rules = select(&config, &pack, source)?;
        let mut narrowed_by = Vec::new();
        let regions = globs(&narrowing.region)?;
        if regions.is_some() {
            narrowed_by.push(format!("--region {}", narrowing.region.join(",")));
        }
        if !source.rule.is_empty() {
            narrowed_by.push(format!("--rule {}", source.rule.join(",")));
        }
        let configured = &config.scan.selection;
        let whole =
            configured.rules.patterns() == ["*"] && configured.exclude.patterns().is_empty() && configured.min_severity.is_none();
        let name = configured.name.clone().or_else(|| whole.then(|| BASELINE.to_owned()));
        let accounts = globs(&narrowing.account)?;
        Ok(Self { config, rules, selection: Selection { name, narrowed_by }, regions, accounts })
    }

    /// The accounts among `known` (id and name) that the run is narrowed to. A pattern that matches none is an error: it is most often
    /// a typo, and a run over nothing would look clean.
    pub fn accounts<'a>(
        &self,
        known: impl Iterator<Item = (&'a AccountId, Option<&'a str>)> + Clone,
    ) -> Result<BTreeSet<AccountId>, CommandError> {
        let Some(globs) = &self.accounts else { return Ok(known.map(|(id, _)| id.clone()).collect()) };
        let names: Vec<&str> = known.clone().flat_map(|(id, name)| [Some(id.as_str()), name]).flatten().collect();
        if let Some((pattern, meant)) = globs.unmatched(&names) {
            return Err(CommandError::Usage(unmatched("--account", pattern, "account", meant)));
        }
        let wanted =
            |(id, name): &(&AccountId, Option<&str>)| globs.matches(id.as_str()) || name.is_some_and(|name| globs.matches(name));
        Ok(known.filter(wanted).map(|(id, _)| id.clone()).collect())
    }

    /// Whether the run is narrowed to accounts and this is one of them.
    #[cfg(feature = "aws")]
    pub fn names(&self, id: &AccountId, name: Option<&str>) -> bool {
        let named = |globs: &Globs| globs.matches(id.as_str()) || name.is_some_and(|name| globs.matches(name));
        self.accounts.as_ref().is_some_and(named)
    }
}

/// The built-in pack, the folders of the config, then those of the command line.
fn load(config: &Config, source: &RuleSource) -> Result<Pack, CommandError> {
    let configured = &config.scan.rule_folders;
    let files = source.files().map(std::path::Path::to_owned);
    let folders: Vec<PathBuf> = configured.iter().chain(&source.rules).cloned().chain(files).collect();
    rules::load(&folders).map_err(|error| match &error {
        // A folder that the config names is a fault of the config: say where.
        LoadError::Io { path, .. } | LoadError::Empty { path } => match configured.iter().position(|folder| folder == path) {
            Some(index) => CommandError::Faults(vec![config.folder_diagnostic(index, error.to_string(), None)]),
            None => error.into(),
        },
        LoadError::Faults(_) => error.into(),
    })
}

fn select(config: &Config, pack: &Pack, source: &RuleSource) -> Result<Vec<Arc<SelectedRule>>, CommandError> {
    let ids: Vec<&str> = pack.keys().map(String::as_str).collect();
    let configured = &config.scan.selection;
    let mut faults = Vec::new();
    for globs in [&configured.rules, &configured.exclude] {
        if let Some((pattern, meant)) = globs.unmatched(&ids) {
            let help = meant.map(|meant| format!("did you mean `{meant}`?"));
            faults.push(config.selection_diagnostic(pattern, format!("no rule matches `{pattern}`"), help));
        }
    }
    let by_config = RuleFilter {
        rules: Some(configured.rules.clone()),
        exclude: Some(configured.exclude.clone()),
        min_severity: configured.min_severity,
    };
    let typed = globs(&source.patterns())?;
    if let Some((pattern, meant)) = typed.as_ref().and_then(|typed| typed.unmatched(&ids)) {
        let meant = meant.map(str::to_owned);
        return Err(CommandError::Usage(unmatched("--rule", pattern, "rule", meant.as_deref())));
    }
    let by_typing = RuleFilter { rules: typed, ..RuleFilter::default() };
    let selected = rules::select(pack, &config.rules, &[&by_config, &by_typing]);
    faults.extend(selected.as_ref().err().into_iter().flatten().map(|fault| {
        let SettingFault { rule, param, message, help } = fault;
        config.rule_diagnostic(rule, param.as_deref(), message.clone(), help.clone())
    }));
    match selected {
        Ok(rules) if faults.is_empty() && rules.is_empty() => Err(CommandError::Usage(
            "no rule is selected: the config or --rule leaves all of them out (`rolecall rules` lists them)".to_owned(),
        )),
        Ok(rules) if faults.is_empty() => Ok(rules),
        _ => Err(CommandError::Faults(faults)),
    }
}

fn globs(patterns: &[String]) -> Result<Option<Globs>, CommandError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    Globs::new(patterns).map(Some).map_err(|error| CommandError::Usage(error.to_string()))
}

/// The text for a pattern of the command line that matches nothing.
pub(super) fn unmatched(option: &str, pattern: &str, what: &str, meant: Option<&str>) -> String {
    let hint = meant.map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default();
    format!("{option} {pattern} matches no {what}{hint}")
}
