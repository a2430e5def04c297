//! What formats for other tools say about each rule, computed once per report.

use std::collections::HashMap;

use super::sarif::without_markdown;
use crate::model::{AccountId, Evidence, Placeholders, ResourceRef};
use crate::report::{RuleInfo, RunInfo};

/// What is said about a rule.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleTexts {
    /// The requirements that it checks: `cis-aws-7.0/6.3`.
    pub(super) requirements: Vec<String>,
    /// The frameworks of these requirements: `cis-aws-7.0`.
    pub(super) frameworks: Vec<String>,
    /// How to fix its findings, as Markdown; else what it checks.
    how_to_fix: String,
}

impl RuleTexts {
    /// How to fix a finding, without markup: with its account, region and resource in commands.
    pub(super) fn how_to_fix_of(
        &self,
        account: &AccountId,
        resource: &ResourceRef,
        evidence: &[Evidence],
    ) -> String {
        let ResourceRef { kind, id, region, .. } = resource;
        let names = Placeholders { account, region, kind, id: id.as_deref(), evidence };
        plain(&names.fill_in_commands(&self.how_to_fix))
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

/// Markdown without markup, and without the fences of code.
fn plain(markdown: &str) -> String {
    let lines: Vec<&str> =
        markdown.lines().filter(|line| !line.trim().starts_with("```")).collect();
    without_markdown(&lines.join("\n"))
}

/// The section of the documentation that says how to fix findings; else the first text that is not
/// blank.
fn how_to_fix(rule: &RuleInfo) -> String {
    let lines = rule.markdown.lines();
    let section = lines.skip_while(|line| !line.starts_with("## How to fix")).skip(1);
    let section: Vec<&str> = section.take_while(|line| !line.starts_with("## ")).collect();
    let texts = [section.join("\n"), rule.summary.clone(), rule.title.clone()];
    let found = texts.into_iter().find(|text| !plain(text).trim().is_empty());
    found.unwrap_or_else(|| rule.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;
    use crate::output::sample;

    #[test]
    fn only_commands_have_the_names_of_the_finding() {
        let rule = RuleInfo {
            markdown: "Text.\n\n## How to fix it\nVPC → **Your VPCs**. Copy to eu-west-1. Use `eu-west-1`.\n\
                - `aws a --type VPC --id VPC_ID --region eu-west-1`\n  ```sh\n  aws b VPC_ID\n  ```\n\n## References\n"
                .to_owned(),
            ..sample::rule("vpc-rule", "ec2.vpc", Severity::High)
        };
        let resource = ResourceRef {
            kind: "ec2.vpc".into(),
            id: Some("vpc-1".into()),
            arn: None,
            name: None,
            region: sample::region("us-east-1"),
        };
        assert_eq!(
            texts(&sample::run(1), &rule).how_to_fix_of(&sample::id(1), &resource, &[]),
            "VPC → Your VPCs. Copy to eu-west-1. Use eu-west-1.\n\
                - aws a --type VPC --id vpc-1 --region us-east-1\n  aws b vpc-1"
        );
    }
}
