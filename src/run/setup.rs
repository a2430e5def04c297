//! The first step of most commands: loads the config and the rules, and applies the filters.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::CommandError;
use super::misnamed;
use crate::cli::{Global, Narrowing, RuleSource};
use crate::config::Config;
use crate::diagnostics::Diagnostic;
use crate::evaluate;
use crate::model::text::one_line;
use crate::model::{AccountId, Demand, Globs, code_series, counted, did_you_mean, sha256_hex};
use crate::report::Selection;
use crate::rules::{self, Library, lint};
use crate::rules::{DEFAULT_PROFILE, EVERY_RULE, Profile};
use crate::rules::{Framework, Frameworks};
use crate::rules::{LoadError, Pack, Rule};
use crate::rules::{RuleFilter, SelectedRule, SettingError};
use crate::snapshot::RunStamp;
use crate::staging::Staging;
use crate::waivers::Waivers;

/// The config and the rules that run.
#[derive(Debug)]
pub struct Setup {
    /// The config.
    pub config: Config,
    /// The waivers of the config.
    pub waivers: Arc<Waivers>,
    /// The rules, sorted by id.
    pub rules: Vec<Arc<SelectedRule>>,
    /// How reports describe the selection.
    pub selection: Selection,
    /// All frameworks.
    pub frameworks: Frameworks,
    /// The selected frameworks, in the order in which they were named.
    pub selected_frameworks: Vec<Arc<Framework>>,
    /// The profiles, each a subset of the next one.
    pub profiles: Vec<Profile>,
    /// The opt-in rules that do not run.
    pub not_opted_in: Vec<Arc<Rule>>,
    /// The filter for regions.
    pub regions: Option<Globs>,
    /// The filter for accounts.
    accounts: Option<Globs>,
    /// The folders and files of rules that are not built in.
    own_rules: Vec<PathBuf>,
    /// Whether what fixes need is collected as well.
    fixes: bool,
    /// Files in S3.
    pub staging: Staging,
}

impl Setup {
    /// Reads the config and the rules. `secrets`: whether external ids, and therefore their
    /// environment variables, are required.
    pub fn new(
        global: &Global,
        narrowing: &Narrowing,
        source: &RuleSource,
        secrets: bool,
    ) -> Result<Self, CommandError> {
        let environment = |name: &str| std::env::var(name).ok();
        let environment: &dyn Fn(&str) -> Option<String> =
            if secrets { &environment } else { &crate::config::without_secrets };
        let (config, errors) =
            Config::load_with_errors(global.config.as_deref(), environment, &global.files())?;
        let setup = Self::with(config, global, narrowing, source);
        if errors.is_empty() {
            return setup;
        }
        let mut errors: Vec<Diagnostic> = errors.into_iter().map(|(error, _)| error).collect();
        if let Err(
            CommandError::Diagnostics(more) | CommandError::Load(LoadError::Diagnostics(more)),
        ) = setup
        {
            errors.extend(more);
        }
        Err(CommandError::Diagnostics(errors))
    }

    /// The hash of the rules that are not built in, for `rules_sha256`. The config may have another
    /// one: it is what the hash is for.
    pub fn hash_of_rules(global: &Global, source: &RuleSource) -> Result<String, CommandError> {
        let secrets = &crate::config::without_secrets;
        let config = Config::load(global.config.as_deref(), secrets, &global.files())?;
        let typed_packs = typed_packs(source);
        let own_rules = folders(&config, &typed_packs);
        misnamed::print(&own_rules, global.quiet);
        Ok(hash(&own_rules, &library(&config, &typed_packs)?.pack))
    }

