//! Built-in rules that are generated: the rules on required tags, one for each kind with tags. They
//! ask the same question, so there is one template for the script and one for its test cases, and
//! `@kind@` and other placeholders are replaced. What is generated looks like files of the built-in
//! pack in the folder `tags`, so that loading, lint, tests and documentation treat it like any other
//! rule.
//!
//! Such a rule evaluates what `[[tags.require]]` configures. Without a requirement for its kind, it
//! is not part of a run: see [`keep_required`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::rule::{Pack, Rule};
use crate::facts::{self, Kind, Reference, TAGS};
use crate::model::{TagDefault, TagRequirements};

/// The folder of the generated files.
const FOLDER: &str = "tags";
const RULE: &str = include_str!("../../../rules/templates/required-tags.rhai.template");
const CASES: &str = include_str!("../../../rules/templates/required-tags.cases.json.template");

/// The generated files by path.
static FILES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| files(&|_| true).collect());

/// The generated files for which `wanted` holds, with their paths.
pub(crate) fn files(wanted: &dyn Fn(&Path) -> bool) -> impl Iterator<Item = (String, String)> {
    let of_kind = |kind: &'static Kind| {
        [(".rhai", RULE), (".cases.json", CASES)].map(|(ending, template)| (kind, ending, template))
    };
    facts::tagged_kinds().flat_map(of_kind).filter_map(|(kind, ending, template)| {
        let path = format!("{FOLDER}/{}{ending}", required_tags_id(kind.name));
        wanted(Path::new(&path)).then(|| (path, filled(template, kind)))
    })
}

/// Whether [`keep_required`] removes the rule in a file of the built-in pack.
pub(crate) fn is_left_out(path: &Path, required: &TagRequirements) -> bool {
    let id = path.to_str().and_then(|path| path.strip_prefix(FOLDER)?.strip_prefix('/'));
    let kind = id.and_then(|name| kind_of_required_tags(name.strip_suffix(".rhai")?));
    kind.is_some_and(|kind| required.of(kind.name).next().is_none())
}

/// The text of a generated file.
pub(crate) fn text(path: &str) -> Option<&'static str> {
    FILES.get(path).map(String::as_str)
}

/// The id of the rule on the required tags of a kind: `ec2-instance-tags`.
pub fn required_tags_id(kind: &str) -> String {
    format!("{}-tags", kind.replace(['.', '_'], "-"))
}

/// The kind whose required tags the built-in rule with that id evaluates.
pub fn kind_of_required_tags(id: &str) -> Option<&'static Kind> {
    facts::tagged_kinds().find(|kind| required_tags_id(kind.name) == id)
}

impl Rule {
    /// Whether it is a built-in rule on required tags.
    pub fn is_on_required_tags(&self) -> bool {
        self.folder.is_none() && self.path.split('/').next() == Some(FOLDER)
    }
}

/// Removes the rules on tags of kinds that have no required tags. The others read other resources
/// only if a value is copied from these.
pub fn keep_required(pack: &mut Pack, required: &TagRequirements) {
    pack.retain(|_, rule| {
        !rule.is_on_required_tags() || required.of(rule.meta.kind.name).next().is_some()
    });
    for rule in pack.values_mut() {
        let kind = rule.meta.kind.name;
        if rule.is_on_required_tags() {
            let defaults = required.of(kind).flat_map(|requirement| &requirement.default);
            let copied: Vec<&str> = defaults
                .filter_map(|default| match default {
                    TagDefault::CopyFrom(name) => Some(facts::tag_source(kind, name)?.to),
                    _ => None,
                })
                .collect();
            let needs = &mut Arc::make_mut(rule).meta.needs;
            needs.related.retain(|kind, _| copied.contains(kind));
            needs.optional.retain(|kind| copied.contains(kind));
        } else if rule.replaces_built_in
            && let Some(replaced) = kind_of_required_tags(&rule.id)
        {
            // It replaces nothing if the built-in rule would not run.
            let replaces = required.of(replaced.name).next().is_some();
            Arc::make_mut(rule).replaces_built_in = replaces;
        }
    }
}

