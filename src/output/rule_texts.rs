//! What formats for other tools say about each rule, computed once per report.

use std::collections::HashMap;

use super::sarif::without_markdown;
use crate::model::{AccountId, Placeholders, ResourceRef};
use crate::report::{RuleInfo, RunInfo};

/// What is said about a rule.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleTexts {
    /// The requirements that it checks: `cis-aws-7.0/6.3`.
    pub(super) requirements: Vec<String>,
    /// The frameworks of these requirements: `cis-aws-7.0`.
    pub(super) frameworks: Vec<String>,
    /// How to fix its findings, without markup; else what it checks.
    how_to_fix: String,
}

impl RuleTexts {
    /// How to fix a finding: with its account, region and resource in commands.
    pub(super) fn how_to_fix_of(&self, account: &AccountId, resource: &ResourceRef) -> String {
        let id = resource.id.as_deref();
        let names = Placeholders { account, region: &resource.region, kind: &resource.kind, id };
        names.fill_in(&self.how_to_fix)
    }
}

/// The texts of the rules of a run, by the oldest id of the rule.
#[derive(Debug, Default)]
pub(super) struct AllRuleTexts(HashMap<String, RuleTexts>);

impl AllRuleTexts {
    pub(super) fn new(run: &RunInfo) -> Self {
        let texts = run.rules.iter().map(|rule| (rule.oldest().to_owned(), texts(run, rule)));
        Self(texts.collect())
    }

    /// The texts of a rule; `None` if it is not part of the run.
    pub(super) fn of(&self, oldest_id: &str) -> Option<&RuleTexts> {
        self.0.get(oldest_id)
    }
}

fn texts(run: &RunInfo, rule: &RuleInfo) -> RuleTexts {
    let mut requirements: Vec<String> =
        rule.tags.iter().filter(|tag| tag.contains('/')).cloned().collect();
    for framework in &run.frameworks {
        let checked = framework.requirements.iter();
        let checked = checked.filter(|requirement| requirement.rules.contains(&rule.id));
        requirements.extend(checked.map(|one| format!("{}/{}", framework.id, one.id)));
    }
    requirements.sort();
    requirements.dedup();
    let framework = |requirement: &String| {
        requirement.split_once('/').map(|(framework, _)| framework.to_owned())
    };
    let mut frameworks: Vec<String> = requirements.iter().filter_map(framework).collect();
    frameworks.dedup();
    RuleTexts { requirements, frameworks, how_to_fix: how_to_fix(rule) }
}

/// The section of the documentation that says how to fix findings; else the first text that is not
/// blank.
fn how_to_fix(rule: &RuleInfo) -> String {
    let lines = rule.markdown.lines();
    let section = lines.skip_while(|line| !line.starts_with("## How to fix")).skip(1);
    let section = section.take_while(|line| !line.starts_with("## "));
    // Without the fences of code.
    let section: Vec<&str> = section.filter(|line| !line.trim().starts_with("```")).collect();
    let texts = [without_markdown(&section.join("\n")), rule.summary.clone(), rule.title.clone()];
    let found = texts.into_iter().find(|text| !text.trim().is_empty());
    found.unwrap_or_else(|| rule.id.clone())
}
