//! `[[tags.require]]`: the tags that resources must have.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::DeValue;

use crate::diagnostics::toml_reader::Item;
use crate::facts;
use crate::model::{
    Globs, MAX_PATTERN, MAX_TAG_VALUE, MAX_TAGS, TagDefault, TagRequirement, TagRequirements,
    TagValues, code_series, compile_regex, did_you_mean, text,
};

const KINDS_HELP: &str = "list the resource types: kinds = [\"ec2.instance\", \"s3.bucket\"]";
const SOURCES: [&str; 4] = ["label", "ou", "value", "copy_from"];

/// Reads `[tags]`.
pub(super) fn section(item: Item<'_>) -> Option<TagRequirements> {
    let table = item.table("[tags]")?;
    let required = table.require("require", "add [[tags.require]] tables, or remove the section");
    table.finish();
    let mut keys = Keys::default();
    let tables = required.map(|item| item.list("[[tags.require]] tables")).unwrap_or_default();
    Some(TagRequirements(tables.into_iter().filter_map(|item| one(item, &mut keys)).collect()))
}

/// The keys that are already required, and their spellings.
#[derive(Default)]
struct Keys {
    /// By kind and key or spelling: the line, and whether it is a key.
    known: BTreeMap<(String, String), (usize, bool)>,
    /// How many keys each kind must have.
    counts: BTreeMap<String, usize>,
}

impl Keys {
    /// Reports a key or spelling that an earlier requirement has for one of the kinds.
    fn add(&mut self, item: Item<'_>, key: &str, is_key: bool, kinds: &[String]) {
        let line = item.reader.line(item.span().start);
        let shown = text::one_line(key, 60);
        let mut reported = false;
        for kind in kinds {
            match self.known.get(&(kind.clone(), key.to_owned())) {
                Some((first, was_key)) if !reported => {
                    reported = true;
                    let message = match (is_key, was_key) {
                        (true, true) => format!("duplicate key `{shown}` for `{kind}`"),
                        (false, true) => format!("`{shown}` is a required key of `{kind}`"),
                        (true, false) => format!("`{shown}` is a wrong spelling for `{kind}`"),
                        (false, false) => format!("duplicate spelling `{shown}` for `{kind}`"),
                    };
                    let help = format!("the other one is on line {first}");
                    item.report_error_with_help(message, help);
                }
                Some(_) => {}
                None => {
                    self.known.insert((kind.clone(), key.to_owned()), (line, is_key));
                }
            }
        }
        if is_key {
            for kind in kinds {
                let count = self.counts.entry(kind.clone()).or_default();
                *count += 1;
                if *count == MAX_TAGS + 1 {
                    item.report_error(format!(
                        "more than {MAX_TAGS} keys are required of `{kind}`, but AWS allows {MAX_TAGS} tags"
                    ));
                }
            }
        }
    }
}

/// One `[[tags.require]]`.
fn one(item: Item<'_>, keys: &mut Keys) -> Option<TagRequirement> {
    let table = item.table("[[tags.require]]")?;
    let key_item = table.require("key", "set the key of the tag: key = \"Owner\"");
    let kinds = table.require("kinds", KINDS_HELP).map(kinds);
    let (globs, pattern) = (table.get("values"), table.get("pattern"));
    let default = table.get("default");
    let spellings = table.get("spellings");
    let acts = table.get("acts").map_or(Some(false), |item| item.boolean());
    table.finish();
    let key = key_item.and_then(|item| key(item));
    let kinds = kinds.filter(|kinds| !kinds.is_empty());
    if let (Some(item), Some(key), Some(kinds)) = (key_item, &key, &kinds) {
        keys.add(item, key, true, kinds);
    }
    let spellings = self::spellings(spellings, key.as_deref(), kinds.as_deref(), keys);
    let values = match (globs, pattern) {
        (Some(_), Some(pattern)) => {
            pattern.report_error_with_help(
                "`pattern` cannot be combined with `values`",
                "keep one of them",
            );
            None
        }
        (Some(globs), None) => globs.globs().map(TagValues::Globs),
        (None, Some(pattern)) => regex(pattern).map(TagValues::Pattern),
        (None, None) => Some(TagValues::Any),
    };
    let default = default
        .map(|item| defaults(item, kinds.as_deref().unwrap_or_default(), values.as_ref()))
        .unwrap_or_default();
    Some(TagRequirement {
        key: key?,
        kinds: kinds?,
        values: values?,
        default,
        spellings,
        acts: acts?,
    })
}

/// The key of a tag.
fn key(item: Item<'_>) -> Option<String> {
    let key = item.text()?;
    match TagRequirement::check_key(key) {
        Ok(()) => Some(key.to_owned()),
        Err(message) => {
            item.report_error(message);
            None
        }
    }
}