/// A template for a kind.
fn filled(template: &str, kind: &'static Kind) -> String {
    let noun = noun(kind);
    let mut letters = noun.chars();
    let capitalized: String =
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let is_s3 = kind.name.starts_with("s3.");
    let cli = if is_s3 {
        let arn = if kind.name == "s3.bucket" { "arn:aws:s3:::BUCKET" } else { "RESOURCE_ARN" };
        format!(
            "aws s3control tag-resource --region REGION --account-id ACCOUNT_ID --resource-arn {arn} --tags Key=Owner,Value=team-web"
        )
    } else {
        let id = kind.short_name().to_uppercase();
        format!(
            "aws ec2 create-tags --region REGION --resources {id}_ID --tags Key=Owner,Value=team-web"
        )
    };
    let reference = if is_s3 {
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html"
    } else {
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html"
    };
    let own = kind.fact(TAGS).map(|fact| format!("{:?}", fact.name));
    let sources = facts::tag_sources(kind.name).map(|source| format!("\"{}?\"", source.to));
    let needs: Vec<String> = own.into_iter().chain(sources).collect();
    let copies: String = facts::tag_sources(kind.name)
        .flat_map(copy_cases)
        .map(|case| format!(",\n    {case}"))
        .collect();
    [
        ("@kind@", kind.name),
        ("@noun@", &noun),
        ("@Noun@", &capitalized),
        ("@cli@", &cli),
        ("@reference@", reference),
        ("@needs@", &needs.join(", ")),
        ("@copies@", &copies),
    ]
    .iter()
    .fold(template.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
}

/// What resources of a kind are called in a sentence: `VPC endpoint`.
fn noun(kind: &Kind) -> String {
    let word = |word: &'static str| match word {
        "acl" | "dhcp" | "ipam" | "nat" | "vpc" | "vpn" => word.to_uppercase(),
        word => word.to_owned(),
    };
    kind.short_name().split('_').map(word).collect::<Vec<_>>().join(" ")
}

/// Test cases for a value that is copied from another resource.
fn copy_cases(source: &Reference) -> Vec<Value> {
    let Some(to) = facts::kind(source.to) else { return Vec::new() };
    let name = to.short_name();
    let mut facts = at_path(source.path, "example-1");
    if let Some(facts) = facts.as_object_mut() {
        facts.insert(TAGS.to_owned(), json!({}));
    }
    let required = json!([{ "key": "Owner", "default": [{ "copy_from": name }] }]);
    let case = |what: &str, related: Value, more: Value| {
        let mut case = json!({
            "name": format!("missing, {what} {}", name.replace('_', " ")),
            "expect": "fail",
            "message": "Owner: missing",
            "required_tags": required,
            "facts": facts,
            "related": related,
        });
        if let (Some(case), Value::Object(more)) = (case.as_object_mut(), more) {
            case.extend(more);
        }
        case
    };
    let other = |tags: Value| json!({ to.name: [{ to.id: "example-1", "tags": tags }] });
    let by_hand = json!({ "class": "by_hand" });
    let added = json!([{ "action": "tags.add", "parameters": { "tags": { "Owner": "team-db" } } }]);
    vec![
        case(
            "copied from the",
            other(json!({ "Owner": "team-db" })),
            json!({ "fix": { "class": "safe", "actions": added } }),
        ),
        case("also from the", other(json!({})), json!({ "fix": by_hand })),
        case("with an unreadable", json!({}), json!({ "unreadable": [to.name], "fix": by_hand })),
    ]
}

