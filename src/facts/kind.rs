//! The types of the table of kinds.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::fact::Fact;
use super::missing;
use super::packer::Packer;
use crate::model::{AccountId, Cause, Partition, Region, Resource, did_you_mean, unreadable};

/// Where a kind is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Once per account.
    Global,
    /// Once per account and region.
    Regional,
    /// The account itself, which is not collected.
    Account,
}

/// An API call and how it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiCall {
    /// `service:Operation`, as in gaps and reports: `s3:GetBucketEncryption`.
    pub name: &'static str,
    /// The IAM action that allows it, whose name often differs for S3:
    /// `s3:GetEncryptionConfiguration`.
    pub action: &'static str,
    /// Error codes that mean "not configured". Matched by code, never by HTTP status.
    pub absent: &'static [&'static str],
    /// Whether one call returns the fact for all resources of a list; otherwise the fact takes one
    /// call per resource.
    pub for_all: bool,
    /// The page size, for a paginated call that has such a parameter; otherwise 0. It is always set,
    /// since EC2 has a lower rate limit for calls without it.
    pub page: u16,
    /// When this call is not needed for a resource of the list, in words; `None`: it returns the list.
    pub unless: Option<&'static str>,
    /// Where the response contains the items of the list, or the fact, in AWS's names:
    /// `Reservations[].Instances`, `LoggingEnabled`. Empty if the name of the call or the fact
    /// implies it, or if the fact is the whole response. `X[0]` is the first item of `X`, and
    /// `X[A=B]` the item of `X` whose `A` is the `B` of the resource.
    pub answer: &'static str,
    /// What an empty response means.
    pub if_empty: EmptyResponse,
    /// The XML element that contains the list, a child of the root element, if responses are known to
    /// always have it, even if the list is empty. This is known from recorded responses and from
    /// programs that rely on it; otherwise empty, as for lists that are never empty on AWS.
    pub element: &'static str,
    /// The fact of the same resource that can make the call unnecessary, for a call that returns a
    /// fact.
    pub settled_by: Option<Settling>,
    /// Another call that is made first, for a fact that is derived from the responses of both. No
    /// response of AWS is such a fact, so it cannot be imported.
    pub after: Option<&'static ApiCall>,
    /// The most times that it is made for one fact: once, unless the fact is derived from several
    /// responses.
    pub at_most: u16,
    /// The fields that AWS always sends with an item of the list, or with the fact, as far as rules
    /// depend on them: `state`, `options.state`, `entries[].cidr`, or one of several: `a|b`. One that
    /// is missing was lost on the way (a projection, a redaction, a proxy), so it is unreadable, not
    /// absent. This matters most for lists, which would be empty otherwise.
    pub always: &'static [&'static str],
    /// More fields that AWS always sends, on which rules of users can depend, such as times. `import`
    /// treats a missing one as unreadable, because a query or a person removed it. In a scan, nothing
    /// does.
    pub always_printed: &'static [&'static str],
    /// The fields of all items that the response contains once, beside the list, each with its place
    /// there: `Owner.ID`.
    pub shared: &'static [(&'static str, &'static str)],
    /// Whether the list is that of the account's own resources, although the call also returns those
    /// of other accounts, such as public ones, unless it is limited to an owner.
    pub own_only: bool,
    /// Whether the same resource can be in the lists of two regions, which it connects.
    pub two_regions: bool,
}

/// A fact that can make the call for another fact of the same resource unnecessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settling {
    /// Its name. If both are requested, it is read first.
    pub fact: &'static str,
    /// Its value if the other one is absent.
    pub absent_if: AbsentIf,
    /// Whether it is always read with the other one, which would be misleading by itself.
    pub always_read: bool,
    /// Whether the other one does not exist then, so that it is absent until somebody configures it.
    /// Otherwise it is derived from this one, or AWS keeps it without effect.
    pub does_not_exist: bool,
}

impl Settling {
    /// Without a policy, there is no policy status.
    pub const BY_POLICY: Self = Self {
        fact: "policy",
        absent_if: AbsentIf::Absent,
        always_read: false,
        does_not_exist: false,
    };
}

/// The value of a fact if the one that it settles is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentIf {
    /// It is absent itself.
    Absent,
    /// The field of this name has this value.
    Field(&'static str, &'static str),
    /// The field of this name does not have this value, or is absent.
    NotField(&'static str, &'static str),
}

/// What a response without the fact means; for a call that returns the fact for all resources, a
/// response without the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyResponse {
    /// The response is invalid: AWS should have returned it.
    Invalid,
    /// Not configured.
    Absent,
    /// The defaults that AWS defines for a setting that was never configured: the type with nothing
    /// set. A "not configured" code means the same.
    Defaults,
}

