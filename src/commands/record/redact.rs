//! Removes identifying values from a case. What stays is an allow list: words that AWS defines
//! ([`keywords`], [`policies`]), numbers with few digits, booleans and times, ranges of addresses
//! that say nothing about their owner, and strings in the rule's script, which is stored next to
//! the case anyway. Everything else is replaced. Equal values get equal replacements of the same
//! format, so that relations are kept.

mod addresses;
mod arns;
mod forms;
mod keywords;
mod policies;
mod split;
mod stand_ins;
mod tags;
mod words;

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Number, Value};

use self::stand_ins::StandIns;
use crate::facts::fields::{self, Field};
use crate::facts::{self, Kind};
use crate::model::{AccountId, DiscoveredAccount, ResourceRef};
use crate::rules::SelectedRule;

/// Replaces the values of a case.
pub(crate) struct Redaction<'a> {
    rule: &'a SelectedRule,
    stand_ins: StandIns<'a>,
}

/// A case without identifying values.
pub(crate) struct Redacted {
    pub(crate) case: Value,
    /// The strings and keys that stay as they are.
    pub(crate) kept: BTreeSet<String>,
}

/// The fields of a type by path.
type Fields = HashMap<String, Field>;

impl<'a> Redaction<'a> {
    /// For a case of a resource in an account.
    pub(crate) fn new(rule: &'a SelectedRule, account: &AccountId, resource: &ResourceRef) -> Self {
        let mut stand_ins = StandIns::new(&rule.rule.file.text, account);
        for name in [&resource.id, &resource.name].into_iter().flatten() {
            stand_ins.id_or_name(name);
        }
        Self { rule, stand_ins }
    }

    /// The case without identifying values.
    pub(crate) fn case(mut self, case: &Value) -> Redacted {
        let mut case = case.clone();
        if let Value::Object(map) = &mut case {
            self.parts(map);
        }
        Redacted { case, kept: self.stand_ins.kept }
    }

    fn parts(&mut self, map: &mut Map<String, Value>) {
        map.shift_remove("account");
        let values = tags::values(map);
        if let Some(Value::String(region)) = map.get("region") {
            self.stand_ins.keep(region);
        }
        for place in map.get("unreadable").and_then(Value::as_array).into_iter().flatten() {
            if let Some((_, region)) = place.as_str().and_then(|place| place.split_once('@')) {
                self.stand_ins.keep(region);
            }
        }
        if let Some(Value::Object(own)) = map.get_mut("facts") {
            self.resource(self.rule.rule.meta.kind, own);
        }
        let related = map.get_mut("related").and_then(Value::as_object_mut);
        for (place, list) in related.into_iter().flatten() {
            // `ec2.vpc@us-east-1`.
            let (name, region) = place.split_once('@').unwrap_or((place, ""));
            self.stand_ins.keep(region);
            let resources =
                list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
            match facts::kind(name) {
                Some(kind) => resources.for_each(|resource| self.resource(kind, resource)),
                // Nothing is known about its fields.
                None => resources.for_each(|resource| {
                    resource.values_mut().for_each(|value| self.document(value, "", false));
                }),
            }
        }
        if let Some(Value::String(name)) = map.get_mut("account_name") {
            *name = self.stand_ins.chosen(name);
        }
        if let Some(Value::Object(labels)) = map.get_mut("account_labels") {
            for (key, mut value) in std::mem::take(labels) {
                if let Value::String(text) = &mut value {
                    *text = self.stand_ins.chosen(text);
                }
                // rolecall itself names the label of the organizational unit.
                let key = match key == DiscoveredAccount::LABEL {
                    true => self.stand_ins.keep(&key),
                    false => self.stand_ins.tag_key(&key),
                };
                labels.insert(key, value);
            }
        }
        for tag in map.get_mut("required_tags").and_then(Value::as_array_mut).into_iter().flatten()
        {
            tags::required(&mut self.stand_ins, tag, &values);
        }
        // These values are compared with facts.
        if let Some(Value::Object(trust)) = map.get_mut("trust") {
            trust.values_mut().for_each(|value| self.strings(value, &StandIns::part));
        }
        if let Some(Value::Object(params)) = map.get_mut("params") {
            // The names of parameters are those of the rule.
            params.values_mut().for_each(|value| self.strings(value, &pattern));
        }
    }

    fn resource(&mut self, kind: &Kind, resource: &mut Map<String, Value>) {
        let of_facts = kind.facts.iter().flat_map(|fact| fields::of(&fact.shape, fact.name));
        let all = fields::of(&kind.shape, "").into_iter().chain(of_facts);
        let fields: Fields = all.map(|field| (field.path.clone(), field)).collect();
        for (name, value) in resource {
            self.value(value, name, &fields);
        }
    }

