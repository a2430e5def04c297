//! Removes identifying values from a case. What stays is an allow list: words that AWS defines
//! ([`keywords`]), numbers, booleans and times, ranges of addresses that say nothing about their owner,
//! and strings in the rule's script, which is stored next to the case anyway. Everything else is
//! replaced. Equal values get equal replacements of the same format, so that relations are kept.

mod addresses;
mod keywords;

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};

use self::addresses::Addresses;
use crate::facts::fields::{self, Field};
use crate::facts::{self, Kind};
use crate::model::{AccountId, ResourceRef};
use crate::rules::SelectedRule;
use crate::rules::cases::DEFAULT_ACCOUNT;

/// Values that are recognized by their format; longer formats come first. Groups are named after
/// their replacement.
static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = [
        r#"(?P<arn>arn:[a-z0-9-]+:[a-z0-9*-]*:[a-z0-9*-]*:[a-z0-9*]*:[^\s"',]+)"#,
        r"(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        r"(?P<unit>ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})",
        r"(?P<organization>o-[a-z0-9]{10,32})",
        r"(?P<root>r-[a-z0-9]{4,32})",
        r"(?P<id>[a-z][a-z0-9]*(?:-[a-z]+)*-(?:[0-9a-f]{17}|[0-9a-f]{8}))",
        r"(?P<key>A(?:KIA|SIA|IDA|ROA|IPA|NPA|GPA|CCA)[A-Z0-9]{6,17})",
        r"(?P<canonical>[0-9a-f]{64})",
        r"(?P<account>[0-9]{12})",
        r"(?P<email>[^\s@:/]+@[^\s@:/]+\.[A-Za-z]+)",
        r"(?P<url>(?:https?|s3|ldaps?)://[^\s]+)",
    ];
    Regex::new(&format!("^(?:{})$", pattern.join("|"))).ok()
});

