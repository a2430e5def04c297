//! The template of a new rule: it checks whether something optional is configured, and lists
//! everything else that the rule can read.

use serde_json::{Map, Value, json};

use crate::facts::fields;
use crate::facts::{FactSpec, Kind, REGION_FIELD, Shape};
use crate::model::Severity;
use crate::model::text::one_line;

/// The contents of both files.
pub(crate) struct Draft {
    pub(crate) rule: String,
    pub(crate) cases: String,
}

/// What the rule checks.
struct Subject {
    name: String,
    /// The fact that it is, or is a field of. A fact needs an API call of its own.
    fact: Option<&'static FactSpec>,
    /// Whether it is a tag.
    is_tag: bool,
    /// Whether it is always there, and `true` or `false`.
    is_flag: bool,
    /// Whether it is always there, and a list.
    is_list: bool,
    /// An example value.
    example: Value,
}

/// A rule on a resource type.
pub(crate) fn of(id: &str, kind: &Kind, severity: Severity) -> Draft {
    let subject = subject(kind);
    Draft { rule: rule(id, kind, &subject, severity), cases: cases(kind, &subject) }
}

/// The first optional field of the list, besides the region, which all have. If there is none, or the type is not listed, the first
/// fact that can be absent, or the first optional field of a fact.
fn subject(kind: &Kind) -> Subject {
    let fields = fields::of(&kind.shape, "");
    let optional = fields.into_iter().find(|field| {
        let is_usual = field.is_outermost() && field.path != REGION_FIELD;
        is_usual && field.is_optional() && plain(&field.path)
    });
    match (optional, kind.facts.first()) {
        (Some(field), None) => of_list(kind, field.path),
        (Some(field), Some(_)) if !kind.list.is_empty() => of_list(kind, field.path),
        (_, Some(first)) => of_facts(kind).unwrap_or_else(|| of_fact(first)),
        // Such a type has tags, and any of them may be missing.
        (None, None) => Subject {
            name: "tags.Owner".to_owned(),
            fact: None,
            is_tag: true,
            is_flag: false,
            is_list: false,
            example: json!("example"),
        },
    }
}

fn of_list(kind: &Kind, name: String) -> Subject {
    Subject {
        example: example(&kind.shape, Some(&name)),
        name,
        fact: None,
        is_tag: false,
        is_flag: false,
        is_list: false,
    }
}

fn of_fact(fact: &'static FactSpec) -> Subject {
    let smallest = example(&fact.shape, None);
    let is_list = fact.is_always_known() && smallest.is_array();
    Subject {
        name: fact.name.to_owned(),
        fact: Some(fact),
        is_tag: false,
        is_flag: false,
        is_list,
        example: if is_list { json!([item(&fact.shape)]) } else { smallest },
    }
}

/// The first fact that can be absent, or the first field of a fact that is optional or a flag.
fn of_facts(kind: &Kind) -> Option<Subject> {
    if let Some(fact) = kind.facts.iter().find(|fact| !fact.is_always_known()) {
        return Some(of_fact(fact));
    }
    kind.facts.iter().find_map(|fact| {
        let mut fields = fields::of(&fact.shape, "").into_iter();
        let field = fields.find(|field| {
            field.is_outermost()
                && (field.is_optional() || field.kind == "bool")
                && plain(&field.path)
        })?;
        let mut with = whole(fact);
        with.insert(field.path.clone(), example(&fact.shape, Some(&field.path)));
        Some(Subject {
            name: format!("{}.{}", fact.name, field.path),
            fact: Some(fact),
            is_tag: false,
            is_flag: !field.is_optional(),
            is_list: false,
            example: Value::Object(with),
        })
    })
}

/// Some AWS fields are named like keywords, which a first rule should avoid.
fn plain(name: &str) -> bool {
    let text = format!("x.{name}");
    rhai::Engine::new_raw().compile_expression(text).is_ok()
}

