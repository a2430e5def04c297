//! Profiles: named selections of built-in rules, defined in `rules/profiles.toml`. Custom rules are
//! part of every profile, since they are written to be run. Opt-in rules are part of none.

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::framework;
use crate::diagnostics::toml_reader::{Reader, Table};
use crate::model::text;
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::built_in_text;
use crate::rules::pack::rule::{LoadError, Pack, Rule};

/// The default profile.
pub const DEFAULT_PROFILE: &str = "baseline";
/// The profile that contains all rules, except opt-in rules.
pub const EVERY_RULE: &str = "all";

const FILE: &str = "profiles.toml";

/// A named selection of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its purpose, in one sentence.
    pub about: String,
    /// Ids of built-in rules; `None`: all that are not opt-in.
    rules: Option<BTreeSet<String>>,
}

impl Profile {
    /// Whether the profile contains the rule, or all variants of a script. All profiles contain your own
    /// rules and those on the tags that you require, and none contains an opt-in rule.
    pub fn has(&self, rule: &Rule) -> bool {
        let variants = &rule.meta.variants;
        let is_listed = |rules: &BTreeSet<String>| match variants.is_empty() {
            true => rules.contains(&rule.id),
            false => variants.iter().all(|variant| rules.contains(&variant.id)),
        };
        !rule.meta.opt_in
            && (rule.folder.is_some()
                || rule.is_on_required_tags()
                || self.rules.as_ref().is_none_or(is_listed))
    }
}

/// The profiles, each a subset of the next. The last contains all rules that are not opt-in.
pub fn profiles(pack: &Pack) -> Result<Vec<Profile>, LoadError> {
    let source = built_in_text(FILE).unwrap_or_default();
    parse(&SourceFile { name: format!("built-in/{FILE}"), text: source.into() }, pack)
}

