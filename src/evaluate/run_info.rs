//! Describes a run to outputs.

use std::sync::Arc;

use crate::facts::{self, Scope};
use crate::model::{Globs, Severity};
use crate::report::{
    FrameworkInfo, Open, ParamOverrideInfo, RequirementInfo, RuleInfo, RuleOrigin, RunInfo,
    Selection,
};
use crate::rules::ParamOverride;
use crate::rules::SelectedRule;
use crate::rules::{self, Coverage};
use crate::rules::{Framework, Frameworks, Requirement};

/// Describes the run to outputs. [`with_frameworks`] adds the tags of rules that check a
/// requirement, and the compliance table.
pub fn run_info(
    rules: &[Arc<SelectedRule>],
    selection: Selection,
    fail_on: Option<Severity>,
    accounts: usize,
) -> RunInfo {
    let info = |selected: &Arc<SelectedRule>| {
        let rule = &selected.rule;
        RuleInfo {
            id: rule.id.clone(),
            oldest_id: oldest_id(selected).to_owned(),
            title: rule.meta.title.clone(),
            kind: rule.meta.kind.name.to_owned(),
            severity: selected.severity,
            default_severity: rule.meta.severity,
            summary: if rule.prose.summary.is_empty() {
                rule.meta.title.clone()
            } else {
                rule.prose.summary.clone()
            },
            markdown: rule.prose.markdown.clone(),
            is_fixable: rule.meta.is_fixable(),
            help_uri: rule.prose.help_uri.clone(),
            tags: vec![rule.meta.kind.service().to_owned()],
            path: rule.path.clone(),
            origin: match &rule.folder {
                None => RuleOrigin::BuiltIn,
                Some(folder) => RuleOrigin::Folder {
                    folder: folder.clone(),
                    replaces_built_in: rule.replaces_built_in,
                },
            },
            sha256: rule.sha256.clone(),
            params: selected.params.clone(),
            overrides: selected.overrides.iter().map(override_info).collect(),
        }
    };
    let tool = concat!("rolecall ", env!("CARGO_PKG_VERSION")).to_owned();
    RunInfo {
        tool,
        selection,
        rules: rules.iter().map(info).collect(),
        frameworks: Vec::new(),
        fail_on,
        fail_on_new: false,
        compared: false,
        baseline_at: None,
        accounts,
        skipped_accounts: Vec::new(),
        knows_all_accounts: false,
        has_sources: false,
        origin: None,
    }
}

/// Adds the frameworks: for each rule a tag per requirement that it checks, those of the `selected`
/// frameworks first since readers show only a few tags, and the requirements of the `selected`
/// frameworks for the compliance table.
pub fn with_frameworks(
    mut run: RunInfo,
    all: &Frameworks,
    selected: &[Arc<Framework>],
    rules: &[Arc<SelectedRule>],
) -> RunInfo {
    for rule in &mut run.rules {
        let (first, then): (Vec<String>, Vec<String>) =
            rules::tags(all, &rule.id).into_iter().partition(|tag| {
                selected.iter().any(|framework| tag.split('/').next() == Some(&framework.id))
            });
        rule.tags.extend(first);
        rule.tags.extend(then);
    }
    let regional = |id: &String| {
        let rule = rules.iter().find(|selected| selected.rule.id == *id);
        let demand = rule.map(|selected| selected.rule.meta.demand()).unwrap_or_default();
        demand.kinds().filter_map(facts::kind).any(|kind| kind.scope == Scope::Regional)
    };
    let requirement = |requirement: &Requirement| RequirementInfo {
        id: requirement.id.clone(),
        title: requirement.title.clone(),
        rules: requirement.rules().to_vec(),
        regional: requirement.rules().iter().any(regional),
        open: match &requirement.coverage {
            Coverage::Rules(_) => None,
            Coverage::Undecidable(why) => Some(Open::NotDecidable(why.clone())),
            Coverage::NotCovered(why) => Some(Open::NotCovered(why.clone())),
        },
        note: requirement.note.clone(),
    };
    run.frameworks = selected
        .iter()
        .map(|framework| FrameworkInfo {
            id: framework.id.clone(),
            name: framework.name.clone(),
            version: framework.version.clone(),
            url: framework.url.clone(),
            scope: framework.scope.clone(),
            folder: framework.folder.clone(),
            requirements: framework.requirements.iter().map(requirement).collect(),
        })
        .collect();
    run
}

fn override_info(one: &ParamOverride) -> ParamOverrideInfo {
    let patterns = |globs: &Globs| globs.patterns().to_vec();
    ParamOverrideInfo {
        accounts: one.accounts.as_ref().map(patterns).unwrap_or_default(),
        labels: one.labels.iter().map(|(key, globs)| (key.clone(), patterns(globs))).collect(),
        params: one.params.clone(),
    }
}

pub(super) fn oldest_id(selected: &SelectedRule) -> &str {
    selected.rule.meta.aliases.first().unwrap_or(&selected.rule.id)
}