fn rule(id: &str, kind: &Kind, subject: &Subject, severity: Severity) -> String {
    let Subject { name, fact, .. } = subject;
    let resource = kind.name.rsplit('.').next().unwrap_or(kind.name);
    let words = resource.replace('_', " ");
    let mut words = words.chars();
    let title: String =
        words.next().into_iter().flat_map(char::to_uppercase).chain(words).collect();
    let needs = fact.map_or(String::new(), |fact| format!("    needs: [\"{}\"],\n", fact.name));
    let reference = match kind.service() {
        "ec2" => "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html",
        "s3" => "https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html",
        _ => "https://docs.aws.amazon.com/accounts/latest/reference/accounts-welcome.html",
    };
    let (condition, problem) = match subject {
        Subject { is_flag: true, .. } => (format!("{resource}.{name}"), "false"),
        Subject { is_list: true, .. } => (format!("!{resource}.{name}.is_empty()"), "empty"),
        _ => (format!("is_configured({resource}.{name})"), "not configured"),
    };
    format!(
        "//! TODO: describe the problem in one or two sentences. Reports show them first.\n\
         //!\n\
         //! ## Why it matters\n\
         //! TODO: describe what an attacker could do or what could go wrong.\n\
         //!\n\
         //! ## How to fix it\n\
         //! - TODO: Console: the path through the menus.\n\
         //! - TODO: CLI: `aws …`\n\
         //! - TODO: Terraform: the argument of the resource.\n\
         //!\n\
         //! ## References\n\
         //! - {reference}\n\n\
         const RULE = #{{\n    title: \"{title} has no {name}\",\n    resource: \"{kind}\",\n{needs}    severity: \"{severity}\",\n}};\n\n\
         fn check({resource}, params) {{\n    \
         if {condition} {{ pass() }} else {{ fail(\"`{name}` is {problem}\") }}\n}}\n\n{read}",
        kind = kind.name,
        read = comment(id, kind),
    )
}

/// A comment that lists what the rule can read.
fn comment(id: &str, kind: &Kind) -> String {
    let lines = |fields: Vec<(&str, String, &str)>| -> String {
        let name = fields.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        let of = fields.iter().map(|(_, of, _)| of.len()).max().unwrap_or(0);
        let line = |(path, kind, doc): &(&str, String, &str)| {
            format!("//   {path:name$}  {kind:of$}  {}\n", one_line(doc, 90))
        };
        fields.iter().map(line).collect()
    };
    let fields = fields::of(&kind.shape, "");
    let outermost = fields.iter().filter(|field| field.is_outermost());
    let of_list = outermost
        .map(|field| (field.path.as_str(), field.kind.clone(), field.doc.as_str()))
        .collect();
    let mut out = format!(
        "// To propose how to fix a failing resource, add `fix: #{{ most: \"unsafe\", needs: [] }}` to RULE and a function\n\
         // `fix({resource}, params)` that returns `safe_fix(actions)`, `unsafe_fix(reason, actions)` or `by_hand(reason)`.\n\
         // `docs/fixes.md` lists the actions.\n//\n\
         // What the rule can read. `rolecall facts {kind}` shows nested fields, and `rolecall helpers` shows the functions that it can call.\n\
         // The test cases are in `{id}.cases.json`.\n//\n// Fields (`?`: optional, `()` if absent):\n{}",
        lines(of_list),
        kind = kind.name,
        resource = kind.name.rsplit('.').next().unwrap_or(kind.name),
    );
    if !kind.facts.is_empty() {
        let facts = kind
            .facts
            .iter()
            .map(|fact| (fact.name, fields::kind(&fact.shape), fact.doc))
            .collect();
        out += &format!(
            "//\n// Facts on demand, each with its own API call (list them in `needs`; `()` if not configured):\n{}",
            lines(facts)
        );
    }
    out
}

