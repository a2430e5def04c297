//! Removes identifying values from a case: account ids, resource ids, ARNs, names, descriptions and
//! tag values. Equal values get equal replacements of the same format, so that relations are kept.
//! Addresses, ports, times, regions and values defined by AWS are kept, since verdicts depend on
//! them; so are strings in the rule's script, which is stored next to the case anyway.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};

use crate::facts::fields;
use crate::facts::{self, Kind};
use crate::model::{AccountId, ResourceRef};
use crate::rules::SelectedRule;
use crate::rules::cases::DEFAULT_ACCOUNT;

/// Values that are recognized by their format; longer formats come first. Groups are named after
/// their replacement.
static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = [
        r#"(?P<arn>\barn:[a-z0-9-]+:[a-z0-9*-]*:[a-z0-9*-]*:[a-z0-9*]*:[^\s"',]+)"#,
        r"(?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)",
        r"(?P<organization>\b(?:o-[a-z0-9]{10,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})\b)",
        r"(?P<id>\b[a-z][a-z0-9]*(?:-[a-z]+)*-(?:[0-9a-f]{17}|[0-9a-f]{8})\b)",
        r"(?P<key>\bA(?:KIA|SIA|IDA|ROA|IPA|NPA|GPA|CCA)[A-Z0-9]{12,17}\b)",
        r"(?P<canonical>\b[0-9a-f]{64}\b)",
        r"(?P<account>\b[0-9]{12}\b)",
    ];
    Regex::new(&pattern.join("|")).ok()
});

/// The replacements so far.
pub(crate) struct Redaction<'a> {
    rule: &'a SelectedRule,
    /// The replacement for each value.
    known: HashMap<String, String>,
    /// Number of replacements of each sort.
    numbers: HashMap<&'static str, usize>,
    /// Names of the resource that may occur within other strings.
    within: Vec<String>,
}

/// The fields of a type by path, with their documentation.
type Docs = HashMap<String, String>;

impl<'a> Redaction<'a> {
    /// For a case of a resource in an account.
    pub(crate) fn new(rule: &'a SelectedRule, account: &AccountId, resource: &ResourceRef) -> Self {
        // The default account of a case.
        let known = HashMap::from([(account.to_string(), DEFAULT_ACCOUNT.to_owned())]);
        let within = [&resource.id, &resource.name]
            .into_iter()
            .flatten()
            .filter(|name| name.len() >= 4)
            .cloned()
            .collect();
        Self { rule, known, numbers: HashMap::new(), within }
    }

    /// The case without identifying values.
    pub(crate) fn case(mut self, case: &Value) -> Value {
        let mut case = case.clone();
        let Value::Object(map) = &mut case else { return case };
        map.shift_remove("account");
        for name in std::mem::take(&mut self.within) {
            if !self.is_public(&name) && !has_form(&name) {
                self.name(&name);
                self.within.push(name);
            }
        }
        // The longest first, so that part of a name is not mistaken for another name.
        self.within.sort_by_key(|name| std::cmp::Reverse(name.len()));
        if let Some(Value::Object(own)) = map.get_mut("facts") {
            self.resource(self.rule.rule.meta.kind, own);
        }
        for (name, list) in
            map.get_mut("related").and_then(Value::as_object_mut).into_iter().flatten()
        {
            let Some(kind) = facts::kind(name) else { continue };
            let resources =
                list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
            resources.for_each(|resource| self.resource(kind, resource));
        }
        // These values are compared with facts.
        for key in ["trust", "params"] {
            if let Some(value) = map.get_mut(key) {
                self.same(value);
            }
        }
        case
    }

    fn resource(&mut self, kind: &Kind, resource: &mut Map<String, Value>) {
        let of_facts = kind.facts.iter().flat_map(|fact| fields::of(&fact.shape, fact.name));
        let all = fields::of(&kind.shape, "").into_iter().chain(of_facts);
        let docs: Docs = all.map(|field| (field.path, field.doc)).collect();
        for (name, value) in resource {
            let is_id = name == kind.id || Some(name.as_str()) == kind.name_field;
            self.value(value, name, if is_id { "name" } else { name }, &docs);
        }
    }