    fn with(
        config: Config,
        global: &Global,
        narrowing: &Narrowing,
        source: &RuleSource,
    ) -> Result<Self, CommandError> {
        let typed_packs = typed_packs(source);
        let own_rules = folders(&config, &typed_packs);
        misnamed::print(&own_rules, global.quiet);
        let Library { pack, frameworks, profiles } =
            Library::load_required(&own_rules, &config.tags)
                .map_err(|error| failed(error, &config))?;
        if let Some(error) = config.wrong_rules(&hash(&config.scan.rule_folders, &pack)) {
            return Err(CommandError::Diagnostics(vec![error]));
        }
        let choice = Choice::new(&config, source, &frameworks, &profiles)?;
        let rules = select(&config, &pack, source, &choice)?;
        let runs = |rule: &Arc<Rule>| rules.iter().any(|selected| selected.rule.id == rule.id);
        let opt_in = pack.values().filter(|rule| rule.meta.opt_in);
        let not_opted_in = opt_in.filter(|rule| !runs(rule)).cloned().collect();
        let regions = globs(&narrowing.region)?;
        let typed = [
            ("--region", &narrowing.region),
            ("--rule", &source.rule),
            ("--framework", &source.framework),
        ];
        let narrowed_by = typed
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(option, values)| format!("{option} {}", values.join(",")))
            .collect();
        let selection = Selection::new(choice.name(&config), narrowed_by, None);
        let accounts = globs(&narrowing.account)?;
        let mut waivers = config.waivers.clone();
        for waiver in &mut waivers {
            // A local copy has the name of the file in S3.
            waiver.terms.file = global.staging.shown(&waiver.terms.file);
        }
        let mut waivers = Waivers::new(waivers);
        waivers.check(&pack.values().flat_map(|rule| rule.ids()).collect::<Vec<_>>());
        let waivers = Arc::new(waivers);
        Ok(Self {
            fixes: config.remediation.collect,
            config,
            waivers,
            rules,
            selection,
            frameworks,
            selected_frameworks: choice.frameworks,
            profiles,
            not_opted_in,
            regions,
            accounts,
            own_rules,
            staging: global.staging.clone(),
        })
    }

    /// Includes what the fixes of the rules need in the demand, if `fixes` or the config says so.
    pub fn with_fixes(self, fixes: bool) -> Self {
        Self { fixes: self.fixes || fixes, ..self }
    }

    /// Whether the demand includes what fixes need.
    #[cfg(feature = "aws")]
    pub fn has_fixes(&self) -> bool {
        self.fixes
    }

    /// The lists and facts that the rules and waivers need, possibly those of fixes, and the tags by
    /// which the config finds code.
    pub fn demand(&self) -> Demand {
        let mut demand = match self.fixes {
            true => evaluate::fix_demand(&self.rules, &self.waivers),
            false => evaluate::demand(&self.rules, &self.waivers),
        };
        if self.config.sources.iter().any(|source| source.code.reads_tags()) {
            demand.merge(&evaluate::tags_demand(&self.rules));
        }
        demand
    }

    /// What all parts of a run that several processes collect have in common.
    pub fn stamp(&self, run: &str) -> RunStamp {
        let rules: String = self
            .rules
            .iter()
            .map(|rule| format!("{} {}\n", rule.rule.id, rule.rule.sha256))
            .collect();
        RunStamp {
            run: run.to_owned(),
            tool: concat!("rolecall ", env!("CARGO_PKG_VERSION")).to_owned(),
            rules: sha256_hex(rules.as_bytes()),
        }
    }

    /// Prints how many errors `lint` reports for your own rules, in one line on stderr. They can
    /// make a rule pass where it should fail, and a run would not show it.
    pub fn print_lint_errors(&self, quiet: bool) {
        if quiet {
            return;
        }
        let errors = self.lint_errors().len();
        if errors > 0 {
            let paths: Vec<String> =
                self.own_rules.iter().map(|path| path.display().to_string()).collect();
            let (errors, paths) = (counted(errors, "lint error"), paths.join(" "));
            let note = one_line(
                &format!("note: {errors} in your rules; run `rolecall lint {paths}` for details"),
                500,
            );
            writeln!(crate::output::stderr(), "{note}").ok();
        }
    }

    /// What `lint` reports for your own rules.
    pub fn lint_errors(&self) -> Vec<Diagnostic> {
        if self.own_rules.is_empty() {
            return Vec::new();
        }
        lint::lint(&self.own_rules).map_or_else(|_| Vec::new(), |report| report.diagnostics)
    }

    /// What to do if the config names no accounts.
    pub fn no_accounts(&self) -> String {
        match &self.config.path {
            Some(path) => format!("no accounts to scan: add an [[account]] or [organization] to {}", path.display()),
            None => "no rolecall.toml in the working directory: create one with `rolecall init`, or pass --config FILE".to_owned(),
        }
    }

    /// The accounts in `known` (id and name) that match the filter.
    pub fn accounts<'a>(
        &self,
        known: impl Iterator<Item = (&'a AccountId, Option<&'a str>)> + Clone,
    ) -> Result<BTreeSet<AccountId>, CommandError> {
        matching_accounts(self.accounts.as_ref(), known)
    }

    /// Whether there is an account filter and this account matches it.
    #[cfg(feature = "aws")]
    pub fn names(&self, id: &AccountId, name: Option<&str>) -> bool {
        let named = |globs: &Globs| {
            globs.matches(id.as_str()) || name.is_some_and(|name| globs.matches(name))
        };
        self.accounts.as_ref().is_some_and(named)
    }
}

