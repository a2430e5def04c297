//! Test cases from observed evaluations: as JSON, evaluated, and appended to a case file.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::case::Case;
use super::defaults::Defaults;
use super::file::CaseFile;
use super::setup::{DEFAULT_ACCOUNT, DEFAULT_NOW, RequiredStrings, default_region, setup};
use crate::diagnostics::Diagnostic;
use crate::model::{Trust, Verdict};
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::MAX_DATA;
use crate::rules::pack::rule::script_of;
use crate::rules::pack::select::SelectedRule;
use crate::rules::sandbox::evaluation::Sandbox;
use crate::rules::sandbox::outcome::RuleOutcome;
use crate::rules::values::access::Observed;

/// The case as written to a file, without values that are equal to the defaults. `trust`: include
/// the full `[trust]` settings, not only what the facts mention.
pub fn written(
    name: &str,
    expect: Verdict,
    observed: &Observed,
    rule: &SelectedRule,
    trust: bool,
) -> Value {
    let meta = &rule.rule.meta;
    let mut case = Map::new();
    let mut put = |key: &str, value: Value| {
        let is_empty = value.as_object().is_some_and(Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        if !value.is_null() && !is_empty {
            case.insert(key.to_owned(), value);
        }
    };
    put("name", json!(name));
    put("variant", json!(rule.rule.script.as_ref().map(|_| &rule.rule.id)));
    put("expect", json!(expect));
    put(
        "account",
        json!(observed.account.as_ref().map(|id| id.as_str()).filter(|id| *id != DEFAULT_ACCOUNT)),
    );
    put("account_name", json!(observed.account_name));
    put("account_labels", json!(observed.account_labels));
    put(
        "region",
        json!(observed.region.as_ref().filter(|region| **region != default_region(meta.kind))),
    );
    put("regions", json!(observed.regions));
    put("now", json!(observed.now.as_ref().filter(|now| *now != DEFAULT_NOW)));
    let params = rule.params.iter().filter(|(name, value)| meta.params.get(*name) != Some(*value));
    put(
        "params",
        Value::Object(params.map(|(name, value)| (name.clone(), value.clone())).collect()),
    );
    if let Some(all) = &observed.trust {
        let text = format!("{}{}", json!(observed.facts), json!(observed.related));
        put(
            "trust",
            without_empty(json!(if trust { (**all).clone() } else { named_in(all, &text) })),
        );
    }
    put("required_tags", json!(observed.required_tags));
    put("unreadable", json!(observed.unreadable));
    case.insert("facts".to_owned(), json!(observed.facts));
    if !observed.related.is_empty() {
        case.insert("related".to_owned(), json!(observed.related));
    }
    Value::Object(case)
}

/// The trusted values that a text mentions.
fn named_in(trust: &Trust, text: &str) -> Trust {
    let mut named = trust.clone();
    named.accounts.retain(|id| text.contains(id.as_str()));
    for names in [
        &mut named.services,
        &mut named.canonical_users,
        &mut named.origin_access_identities,
        &mut named.principal_ids,
        &mut named.vpcs,
        &mut named.vpc_endpoints,
    ] {
        names.retain(|name| text.contains(name.as_str()));
    }
    named
}

fn without_empty(mut map: Value) -> Value {
    if let Value::Object(map) = &mut map {
        map.retain(|_, value| {
            !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty())
        });
    }
    map
}

/// Evaluates a rule on a case, or returns why the case is invalid. The thread must have a stack of
/// [`crate::rules::STACK_SIZE`].
pub fn evaluate(rule: &Arc<SelectedRule>, case: &Value) -> Result<RuleOutcome, String> {
    let case: Case = serde_json::from_value(case.clone()).map_err(|error| error.to_string())?;
    let setup = setup(&script_of(&rule.rule).meta, &case, &mut RequiredStrings::new())
        .map_err(|error| error.message)?;
    // Parameters are the defaults of the rule's file, as in `rolecall test`, overridden by those of
    // the case.
    let mut sandbox =
        Sandbox::new(std::slice::from_ref(rule)).map_err(|error| error.to_string())?;
    sandbox.set_params(0, &setup.params);
    sandbox.enter(setup.facts);
    Ok(sandbox.evaluate(0, 0))
}

