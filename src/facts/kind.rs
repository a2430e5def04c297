//! The form of an entry in the table of kinds.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::model::{AccountId, Partition, Region, did_you_mean};

/// Where a kind is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Once per account.
    Global,
    /// Once per account and region.
    Regional,
}

/// An API call and what it takes to make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiCall {
    /// `service:Operation`, as in gaps and reports: `s3:GetBucketEncryption`.
    pub name: &'static str,
    /// The IAM action that allows it, which for S3 is often another word:
    /// `s3:GetEncryptionConfiguration`.
    pub action: &'static str,
    /// Error codes by which AWS says "not configured". Matched by code, never by HTTP status.
    pub absent: &'static [&'static str],
    /// Whether one call answers for all resources of a list; otherwise a fact takes a call per
    /// resource.
    pub for_all: bool,
    /// How many items a page has, for a call that answers in pages and lets us say how long they
    /// are; 0 for others. Always said, since EC2 takes a call without it from a smaller allowance.
    pub page: u16,
    /// When a call of a list is not needed for a resource, in words; `None`: it makes the list.
    pub unless: Option<&'static str>,
    /// Where in the answer the items of the list are, or the fact, in AWS's names:
    /// `Reservations[].Instances`, `LoggingEnabled`. Empty where the name of the call or of the
    /// fact tells it, or where the fact is the whole answer. `X[0]` is the first of `X`, and
    /// `X[A=B]` the item of `X` whose `A` is the `B` of the resource.
    pub answer: &'static str,
    /// What it means that the answer says nothing.
    pub silence: Silence,
    /// The XML element that holds the list, directly in the outermost one, for a call whose answer
    /// is known always to have it, also when the list is empty. Known from recorded answers, and
    /// from programs that rely on it; empty where neither is known, as of lists that are never
    /// empty on AWS.
    pub element: &'static str,
    /// The fact of the same resource that can make the call unnecessary, for a call that supplies a
    /// fact.
    pub settled_by: Option<Settling>,
}

/// A fact that can make the call for another one of the same resource unnecessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settling {
    /// Its name. Where both are asked for, it is read first.
    pub fact: &'static str,
    /// What it says when the other one is absent.
    pub absent_if: AbsentIf,
    /// Whether it is always read with the other one, which alone would say something else than
    /// both together.
    pub always_read: bool,
}

impl Settling {
    /// What has no policy has no public policy.
    pub const BY_POLICY: Self =
        Self { fact: "policy", absent_if: AbsentIf::Absent, always_read: false };
}

/// What a fact says when the one that it settles is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentIf {
    /// It is absent itself.
    Absent,
    /// The field of this name has this value.
    Field(&'static str, &'static str),
}

/// What an answer means that says nothing of a fact; for a call that answers for all resources, one
/// that does not name the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It is no answer: AWS should have said it.
    Invalid,
    /// Not configured.
    Absent,
    /// What AWS defines for a setting that was never made: the type with nothing set. A "not
    /// configured" code means the same.
    Defaults,
}

/// Whether the code is one of those that say "not configured". S3 has used some of these codes with
/// and without `Error` at the end.
pub fn is_absent(absent: &[&str], code: &str) -> bool {
    absent.iter().any(|known| {
        code == *known || code.trim_end_matches("Error") == known.trim_end_matches("Error")
    })
}

impl ApiCall {
    /// A call whose IAM action has the same name, and which has no "not configured" answer.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            action: name,
            absent: &[],
            for_all: false,
            page: 0,
            unless: None,
            answer: "",
            silence: Silence::Invalid,
            element: "",
            settled_by: None,
        }
    }

    /// With another IAM action.
    pub const fn action(self, action: &'static str) -> Self {
        Self { action, ..self }
    }

    /// With codes that mean "not configured".
    pub const fn absent(self, absent: &'static [&'static str]) -> Self {
        Self { absent, ..self }
    }

    /// In pages of that many items: the most that the service gives.
    pub const fn paged(self, page: u16) -> Self {
        Self { page, ..self }
    }

    /// Made per resource of the list, unless that is so.
    pub const fn unless(self, that: &'static str) -> Self {
        Self { unless: Some(that), ..self }
    }

    /// With the place in the answer.
    pub const fn answer(self, answer: &'static str) -> Self {
        Self { answer, ..self }
    }

    /// With what an answer means that says nothing.
    pub const fn silence(self, silence: Silence) -> Self {
        Self { silence, ..self }
    }

    /// With the XML element that its answers always have.
    pub const fn element(self, element: &'static str) -> Self {
        Self { element, ..self }
    }

    /// With the fact that can make it unnecessary.
    pub const fn settled_by(self, settling: Settling) -> Self {
        Self { settled_by: Some(settling), ..self }
    }

    /// The size of a page, as the SDKs take it.
    pub fn page_size(&self) -> i32 {
        i32::from(self.page)
    }

    /// Made once for all resources of a list.
    pub const fn for_all(self) -> Self {
        Self { for_all: true, ..self }
    }
}