/// The hash of the rules in these folders, sorted by id.
fn hash(folders: &[PathBuf], pack: &Pack) -> String {
    let is_own = |path: &PathBuf| folders.iter().any(|folder| path.starts_with(folder));
    let own = pack.values().filter(|rule| rule.on_disk.as_ref().is_some_and(is_own));
    let lines: String = own.map(|rule| format!("{} {}\n", rule.id, rule.sha256)).collect();
    sha256_hex(lines.as_bytes())
}

/// The accounts in `known` (id and name) that match the filter. A pattern that matches none is an
/// error: it is usually a typo, and a run without accounts would look clean.
pub(crate) fn matching_accounts<'a>(
    globs: Option<&Globs>,
    known: impl Iterator<Item = (&'a AccountId, Option<&'a str>)> + Clone,
) -> Result<BTreeSet<AccountId>, CommandError> {
    let Some(globs) = globs else {
        return Ok(known.map(|(id, _)| id.clone()).collect());
    };
    let names: Vec<&str> =
        known.clone().flat_map(|(id, name)| [Some(id.as_str()), name]).flatten().collect();
    if let Some((pattern, meant)) = globs.unmatched(&names) {
        return Err(CommandError::Usage(unmatched(
            "--account",
            pattern,
            "account",
            meant,
            "use the id or the name of an account",
        )));
    }
    let wanted = |(id, name): &(&AccountId, Option<&str>)| {
        globs.matches(id.as_str()) || name.is_some_and(|name| globs.matches(name))
    };
    Ok(known.filter(wanted).map(|(id, _)| id.clone()).collect())
}

/// The folders and rule files of the command line.
pub(crate) fn typed_packs(source: &RuleSource) -> Vec<PathBuf> {
    source.rules.iter().cloned().chain(source.files().map(Path::to_owned)).collect()
}

/// All rules: the built-in pack, the folders of the config, then those of the command line.
pub(crate) fn library(config: &Config, typed: &[PathBuf]) -> Result<Library, CommandError> {
    Library::load(&folders(config, typed)).map_err(|error| failed(error, config))
}

/// The folders and files of rules that are not built in: those of the config, then those of the command
/// line.
fn folders(config: &Config, typed: &[PathBuf]) -> Vec<PathBuf> {
    config.scan.rule_folders.iter().chain(typed).cloned().collect()
}

/// The error of rules. One in a folder of the config is reported at its position in the config.
fn failed(error: LoadError, config: &Config) -> CommandError {
    match &error {
        LoadError::Io { path, .. } | LoadError::Empty { path } => {
            match config.scan.rule_folders.iter().position(|folder| folder == path) {
                Some(index) => CommandError::Diagnostics(vec![config.folder_diagnostic(
                    index,
                    error.to_string(),
                    None,
                )]),
                None => error.into(),
            }
        }
        LoadError::Diagnostics(_) => error.into(),
    }
}

/// What selects the rules, before patterns and severities. The command line overrides the config,
/// except for `--rule`, which filters the selection.
struct Choice {
    /// The profile; `None` if rules or frameworks are selected.
    profile: Option<Profile>,
    frameworks: Vec<Arc<Framework>>,
    /// Whether the patterns of the config apply.
    configured_rules: bool,
    /// Whether the command line overrides the config.
    typed: bool,
}