/// The case as written to a file with defaults: what differs from them.
pub fn within(defaults: &Defaults, case: &Value, rule: &SelectedRule) -> Value {
    match case {
        Value::Object(case) => Value::Object(defaults.subtract(case, &rule.rule.meta.params)),
        other => other.clone(),
    }
}

/// The case with the defaults of its file applied: the inverse of [`within`].
pub fn effective(defaults: &Defaults, case: &Value, rule: &SelectedRule) -> Value {
    let mut case = within(defaults, case, rule);
    if let Value::Object(case) = &mut case {
        defaults.apply(case);
    }
    case
}

/// The text of a case file with one more case. The formatting of the rest is kept.
pub fn append(file: &SourceFile, case: &Value) -> Result<String, Vec<Diagnostic>> {
    let whole = &file.text;
    let refuse = |message: String| vec![Diagnostic::new(&file.name, whole, 0..0, message)];
    let empty = whole.trim().is_empty();
    let known = if empty { None } else { Some(CaseFile::read(file)?) };
    let cases = known.as_ref().map_or(&[][..], |known| &known.cases);
    let name = case.get("name").and_then(Value::as_str).unwrap_or_default();
    if let Some(same) = cases.iter().find(|placed| placed.case.name == name) {
        let message =
            format!("duplicate test case name `{}`", crate::model::text::one_line(name, 200));
        let error =
            Diagnostic::new(&file.name, whole, same.span.start..same.span.start + 1, message);
        return Err(vec![error.help("use `--name` to give the new test case another name")]);
    }
    // The file was parsed, so the list is valid and ends with its bracket.
    let list = known.as_ref().map_or(0..0, |known| known.list.clone());
    let text = |range: Range<usize>| whole.get(range).unwrap_or_default();
    let before = text(0..list.end).trim_end().strip_suffix(']').map_or("[", str::trim_end);
    let comma = if cases.is_empty() { "" } else { "," };
    let (indent, after) = match text(list.end..whole.len()).trim_end() {
        "" => ("", ""),
        after => ("  ", after),
    };
    let case = format!("{case:#}").replace('\n', &format!("\n{indent}  "));
    let text = format!("{before}{comma}\n{indent}  {case}\n{indent}]{after}\n");
    let file = SourceFile { name: file.name.clone(), text: text.as_str().into() };
    if text.len() as u64 > MAX_DATA {
        return Err(refuse(format!(
            "the file would be larger than {MAX_DATA} bytes; the rule may look up too many resources for a test case"
        )));
    }
    CaseFile::read(&file)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_appended_and_formatting_is_kept() {
        let case = json!({ "name": "b", "expect": "pass", "facts": { "x": 1 } });
        let added = "{\n    \"name\": \"b\",\n    \"expect\": \"pass\",\n    \"facts\": {\n      \"x\": 1\n    }\n  }\n]\n";
        let one = "[ {\"name\" : \"a\",\"expect\":\"fail\", \"facts\":{ \"y\": 1.50 }}";
        for (before, after) in [
            ("", format!("[\n  {added}")),
            ("[]\n", format!("[\n  {added}")),
            ("[\n]", format!("[\n  {added}")),
            (&format!("{one}\n]\n\n"), format!("{one},\n  {added}")),
            (&format!("{one}]"), format!("{one},\n  {added}")),
        ] {
            let file = SourceFile { name: "x.cases.json".into(), text: before.into() };
            assert_eq!(append(&file, &case).unwrap(), after, "{before}");
        }
        let object = "{ \"defaults\": { \"facts\": { \"x\": [ ] } },\n  \"cases\" : [";
        let nested =
            format!("\n    {}", added.trim_end().trim_end_matches("\n]").replace('\n', "\n  "));
        for (cases, behind) in [("", " }"), ("\n  ", "\n}\n\n")] {
            let file = SourceFile {
                name: "x.cases.json".into(),
                text: format!("{object}{cases}]{behind}").into(),
            };
            let expected = format!("{object}{nested}\n  ]{}\n", behind.trim_end());
            assert_eq!(append(&file, &case).unwrap(), expected);
        }
        for (before, part) in [
            ("[{\"name\":\"b\",\"expect\":\"fail\",\"facts\":{}}]", "duplicate test case name `b`"),
            ("{}", "missing key `cases`"),
        ] {
            let file = SourceFile { name: "x.cases.json".into(), text: before.into() };
            let errors = append(&file, &case).unwrap_err();
            assert!(errors[0].to_string().contains(part), "{}", errors[0]);
        }
    }
}
