//! Rules with the frameworks and profiles that contain them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::fixes::{Fixes, entries};
use crate::facts;
use crate::model::{Severity, series};
use crate::rules::{
    self, Framework, Frameworks, Profile, Requirement, Rule, RuleTopic, SelectedRule,
};

/// Rules with frameworks and profiles.
pub(crate) struct Listing<'a> {
    pub(crate) rules: &'a [Arc<SelectedRule>],
    pub(crate) frameworks: &'a Frameworks,
    pub(crate) profiles: &'a [Profile],
}

impl Listing<'_> {
    /// The smallest profile that contains the rule; larger ones contain it, too.
    pub(crate) fn profile(&self, rule: &Rule) -> Option<&str> {
        self.profiles.iter().find(|profile| profile.has(rule)).map(|profile| profile.name.as_str())
    }

    /// The names of all profiles that contain the rule.
    pub(crate) fn profiles(&self, rule: &Rule) -> Vec<&str> {
        let profiles = self.profiles.iter().filter(|profile| profile.has(rule));
        profiles.map(|profile| profile.name.as_str()).collect()
    }

    /// The rules by topic, in the order of the topics. The last group, without a topic, has your own
    /// rules.
    pub(crate) fn by_topic(&self) -> Vec<(Option<&'static RuleTopic>, Vec<&SelectedRule>)> {
        let topics = rules::topics().iter().map(Some).chain([None]);
        let groups = topics.map(|topic| {
            let id = topic.map(|topic| &topic.id);
            let of_topic =
                |rule: &&SelectedRule| rules::topic_of(&rule.rule).map(|topic| &topic.id) == id;
            (topic, self.rules.iter().map(|rule| &**rule).filter(of_topic).collect::<Vec<_>>())
        });
        groups.filter(|(_, rules)| !rules.is_empty()).collect()
    }

    /// The requirements that a rule checks.
    pub(crate) fn requirements<'a>(
        &'a self,
        rule: &'a Rule,
    ) -> impl Iterator<Item = (&'a Framework, &'a Requirement)> {
        self.frameworks.values().flat_map(move |framework| {
            let decided = framework
                .requirements
                .iter()
                .filter(|requirement| requirement.rules().contains(&rule.id));
            decided.map(move |requirement| (&**framework, requirement))
        })
    }
}

/// A rule as `--format json` shows it.
#[derive(Serialize)]
pub(crate) struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    default_severity: Severity,
    resource: &'a str,
    /// The topic under which a built-in rule is listed.
    topic: Option<&'static str>,
    needs: Vec<String>,
    /// Types whose resources are listed in a failure if they use the resource.
    used_by: Vec<&'a str>,
    params: &'a Map<String, Value>,
    /// Its allowed values, by parameter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<&'a str, Value>,
    aliases: &'a [String],
    /// The Terraform resource types in which a failure is fixed.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    terraform: &'a [String],
    /// The script that it is a variant of.
    #[serde(skip_serializing_if = "Option::is_none")]
    variant_of: Option<&'a str>,
    /// The API calls it needs, with their IAM actions.
    calls: Vec<Call>,
    /// What its function `fix` can propose.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fixes>,
    /// The profiles that contain it.
    profiles: Vec<&'a str>,
    /// Whether it runs only if it is selected by its id.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    opt_in: bool,
    /// The requirements that it checks, as `framework/number`.
    frameworks: Vec<String>,
    summary: &'a str,
    help_uri: Option<&'a str>,
    source: String,
    replaces_built_in: bool,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Call {
    call: &'static str,
    action: &'static str,
    /// Whether it only adds evidence: the verdict is the same without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    evidence_only: bool,
}

/// What a rule reads in addition to the list of its type, as written in its file.
pub(crate) fn needs(rule: &Rule) -> Vec<String> {
    entries(&rule.meta.needs)
}

/// Which resources a failure lists, as a sentence for people; `quote` quotes the types.
pub(crate) fn used_by(rule: &Rule, quote: impl Fn(&str) -> String) -> Option<String> {
    let kinds: Vec<String> = rule.meta.used_by.iter().map(|kind| quote(kind.name)).collect();
    let kinds = (!kinds.is_empty()).then(|| series(kinds, "and"))?;
    Some(format!(
        "A finding also lists the {kinds} resources that use the failing resource, but they do not affect the verdict."
    ))
}

/// Everything about a rule, for programs.
pub(crate) fn describe<'a>(selected: &'a SelectedRule, listing: &'a Listing<'_>) -> Listed<'a> {
    let rule = &selected.rule;
    let meta = &rule.meta;
    let decisive = facts::calls(&meta.decisive_demand());
    let calls = facts::calls(&meta.demand()).into_iter().map(|call| Call {
        call: call.name,
        action: call.action,
        evidence_only: !decisive.iter().any(|other| other.name == call.name),
    });
    Listed {
        id: &rule.id,
        title: &meta.title,
        severity: selected.severity,
        default_severity: meta.severity,
        resource: meta.kind.name,
        topic: rules::topic_of(rule).map(|topic| topic.id.as_str()),
        needs: needs(rule),
        used_by: meta.used_by.iter().map(|kind| kind.name).collect(),
        params: &selected.params,
        limits: meta.limits.iter().map(|(name, one)| (name.as_str(), one.to_json())).collect(),
        aliases: &meta.aliases,
        terraform: &meta.terraform,
        variant_of: rule.script_id(),
        calls: calls.collect(),
        fix: Fixes::of(selected),
        profiles: listing.profiles(rule),
        opt_in: meta.opt_in,
        frameworks: rules::tags(listing.frameworks, &rule.id),
        summary: &rule.prose.summary,
        help_uri: rule.prose.help_uri.as_deref(),
        source: rule.file.name.clone(),
        replaces_built_in: rule.replaces_built_in,
        sha256: &rule.sha256,
    }
}