impl Choice {
    fn new(
        config: &Config,
        source: &RuleSource,
        frameworks: &Frameworks,
        profiles: &[Profile],
    ) -> Result<Self, CommandError> {
        let configured = &config.scan.selection;
        let typed = source.rule_profile.is_some() || !source.framework.is_empty();
        // Ids in the config are always checked, even if the command line overrides them.
        let mut diagnostics = Vec::new();
        let mut find = |id: &String| {
            let found = frameworks.get(id).cloned();
            if found.is_none() {
                let message = format!("unknown framework `{}`", one_line(id, 60));
                diagnostics.push(config.selection_diagnostic(
                    id,
                    message,
                    Some(framework_help(id, frameworks)),
                ));
            }
            found
        };
        let of_config: Vec<Arc<Framework>> =
            configured.frameworks.iter().filter_map(&mut find).collect();
        let profile_of_config =
            find_profile(configured.profile.as_deref().unwrap_or(DEFAULT_PROFILE), profiles);
        if let (Some(name), Err(help)) = (&configured.profile, &profile_of_config) {
            diagnostics.push(config.selection_diagnostic(
                name,
                format!("unknown profile `{}`", one_line(name, 60)),
                Some(help.clone()),
            ));
        }
        if !diagnostics.is_empty() {
            return Err(CommandError::Diagnostics(diagnostics));
        }
        if let Some(name) = &source.rule_profile {
            let profile = find_profile(name, profiles).map_err(|help| {
                let aws = "for an AWS profile, use --profile";
                CommandError::Usage(format!(
                    "unknown rule profile `{}` in --rule-profile: {help} ({aws})",
                    one_line(name, 60)
                ))
            })?;
            return Ok(Self {
                profile: Some(profile),
                frameworks: Vec::new(),
                configured_rules: false,
                typed,
            });
        }
        if typed {
            let mut chosen: Vec<Arc<Framework>> = Vec::new();
            for id in &source.framework {
                match frameworks.get(id) {
                    Some(framework) if chosen.iter().any(|known| known.id == framework.id) => {}
                    Some(framework) => chosen.push(framework.clone()),
                    None => {
                        let help = framework_help(id, frameworks);
                        return Err(CommandError::Usage(format!(
                            "unknown framework `{}` in --framework: {help}",
                            one_line(id, 60)
                        )));
                    }
                }
            }
            return Ok(Self { profile: None, frameworks: chosen, configured_rules: false, typed });
        }
        // `--rule` selects from all profiles.
        let explicit =
            configured.rules.is_some() || !of_config.is_empty() || !source.rule.is_empty();
        let profile = if explicit { None } else { profile_of_config.ok() };
        Ok(Self { profile, frameworks: of_config, configured_rules: true, typed })
    }

    /// The name of the selection in reports. A selection that excludes part of its profile or
    /// framework has only the name from the config, if any.
    fn name(&self, config: &Config) -> Option<String> {
        let configured = &config.scan.selection;
        let by_profile = configured.rules.is_none() && configured.frameworks.is_empty();
        let usual = configured.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
        let same = !self.typed
            || by_profile && self.profile.as_ref().is_some_and(|profile| profile.name == usual);
        if let (Some(name), true) = (&configured.name, same) {
            return Some(name.clone());
        }
        if !configured.exclude.patterns().is_empty() || configured.min_severity.is_some() {
            return None;
        }
        let rules = configured
            .rules
            .as_ref()
            .filter(|_| self.configured_rules)
            .map(|globs| globs.patterns());
        match (&self.profile, self.frameworks.as_slice(), rules) {
            (Some(profile), ..) => Some(profile.name.clone()),
            (None, [one], None) => Some(one.id.clone()),
            (None, [], Some([pattern])) if pattern == "*" => Some(EVERY_RULE.to_owned()),
            // `--rule` is among the filter options.
            (None, [], None) => Some(usual.to_owned()),
            _ => None,
        }
    }
}

fn find_profile(name: &str, profiles: &[Profile]) -> Result<Profile, String> {
    profiles.iter().find(|profile| profile.name == name).cloned().ok_or_else(|| {
        let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
        did_you_mean(name, names.iter().copied()).map_or_else(
            || format!("use {}", code_series(&names, "or")),
            |meant| format!("did you mean `{meant}`?"),
        )
    })
}