/// Facts with one string at a path: `attachments[].instance_id`.
fn at_path(path: &str, text: &str) -> Value {
    path.rsplit('.').fold(json!(text), |inner, step| match step.strip_suffix("[]") {
        Some(name) => json!({ name: [inner] }),
        None => json!({ step: inner }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::pack::library::Library;
    use crate::rules::pack::load::load;
    use crate::rules::pack::rule::LoadError;

    fn required(kinds: &[&str], default: Value) -> TagRequirements {
        let mut one: crate::model::TagRequirement =
            serde_json::from_value(json!({ "key": "Owner", "default": default })).unwrap();
        one.kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        TagRequirements(vec![one])
    }

    #[test]
    fn a_rule_runs_if_tags_of_its_kind_are_required() {
        let mut pack = load(&[]).unwrap();
        let all = pack.len();
        keep_required(&mut pack, &TagRequirements::default());
        assert_eq!(all - pack.len(), facts::tagged_kinds().count());
        let mut pack = load(&[]).unwrap();
        let from_instance = json!([{ "copy_from": "instance" }]);
        keep_required(&mut pack, &required(&["ec2.volume", "s3.bucket"], from_instance));
        let kept: Vec<&Arc<Rule>> =
            pack.values().filter(|rule| rule.is_on_required_tags()).collect();
        let ids: Vec<&str> = kept.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids, ["ec2-volume-tags", "s3-bucket-tags"]);
        let related =
            |rule: &Arc<Rule>| rule.meta.needs.related.keys().copied().collect::<Vec<_>>();
        assert_eq!(related(kept[0]), ["ec2.instance"]);
        assert!(related(kept[1]).is_empty() && kept[1].meta.needs.own.contains("tags"));
        let mut pack = load(&[]).unwrap();
        keep_required(&mut pack, &required(&["ec2.volume"], json!([])));
        assert!(related(&pack["ec2-volume-tags"]).is_empty());
    }

    /// Runs do not load what [`keep_required`] would remove, which must make no other difference.
    #[test]
    fn rules_that_do_not_run_are_not_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let rule = "const RULE = #{ title: \"t\", resource: \"ec2.vpc\", severity: \"low\" };\nfn check(b, p) { pass() }\n";
        std::fs::write(folder.path().join("s3-bucket-tags.rhai"), rule).unwrap();
        let folders = [folder.path().to_owned()];
        for kinds in [&[][..], &["ec2.volume"], &["ec2.volume", "s3.bucket"]] {
            let required = match kinds {
                [] => TagRequirements::default(),
                kinds => required(kinds, json!([{ "copy_from": "instance" }])),
            };
            let mut all = load(&folders).unwrap();
            keep_required(&mut all, &required);
            let loaded = Library::load_required(&folders, &required).unwrap();
            assert_eq!(format!("{:?}", loaded.pack), format!("{all:?}"), "{kinds:?}");
            let library = Library::load(&folders).unwrap();
            assert_eq!(loaded.frameworks, library.frameworks);
            assert_eq!(loaded.profiles, library.profiles);
        }
        let alias = rule.replace("\"low\"", "\"low\", aliases: [\"ec2-volume-tags\"]");
        std::fs::write(folder.path().join("other.rhai"), alias).unwrap();
        let error = |result: Result<Library, LoadError>| format!("{:?}", result.unwrap_err());
        let expected = error(Library::load(&folders));
        assert!(expected.contains("`ec2-volume-tags` is already the id"), "{expected}");
        let required = TagRequirements::default();
        assert_eq!(error(Library::load_required(&folders, &required)), expected);
    }

    #[test]
    fn a_rule_of_yours_with_such_an_id_replaces_one_only_if_it_would_run() {
        let folder = tempfile::tempdir().unwrap();
        let rule = "const RULE = #{ title: \"t\", resource: \"ec2.instance\", severity: \"low\" };\nfn check(b, p) { pass() }\n";
        std::fs::write(folder.path().join("s3-bucket-tags.rhai"), rule).unwrap();
        let load = || load(&[folder.path().to_owned()]).unwrap();
        for (kind, replaces) in [("ec2.volume", false), ("s3.bucket", true)] {
            let mut pack = load();
            keep_required(&mut pack, &required(&[kind], json!([])));
            assert_eq!(pack["s3-bucket-tags"].replaces_built_in, replaces, "{kind}");
            assert_eq!(pack["s3-bucket-tags"].meta.kind.name, "ec2.instance");
        }
    }

    #[test]
    fn every_placeholder_is_filled_in() {
        assert_eq!(FILES.len(), 2 * facts::tagged_kinds().count());
        for (path, text) in FILES.iter() {
            assert!(!text.contains('@'), "{path}");
        }
        assert!(text("tags/ec2-volume-tags.rhai").unwrap().contains("\"ec2.instance?\""));
        assert_eq!(
            kind_of_required_tags("ec2-vpc-endpoint-tags").unwrap().name,
            "ec2.vpc_endpoint"
        );
    }
}