/// The replacements so far.
pub(crate) struct Redaction<'a> {
    rule: &'a SelectedRule,
    /// The replacement for each value.
    known: HashMap<String, String>,
    /// Number of replacements of each sort.
    numbers: HashMap<&'static str, usize>,
    addresses: Addresses,
    /// What stays, without numbers and times.
    kept: BTreeSet<String>,
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
        // The default account of a case.
        let known = HashMap::from([(account.to_string(), DEFAULT_ACCOUNT.to_owned())]);
        let mut redaction = Self {
            rule,
            known,
            numbers: HashMap::new(),
            addresses: Addresses::default(),
            kept: BTreeSet::new(),
        };
        for name in [&resource.id, &resource.name].into_iter().flatten() {
            if redaction.form(name).is_none() && redaction.addresses.replace(name).is_none() {
                redaction.name(name);
            }
        }
        redaction
    }

    /// The case without identifying values.
    pub(crate) fn case(mut self, case: &Value) -> Redacted {
        let mut case = case.clone();
        if let Value::Object(map) = &mut case {
            self.parts(map);
        }
        Redacted { case, kept: self.kept }
    }

    fn parts(&mut self, map: &mut Map<String, Value>) {
        map.shift_remove("account");
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
        if let Some(Value::String(name)) = map.get_mut("account_name")
            && !self.is_public(name)
        {
            *name = self.name(&name.clone());
        }
        // The keys of labels are in the script.
        let labels = map.get_mut("account_labels").and_then(Value::as_object_mut);
        for value in labels.into_iter().flat_map(|labels| labels.values_mut()) {
            if let Value::String(text) = value
                && !self.is_public(text)
            {
                *text = self.name(&text.clone());
            }
        }
        // These values are compared with facts.
        if let Some(trust) = map.get_mut("trust") {
            self.strings(trust, &Self::part);
        }
        if let Some(params) = map.get_mut("params") {
            self.strings(params, &Self::pattern);
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
        match value {
            Value::String(text) => *text = self.text(text, path, fields),
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.value(item, &format!("{path}[]"), fields));
            }
            Value::Object(map) => {
                let is_tags = path == "tags"
                    || fields.get(path).is_some_and(|field| field.kind.starts_with("map"));
                for (key, mut value) in std::mem::take(map) {
                    let inner = format!("{path}.{key}");
                    // The names of fields are no secret, those of tags are.
                    let key = if fields.contains_key(&inner) {
                        key
                    } else if is_tags {
                        self.tag(&key)
                    } else {
                        self.key(&key)
                    };
                    match &mut value {
                        Value::String(text) if is_tags => *text = self.own(text),
                        value => self.value(value, &inner, fields),
                    }
                    map.insert(key, value);
                }
            }
            _ => {}
        }
    }

    /// The key of a tag, unless the script reads it.
    fn tag(&mut self, key: &str) -> String {
        let script = &self.rule.rule.file.text;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let dotted = format!(".{key}");
        let read = script.match_indices(&dotted).any(|(at, found)| {
            !script.get(at + found.len()..).is_some_and(|rest| rest.starts_with(is_word))
        });
        if read { self.keep(key) } else { self.own(key) }
    }

    /// A string that people choose: only values that are recognized by their format keep it.
    fn own(&mut self, text: &str) -> String {
        if text.is_empty() || self.is_public(text) {
            return self.keep(text);
        }
        let address = self.addresses.replace(text);
        self.form(text).or(address).unwrap_or_else(|| self.name(text))
    }

    /// The key of a map in a policy document.
    fn key(&mut self, key: &str) -> String {
        if keywords::is_key(key) {
            return key.to_owned();
        }
        // A condition key that names a tag: `aws:PrincipalTag/Team`.
        if let Some((name, tag)) = key.split_once('/')
            && keywords::is_key(name)
        {
            return format!("{name}/{}", self.tag(tag));
        }
        self.part(key)
    }

    fn text(&mut self, text: &str, path: &str, fields: &Fields) -> String {
        let field = fields.get(path.trim_end_matches("[]"));
        let key = path.trim_end_matches("[]").rsplit('.').next().unwrap_or(path);
        // A value in the field's documentation is defined by AWS.
        let of_aws = field.is_some_and(|field| field.doc.contains(&format!("`{text}`")));
        let keyword = match field {
            Some(_) => keywords::is_of_field(key, text),
            None => keywords::is_action(key, text),
        };
        if text.is_empty() || of_aws || keyword {
            return self.keep(text);
        }
        self.part(text)
    }

    fn keep(&mut self, text: &str) -> String {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte));
        if !text.is_empty() && !is_number {
            self.kept.insert(text.to_owned());
        }
        text.to_owned()
    }

    /// Whether the script contains the string.
    fn is_public(&self, text: &str) -> bool {
        let script = &self.rule.rule.file.text;
        ['"', '`'].iter().any(|quote| script.contains(&format!("{quote}{text}{quote}")))
    }

    /// Applies a replacement to all strings of a value.
    fn strings(&mut self, value: &mut Value, replace: &dyn Fn(&mut Self, &str) -> String) {
        match value {
            Value::String(text) => *text = replace(self, text),
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.strings(item, replace));
            }
            Value::Object(map) => {
                map.values_mut().for_each(|value| self.strings(value, replace));
            }
            _ => {}
        }
    }

    /// A string of a parameter, which may be a pattern for `Key=Value`.
    fn pattern(&mut self, text: &str) -> String {
        match text.split_once('=') {
            Some((key, value)) => format!("{}={}", self.part(key), self.part(value)),
            None => self.part(text),
        }
    }

    /// A string, or the part of one between separators. It may contain wildcards.
    fn part(&mut self, text: &str) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if text.is_empty() || self.is_public(text) {
            return self.keep(text);
        }
        if let Some(new) = self.form(text) {
            return new;
        }
        if let Some(new) = self.addresses.replace(text) {
            if new == text {
                return self.keep(text);
            }
            return new;
        }
        if keywords::is_value(text) {
            return self.keep(text);
        }
        // A key id with a session, a path, and an address of an endpoint.
        for separator in [':', '/', ','] {
            if text.contains(separator) && !text.contains("://") && !text.contains(' ') {
                let parts: Vec<String> =
                    text.split(separator).map(|part| self.part(part)).collect();
                return parts.join(&separator.to_string());
            }
        }
        if text.contains(['*', '?']) && !text.contains("${") {
            let pieces = text.split_inclusive(['*', '?']).map(|piece| {
                let name = piece.trim_end_matches(['*', '?']);
                self.part(name) + piece.get(name.len()..).unwrap_or_default()
            });
            return pieces.collect();
        }
        // A policy variable: `${aws:username}`.
        if text.starts_with("${") && text.ends_with('}') {
            let inner = text.trim_start_matches("${").trim_end_matches('}');
            if keywords::is_key(inner) {
                return self.keep(text);
            }
        }
        self.name(text)
    }

    fn name(&mut self, text: &str) -> String {
        self.replaced("name", text, |number| format!("name-{number}"))
    }

    /// The replacement of a value that is recognized by its format.
    fn form(&mut self, text: &str) -> Option<String> {
        let found: Captures<'_> = FORMS.as_ref()?.captures(text)?;
        let group = |name: &str| found.name(name).is_some();
        Some(if group("arn") {
            self.arn(text)
        } else if group("unit") {
            let (before, own) = text.rsplit_once('-').unwrap_or((text, text));
            let root = self.root(before.trim_start_matches("ou-"));
            self.replaced("unit", own, |number| format!("{number:08}"));
            let own = self.known.get(own).cloned().unwrap_or_default();
            format!("ou-{root}-{own}")
        } else if group("root") {
            format!("r-{}", self.root(text.trim_start_matches("r-")))
        } else if group("id") {
            let (prefix, hex) = text.rsplit_once('-').unwrap_or(("id", text));
            let width = hex.len();
            self.replaced("id", text, |number| format!("{prefix}-{number:0width$x}"))
        } else if group("account") {
            self.account(text)
        } else if group("uuid") {
            self.replaced("uuid", text, |number| format!("00000000-0000-4000-8000-{number:012x}"))
        } else if group("organization") {
            self.replaced("organization", text, |number| format!("o-00{number:08}"))
        } else if group("key") {
            let (prefix, rest) = text.split_at_checked(4)?;
            let width = rest.len();
            self.replaced("key", text, |number| format!("{prefix}{number:0width$}"))
        } else if group("canonical") {
            self.replaced("canonical", text, |number| format!("{number:064x}"))
        } else if group("email") {
            self.replaced("name", text, |number| format!("name-{number}@example.com"))
        } else if text.contains("://acs.amazonaws.com/") {
            return None;
        } else {
            self.replaced("name", text, |number| format!("https://name-{number}.example.com"))
        })
    }

    /// The root of an organization, which is part of the ids of its units.
    fn root(&mut self, root: &str) -> String {
        self.replaced("root", root, |number| format!("{number:04}"))
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
        // AWS managed keys have the same name everywhere, and so do the policies of AWS.
        if resource.starts_with("alias/aws/") || account == "aws" {
            return out + *resource;
        }
        let several = resource.contains(['/', ':']);
        for (index, part) in resource.split_inclusive(['/', ':']).enumerate() {
            let name = part.trim_end_matches(['/', ':']);
            let is_type = index == 0
                && several
                && !(*service == "s3" && account.is_empty())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            let stays = is_type || name == "root" || name.contains(['$', '}']);
            out += &if stays { name.to_owned() } else { self.part(name) };
            out += part.get(name.len()..).unwrap_or_default();
        }
        out
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
            return self.keep(text);
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
            rule,
        });
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