/// A Rust type as data: its schema, its fields, and its normal form.
#[derive(Clone, Copy)]
pub struct Shape {
    /// JSON Schema, with the doc comments as descriptions.
    pub schema: fn() -> Value,
    /// Names of the top-level fields.
    pub fields: fn() -> Vec<String>,
    /// Checks a JSON value against the type and returns it with every optional field present
    /// (`null` when absent).
    pub normalize: fn(Value) -> Result<Value, serde_json::Error>,
    /// The same for JSON text, of which no tree is built in between. It may accept what
    /// [`Self::normalize`] rejects only in fields that the type does not have: of these, the syntax
    /// is checked and nothing else.
    pub normalize_text: fn(&str) -> Result<Value, serde_json::Error>,
    /// Checks JSON text as [`Self::normalize_text`] does, and keeps nothing.
    pub check_text: fn(&str) -> Result<(), serde_json::Error>,
}

impl Shape {
    /// The shape of `T`.
    pub const fn of<T: Serialize + DeserializeOwned + JsonSchema>() -> Self {
        Self {
            schema: || schemars::schema_for!(T).to_value(),
            fields: || {
                let schema = schemars::schema_for!(T).to_value();
                let properties = schema.get("properties").and_then(Value::as_object);
                properties.into_iter().flat_map(|map| map.keys().cloned()).collect()
            },
            normalize: |value| serde_json::to_value(serde_json::from_value::<T>(value)?),
            normalize_text: |text| serde_json::to_value(serde_json::from_str::<T>(text)?),
            check_text: |text| serde_json::from_str::<T>(text).map(drop),
        }
    }
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shape")
    }
}

/// A fact that costs a call of its own.
#[derive(Debug)]
pub struct FactSpec {
    /// Its name in `needs` and on the resource, after the call: `versioning`.
    pub name: &'static str,
    /// What it tells, in one line.
    pub doc: &'static str,
    /// The call that supplies it.
    pub call: ApiCall,
    /// Its type.
    pub shape: Shape,
}

impl FactSpec {
    /// The fact of the same resource that can settle this one: where both are asked for it is read
    /// first, and where it says that this one is not there ([`Self::is_absent_by`]), the call for
    /// this one is saved. Where it is unreadable, nothing is known, and the call is made.
    pub fn settled_by(&self) -> Option<&'static str> {
        self.call.settled_by.map(|settling| settling.fact)
    }

    /// Whether that fact says that this one is not there.
    pub fn is_absent_by(&self, value: &Value) -> bool {
        self.call.settled_by.is_some_and(|settling| match settling.absent_if {
            AbsentIf::Absent => value.is_null(),
            AbsentIf::Field(name, text) => value.get(name).and_then(Value::as_str) == Some(text),
        })
    }

    /// The fact that is always read with this one, because this one alone would say something else
    /// than both together.
    pub fn read_with(&self) -> Option<&'static str> {
        self.call.settled_by.filter(|settling| settling.always_read).map(|settling| settling.fact)
    }
}

/// One kind of resource.
#[derive(Debug)]
pub struct Kind {
    /// `service.name`: `ec2.security_group`.
    pub name: &'static str,
    /// What it is, in one line.
    pub doc: &'static str,
    /// Where it is listed.
    pub scope: Scope,
    /// The calls that list it. Empty for a singleton (one per account, or one per region), which
    /// exists without being listed.
    pub list: &'static [ApiCall],
    /// The field that identifies a resource within account, kind and region.
    pub id: &'static str,
    /// The form of its ARN, with `{partition}`, `{region}`, `{account}` (the owner, where another
    /// account can be it), `{id}`, and any other field of the list; `None` for what has no ARN.
    pub arn: Option<&'static str>,
    /// The field that people know it by beside its id; `None`: its `Name` tag, if it has tags.
    pub name_field: Option<&'static str>,
    /// What the list returns for each resource.
    pub shape: Shape,
    /// What can be read beyond the list.
    pub facts: &'static [FactSpec],
}