fn cases(kind: &Kind, subject: &Subject) -> String {
    let case = |name: String, expect: &str, value: &Value| {
        // Required strings of the list are filled in when the cases are run.
        let mut facts = required(&kind.shape);
        match (subject.is_tag, value) {
            (true, Value::Null) => facts.insert("tags".to_owned(), json!({})),
            (true, value) => facts.insert("tags".to_owned(), json!({ "Owner": value })),
            (false, value) => {
                let name = subject.fact.map_or(subject.name.as_str(), |fact| fact.name);
                // Without a field of a fact, the rest of the fact is still there.
                let value = match subject.fact {
                    Some(fact) if value.is_null() && fact.name != subject.name => {
                        let mut rest = whole(fact);
                        if let (true, Some((_, flag))) =
                            (subject.is_flag, subject.name.split_once('.'))
                        {
                            rest.insert(flag.to_owned(), json!(false));
                        }
                        Value::Object(rest)
                    }
                    _ => value.clone(),
                };
                facts.insert(name.to_owned(), value)
            }
        };
        json!({ "name": name, "expect": expect, "facts": facts })
    };
    let without = if subject.is_list { json!([]) } else { Value::Null };
    let cases = json!([
        case(format!("with {}", subject.name), "pass", &subject.example),
        case(format!("without {}", subject.name), "fail", &without),
    ]);
    format!("{cases:#}\n")
}

/// Required fields of the list, except strings.
fn required(shape: &Shape) -> Map<String, Value> {
    let schema = (shape.schema)();
    let Value::Object(mut all) = value_of(&schema, &schema, 0) else { return Map::new() };
    all.retain(|_, value| !value.is_string());
    all
}

/// An example of a fact with its required fields.
fn whole(fact: &FactSpec) -> Map<String, Value> {
    match example(&fact.shape, None) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// An example of an item of a list.
fn item(shape: &Shape) -> Value {
    let schema = (shape.schema)();
    schema.get("items").map_or(Value::Null, |item| value_of(item, &schema, 0))
}

/// An example of a shape, or of one of its fields.
fn example(shape: &Shape, field: Option<&str>) -> Value {
    let schema = (shape.schema)();
    if field == Some("availability_zone") {
        return json!("eu-west-1a");
    }
    let of = field.and_then(|field| schema.get("properties")?.get(field)).unwrap_or(&schema);
    value_of(of, &schema, 0)
}

/// The first of the values that the documentation of a field begins with.
fn listed(doc: Option<&str>) -> Option<&str> {
    let value = doc?.strip_prefix('`')?.split('`').next()?;
    (!value.contains(char::is_whitespace)).then_some(value)
}

/// The smallest value that matches one of our schemas and is not empty.
fn value_of(schema: &Value, root: &Value, depth: usize) -> Value {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    if depth > 16 {
        return Value::Null;
    }
    if let Some(name) = text("$ref").and_then(|name| name.strip_prefix("#/$defs/")) {
        if name == "Time" {
            return json!("2026-01-01T00:00:00Z");
        }
        return root
            .get("$defs")
            .and_then(|all| all.get(name))
            .map_or(Value::Null, |one| value_of(one, root, depth + 1));
    }
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        let other = choices
            .iter()
            .find(|choice| choice.get("type").and_then(Value::as_str) != Some("null"));
        return other.map_or(Value::Null, |choice| value_of(choice, root, depth + 1));
    }
    let of = match schema.get("type") {
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).find(|one| *one != "null")
        }
        other => other.and_then(Value::as_str),
    };
    match of {
        Some("string") => json!(listed(text("description")).unwrap_or("example")),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => {
            let required = schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let properties = schema.get("properties");
            let field = |name: &str| {
                Some((name.to_owned(), value_of(properties?.get(name)?, root, depth + 1)))
            };
            Value::Object(required.filter_map(field).collect())
        }
        _ => json!({}),
    }
}