/// Whether the code is one of those that mean "not configured". S3 has used some of these codes with
/// and without the suffix `Error`.
pub fn is_absent(absent: &[&str], code: &str) -> bool {
    absent.iter().any(|known| {
        code == *known || code.trim_end_matches("Error") == known.trim_end_matches("Error")
    })
}

/// Whether a cause says that EC2 does not offer a feature in a region: it does not know the action, or
/// does not have the functionality there. So there is nothing to list.
pub fn is_not_offered(cause: &Cause) -> bool {
    let said = match cause.code.as_str() {
        "InvalidAction" => "is not valid for this web service",
        "UnsupportedOperation" => "is not available in this region",
        _ => return false,
    };
    cause.call.starts_with("ec2:") && cause.message.to_lowercase().contains(said)
}

impl ApiCall {
    /// A call whose IAM action has the same name, and which has no "not configured" response.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            action: name,
            absent: &[],
            for_all: false,
            page: 0,
            unless: None,
            answer: "",
            if_empty: EmptyResponse::Invalid,
            element: "",
            settled_by: None,
            after: None,
            at_most: 1,
            always: &[],
            always_printed: &[],
            shared: &[],
            own_only: false,
            two_regions: false,
        }
    }

    /// Sets another IAM action.
    pub const fn action(self, action: &'static str) -> Self {
        Self { action, ..self }
    }

    /// Sets the error codes that mean "not configured".
    pub const fn absent(self, absent: &'static [&'static str]) -> Self {
        Self { absent, ..self }
    }

    /// Sets the page size, which is the maximum of the service.
    pub const fn paged(self, page: u16) -> Self {
        Self { page, ..self }
    }

    /// Makes the call per resource of the list, unless that condition holds.
    pub const fn unless(self, condition: &'static str) -> Self {
        Self { unless: Some(condition), ..self }
    }

    /// Sets the place in the response.
    pub const fn answer(self, answer: &'static str) -> Self {
        Self { answer, ..self }
    }

    /// Sets what an empty response means.
    pub const fn if_empty(self, if_empty: EmptyResponse) -> Self {
        Self { if_empty, ..self }
    }

    /// Sets the XML element that its responses always have.
    pub const fn element(self, element: &'static str) -> Self {
        Self { element, ..self }
    }

    /// Sets the fact that can make it unnecessary.
    pub const fn settled_by(self, settling: Settling) -> Self {
        Self { settled_by: Some(settling), ..self }
    }

    /// Makes another call first, and derives the fact from the responses of both.
    pub const fn after(self, first: &'static Self) -> Self {
        Self { after: Some(first), ..self }
    }

    /// Makes the call several times for one fact.
    pub const fn at_most(self, times: u16) -> Self {
        Self { at_most: times, ..self }
    }

    /// Sets the fields that AWS always sends.
    pub const fn always(self, always: &'static [&'static str]) -> Self {
        Self { always, ..self }
    }

    /// Sets more fields that AWS always sends, which only `import` checks.
    pub const fn always_printed(self, always_printed: &'static [&'static str]) -> Self {
        Self { always_printed, ..self }
    }

    /// Sets the fields of all items that the response contains once.
    pub const fn shared(self, shared: &'static [(&'static str, &'static str)]) -> Self {
        Self { shared, ..self }
    }

    /// Limits the list to the account's own resources.
    pub const fn own_only(self) -> Self {
        Self { own_only: true, ..self }
    }

    /// Allows the same resource in the lists of two regions.
    pub const fn two_regions(self) -> Self {
        Self { two_regions: true, ..self }
    }

    /// Whether AWS answers without the fact if it is not configured. Calls with a "not configured"
    /// code do not.
    pub const fn is_silent_if_unset(&self) -> bool {
        !matches!(self.if_empty, EmptyResponse::Invalid) && self.absent.is_empty() && !self.for_all
    }

    /// The fields that AWS always sends and that this item or fact lacks, as paths.
    pub fn missing(&self, value: &Value) -> impl Iterator<Item = &'static str> {
        missing::in_value(self.always, value).into_iter()
    }

    /// The same for JSON text, without building a tree.
    pub fn missing_in_text(&self, text: &str) -> Vec<&'static str> {
        missing::in_text(self.always, text)
    }

    /// The fields that AWS always sends and that this item lacks in a file, as paths.
    pub fn missing_in_file(&self, value: &Value) -> impl Iterator<Item = &'static str> {
        self.missing(value).chain(missing::in_value(self.always_printed, value))
    }

    /// Why a field that AWS always sends is unreadable.
    pub fn lacks(&self, path: &str) -> Cause {
        let message = format!("the response lacks `{path}`, which AWS always returns");
        Cause::new(self.name, Cause::INVALID_RESPONSE, &message)
    }

    /// Why a field that AWS always sends is unreadable if a snapshot does not have it.
    pub fn not_in_snapshot(&self, path: &str) -> Cause {
        let message =
            format!("the snapshot lacks `{path}`, which AWS always returns; collect again");
        Cause::new(self.name, Cause::NOT_COLLECTED, &message)
    }

    /// Whether an item of the list belongs to another account, if the list is limited to the
    /// account's own resources.
    pub fn is_of_another_account(&self, fields: &Map<String, Value>, account: &AccountId) -> bool {
        let owner =
            fields.get("owner_id").and_then(Value::as_str).filter(|owner| !owner.is_empty());
        self.own_only && owner.is_some_and(|owner| owner != account.as_str())
    }

    /// The page size as the SDKs expect it.
    pub fn page_size(&self) -> i32 {
        i32::from(self.page)
    }

    /// Makes the call once for all resources of a list.
    pub const fn for_all(self) -> Self {
        Self { for_all: true, ..self }
    }
}

