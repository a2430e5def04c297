//! Which rules report what the controls of other tools report: `rules/compare/<tool>.toml`.

use serde::Deserialize;

use super::files::built_in_text;

/// The controls of another tool, with the rules that report the same.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The tool.
    pub name: String,
    /// What the tool calls a control: `check`.
    pub noun: String,
    /// The version of the tool, or when its documentation was read.
    pub version: String,
    /// Which of its controls are listed.
    pub scope: String,
    /// The controls, sorted by id.
    #[serde(rename = "control")]
    pub controls: Vec<ComparedControl>,
}

/// A control of another tool.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedControl {
    /// Its id in the tool.
    pub id: String,
    /// The rules that report what it reports.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Why it cannot be decided from the collected facts.
    pub undecidable: Option<String>,
    /// Why no rule reports the same, although one could.
    pub not_covered: Option<String>,
    /// What the rules do not cover.
    pub note: Option<String>,
}

/// The comparison with a tool, by the name of its file; `None` if there is none.
pub fn comparison(tool: &str) -> Option<Comparison> {
    // A test verifies that the files are valid.
    toml::from_str(built_in_text(&format!("compare/{tool}.toml"))?).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::rules::pack::files::built_in;
    use crate::rules::pack::library::Library;

    fn all() -> BTreeMap<String, Comparison> {
        let all = built_in().filter_map(|(path, text)| {
            let tool = path.strip_prefix("compare/")?.strip_suffix(".toml")?.to_owned();
            let comparison = toml::from_str(text).unwrap_or_else(|error| panic!("{tool}: {error}"));
            Some((tool, comparison))
        });
        all.collect()
    }

    #[test]
    fn comparisons_are_valid_and_name_existing_rules() {
        let Library { pack, .. } = Library::load(&[]).unwrap();
        for (tool, comparison) in all() {
            let mut ids = BTreeSet::new();
            for control in &comparison.controls {
                let id = &control.id;
                assert!(ids.insert(id), "{tool}: duplicate control {id}");
                let reasons = [&control.undecidable, &control.not_covered];
                let given = reasons.into_iter().flatten().count();
                assert_eq!(given, usize::from(control.rules.is_empty()), "{tool}: {id}");
                let known: BTreeSet<&str> = control.rules.iter().map(String::as_str).collect();
                assert_eq!(known.len(), control.rules.len(), "{tool}: {id} has a rule twice");
                for rule in known {
                    assert!(pack.contains_key(rule), "{tool}: {id}: unknown rule `{rule}`");
                }
            }
        }
    }

    #[test]
    fn security_hub_is_compared_as_the_framework_of_its_controls_says() {
        let Library { frameworks, .. } = Library::load(&[]).unwrap();
        let all = all();
        let controls = &all["security-hub"].controls;
        for requirement in &frameworks["aws-fsbp"].requirements {
            let control = controls.iter().find(|control| control.id == requirement.id);
            let rules = control.map(|control| control.rules.as_slice()).unwrap_or_default();
            let missing: Vec<&String> =
                requirement.rules().iter().filter(|rule| !rules.contains(rule)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", requirement.id);
        }
    }
}