fn spellings(
    item: Option<Item<'_>>,
    key: Option<&str>,
    kinds: Option<&[String]>,
    keys: &mut Keys,
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for item in item.map(|item| item.one_or_many("keys")).unwrap_or_default() {
        let Some(spelling) = self::key(item) else { continue };
        let shown = text::one_line(&spelling, 60);
        if Some(spelling.as_str()) == key {
            item.report_error_with_help(
                format!("`{shown}` is the required key itself"),
                "list only wrong spellings of the key",
            );
        } else if found.contains(&spelling) {
            item.report_error(format!("duplicate spelling `{shown}`"));
        } else {
            keys.add(item, &spelling, false, kinds.unwrap_or_default());
            found.push(spelling);
        }
    }
    found
}

fn regex(item: Item<'_>) -> Option<regex::Regex> {
    let pattern = item.text()?;
    if pattern.len() > MAX_PATTERN {
        item.report_error(format!("patterns are limited to {MAX_PATTERN} bytes"));
        return None;
    }
    match compile_regex(pattern) {
        Ok(regex) => Some(regex),
        Err(reason) => {
            let shown = text::one_line(pattern, 80);
            let reason = text::one_line(&reason, 200);
            item.report_error(format!("invalid pattern `{shown}`: {reason}"));
            None
        }
    }
}

/// Names of kinds with tags, and patterns for them.
fn kinds(item: Item<'_>) -> Vec<String> {
    let names: Vec<&str> = facts::tagged_kinds().map(|kind| kind.name).collect();
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for item in item.one_or_many("resource types") {
        let Some(written) = item.text() else { continue };
        let shown = text::one_line(written, 60);
        if !seen.insert(written) {
            item.report_error(format!("duplicate `{shown}`"));
            continue;
        }
        let globs = match Globs::new(&[written]) {
            Ok(globs) => globs,
            Err(error) => {
                item.report_error(error.to_string());
                continue;
            }
        };
        let before = found.len();
        let matching: Vec<&str> =
            names.iter().copied().filter(|name| globs.matches(name)).collect();
        found.extend(matching.iter().map(|name| (*name).to_owned()));
        if !matching.is_empty() {
            if found.len() == before {
                item.report_error_with_help(
                    format!("`{shown}` adds no resource type"),
                    "the other entries contain it: remove it",
                );
            }
            continue;
        }
        if facts::kind(written).is_some() {
            item.report_error_with_help(
                format!("resources of type `{shown}` have no tags"),
                "remove it",
            );
            continue;
        }
        let help = match did_you_mean(written, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`rolecall facts` lists all resource types".to_owned(),
        };
        let message = if written.contains(['*', '?', '[', '{']) {
            format!("no resource type with tags matches `{shown}`")
        } else {
            format!("unknown resource type `{shown}`")
        };
        item.report_error_with_help(message, help);
    }
    found.into_iter().collect()
}

/// Where a missing value comes from. Nothing can follow a fixed value.
fn defaults(item: Item<'_>, kinds: &[String], values: Option<&TagValues>) -> Vec<TagDefault> {
    let items = match item.value.get_ref() {
        DeValue::Table(_) => vec![item],
        _ => item.list("tables such as { label = \"owner\" }"),
    };
    let mut found: Vec<TagDefault> = Vec::new();
    for item in items {
        let Some(default) = one_default(item, kinds, values) else { continue };
        if found.contains(&default) {
            item.report_error("duplicate default");
        } else if found.iter().any(|known| matches!(known, TagDefault::Value(_))) {
            item.report_error_with_help(
                "this default is never used: a fixed value comes before it",
                "move the table with `value` to the end",
            );
        }
        found.push(default);
    }
    found
}

fn one_default(item: Item<'_>, kinds: &[String], values: Option<&TagValues>) -> Option<TagDefault> {
    let table = item.table("`default`")?;
    let [label, ou, value, copy_from] = SOURCES.map(|key| table.get(key));
    let span = table.span();
    table.finish();
    let given: Vec<&Item<'_>> = [&label, &ou, &value, &copy_from].into_iter().flatten().collect();
    let [only] = given.as_slice() else {
        return several(item, span, given.is_empty());
    };
    match only.key {
        "label" => {
            let label = only.text()?;
            Some(TagDefault::Label(label.to_owned()))
        }
        "ou" => match only.boolean()? {
            true => Some(TagDefault::Ou(true)),
            false => {
                only.report_error_with_help("`ou` can only be `true`", "remove this default");
                None
            }
        },
        "value" => fixed(**only, values),
        _ => copied(**only, kinds),
    }
}