/// The field with the region of a resource, in the list of a global kind.
pub const REGION_FIELD: &str = "bucket_region";

/// The outermost field of a path: `entries` of `entries[].cidr`.
pub fn outermost(path: &str) -> &str {
    path.split(['.', '[', '|']).next().unwrap_or(path)
}

/// A Rust type as data: its schema, its fields, and its normal form.
#[derive(Clone, Copy)]
pub struct Shape {
    /// JSON Schema, with the doc comments as descriptions.
    pub schema: fn() -> Value,
    /// Names of the top-level fields.
    pub fields: fn() -> Vec<String>,
    /// Checks a JSON value against the type and returns it with every optional field present
    /// (`null` if absent).
    pub normalize: fn(Value) -> Result<Value, serde_json::Error>,
    /// The same for JSON text, without building a tree in between. It can accept what
    /// [`Self::normalize`] rejects only in fields that the type does not have: for these, only the
    /// syntax is checked.
    pub normalize_text: fn(&str) -> Result<Value, serde_json::Error>,
    /// The same in the compact form.
    pub(super) pack_text: fn(&str, &mut Packer) -> Option<()>,
    /// Checks JSON text as [`Self::normalize_text`] does, without returning it.
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
            pack_text: |text, packer| serde_json::from_str::<T>(text).ok()?.serialize(packer).ok(),
            check_text: |text| serde_json::from_str::<T>(text).map(drop),
        }
    }
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shape")
    }
}

/// A fact that takes a call of its own.
#[derive(Debug)]
pub struct FactSpec {
    /// Its name in `needs` and on the resource, after the call: `versioning`.
    pub name: &'static str,
    /// Its documentation, in one line.
    pub doc: &'static str,
    /// The call that returns it.
    pub call: ApiCall,
    /// Its type.
    pub shape: Shape,
}

impl FactSpec {
    /// The calls that it takes, in their order.
    pub fn calls(&self) -> impl Iterator<Item = &ApiCall> {
        self.call.after.into_iter().chain([&self.call])
    }

    /// Whether a response of AWS is the fact, so that it can be imported.
    pub fn is_response(&self) -> bool {
        self.call.after.is_none()
    }

    /// Whether the fact is never absent: AWS has no answer that means "not configured", or defines what
    /// such an answer means.
    pub fn is_always_known(&self) -> bool {
        !self.can_be_absent()
    }

    /// Whether AWS has an answer that means that the fact is absent.
    pub fn can_be_absent(&self) -> bool {
        let is_settled = self.call.settled_by.is_some();
        match self.call.if_empty {
            EmptyResponse::Absent => true,
            EmptyResponse::Defaults => is_settled,
            EmptyResponse::Invalid => !self.call.absent.is_empty() || is_settled,
        }
    }

    /// What AWS defines for a setting that was never configured; `None` if such a setting is absent.
    pub fn defaults(&self) -> Option<Value> {
        if self.call.if_empty != EmptyResponse::Defaults || !self.is_always_known() {
            return None;
        }
        let empty = [Value::Object(Map::new()), Value::Bool(false)];
        empty.into_iter().find_map(|value| (self.shape.normalize)(value).ok())
    }