/// The help for an unknown framework.
pub(crate) fn framework_help(id: &str, frameworks: &Frameworks) -> String {
    match did_you_mean(id, frameworks.keys().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`rolecall frameworks` lists all frameworks".to_owned(),
    }
}

fn select(
    config: &Config,
    pack: &Pack,
    source: &RuleSource,
    choice: &Choice,
) -> Result<Vec<Arc<SelectedRule>>, CommandError> {
    let ids: Vec<&str> = rules::known_ids(pack).into_iter().collect();
    let configured = &config.scan.selection;
    let mut diagnostics = Vec::new();
    for globs in configured.rules.iter().chain([&configured.exclude]) {
        if let Some((pattern, meant)) = globs.unmatched(&ids) {
            let meant = meant.map(|meant| format!("did you mean `{meant}`?"));
            let help = rules::when_required(pattern).or(meant);
            diagnostics.push(config.selection_diagnostic(
                pattern,
                format!("no rule matches `{pattern}`"),
                help,
            ));
        }
    }
    let named = || choice.frameworks.iter().flat_map(|framework| framework.rules()).collect();
    let by_config = RuleFilter {
        rules: configured.rules.clone().filter(|_| choice.configured_rules),
        named: (!choice.frameworks.is_empty()).then(named),
        profile: choice.profile.clone(),
        adds_enabled: choice.configured_rules,
        exclude: Some(configured.exclude.clone()),
        min_severity: configured.min_severity,
    };
    let typed = globs(&source.patterns())?;
    if let Some((pattern, meant)) = typed.as_ref().and_then(|typed| typed.unmatched(&ids)) {
        let of_tags = rules::when_required(pattern);
        let meant = meant.filter(|_| of_tags.is_none());
        let advice = "`rolecall rules --rule-profile all` lists all rules";
        let advice = of_tags.as_deref().unwrap_or(advice);
        return Err(CommandError::Usage(unmatched("--rule", pattern, "rule", meant, advice)));
    }
    let by_typing = RuleFilter { rules: typed, ..RuleFilter::default() };
    let selected = rules::select(pack, &config.rules, &[&by_config, &by_typing]);
    let invalid = match &selected {
        Ok(_) => lint::setting_errors(pack, &config.rules),
        Err(errors) => errors.clone(),
    };
    diagnostics.extend(invalid.iter().map(|diagnostic| {
        let SettingError { rule, param, in_override, in_fix, message, help } = diagnostic;
        if *in_fix {
            return config.fix_diagnostic(rule, param.as_deref(), message, help.clone());
        }
        config.rule_diagnostic(rule, param.as_deref(), *in_override, message.clone(), help.clone())
    }));
    match selected {
        Ok(rules) if diagnostics.is_empty() && rules.is_empty() => {
            let patterns = [&by_typing.rules, &by_config.rules];
            let is_meant = |rule: &&Arc<Rule>| {
                rule.meta.opt_in && patterns.into_iter().flatten().any(|globs| rule.matches(globs))
            };
            let opt_in: Vec<&str> =
                pack.values().filter(is_meant).map(|rule| rule.id.as_str()).collect();
            Err(CommandError::Usage(match opt_in.as_slice() {
                [] => "no rules are selected: the config, --rule or --framework excludes every rule (`rolecall rules --rule-profile all` lists all rules)"
                    .to_owned(),
                opt_in => format!(
                    "no rules are selected: opt-in rules are selected only by their full id, and are in no profile or framework ({})",
                    code_series(opt_in, "and")
                ),
            }))
        }
        Ok(rules) if diagnostics.is_empty() => Ok(rules),
        _ => Err(CommandError::Diagnostics(diagnostics)),
    }
}

fn globs(patterns: &[String]) -> Result<Option<Globs>, CommandError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    Globs::new(patterns).map(Some).map_err(|error| CommandError::Usage(error.to_string()))
}

/// The message for a command-line pattern that matches nothing: what was probably meant, or else
/// `advice`.
pub(crate) fn unmatched(
    option: &str,
    pattern: &str,
    what: &str,
    meant: Option<&str>,
    advice: &str,
) -> String {
    let hint = meant.map_or(advice.to_owned(), |meant| format!("did you mean `{meant}`?"));
    format!("`{option} {pattern}` matches no {what}: {hint}")
}