fn several(item: Item<'_>, span: Range<usize>, none: bool) -> Option<TagDefault> {
    let message = match none {
        true => "a default needs a source".to_owned(),
        false => "a default has one source".to_owned(),
    };
    let help = format!(
        "set one of {}; the defaults of the list are tried in order",
        code_series(SOURCES, "and")
    );
    item.reader.report(item.reader.diagnostic(span, message).help(help));
    None
}

/// A fixed value, which must be allowed.
fn fixed(item: Item<'_>, values: Option<&TagValues>) -> Option<TagDefault> {
    let value = item.text()?;
    let shown = text::one_line(value, 60);
    if value.chars().count() > MAX_TAG_VALUE {
        item.report_error(format!("the value is longer than {MAX_TAG_VALUE} characters"));
        return None;
    }
    if values.is_some_and(|values| !values.allow(value)) {
        item.report_error_with_help(
            format!("the default `{shown}` is not an allowed value"),
            "add it to `values`, or change the pattern",
        );
        return None;
    }
    Some(TagDefault::Value(value.to_owned()))
}

/// A related resource, which at least one of the kinds must have.
fn copied(item: Item<'_>, kinds: &[String]) -> Option<TagDefault> {
    let name = item.text()?;
    let known = facts::tag_source_names();
    let short = name.rsplit('.').next().unwrap_or(name);
    if !known.contains(&short) {
        let help = match did_you_mean(short, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("valid values: {}", code_series(&known, "and")),
        };
        let shown = text::one_line(name, 60);
        item.report_error_with_help(format!("tags cannot be copied from `{shown}`"), help);
        return None;
    }
    if !kinds.is_empty() && !kinds.iter().any(|kind| facts::tag_source(kind, short).is_some()) {
        let mut sources: Vec<&str> = kinds
            .iter()
            .flat_map(|kind| facts::tag_sources(kind))
            .filter_map(|source| facts::kind(source.to))
            .map(facts::Kind::short_name)
            .collect();
        sources.sort_unstable();
        sources.dedup();
        let help = match sources.as_slice() {
            [] => "these resource types have no such source: remove it".to_owned(),
            sources => format!("for `kinds`, it can be {}", code_series(sources, "or")),
        };
        let shown = text::one_line(name, 60);
        item.report_error_with_help(
            format!("none of the resource types in `kinds` belongs to a resource `{shown}`"),
            help,
        );
        return None;
    }
    Some(TagDefault::CopyFrom(short.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("rolecall.toml"), text, &|_| None)
            .map_err(|errors| errors.render(false))
    }

    const START: &str =
        "[[tags.require]]\nkey = \"Owner\"\nkinds = [\"ec2.volume\", \"s3.bucket\"]\n";

    #[test]
    fn errors_have_the_right_position() {
        let long = |length: usize| "x".repeat(length);
        for (line, expected) in [
            ("spellings = [\"Owner\"]".to_owned(), "`Owner` is the required key itself"),
            ("spellings = [\"owner\", \"owner\"]".to_owned(), "duplicate spelling `owner`"),
            ("spellings = [\"AWS:owner\"]".to_owned(), "is reserved"),
            (format!("spellings = [\"{}\"]", long(129)), "longer than 128 characters"),
            ("values = []".to_owned(), "`values` is empty"),
            ("values = [\"[\"]".to_owned(), "invalid pattern"),
            ("values = \"x\"\npattern = \"y\"".to_owned(), "cannot be combined with `values`"),
            ("pattern = \"(\"".to_owned(), "invalid pattern `(`: unclosed group"),
            ("pattern = \"(?=a)\"".to_owned(), "look-around"),
            (format!("pattern = \"{}\"", long(1001)), "limited to 1000 bytes"),
            ("acts = \"yes\"".to_owned(), "`acts` must be `true` or `false`"),
            ("default = \"web\"".to_owned(), "must be a list of tables such as"),
            ("default = [{}]".to_owned(), "a default needs a source"),
            ("default = [{ label = \"a\", ou = true }]".to_owned(), "a default has one source"),
            ("default = [{ labels = \"a\" }]".to_owned(), "did you mean `label`?"),
            ("default = [{ ou = false }]".to_owned(), "`ou` can only be `true`"),
            ("default = [{ value = \"\" }]".to_owned(), "`value` is empty"),
            (format!("default = [{{ value = \"{}\" }}]", long(257)), "longer than 256 characters"),
            (
                "default = [{ value = \"web\" }]\nvalues = \"team-*\"".to_owned(),
                "the default `web` is not an allowed value",
            ),
            (
                "default = [{ value = \"web\" }]\npattern = \"^team-\"".to_owned(),
                "the default `web` is not an allowed value",
            ),
            (
                "default = [{ value = \"a\" }, { label = \"owner\" }]".to_owned(),
                "this default is never used",
            ),
            ("default = [{ label = \"a\" }, { label = \"a\" }]".to_owned(), "duplicate default"),
            ("default = [{ copy_from = \"instence\" }]".to_owned(), "did you mean `instance`?"),
            (
                "default = [{ copy_from = \"vpc\" }]".to_owned(),
                "none of the resource types in `kinds` belongs to a resource `vpc`",
            ),
            (
                "default = [{ copy_from = \"vpc\" }]".to_owned(),
                "it can be `instance` or `snapshot`",
            ),
            ("spelings = []".to_owned(), "did you mean `spellings`?"),
        ] {
            let text = parse(&format!("{START}{line}\n")).expect_err(&line);
            assert!(text.contains(expected), "{line}: {text}");
            assert!(
                text.contains("rolecall.toml:4:") || text.contains("rolecall.toml:5:"),
                "{line}: {text}"
            );
        }
    }

    #[test]
    fn keys_and_resource_types_are_checked() {
        let second = "[[tags.require]]\nkey = \"Owner\"\nkinds = [\"ec2.*\"]\n";
        for (text, expected) in [
            ("[tags]\n".to_owned(), "missing key `require` in [tags]"),
            ("[tags]\nrequired = []\n".to_owned(), "did you mean `require`?"),
            ("[[tags.require]]\nkinds = \"ec2.volume\"\n".to_owned(), "missing key `key`"),
            ("[[tags.require]]\nkey = \"Owner\"\n".to_owned(), "missing key `kinds`"),
            (
                "[[tags.require]]\nkey = \"aws:Owner\"\nkinds = \"*\"\n".to_owned(),
                "`aws:Owner` is reserved",
            ),
            (
                "[[tags.require]]\nkey = \"a\"\nkinds = [\"ec2.instances\"]\n".to_owned(),
                "did you mean `ec2.instance`?",
            ),
            (
                "[[tags.require]]\nkey = \"a\"\nkinds = [\"ecs.*\"]\n".to_owned(),
                "no resource type with tags matches `ecs.*`",
            ),
            (
                "[[tags.require]]\nkey = \"a\"\nkinds = [\"ec2.settings\"]\n".to_owned(),
                "resources of type `ec2.settings` have no tags",
            ),
            (
                "[[tags.require]]\nkey = \"a\"\nkinds = [\"ec2.*\", \"ec2.volume\"]\n".to_owned(),
                "`ec2.volume` adds no resource type",
            ),
            (
                "[[tags.require]]\nkey = \"a\"\nkinds = [\"ec2.vpc\", \"ec2.vpc\"]\n".to_owned(),
                "duplicate `ec2.vpc`",
            ),
            (format!("{START}{second}"), "duplicate key `Owner` for `ec2.volume`"),
            (
                format!("{START}{}", second.replace("Owner", "Team\"\nspellings = [\"Owner\"]#")),
                "`Owner` is a required key of `ec2.volume`",
            ),
            (
                format!("{START}spellings = \"owner\"\n{}", second.replace("Owner", "owner")),
                "`owner` is a wrong spelling for `ec2.volume`",
            ),
        ] {
            let shown = parse(&text).expect_err(&text);
            assert!(shown.contains(expected), "{text}: {shown}");
        }
        let many: String = (0..51)
            .map(|n| format!("[[tags.require]]\nkey = \"k{n}\"\nkinds = \"ec2.vpc\"\n"))
            .collect();
        assert!(parse(&many).unwrap_err().contains("more than 50 keys are required of `ec2.vpc`"));
    }

    #[test]
    fn requirements_are_read() {
        let text = format!(
            "{START}values = [\"team-*\"]\nspellings = [\"owner\"]\nacts = true\n\
             default = [{{ copy_from = \"ec2.instance\" }}, {{ label = \"owner\" }}, {{ ou = true }}, {{ value = \"team-x\" }}]\n\
             [[tags.require]]\nkey = \"Owner\"\nkinds = \"ec2.vpc\"\npattern = \"^[a-z]+$\"\ndefault = {{ value = \"web\" }}\n"
        );
        let tags = parse(&text).unwrap().tags;
        let of = |kind: &str| tags.of(kind).cloned().collect::<Vec<_>>();
        let [volume] = of("ec2.volume").try_into().unwrap();
        assert_eq!(
            volume.default,
            [
                TagDefault::CopyFrom("instance".to_owned()),
                TagDefault::Label("owner".to_owned()),
                TagDefault::Ou(true),
                TagDefault::Value("team-x".to_owned())
            ]
        );
        assert!(volume.acts && volume.values.allow("team-a") && !volume.values.allow("a"));
        let [vpc] = of("ec2.vpc").try_into().unwrap();
        assert!(vpc.values.allow("web") && !vpc.values.allow("web-1"));
        assert!(of("ec2.subnet").is_empty());
    }
}