    /// `key` is the last name on the way to the value.
    fn value(&mut self, value: &mut Value, path: &str, key: &str, docs: &Docs) {
        match value {
            Value::String(text) => *text = self.text(text, path, key, docs),
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.value(item, &format!("{path}[]"), key, docs))
            }
            Value::Object(map) => {
                let are_tags = key == "tags";
                for (name, value) in map {
                    let key = if are_tags { "name" } else { name };
                    self.value(value, &format!("{path}.{name}"), key, docs);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, path: &str, key: &str, docs: &Docs) -> String {
        // A value in the field's documentation is defined by AWS.
        let of_aws = docs.get(path).is_some_and(|doc| doc.contains(&format!("`{text}`")))
            || text.starts_with("com.amazonaws.");
        if text.is_empty() || text == "*" || of_aws || self.is_public(text) {
            return text.to_owned();
        }
        if is_naming(key) && !has_form(text) { self.name(text) } else { self.forms(text) }
    }

    /// Whether the script contains the string.
    fn is_public(&self, text: &str) -> bool {
        let script = &self.rule.rule.file.text;
        ['"', '`'].iter().any(|quote| script.contains(&format!("{quote}{text}{quote}")))
    }

    /// Applies the replacements to strings that are compared with facts.
    fn same(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => {
                let known = self.known.get(text.as_str()).cloned();
                *text = known.unwrap_or_else(|| self.forms(text));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.same(item)),
            Value::Object(map) => map.values_mut().for_each(|value| self.same(value)),
            _ => {}
        }
    }

    fn name(&mut self, text: &str) -> String {
        self.replaced("name", text, |number| format!("name-{number}"))
    }

    /// Replaces values recognized by their format, and names of the resource, within a string.
    fn forms(&mut self, text: &str) -> String {
        let Some(forms) = &*FORMS else { return text.to_owned() };
        let text = forms.replace_all(text, |found: &Captures<'_>| self.form(found)).into_owned();
        let within = self.within.clone();
        within.iter().fold(text, |text, name| {
            if text.contains(name) { text.replace(name, &self.name(name)) } else { text }
        })
    }

    fn form(&mut self, found: &Captures<'_>) -> String {
        let group = |name: &str| found.name(name).map(|found| found.as_str());
        if let Some(arn) = group("arn") {
            self.arn(arn)
        } else if let Some(id) = group("id") {
            let (prefix, hex) = id.rsplit_once('-').unwrap_or(("id", id));
            let width = hex.len();
            self.replaced("id", id, |number| format!("{prefix}-{number:0width$x}"))
        } else if let Some(account) = group("account") {
            self.account(account)
        } else if let Some(uuid) = group("uuid") {
            self.replaced("uuid", uuid, |number| format!("00000000-0000-4000-8000-{number:012x}"))
        } else if let Some(id) = group("organization") {
            let kind = if id.starts_with("ou-") { "ou-0000-" } else { "o-00" };
            self.replaced("organization", id, |number| format!("{kind}{number:08}"))
        } else if let Some(key) = group("key") {
            let (prefix, rest) = key.split_at(4);
            let width = rest.len();
            self.replaced("key", key, |number| format!("{prefix}{number:0width$}"))
        } else if let Some(id) = group("canonical") {
            self.replaced("canonical", id, |number| format!("{number:064x}"))
        } else {
            String::new()
        }
    }

    fn account(&mut self, id: &str) -> String {
        // Not the placeholder for the account of the case.
        self.replaced("account", id, |number| {
            format!("{:012}", 222_200_000_000_u64 + number as u64)
        })
    }

    /// Keeps partition, service, region and resource type.
    fn arn(&mut self, arn: &str) -> String {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, partition, service, region, account, resource] = parts.as_slice() else {
            return arn.to_owned();
        };
        let account =
            if is_account(account) { self.account(account) } else { (*account).to_owned() };
        let mut out = format!("arn:{partition}:{service}:{region}:{account}:");
        // AWS managed keys have the same name everywhere.
        if resource.starts_with("alias/aws/") {
            return out + *resource;
        }
        let several = resource.contains(['/', ':']);
        for (index, part) in resource.split_inclusive(['/', ':']).enumerate() {
            let name = part.trim_end_matches(['/', ':']);
            let is_type = index == 0 && several && !(*service == "s3" && account.is_empty());
            let stays =
                is_type || name == "root" || name.contains(['$', '}']) || name.starts_with("aws-");
            out += &if stays { name.to_owned() } else { self.segment(name) };
            out += part.get(name.len()..).unwrap_or_default();
        }
        out
    }