    fn value(&mut self, value: &mut Value, path: &str, fields: &Fields) {
        let field = fields.get(path.trim_end_matches("[]"));
        if field.is_some_and(|field| field.kind.starts_with("any")) {
            return self.document(value, "", false);
        }
        match value {
            Value::String(text) => *text = self.text(text, path, field),
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.value(item, &format!("{path}[]"), fields));
            }
            Value::Object(map) => {
                let is_tags =
                    path == "tags" || field.is_some_and(|field| field.kind.starts_with("map"));
                for (key, mut value) in std::mem::take(map) {
                    let inner = format!("{path}.{key}");
                    // The names of fields are not secret, the keys of tags are.
                    let key = match fields.contains_key(&inner) {
                        true => key,
                        false => self.stand_ins.tag_key(&key),
                    };
                    match &mut value {
                        Value::String(text) if is_tags => *text = self.stand_ins.chosen(text),
                        value => self.value(value, &inner, fields),
                    }
                    map.insert(key, value);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, path: &str, field: Option<&Field>) -> String {
        let key = path.trim_end_matches("[]").rsplit('.').next().unwrap_or(path);
        // A value in the field's documentation is defined by AWS.
        let of_aws = field.is_some_and(|field| {
            field.doc.contains(&format!("`{text}`")) || keywords::is_of_field(key, text)
        });
        // A tag of a filter, with its key and value in fields.
        let of_tag = matches!(key, "key" | "value") && path.contains("tag");
        match (of_aws, of_tag) {
            (true, _) => self.stand_ins.keep(text),
            (false, true) if key == "key" => self.stand_ins.tag_key(text),
            (false, true) => self.stand_ins.chosen(text),
            (false, false) => self.stand_ins.part(text),
        }
    }

    /// A part of a policy document: the value of an element or of a condition key. `compares`: a
    /// condition compares it as a number or time.
    fn document(&mut self, value: &mut Value, key: &str, compares: bool) {
        match value {
            Value::String(text) => {
                *text = match key {
                    "Sid" | "Id" => self.stand_ins.chosen(text),
                    _ if policies::is_action(key, text) => self.stand_ins.keep(text),
                    _ if compares && keywords::is_long_number(text) => text.clone(),
                    _ => self.stand_ins.part(text),
                }
            }
            // AWS accepts numbers without quotes, also as account ids.
            Value::Number(number) if !compares => {
                let text = number.to_string();
                if !keywords::is_number(&text) {
                    *value = match self.stand_ins.number(&text) {
                        Some(number) => Value::Number(Number::from(number)),
                        None => Value::String(self.stand_ins.part(&text)),
                    };
                }
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.document(item, key, compares));
            }
            Value::Object(map) => {
                for (key, mut value) in std::mem::take(map) {
                    let compares = compares || policies::compares_numbers(&key);
                    self.document(&mut value, &key, compares);
                    let key = match policies::is_key(&key) {
                        true => key,
                        false => self.stand_ins.condition_key(&key),
                    };
                    map.insert(key, value);
                }
            }
            _ => {}
        }
    }

    /// Applies a replacement to all strings and keys of a value.
    fn strings(&mut self, value: &mut Value, replace: &dyn Fn(&mut StandIns<'a>, &str) -> String) {
        match value {
            Value::String(text) => *text = replace(&mut self.stand_ins, text),
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.strings(item, replace));
            }
            Value::Object(map) => {
                for (key, mut value) in std::mem::take(map) {
                    self.strings(&mut value, replace);
                    map.insert(self.stand_ins.tag_key(&key), value);
                }
            }
            _ => {}
        }
    }
}

/// A string of a parameter, which can be a pattern for `Key=Value`.
fn pattern(stand_ins: &mut StandIns<'_>, text: &str) -> String {
    match text.split_once('=') {
        Some((key, value)) => format!("{}={}", stand_ins.part(key), stand_ins.part(value)),
        None => stand_ins.part(text),
    }
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
        let rule = Arc::new(SelectedRule {
            severity: rule.meta.severity,
            params: Map::new(),
            overrides: Vec::new(),
            fix: Default::default(),
            rule,
        });
        let id: Option<Box<str>> = Some("acme-data".into());
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
        let redacted =
            Redaction::new(&rule, &"123456789012".parse().unwrap(), &about).case(&case).case;
        assert_eq!(
            redacted,
            json!({
                "name": "n", "expect": "pass",
                "trust": { "accounts": ["222200000001"] },
                "facts": {
                    "name": "name-1", "tags": { "name-2": "name-3", "name-4": "name-3", "name-5": "" },
                    "policy": { "document": { "Version": "2012-10-17", "Statement": [
                        { "Sid": "name-6", "Effect": "Deny", "Principal": { "AWS": ["222200000001", "arn:aws:iam::111122223333:role/name-7/name-8*"] },
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
