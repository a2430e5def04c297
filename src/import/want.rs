//! The expected types of facts, derived from their JSON Schemas, and the few fields that have
//! another place in AWS's responses.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::facts::{FactSpec, KINDS, Kind, Shape};

/// The expected type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExpectedType {
    /// An object with these fields.
    Object(Object),
    /// A list.
    List(Box<ExpectedType>),
    /// Tags.
    Tags,
    /// A time.
    Time,
    /// A string.
    String,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// A Boolean.
    Bool,
    /// A secret; only its presence is kept.
    Secret,
    /// User data, which is inspected for secrets, but not kept.
    UserData,
    /// A policy.
    Policy,
    /// Any JSON.
    Json,
}

/// The fields of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Object {
    /// By [`fold`]ed name.
    pub(super) fields: BTreeMap<String, Field>,
    /// Fields that AWS has elsewhere, with the place.
    pub(super) elsewhere: Vec<(Field, &'static str)>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name in the facts.
    pub(super) name: String,
    /// Whether the type requires it.
    pub(super) required: bool,
    /// Whether it can be null; then an empty string means null.
    pub(super) nullable: bool,
    /// Its type.
    pub(super) expected: ExpectedType,
}

/// Fields that have another place in AWS's responses: type, field, place. For a place with `?`, the
/// value is whether it exists.
const ELSEWHERE: [(&str, &str, &str); 8] = [
    ("Acl", "owner_id", "Owner.ID"),
    ("AwsLambdaTransformation", "has_function_payload", "FunctionPayload?"),
    ("EncryptionRule", "blocked_encryption_types", "BlockedEncryptionTypes.EncryptionType"),
    ("EncryptionRule", "kms_master_key_id", "ApplyServerSideEncryptionByDefault.KMSMasterKeyID"),
    ("EncryptionRule", "sse_algorithm", "ApplyServerSideEncryptionByDefault.SSEAlgorithm"),
    ("Notification", "event_bridge", "EventBridgeConfiguration?"),
    ("ReportEncryption", "sses3", "SSES3?"),
    ("ResourcePolicy", "document", "Policy"),
];

/// By kind and fact; the fact is empty for the list of a kind.
static EXPECTED_TYPES: LazyLock<BTreeMap<(&str, &str), ExpectedType>> = LazyLock::new(|| {
    let shapes = |kind: &'static Kind| {
        let facts = kind.facts.iter().map(|fact| (fact.name, &fact.shape));
        std::iter::once(("", &kind.shape))
            .chain(facts)
            .map(|(fact, shape)| ((kind.name, fact), ExpectedType::of(shape)))
    };
    KINDS.iter().copied().flat_map(shapes).collect()
});

/// The expected type of the items of a kind's list.
pub(super) fn of_kind(kind: &Kind) -> &'static ExpectedType {
    of(kind.name, "")
}

/// The expected type of a fact.
pub(super) fn of_fact(kind: &Kind, fact: &FactSpec) -> &'static ExpectedType {
    of(kind.name, fact.name)
}

fn of(kind: &'static str, fact: &'static str) -> &'static ExpectedType {
    EXPECTED_TYPES.get(&(kind, fact)).unwrap_or(&ExpectedType::Json)
}

/// Normalizes the spelling of a name: `SSEAlgorithm`, `SseAlgorithm` and `sse_algorithm` are the
/// same.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The name of a field in responses: `VpcId` for `vpc_id`.
pub(super) fn aws_name(field: &str) -> String {
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
    };
    field.split('_').map(capitalized).collect::<Vec<String>>().concat()
}

impl ExpectedType {
    fn of(shape: &Shape) -> Self {
        let schema = (shape.schema)();
        let title = schema.get("title").and_then(Value::as_str).unwrap_or_default();
        Self::named(title, &schema, &schema, 0)
    }

    /// The fields, if it is an object.
    pub(super) fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    fn named(name: &str, schema: &Value, root: &Value, depth: usize) -> Self {
        match name {
            "Time" => return Self::Time,
            "UserData" => return Self::UserData,
            "PolicyDocument" => return Self::Policy,
            _ => {}
        }
        match schema.get("properties").and_then(Value::as_object) {
            Some(properties) => {
                let required: Vec<&str> = schema
                    .get("required")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let mut object = Object::default();
                for (field, schema) in properties {
                    let field = Field {
                        name: field.clone(),
                        required: required.contains(&field.as_str()),
                        nullable: is_nullable(schema),
                        expected: Self::read(schema, root, depth + 1),
                    };
                    match ELSEWHERE
                        .iter()
                        .find(|(known, at, _)| *known == name && *at == field.name)
                    {
                        Some((.., place)) => object.elsewhere.push((field, place)),
                        None => drop(object.fields.insert(fold(&field.name), field)),
                    }
                }
                Self::Object(object)
            }
            None => Self::read(schema, root, depth),
        }
    }

    fn read(schema: &Value, root: &Value, depth: usize) -> Self {
        // Types of facts are a few levels deep; a recursive one would be a bug.
        if depth > 32 {
            return Self::Json;
        }
        if let Some(name) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|target| target.strip_prefix("#/$defs/"))
        {
            let definition = root.get("$defs").and_then(|all| all.get(name));
            return definition
                .map_or(Self::Json, |schema| Self::named(name, schema, root, depth + 1));
        }
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            let something = choices.iter().find(|choice| !is_nullable(choice));
            return something.map_or(Self::Json, |choice| Self::read(choice, root, depth + 1));
        }
        if schema.get("const").is_some() {
            return Self::Secret;
        }
        if schema.get("properties").is_some() {
            return Self::named("", schema, root, depth + 1);
        }
        let is = |name: &str| types(schema).any(|one| one == name);
        match schema.get("items") {
            Some(items) => Self::List(Box::new(Self::read(items, root, depth + 1))),
            None if is("string") => Self::String,
            None if is("integer") => Self::Integer,
            None if is("number") => Self::Number,
            None if is("boolean") => Self::Bool,
            None if is("object") => Self::Tags,
            None => Self::Json,
        }
    }
}

fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let (one, several) = match schema.get("type") {
        Some(Value::String(one)) => (Some(one.as_str()), None),
        Some(Value::Array(several)) => (None, Some(several)),
        _ => (None, None),
    };
    one.into_iter().chain(several.into_iter().flatten().filter_map(Value::as_str))
}

fn is_nullable(schema: &Value) -> bool {
    let choices = schema.get("anyOf").and_then(Value::as_array);
    types(schema).any(|one| one == "null")
        || choices.is_some_and(|choices| choices.iter().any(is_nullable))
}

/// Whether a resource is identified by its id alone, without other fields of the list.
pub(super) fn identified_by_id_alone(kind: &Kind) -> bool {
    let fields = of_kind(kind).object().into_iter().flat_map(|object| object.fields.values());
    let required = fields.filter(|field| field.required).all(|field| field.name == kind.id);
    // The account in the ARN is that of the owner.
    let arn = kind.arn.is_none_or(|arn| {
        ["{partition}", "{region}", "{id}"]
            .iter()
            .fold(arn.to_owned(), |arn, part| arn.replace(part, ""))
            .find('{')
            .is_none()
    });
    required && arn
}