    /// A segment of an ARN, which may contain wildcards.
    fn segment(&mut self, segment: &str) -> String {
        let pieces = segment.split_inclusive(['*', '?']).map(|piece| {
            let name = piece.trim_end_matches(['*', '?']);
            let new = match name {
                "" => String::new(),
                name if self.is_public(name) => name.to_owned(),
                name if has_form(name) => self.forms(name),
                name => self.name(name),
            };
            new + piece.get(name.len()..).unwrap_or_default()
        });
        pieces.collect()
    }

    /// The replacement of a string: the same as before, or the next one that the script does not
    /// contain.
    fn replaced(
        &mut self,
        sort: &'static str,
        text: &str,
        make: impl Fn(usize) -> String,
    ) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if self.is_public(text) {
            return text.to_owned();
        }
        let new = loop {
            let number = self.numbers.entry(sort).or_default();
            *number += 1;
            let new = make(*number);
            if !self.rule.rule.file.text.contains(&new) {
                break new;
            }
        };
        self.known.insert(text.to_owned(), new.clone());
        new
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether part of the string is recognized by its format.
fn has_form(text: &str) -> bool {
    FORMS.as_ref().is_some_and(|forms| forms.is_match(text))
}

/// Whether a field of this name holds a name chosen by people.
fn is_naming(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let is_place = key.contains("region") || key.contains("zone");
    let named = ["name", "description", "sid", "comment", "prefix", "_id", "_ids"]
        .iter()
        .any(|end| key.ends_with(end));
    // Policy condition keys: tags and identity of a principal.
    let of_policy = key.contains("tag/") || key.ends_with("username") || key == "id";
    !is_place && (named || of_policy)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::model::Region;

    #[test]
    fn equal_values_get_equal_replacements_of_the_same_format() {
        let rule = crate::rules::load(&[]).unwrap()["s3-bucket-tls-only"].clone();
        let rule =
            Arc::new(SelectedRule { severity: rule.meta.severity, params: Map::new(), rule });
        let id = Some("acme-data".to_owned());
        let about = ResourceRef {
            kind: "s3.bucket".into(),
            region: Region::global(),
            id: id.clone(),
            arn: None,
            name: id,
        };
        let case = json!({
            "name": "n", "expect": "pass", "account": "123456789012",
            "trust": { "accounts": ["999988887777"] },
            "facts": {
                "name": "acme-data", "tags": { "Owner": "ann", "Also": "ann", "Cidr": "" },
                "policy": { "document": { "Version": "2012-10-17", "Statement": [
                    { "Sid": "AcmeOnly", "Effect": "Deny", "Principal": { "AWS": ["999988887777", "arn:aws:iam::123456789012:role/ops/deploy-*"] },
                      "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::acme-data", "arn:aws:s3:::acme-data/*"],
                      "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "StringEquals": {
                          "aws:SourceVpce": "vpce-0aaaabbbbccccdddd", "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } },
                    { "Effect": "Allow", "Principal": { "Service": "logging.s3.amazonaws.com" }, "Action": "*",
                      "Resource": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" },
                ] } },
            },
            "related": { "ec2.instance": [{ "instance_id": "i-0123456789abcdef0", "state": { "name": "running" }, "image_id": "ami-12345678" }] },
        });
        let redacted = Redaction::new(&rule, &"123456789012".parse().unwrap(), &about).case(&case);
        assert_eq!(
            redacted,
            json!({
                "name": "n", "expect": "pass",
                "trust": { "accounts": ["222200000001"] },
                "facts": {
                    "name": "name-1", "tags": { "Owner": "name-2", "Also": "name-2", "Cidr": "" },
                    "policy": { "document": { "Version": "2012-10-17", "Statement": [
                        { "Sid": "name-3", "Effect": "Deny", "Principal": { "AWS": ["222200000001", "arn:aws:iam::111122223333:role/name-4/name-5*"] },
                          "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::name-1", "arn:aws:s3:::name-1/*"],
                          "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "StringEquals": {
                              "aws:SourceVpce": "vpce-00000000000000001", "aws:PrincipalOrgID": "o-0000000001" } } },
                        { "Effect": "Allow", "Principal": { "Service": "logging.s3.amazonaws.com" }, "Action": "*",
                          "Resource": "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-000000000001" },
                    ] } },
                },
                "related": { "ec2.instance": [{ "instance_id": "i-00000000000000002", "state": { "name": "running" }, "image_id": "ami-00000003" }] },
            })
        );
    }
}
