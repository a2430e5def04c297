//! The filters of `rolecall rules`.

use std::sync::Arc;

use crate::cli::{Global, Narrowing, RulesArgs};
use crate::facts;
use crate::model::text::one_line;
use crate::model::{Globs, Severity, did_you_mean};
use crate::rules::{self, EVERY_RULE, Rule, SelectedRule};
use crate::run::error::CommandError;
use crate::run::setup::{Setup, unmatched};

/// Which of the selected rules are listed.
pub(super) struct Filters<'a> {
    kinds: Option<Globs>,
    severity: Option<Severity>,
    topics: &'a [String],
}

impl<'a> Filters<'a> {
    /// Checks the options.
    pub(super) fn new(args: &'a RulesArgs) -> Result<Self, CommandError> {
        let kinds = match args.kind.as_slice() {
            [] => None,
            patterns => {
                Some(Globs::new(patterns).map_err(|error| CommandError::Usage(error.to_string()))?)
            }
        };
        let known: Vec<&str> = facts::KINDS.iter().map(|kind| kind.name).collect();
        if let Some((pattern, _)) = kinds.as_ref().and_then(|kinds| kinds.unmatched(&known)) {
            return Err(CommandError::Usage(unmatched(
                "--kind",
                pattern,
                "kind",
                facts::suggest_kind(pattern),
                "`rolecall facts` lists all kinds",
            )));
        }
        let topics: Vec<&str> = rules::topics().iter().map(|topic| topic.id.as_str()).collect();
        if let Some(unknown) = args.topic.iter().find(|topic| !topics.contains(&topic.as_str())) {
            let help = match did_you_mean(unknown, topics.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("use {}", crate::model::code_series(&topics, "or")),
            };
            return Err(CommandError::Usage(format!(
                "unknown topic `{}` in --topic: {help}",
                one_line(unknown, 60)
            )));
        }
        Ok(Self { kinds, severity: args.severity, topics: &args.topic })
    }

    fn is_empty(&self) -> bool {
        self.kinds.is_none() && self.severity.is_none() && self.topics.is_empty()
    }

    fn has(&self, rule: &Rule, severity: Severity) -> bool {
        let is_of_topic = || {
            let topic = rules::topic_of(rule);
            topic.is_some_and(|topic| self.topics.contains(&topic.id))
        };
        self.kinds.as_ref().is_none_or(|kinds| kinds.matches(rule.meta.kind.name))
            && self.severity.is_none_or(|least| severity.at_least(least))
            && (self.topics.is_empty() || is_of_topic())
    }

    /// Those of the selected rules.
    pub(super) fn of(&self, setup: &Setup) -> Vec<Arc<SelectedRule>> {
        let has = |selected: &&Arc<SelectedRule>| self.has(&selected.rule, selected.severity);
        setup.rules.iter().filter(has).cloned().collect()
    }

    /// The ids of matching opt-in rules that do not run. None, if the rules are selected by id or
    /// framework.
    pub(super) fn not_opted_in<'s>(&self, setup: &'s Setup, args: &RulesArgs) -> Vec<&'s str> {
        if !is_by_profile(args) {
            return Vec::new();
        }
        let rules = setup.not_opted_in.iter();
        let matching = rules.filter(|rule| self.has(rule, rule.meta.severity));
        matching.map(|rule| rule.id.as_str()).collect()
    }

    /// How many more rules match if all profiles are searched, given the number of those that match
    /// now. Without filters, and for rules that are selected regardless of their profile, 0.
    pub(super) fn in_other_profiles(
        &self,
        global: &Global,
        args: &RulesArgs,
        matching: usize,
    ) -> Result<usize, CommandError> {
        let source = &args.rules;
        if self.is_empty() || !is_by_profile(args) {
            return Ok(0);
        }
        // The first selection has printed the notes.
        let quiet = Global { quiet: true, ..global.clone() };
        let mut all = source.clone();
        all.rule_profile = Some(EVERY_RULE.to_owned());
        let setup = Setup::new(&quiet, &Narrowing::default(), &all, false)?;
        Ok(self.of(&setup).len().saturating_sub(matching))
    }

    /// The error of a list without rules.
    pub(super) fn nothing_matches(&self, in_other_profiles: usize) -> CommandError {
        let kinds =
            self.kinds.as_ref().map(|kinds| format!("--kind {}", kinds.patterns().join(",")));
        let severity = self.severity.map(|severity| format!("--severity {severity}"));
        let topics =
            (!self.topics.is_empty()).then(|| format!("--topic {}", self.topics.join(",")));
        let options: Vec<String> = [kinds, severity, topics].into_iter().flatten().collect();
        let help = match in_other_profiles {
            0 => "remove a filter".to_owned(),
            1 => format!("1 rule of another profile does; add --rule-profile {EVERY_RULE}"),
            more => format!("{more} rules of other profiles do; add --rule-profile {EVERY_RULE}"),
        };
        let options = one_line(&options.join(" "), 300);
        CommandError::Usage(format!("no selected rule matches `{options}`: {help}"))
    }
}

/// Whether the command line selects rules neither by id nor by framework.
fn is_by_profile(args: &RulesArgs) -> bool {
    args.rules.rule.is_empty() && args.rules.framework.is_empty()
}