    /// The fact of the same resource that can settle this one. If both are requested, it is read
    /// first; if it means that this one is absent ([`Self::is_absent_by`]), the call for this one is
    /// skipped. If it is unreadable, the call is made.
    pub fn settled_by(&self) -> Option<&'static str> {
        self.call.settled_by.map(|settling| settling.fact)
    }

    /// Whether that state of the settling fact means that this one is absent.
    pub fn is_absent_by(&self, settling: &Fact<&Value>) -> bool {
        self.call.settled_by.is_some_and(|rule| match (rule.absent_if, settling) {
            (AbsentIf::Absent, Fact::Absent) => true,
            (AbsentIf::Field(name, expected), Fact::Known(value)) => {
                value.get(name).and_then(Value::as_str) == Some(expected)
            }
            (AbsentIf::NotField(name, expected), Fact::Known(value)) => {
                value.get(name).and_then(Value::as_str) != Some(expected)
            }
            _ => false,
        })
    }

    /// Whether this fact can be present as soon as the settling fact no longer means that it is absent:
    /// it is derived from that one, or AWS kept it without effect.
    pub fn can_come_back(&self) -> bool {
        self.call.settled_by.is_some_and(|settling| !settling.does_not_exist)
    }

    /// The fact that is always read with this one, because this one would be misleading by itself.
    pub fn read_with(&self) -> Option<&'static str> {
        self.call.settled_by.filter(|settling| settling.always_read).map(|settling| settling.fact)
    }
}

/// One kind of resource.
#[derive(Debug)]
pub struct Kind {
    /// `service.name`: `ec2.security_group`.
    pub name: &'static str,
    /// Its documentation, in one line.
    pub doc: &'static str,
    /// Where it is listed.
    pub scope: Scope,
    /// The calls that list it. Empty for a singleton (one per account or region), which is not
    /// listed.
    pub list: &'static [ApiCall],
    /// The field that identifies a resource within account, kind and region.
    pub id: &'static str,
    /// The template of its ARN, with `{partition}`, `{region}`, `{account}` (the owner, if that can be
    /// another account), `{id}`, and any other field of the list; `None` if it has no ARN.
    pub arn: Option<&'static str>,
    /// The field with its display name; `None`: its `Name` tag, if it has tags.
    pub name_field: Option<&'static str>,
    /// What the list returns for each resource.
    pub shape: Shape,
    /// What can be read beyond the list.
    pub facts: &'static [FactSpec],
}

/// Names are unique, so they identify kinds.
impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The identity of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id within account, kind and region.
    pub id: String,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its display name.
    pub name: Option<String>,
}

impl Kind {
    /// The identity of the resource with these fields; `None` if it has no id.
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
        // A resource that is shared with the account belongs to another one.
        let owner = text("owner_id").unwrap_or(account.as_str());
        let arn = self.arn.and_then(|template| {
            let template = template
                .replace("{partition}", partition.as_str())
                .replace("{region}", region.as_str());
            let template = template.replace("{account}", owner);
            match template
                .split_once('{')
                .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
            {
                Some((before, (field, after))) => {
                    let value = if field == "id" { id } else { text(field)? };
                    Some(format!("{before}{value}{after}"))
                }
                None => Some(template),
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

    /// The fields of the list that its ARN consists of, besides the id: the owner, if that can be
    /// another account, and the field that the template names.
    pub fn arn_fields(&self) -> impl Iterator<Item = &'static str> {
        let parts = self.arn.unwrap_or_default().split('{').skip(1);
        let names = parts.filter_map(|part| part.split_once('}').map(|(name, _)| name));
        names.filter_map(|name| match name {
            "account" => Some("owner_id"),
            "partition" | "region" | "id" => None,
            field => Some(field),
        })
    }

    /// All calls for its resources: those that list it, then those for its facts.
    pub fn calls(&self) -> impl Iterator<Item = &'static ApiCall> {
        self.list.iter().chain(self.facts.iter().flat_map(FactSpec::calls))
    }

    /// `s3`, `ec2`.
    pub fn service(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(service, _)| service)
    }

