//! Profiles: named choices among the rules of the built-in pack, for runs that say nothing else.
//! They stand in `rules/profiles.toml`; a rule of a site's own folders is in every profile, since
//! nobody writes a rule in order not to run it.

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::framework;
use crate::diagnostics::toml_reader::{Reader, Table};
use crate::model::text;
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::BUILT_IN;
use crate::rules::pack::rule::{LoadError, Pack, Rule};

/// The profile of a run that says nothing.
pub const DEFAULT_PROFILE: &str = "baseline";
/// The profile that has every rule.
pub const EVERY_RULE: &str = "all";

const FILE: &str = "profiles.toml";

/// A named choice of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What it is for, in one sentence.
    pub about: String,
    /// Ids of built-in rules; `None`: every one.
    rules: Option<BTreeSet<String>>,
}

impl Profile {
    /// Whether the profile has the rule.
    pub fn has(&self, rule: &Rule) -> bool {
        rule.folder.is_some() || self.rules.as_ref().is_none_or(|rules| rules.contains(&rule.id))
    }
}

/// The profiles, each a part of those after it. The last has every rule.
pub fn profiles(pack: &Pack) -> Result<Vec<Profile>, LoadError> {
    let source = BUILT_IN.get_file(FILE).and_then(|file| file.contents_utf8()).unwrap_or_default();
    parse(&SourceFile { name: format!("built-in/{FILE}"), text: source.into() }, pack)
}

fn parse(file: &SourceFile, pack: &Pack) -> Result<Vec<Profile>, LoadError> {
    let (tree, syntax_errors) = DeTable::parse_recoverable(&file.text);
    let reader = Reader::new(&file.name, file.text.clone(), &|_| None);
    for error in &syntax_errors {
        reader.report_syntax(error, |_| None);
    }
    let mut profiles: Vec<Profile> = Vec::new();
    let root = Table::new(&reader, "the file of profiles", 0..0, tree.get_ref());
    let listed = root
        .require("profile", "list the profiles, each begun by [[profile]]")
        .map(|item| item.list("tables"));
    for item in listed.unwrap_or_default() {
        let Some(table) = item.table("[[profile]]") else { continue };
        let named = table.require("name", "name it: name = \"strict\"");
        let about = table
            .require("about", "say in one sentence what it is for")
            .and_then(|item| item.text());
        let added = table
            .require("rules", "list the rules that it adds to the profile before")
            .and_then(|item| framework::rules(item, pack));
        table.finish();
        let (Some(named), Some(about), Some(added)) = (named, about, added) else { continue };
        let Some(name) = named.text() else { continue };
        if name == EVERY_RULE || profiles.iter().any(|known| known.name == name) {
            named.fault(format!("there are two profiles `{}`", text::one_line(name, 60)));
        }
        let mut rules = profiles.last().and_then(|before| before.rules.clone()).unwrap_or_default();
        for id in added {
            if rules.contains(&id) {
                named.fault(format!(
                    "`{}` has rule `{}` already from the profile before",
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
    if reader.has_faults() {
        return Err(LoadError::Faults(reader.into_faults()));
    }
    let about = "Every rule there is, also those that report the same fault twice.".to_owned();
    profiles.push(Profile { name: EVERY_RULE.to_owned(), about, rules: None });
    Ok(profiles)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::Globs;
    use crate::rules::pack::load::load;
    use crate::rules::pack::select::{RuleFilter, RuleSettings, select};

    fn read(source: &str, pack: &Pack) -> Result<Vec<Profile>, Vec<String>> {
        parse(&SourceFile { name: FILE.to_owned(), text: source.into() }, pack).map_err(|error| {
            match error {
                LoadError::Faults(faults) => faults.iter().map(ToString::to_string).collect(),
                other => vec![other.to_string()],
            }
        })
    }

    const TWO: &str = "[[profile]]\nname = \"baseline\"\nabout = \"a\"\nrules = [\"s3-bucket-versioning\"]\n\
        [[profile]]\nname = \"strict\"\nabout = \"b\"\nrules = [\"s3-bucket-tls-only\"]\n";

    #[test]
    fn a_profile_adds_to_the_one_before_and_has_the_rules_of_the_site() {
        let site = tempfile::tempdir().unwrap();
        let rule = "const RULE = #{ title: \"t\", resource: \"s3.bucket\", severity: \"low\" };\nfn check(b, p) { pass() }\n";
        for id in ["our-own", "s3-account-public-access-block"] {
            std::fs::write(site.path().join(format!("{id}.rhai")), rule).unwrap();
        }
        let pack = load(&[site.path().to_owned()]).unwrap();
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
        // A built-in rule that the site replaces is one of the site.
        let baseline = ["our-own", "s3-account-public-access-block", "s3-bucket-versioning"];
        assert_eq!(run(0, &[]), baseline);
        assert_eq!(
            run(1, &[]),
            [
                "our-own",
                "s3-account-public-access-block",
                "s3-bucket-tls-only",
                "s3-bucket-versioning"
            ]
        );
        assert_eq!(run(2, &[]).len(), pack.len());
        let added = run(0, &[enabled("sg-default-closed", true), enabled("our-own", false)]);
        assert_eq!(
            added,
            ["s3-account-public-access-block", "s3-bucket-versioning", "sg-default-closed"]
        );
        // `enabled = true` is no way past the other filters.
        let filter = RuleFilter { rules: Globs::new(&["s3-*"]).ok(), ..RuleFilter::default() };
        let rules =
            select(&pack, &BTreeMap::from([enabled("sg-default-closed", true)]), &[&filter])
                .unwrap();
        assert!(rules.iter().all(|selected| selected.rule.id != "sg-default-closed"));
    }

    #[test]
    fn profiles_name_rules_that_exist_once() {
        let pack = load(&[]).unwrap();
        for (from, to, expected) in [
            (
                "s3-bucket-tls-only",
                "s3-bucket-tls-onyl",
                "profiles.toml:8:10: there is no rule `s3-bucket-tls-onyl`",
            ),
            (
                "s3-bucket-tls-only",
                "s3-bucket-versioning",
                "profiles.toml:6:8: `strict` has rule `s3-bucket-versioning` already",
            ),
            ("strict", "baseline", "profiles.toml:6:8: there are two profiles `baseline`"),
            ("strict", "all", "there are two profiles `all`"),
            ("about = \"b\"", "abuot = \"b\"", "unknown key `abuot`"),
        ] {
            let faults = read(&TWO.replace(from, to), &pack).expect_err(expected);
            assert!(
                faults.iter().any(|fault| fault.contains(expected)),
                "{expected} is missing in {faults:#?}"
            );
        }
    }
}