/// Names are unique, so they tell kinds apart.
impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Who a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id within account, kind and region.
    pub id: String,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its name for people.
    pub name: Option<String>,
}

impl Kind {
    /// Who the resource with these fields is; `None` when it has no id.
    pub fn identify(
        &self,
        fields: &Map<String, Value>,
        account: &AccountId,
        partition: &Partition,
        region: &Region,
    ) -> Option<Identity> {
        let text =
            |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let id = text(self.id)?;
        // What is shared into an account belongs to another one.
        let owner = text("owner_id").unwrap_or(account.as_str());
        let arn = self.arn.and_then(|form| {
            let form = form
                .replace("{partition}", partition.as_str())
                .replace("{region}", region.as_str());
            let form = form.replace("{account}", owner);
            match form
                .split_once('{')
                .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
            {
                Some((before, (field, after))) => {
                    let value = if field == "id" { id } else { text(field)? };
                    Some(format!("{before}{value}{after}"))
                }
                None => Some(form),
            }
        });
        let name = match self.name_field {
            Some(field) => text(field),
            None => fields
                .get("tags")
                .and_then(|tags| tags.get("Name"))
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty()),
        };
        Some(Identity { id: id.to_owned(), arn, name: name.map(str::to_owned) })
    }

    /// `s3`, `ec2`.
    pub fn service(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(service, _)| service)
    }

    /// The fact of that name.
    pub fn fact(&self, name: &str) -> Option<&'static FactSpec> {
        self.facts.iter().find(|fact| fact.name == name)
    }

    /// The name of a fact that was probably meant by `wrong`.
    pub fn suggest_fact(&self, wrong: &str) -> Option<&'static str> {
        did_you_mean(wrong, self.facts.iter().map(|fact| fact.name))
    }

    /// The call whose failure leaves the whole kind unknown, for messages.
    pub fn list_call(&self) -> &'static str {
        self.list.first().map_or("sts:AssumeRole", |call| call.name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::kinds::KINDS;

    /// A fact of a kind that does not exist.
    const fn made_up(name: &'static str, call: ApiCall) -> FactSpec {
        FactSpec { name, doc: "", call, shape: Shape::of::<Vec<String>>() }
    }

    #[test]
    fn what_settles_a_fact_is_in_the_table_and_not_in_its_name() {
        for name in ["acl", "policy", "policy_status"] {
            let fact = made_up(name, ApiCall::new("queue:GetAttributes"));
            assert_eq!((fact.settled_by(), fact.read_with()), (None, None), "{name}");
            for value in [json!(null), json!({ "object_ownership": "BucketOwnerEnforced" })] {
                assert!(!fact.is_absent_by(&value), "{name}: {value}");
            }
        }
        let settling = Settling {
            fact: "mode",
            absent_if: AbsentIf::Field("kind", "off"),
            always_read: false,
        };
        let fact = made_up("rules", ApiCall::new("queue:GetRules").settled_by(settling));
        assert_eq!((fact.settled_by(), fact.read_with()), (Some("mode"), None));
        assert!(fact.is_absent_by(&json!({ "kind": "off" })));
        assert!(!fact.is_absent_by(&json!({ "kind": "on" })) && !fact.is_absent_by(&json!(null)));
    }

    #[test]
    fn facts_are_settled_by_facts_of_the_same_kind() {
        let mut settled = Vec::new();
        for kind in KINDS {
            for fact in kind.facts {
                if let Some(by) = fact.settled_by() {
                    assert!(kind.fact(by).is_some_and(|by| by.settled_by().is_none()), "{by}");
                    settled.push(format!("{}/{} {by}", kind.name, fact.name));
                }
            }
        }
        let expected = [
            "s3.access_point/policy_status policy",
            "s3.bucket/acl ownership_controls",
            "s3.bucket/policy_status policy",
            "s3.multi_region_access_point/policy_status policy",
            "s3.object_lambda_access_point/policy_status policy",
        ];
        assert_eq!(settled, expected);
    }
}