    /// The fact of that name.
    pub fn fact(&self, name: &str) -> Option<&'static FactSpec> {
        self.facts.iter().find(|fact| fact.name == name)
    }

    /// A fact or field of one of its resources. What the snapshot does not contain was not
    /// collected. If a part of it could not be read, the whole counts as unreadable.
    pub fn fact_of<'a>(&self, resource: &'a Resource, name: &str) -> Fact<&'a Value> {
        if let Some(cause) = unreadable::of(&resource.unreadable, name) {
            return Fact::Unreadable(cause.clone());
        }
        match resource.facts.get(name) {
            Some(Value::Null) => Fact::Absent,
            Some(value) => Fact::Known(value),
            None => Fact::Unreadable(self.not_collected(name)),
        }
    }

    /// Why a fact or field that a snapshot does not contain is unknown.
    pub fn not_collected(&self, name: &str) -> Cause {
        Cause::not_collected(self.fact(name).map_or(self.list_call(), |fact| fact.call.name))
    }

    /// The most similar fact name, for a typo.
    pub fn suggest_fact(&self, wrong: &str) -> Option<&'static str> {
        did_you_mean(wrong, self.facts.iter().map(|fact| fact.name))
    }

    /// The field that the second call of the kind supplies if the list lacks it, such as the region of
    /// a bucket. A second call that is made for every list, such as that for the instance types in
    /// use, supplies no field of a resource.
    pub fn field_of_second_call(&self) -> Option<&'static str> {
        self.list.get(1).filter(|call| call.unless.is_some()).map(|_| REGION_FIELD)
    }

    /// The call that returns a field of the list.
    pub fn call_for_field(&self, field: &str) -> &'static str {
        let second = self.list.get(1).filter(|_| self.field_of_second_call() == Some(field));
        second.map_or(self.list_call(), |call| call.name)
    }

    /// The call whose failure makes the whole kind unknown, for messages; for a kind that is not
    /// listed, that of its first fact.
    pub fn list_call(&self) -> &'static str {
        let call = self.list.first().or_else(|| self.facts.first().map(|fact| &fact.call));
        call.map_or(self.name, |call| call.name)
    }

    /// Why facts of the kind are unknown if its resources are, because of `cause`. A kind that is not
    /// listed lacks the call of each fact.
    pub fn causes_for<'a>(
        &self,
        cause: Cause,
        facts: impl IntoIterator<Item = &'a str>,
    ) -> Vec<Cause> {
        if !self.list.is_empty() || cause.code != Cause::NOT_COLLECTED {
            return vec![cause];
        }
        let calls = facts.into_iter().filter_map(|name| self.fact(name));
        let causes: Vec<Cause> = calls.map(|fact| Cause::not_collected(fact.call.name)).collect();
        if causes.is_empty() { vec![cause] } else { causes }
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
    fn settling_facts_are_defined_by_the_table_and_not_by_name() {
        for name in ["acl", "policy", "policy_status"] {
            let fact = made_up(name, ApiCall::new("queue:GetAttributes"));
            assert_eq!((fact.settled_by(), fact.read_with()), (None, None), "{name}");
            let owner_enforced = json!({ "object_ownership": "BucketOwnerEnforced" });
            for settling in [Fact::Absent, Fact::Known(&owner_enforced)] {
                assert!(!fact.is_absent_by(&settling), "{name}: {settling:?}");
            }
        }
        let settling = Settling {
            fact: "mode",
            absent_if: AbsentIf::Field("kind", "off"),
            always_read: false,
            does_not_exist: false,
        };
        let fact = made_up("rules", ApiCall::new("queue:GetRules").settled_by(settling));
        assert_eq!((fact.settled_by(), fact.read_with()), (Some("mode"), None));
        assert!(fact.is_absent_by(&Fact::Known(&json!({ "kind": "off" }))));
        let unreadable = Fact::Unreadable(Cause::not_collected("queue:GetAttributes"));
        for settling in [Fact::Known(&json!({ "kind": "on" })), Fact::Absent, unreadable.clone()] {
            assert!(!fact.is_absent_by(&settling), "{settling:?}");
        }
        let settling = Settling { absent_if: AbsentIf::NotField("kind", "on"), ..settling };
        let fact = made_up("rules", ApiCall::new("queue:GetRules").settled_by(settling));
        for settling in [json!({ "kind": "off" }), json!({ "kind": null }), json!({})] {
            assert!(fact.is_absent_by(&Fact::Known(&settling)), "{settling}");
        }
        for settling in [Fact::Known(&json!({ "kind": "on" })), Fact::Absent, unreadable] {
            assert!(!fact.is_absent_by(&settling), "{settling:?}");
        }
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
            "s3.bucket/object_acls ownership_controls",
            "s3.bucket/object_lock versioning",
            "s3.bucket/policy_status policy",
            "s3.bucket/replication versioning",
            "s3.multi_region_access_point/policy_status policy",
            "s3.object_lambda_access_point/policy_status policy",
        ];
        assert_eq!(settled, expected);
    }
}
