//! Topics of built-in rules, under which they are listed: `rules/topics.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::files::built_in_text;
use super::rule::Rule;
use crate::model::Globs;

const FILE: &str = "topics.toml";

/// A topic.
#[derive(Debug, Clone)]
pub struct RuleTopic {
    /// Its id: `network-exposure`.
    pub id: String,
    /// Its heading in lists.
    pub title: String,
    /// Ids and patterns of ids.
    rules: Globs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    rules: Vec<String>,
}

// A test verifies that the file is valid.
static TOPICS: LazyLock<Vec<RuleTopic>> = LazyLock::new(|| {
    let entries = read().map(|file| file.topic).unwrap_or_default();
    let topic =
        |Entry { id, title, rules }| Some(RuleTopic { id, title, rules: Globs::new(&rules).ok()? });
    entries.into_iter().filter_map(topic).collect()
});

fn read() -> Result<File, toml::de::Error> {
    toml::from_str(built_in_text(FILE).unwrap_or_default())
}

/// All topics, in the order in which lists have them.
pub fn topics() -> &'static [RuleTopic] {
    &TOPICS
}

/// The topic of a rule. A rule of your own has one only if it replaces a built-in rule.
pub fn topic_of(rule: &Rule) -> Option<&'static RuleTopic> {
    let is_listed = rule.folder.is_none() || rule.replaces_built_in;
    topics().iter().find(|topic| is_listed && topic.rules.matches(&rule.id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rules::pack::load::load;

    #[test]
    fn every_built_in_rule_has_exactly_one_topic() {
        let pack = load(&[]).unwrap();
        assert_eq!(read().unwrap().topic.len(), topics().len());
        let ids: BTreeSet<&str> = topics().iter().map(|topic| topic.id.as_str()).collect();
        assert_eq!(ids.len(), topics().len(), "duplicate topic");
        for id in pack.keys() {
            let of: Vec<&str> = topics()
                .iter()
                .filter(|topic| topic.rules.matches(id))
                .map(|topic| topic.id.as_str())
                .collect();
            assert_eq!(of.len(), 1, "add `{id}` to one topic in rules/{FILE}; it has {of:?}");
        }
    }

    #[test]
    fn every_entry_matches_a_rule() {
        let pack = load(&[]).unwrap();
        let ids: Vec<&str> = pack.keys().map(String::as_str).collect();
        for topic in topics() {
            assert_eq!(topic.rules.unmatched(&ids), None, "{}", topic.id);
        }
    }
}
