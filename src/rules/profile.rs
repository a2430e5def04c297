//! Profiles: named choices among the rules of the built-in pack, for runs that say nothing else. They stand in `rules/profiles.toml`; a
//! rule of a site's own folders is in every profile, since nobody writes a rule in order not to run it.

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::framework;
use super::load::{BUILT_IN, LoadError, Pack, Rule};
use super::source::SourceFile;
use super::toml_reader::{Reader, Table};
use crate::model::text;

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
    let listed = root.require("profile", "list the profiles, each begun by [[profile]]").map(|item| item.list("tables"));
    for item in listed.unwrap_or_default() {
        let Some(table) = item.table("[[profile]]") else { continue };
        let named = table.require("name", "name it: name = \"strict\"");
        let about = table.require("about", "say in one sentence what it is for").and_then(|item| item.text());
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
        profiles.push(Profile { name: name.to_owned(), about: about.to_owned(), rules: Some(rules) });
    }
    root.finish();
    if reader.has_faults() {
        return Err(LoadError::Faults(reader.into_faults()));
    }
    let about = "Every rule there is, also those that report the same fault twice.".to_owned();
    profiles.push(Profile { name: EVERY_RULE.to_owned(), about, rules: None });
    Ok(profiles)
}