fn parse(file: &SourceFile, pack: &Pack) -> Result<Vec<Profile>, LoadError> {
    let (tree, syntax_errors) = DeTable::parse_recoverable(&file.text);
    let reader = Reader::new(&file.name, file.text.clone(), &|_| None);
    for error in &syntax_errors {
        reader.report_syntax(error, |_| None);
    }
    let mut profiles: Vec<Profile> = Vec::new();
    let known = framework::KnownRules::from(pack);
    let root = Table::new(&reader, "the profiles file", 0..0, tree.get_ref());
    let listed = root
        .require("profile", "list the profiles, each starting with [[profile]]")
        .map(|item| item.list("[[profile]] tables"));
    for item in listed.unwrap_or_default() {
        let Some(table) = item.table("[[profile]]") else { continue };
        let named = table.require("name", "add a name: name = \"strict\"");
        let about = table
            .require("about", "describe its purpose in one sentence")
            .and_then(|item| item.text());
        let added = table
            .require("rules", "list the rules that it adds to the previous profile")
            .and_then(|item| framework::rules(item, &known));
        table.finish();
        let (Some(named), Some(about), Some(added)) = (named, about, added) else { continue };
        let Some(name) = named.text() else { continue };
        if name == EVERY_RULE || profiles.iter().any(|known| known.name == name) {
            named.report_error(format!("duplicate profile `{}`", text::one_line(name, 60)));
        }
        let mut rules = profiles.last().and_then(|before| before.rules.clone()).unwrap_or_default();
        for id in added {
            if pack.get(&id).is_some_and(|rule| rule.meta.opt_in) {
                named.report_error(format!(
                    "profile `{}` cannot contain rule `{id}`, which is opt-in",
                    text::one_line(name, 60)
                ));
            }
            if rules.contains(&id) {
                named.report_error(format!(
                    "profile `{}` already contains rule `{}` from the previous profile",
                    text::one_line(name, 60),
                    text::one_line(&id, 120)
                ));
            }
            rules.insert(id);
        }
        profiles.push(Profile {
            name: name.to_owned(),
            about: about.to_owned(),
            rules: Some(rules),
        });
    }
    root.finish();
    if reader.has_errors() {
        return Err(LoadError::Diagnostics(reader.into_diagnostics()));
    }
    let about =
        "All rules, including those that report the same problem as another rule, except opt-in rules."
            .to_owned();
    profiles.push(Profile { name: EVERY_RULE.to_owned(), about, rules: None });
    Ok(profiles)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Globs, TagRequirements};
    use crate::rules::pack::load::load;
    use crate::rules::pack::select::{RuleFilter, RuleSettings, select};
    use crate::rules::pack::templates::keep_required;

    fn read(source: &str, pack: &Pack) -> Result<Vec<Profile>, Vec<String>> {
        parse(&SourceFile { name: FILE.to_owned(), text: source.into() }, pack).map_err(|error| {
            match error {
                LoadError::Diagnostics(diagnostics) => {
                    diagnostics.iter().map(ToString::to_string).collect()
                }
                other => vec![other.to_string()],
            }
        })
    }

    const TWO: &str = "[[profile]]\nname = \"baseline\"\nabout = \"a\"\nrules = [\"s3-bucket-versioning\"]\n\
        [[profile]]\nname = \"strict\"\nabout = \"b\"\nrules = [\"s3-bucket-tls-only\"]\n";

    #[test]
    fn a_profile_extends_the_previous_one_and_includes_custom_rules() {
        let folder = tempfile::tempdir().unwrap();
        let rule = "const RULE = #{ title: \"t\", resource: \"s3.account\", severity: \"low\" };\nfn check(b, p) { pass() }\n";
        for id in ["custom-rule", "s3-account-public-access-block"] {
            std::fs::write(folder.path().join(format!("{id}.rhai")), rule).unwrap();
        }
        let mut pack = load(&[folder.path().to_owned()]).unwrap();
        keep_required(&mut pack, &TagRequirements::default());
        let profiles = read(TWO, &pack).unwrap();
        let enabled = |id: &str, enabled| {
            (id.to_owned(), RuleSettings { enabled: Some(enabled), ..RuleSettings::default() })
        };
        let run = |profile: usize, settings: &[(String, RuleSettings)]| -> Vec<String> {
            let filter =
                RuleFilter { profile: profiles.get(profile).cloned(), ..RuleFilter::default() };
            let rules =
                select(&pack, &settings.iter().cloned().collect::<BTreeMap<_, _>>(), &[&filter])
                    .unwrap();
            rules.iter().map(|selected| selected.rule.id.clone()).collect()
        };
        // A rule that replaces a built-in one is a custom rule.
        let baseline = ["custom-rule", "s3-account-public-access-block", "s3-bucket-versioning"];
        assert_eq!(run(0, &[]), baseline);
        assert_eq!(
            run(1, &[]),
            [
                "custom-rule",
                "s3-account-public-access-block",
                "s3-bucket-tls-only",
                "s3-bucket-versioning"
            ]
        );
        let opt_in: Vec<&str> =
            pack.values().filter(|rule| rule.meta.opt_in).map(|rule| rule.id.as_str()).collect();
        assert_eq!(opt_in, ["s3-bucket-shadow-resource", "s3-object-public-acl-sample"]);
        assert_eq!(run(2, &[]).len(), pack.len() - opt_in.len());
        let added = run(0, &[enabled("sg-default-closed", true), enabled("custom-rule", false)]);
        assert_eq!(
            added,
            ["s3-account-public-access-block", "s3-bucket-versioning", "sg-default-closed"]
        );
        // `enabled = true` does not override the other filters.
        let filter = RuleFilter { rules: Globs::new(&["s3-*"]).ok(), ..RuleFilter::default() };
        let rules =
            select(&pack, &BTreeMap::from([enabled("sg-default-closed", true)]), &[&filter])
                .unwrap();
        assert!(rules.iter().all(|selected| selected.rule.id != "sg-default-closed"));
        // The selection of the config contains what the config enables, however it selects the others.
        let by_config = RuleFilter {
            rules: Globs::new(&["s3-bucket-t*"]).ok(),
            named: Some(BTreeSet::from(["s3-bucket-tls-only".to_owned()])),
            adds_enabled: true,
            ..RuleFilter::default()
        };
        let settings = BTreeMap::from([enabled("sg-default-closed", true)]);
        let ids = |filters: &[&RuleFilter]| -> Vec<String> {
            let rules = select(&pack, &settings, filters).unwrap();
            rules.iter().map(|selected| selected.rule.id.clone()).collect()
        };
        assert_eq!(ids(&[&by_config]), ["s3-bucket-tls-only", "sg-default-closed"]);
        assert_eq!(ids(&[&by_config, &filter]), ["s3-bucket-tls-only"]);
    }

    #[test]
    fn unknown_and_duplicate_rules_and_profiles_are_errors() {
        let pack = load(&[]).unwrap();
        for (from, to, expected) in [
            (
                "s3-bucket-tls-only",
                "s3-bucket-tls-onyl",
                "profiles.toml:8:10: unknown rule `s3-bucket-tls-onyl`",
            ),
            (
                "s3-bucket-tls-only",
                "s3-bucket-versioning",
                "profiles.toml:6:8: profile `strict` already contains rule `s3-bucket-versioning`",
            ),
            (
                "s3-bucket-tls-only",
                "s3-object-public-acl-sample",
                "profiles.toml:6:8: profile `strict` cannot contain rule `s3-object-public-acl-sample`, which is opt-in",
            ),
            ("strict", "baseline", "profiles.toml:6:8: duplicate profile `baseline`"),
            ("strict", "all", "duplicate profile `all`"),
            ("about = \"b\"", "abuot = \"b\"", "unknown key `abuot`"),
        ] {
            let diagnostics = read(&TWO.replace(from, to), &pack).expect_err(expected);
            assert!(
                diagnostics.iter().any(|diagnostic| diagnostic.contains(expected)),
                "{expected} is missing in {diagnostics:#?}"
            );
        }
    }
}
