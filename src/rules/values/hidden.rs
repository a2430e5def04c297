//! Parts of the facts of a resource that could not be read.

use rhai::Dynamic;

use crate::facts::CompactResource;
use crate::model::Cause;
use crate::model::unreadable::{self, Step, step};

/// In place of a field of an object that could not be read. A script never gets it: reading the field
/// ends the evaluation.
#[derive(Clone)]
pub(super) struct NotRead(Cause);

impl NotRead {
    pub(super) fn value(cause: &Cause) -> Dynamic {
        Dynamic::from(Self(cause.clone()))
    }

    pub(super) fn of(value: &Dynamic) -> Option<Cause> {
        // Most values are not of this type, and a lock of another type is cheap.
        value.read_lock::<Self>().map(|unread| unread.0.clone())
    }
}

/// The paths within a value that could not be read, with the causes.
#[derive(Default)]
pub(super) struct Hidden<'a>(Vec<(&'a str, &'a Cause)>);

impl<'a> Hidden<'a> {
    pub(super) fn within(resource: &'a CompactResource, name: &str) -> Self {
        if resource.unreadable().is_empty() {
            return Self::default();
        }
        Self(unreadable::inside(resource.unreadable(), name).collect())
    }

    /// Those within a field of an object; `Err` if the field as a whole could not be read.
    pub(super) fn field(&self, name: &str) -> Result<Self, &'a Cause> {
        let mut within = Vec::new();
        for &(path, cause) in &self.0 {
            match step(path) {
                Some((Step::Field(field), rest)) if field == name && rest.is_empty() => {
                    return Err(cause);
                }
                Some((Step::Field(field), rest)) if field == name => within.push((rest, cause)),
                _ => {}
            }
        }
        Ok(Self(within))
    }

    /// Those within an item of a list.
    pub(super) fn item(&self, index: usize) -> Self {
        let of_item = |&(path, cause): &(&'a str, &'a Cause)| match step(path) {
            Some((Step::Item(at), rest)) => {
                at.is_none_or(|at| at == index).then_some((rest, cause))
            }
            // Without an index, a field of every item.
            _ => Some((path, cause)),
        };
        Self(self.0.iter().filter_map(of_item).collect())
    }

    /// Why a value of this form is not known at all: something in it could not be read, but there is no
    /// such place in it.
    pub(super) fn without_place(&self, fits: impl Fn(Step<'_>) -> bool) -> Option<&'a Cause> {
        let misplaced = |path: &str| step(path).is_none_or(|(first, _)| !fits(first));
        self.0.iter().find(|(path, _)| misplaced(path)).map(|(_, cause)| *cause)
    }

    /// The value of a field that is absent.
    pub(super) fn instead_of_nothing(&self) -> Dynamic {
        self.0.first().map_or(Dynamic::UNIT, |(_, cause)| NotRead::value(cause))
    }

    /// Whether everything could be read.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Why something could not be read.
    pub(super) fn first(&self) -> Option<&'a Cause> {
        self.0.first().map(|(_, cause)| *cause)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde_json::{Value, json};

    use crate::facts;
    use crate::model::{Cause, Resource, Verdict};
    use crate::rules::language::engine::STACK_SIZE;
    use crate::rules::pack::load::one;
    use crate::rules::pack::select::SelectedRule;
    use crate::rules::sandbox::evaluation::Sandbox;
    use crate::rules::sandbox::outcome::RuleOutcome;
    use crate::rules::values::account::AccountFacts;

    fn resource(kind: &str, id: &str, facts: Value, unreadable: &[&str]) -> Resource {
        let cause = |path: &&str| {
            ((*path).to_owned(), Cause::new("terraform:plan", Cause::NOT_KNOWN_UNTIL_APPLY, ""))
        };
        let resource = Resource {
            kind: kind.to_owned(),
            id: id.to_owned(),
            region: "eu-west-1".parse().unwrap(),
            arn: None,
            name: None,
            facts: facts.as_object().unwrap().clone(),
            unreadable: unreadable.iter().map(cause).collect(),
        };
        facts::normalize(resource).unwrap().unwrap()
    }

    /// What a rule says of the first resource.
    fn outcome(meta: &str, body: &str, resources: Vec<Resource>) -> RuleOutcome {
        outcome_with_gap(meta, body, resources, None)
    }

    /// The same if the lists of other kinds have a gap.
    fn outcome_with_gap(
        meta: &str,
        body: &str,
        resources: Vec<Resource>,
        gap: Option<Cause>,
    ) -> RuleOutcome {
        let kind = resources[0].kind.clone();
        let text = format!(
            "//! Test.\nconst RULE = #{{ title: \"t\", resource: \"{kind}\", severity: \"low\", {meta} }};\nfn check(it, params) {{\n{body}\n}}\n"
        );
        let rule = one("example", &text).unwrap();
        let rule = SelectedRule {
            severity: rule.meta.severity,
            params: rule.meta.params.clone(),
            overrides: Vec::new(),
            fix: Default::default(),
            rule: Arc::new(rule),
        };
        let evaluate = move || {
            let mut sandbox = Sandbox::new(&[Arc::new(rule)]).unwrap();
            sandbox.enter(AccountFacts {
                account: "111122223333".parse().unwrap(),
                name: None,
                labels: BTreeMap::new(),
                partition: Default::default(),
                now: "2026-01-01T00:00:00Z".into(),
                trust: Default::default(),
                required_tags: Default::default(),
                resources: resources.into(),
                list_gap: Box::new(move |_, _| gap.clone()),
            });
            sandbox.evaluate(0, 0)
        };
        std::thread::Builder::new().stack_size(STACK_SIZE).spawn(evaluate).unwrap().join().unwrap()
    }

    #[test]
    fn a_rule_decides_unless_it_uses_the_part_that_could_not_be_read() {
        let options = json!({ "http_tokens": "optional", "http_put_response_hop_limit": null });
        let facts = json!({ "instance_id": "i-1", "metadata_options": options });
        let hop = "metadata_options.http_put_response_hop_limit";
        for (body, unreadable, expected) in [
            (
                "if it.metadata_options.http_tokens == \"optional\" { fail(\"\") } else { pass() }",
                &[hop][..],
                Verdict::Fail,
            ),
            (
                "if it.metadata_options.http_tokens == \"required\" { fail(\"\") } else { pass() }",
                &[hop],
                Verdict::Pass,
            ),
            (
                "if is_configured(it.metadata_options.http_put_response_hop_limit) { fail(\"\") } else { pass() }",
                &[hop],
                Verdict::Unknown,
            ),
            // Everything in it is compared.
            (
                "if it.metadata_options == #{} { fail(\"\") } else { pass() }",
                &[hop],
                Verdict::Unknown,
            ),
            (
                "if it.metadata_options in [#{}] { fail(\"\") } else { pass() }",
                &[hop],
                Verdict::Unknown,
            ),
            // Evidence does not decide.
            ("fail(\"\", it.metadata_options)", &[hop], Verdict::Fail),
            // There is no such place, so nothing is known.
            (
                "if is_configured(it.metadata_options) { fail(\"\") } else { pass() }",
                &["metadata_options[0].x"],
                Verdict::Unknown,
            ),
            (
                "if is_configured(it.metadata_options) { fail(\"\") } else { pass() }",
                &["metadata_options.no_such_field"],
                Verdict::Unknown,
            ),
            (
                "if is_configured(it.state) { fail(\"\") } else { pass() }",
                &["state.name"],
                Verdict::Unknown,
            ),
            (
                "if is_configured(it.key_name) { fail(\"\") } else { pass() }",
                &[hop, "tags.Owner"],
                Verdict::Pass,
            ),
            (
                "if has_tag(it.tags, \"Owner\") { fail(\"\") } else { pass() }",
                &["tags.Owner"],
                Verdict::Unknown,
            ),
        ] {
            let instance = resource("ec2.instance", "i-1", facts.clone(), unreadable);
            let found = outcome("", body, vec![instance]);
            assert_eq!(found.verdict, expected, "{body}: {}", found.message);
            if expected == Verdict::Fail && body.contains("fail(\"\", ") {
                let shown = &found.evidence[0]["http_put_response_hop_limit"]["not_read"];
                assert_eq!(*shown, json!("terraform:plan: NotKnownUntilApply"));
            }
        }
    }

    #[test]
    fn items_of_lists_are_known_one_by_one() {
        let rule = |cidr: Value| json!({ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": cidr }] });
        for (first, body, expected) in [
            (
                "10.0.0.0/8",
                "let a = it.ip_permissions[0].ip_ranges[0].cidr_ip; if a == \"x\" { fail(\"\") } else { pass() }",
                Verdict::Pass,
            ),
            (
                "10.0.0.0/8",
                "let a = it.ip_permissions[1].ip_ranges[0].cidr_ip; if a == \"x\" { fail(\"\") } else { pass() }",
                Verdict::Unknown,
            ),
            // What is known is enough to fail, but not to pass.
            (
                "0.0.0.0/0",
                "if is_open_to_internet(it.ip_permissions, \"tcp\", 22) { fail(\"\") } else { pass() }",
                Verdict::Fail,
            ),
            (
                "10.0.0.0/8",
                "if is_open_to_internet(it.ip_permissions, \"tcp\", 22) { fail(\"\") } else { pass() }",
                Verdict::Unknown,
            ),
            (
                "10.0.0.0/8",
                "if is_open_to_internet(it.ip_permissions, \"tcp\", 22) { fail(\"\") }; if internet_openings(it.ip_permissions).is_empty() { skip(\"x\") } else { pass() }",
                Verdict::Unknown,
            ),
        ] {
            let facts = json!({ "group_id": "sg-1", "ip_permissions": [rule(first.into()), rule(Value::Null)] });
            let path = "ip_permissions[1].ip_ranges[0].cidr_ip";
            let group = resource("ec2.security_group", "sg-1", facts, &[path]);
            let body = body.replace("{ fail(\"\") };", "{ return fail(\"\"); }");
            let found = outcome("", &body, vec![group]);
            assert_eq!(found.verdict, expected, "{body}: {}", found.message);
        }
    }

    #[test]
    fn facts_and_look_ups_are_unknown_in_part_as_well() {
        let flags = json!({ "block_public_acls": true, "ignore_public_acls": false, "block_public_policy": true, "restrict_public_buckets": true });
        let bucket = || {
            let facts = json!({ "name": "b", "public_access_block": flags });
            resource("s3.bucket", "b", facts, &["public_access_block.ignore_public_acls"])
        };
        let needs = "needs: [\"public_access_block\"]";
        for (field, expected) in
            [("block_public_acls", Verdict::Pass), ("ignore_public_acls", Verdict::Unknown)]
        {
            let body =
                format!("if it.public_access_block.{field} {{ pass() }} else {{ fail(\"\") }}");
            assert_eq!(outcome(needs, &body, vec![bucket()]).verdict, expected, "{field}");
        }
        let volume = |unreadable: &[&str]| {
            let attachments = json!([{ "instance_id": "i-2" }]);
            let facts =
                json!({ "volume_id": "vol-1", "encrypted": true, "attachments": attachments });
            resource("ec2.volume", "vol-1", facts, unreadable)
        };
        let instance = || resource("ec2.instance", "i-1", json!({ "instance_id": "i-1" }), &[]);
        let body = "if related(\"ec2.volume\", \"attachments.instance_id\", it.instance_id).is_empty() { pass() } else { fail(\"\") }";
        for (unreadable, expected) in [
            (&["attachments[0].device"][..], Verdict::Pass),
            (&["attachments[0].instance_id"], Verdict::Unknown),
            (&["attachments"], Verdict::Unknown),
        ] {
            let resources = vec![instance(), volume(unreadable)];
            let found = outcome("needs: [\"ec2.volume\"]", body, resources);
            assert_eq!(found.verdict, expected, "{unreadable:?}: {}", found.message);
        }
        // A fact that may be unknown matters only if it is read.
        let optional = "needs: [\"policy\", \"policy_status?\"]";
        let denied = || {
            let facts = json!({ "name": "b", "policy": null });
            resource("s3.bucket", "b", facts, &["policy_status"])
        };
        for (body, expected) in [
            ("if is_configured(it.policy) { pass() } else { fail(\"\") }", Verdict::Fail),
            ("if is_configured(it.policy_status) { pass() } else { fail(\"\") }", Verdict::Unknown),
        ] {
            assert_eq!(outcome(optional, body, vec![denied()]).verdict, expected, "{body}");
        }
    }

    #[test]
    fn a_rule_can_ask_what_is_readable() {
        let hop = "metadata_options.http_put_response_hop_limit";
        let options = json!({ "http_tokens": "optional", "http_put_response_hop_limit": null });
        let facts = json!({ "instance_id": "i-1", "metadata_options": options });
        let instance = || resource("ec2.instance", "i-1", facts.clone(), &[hop]);
        let rule =
            |cidr: Value| json!({ "ip_protocol": "tcp", "ip_ranges": [{ "cidr_ip": cidr }] });
        let facts = json!({ "group_id": "sg-1", "ip_permissions": [rule("10.0.0.0/8".into()), rule(Value::Null)] });
        let path = "ip_permissions[1].ip_ranges[0].cidr_ip";
        let group = || resource("ec2.security_group", "sg-1", facts.clone(), &[path]);
        let own =
            || resource("ec2.security_group", "sg-1", json!({ "group_id": "sg-1" }), &["owner_id"]);
        for (resource, asked, expected) in [
            (instance(), "is_readable(it, \"state\")", Verdict::Pass),
            (instance(), "is_readable(it, \"metadata_options\")", Verdict::Fail),
            (instance(), "is_readable(it.metadata_options, \"http_tokens\")", Verdict::Pass),
            (
                instance(),
                "is_readable(it.metadata_options, \"http_put_response_hop_limit\")",
                Verdict::Fail,
            ),
            (group(), "is_readable(it.ip_permissions[0], \"ip_ranges\")", Verdict::Pass),
            (group(), "is_readable(it.ip_permissions[1], \"ip_protocol\")", Verdict::Pass),
            (group(), "is_readable(it.ip_permissions[1], \"ip_ranges\")", Verdict::Fail),
            (group(), "is_readable(it.ip_permissions[1].ip_ranges[0], \"cidr_ip\")", Verdict::Fail),
            // What follows from a field.
            (own(), "is_readable(it, \"region\")", Verdict::Pass),
            (own(), "is_readable(it, \"arn\")", Verdict::Fail),
            (instance(), "is_readable(it.metadata_options, \"http_token\")", Verdict::Error),
        ] {
            let body = format!("if {asked} {{ pass() }} else {{ fail(\"\") }}");
            let found = outcome("", &body, vec![resource]);
            assert_eq!(found.verdict, expected, "{asked}: {}", found.message);
        }
    }

    #[test]
    fn what_is_certain_of_a_list_is_known() {
        let volume = |id: &str, instances: &[Option<&str>], unreadable: &[&str]| {
            let of = |instance: &Option<&str>| json!({ "instance_id": instance });
            let attachments: Vec<Value> = instances.iter().map(of).collect();
            let facts = json!({ "volume_id": id, "encrypted": true, "attachments": attachments });
            resource("ec2.volume", id, facts, unreadable)
        };
        let instance = || resource("ec2.instance", "i-1", json!({ "instance_id": "i-1" }), &[]);
        let own = || volume("vol-1", &[Some("i-1")], &[]);
        let other = volume("vol-2", &[None], &["attachments[0].instance_id"]);
        let in_part = volume("vol-1", &[Some("i-1"), None], &["attachments[1].instance_id"]);
        // A value from before the change.
        let outdated = volume("vol-1", &[Some("i-1")], &["attachments"]);
        let denied = || Some(Cause::new("ec2:DescribeVolumes", "AccessDenied", ""));
        let more = || Some(Cause::new("terraform:plan", Cause::MORE_NOT_KNOWN, ""));
        let (by_instance, by_id, all) = (
            "(\"ec2.volume\", \"attachments.instance_id\", \"i-1\")",
            "(\"ec2.volume\", \"volume_id\", \"vol-1\")",
            "(\"ec2.volume\")",
        );
        // How many are certain, and whether all are.
        for (name, volumes, gap, arguments, known, is_complete) in [
            ("all", vec![own()], None, by_instance, 1, true),
            ("another one", vec![own(), other.clone()], None, by_instance, 1, false),
            ("only another one", vec![other.clone()], None, by_instance, 0, false),
            ("in part", vec![in_part], None, by_instance, 1, false),
            ("outdated", vec![outdated], None, by_instance, 0, false),
            ("not listed", vec![own()], denied(), by_instance, 0, false),
            ("not listed, by id", vec![own()], denied(), by_id, 0, false),
            ("not listed, all", vec![own()], denied(), all, 0, false),
            ("more", vec![own()], more(), by_instance, 1, false),
            ("more, none yet", vec![], more(), by_instance, 0, false),
            ("more, all", vec![own(), other], more(), all, 2, false),
            // No other volume has the same id.
            ("more, by id", vec![own()], more(), by_id, 1, true),
            ("more, none with the id", vec![], more(), by_id, 0, false),
        ] {
            let resources = || [vec![instance()], volumes.clone()].concat();
            let needs = "needs: [\"ec2.volume?\"]";
            let body = format!(
                "if known_related{arguments}.len() == {known} {{ pass() }} else {{ fail(\"\") }}"
            );
            let found = outcome_with_gap(needs, &body, resources(), gap.clone());
            assert_eq!(found.verdict, Verdict::Pass, "{name}: {}", found.message);
            let body = format!(
                "if related{arguments}.len() == {known} {{ pass() }} else {{ fail(\"\") }}"
            );
            let expected = if is_complete { Verdict::Pass } else { Verdict::Unknown };
            let found = outcome_with_gap(needs, &body, resources(), gap);
            assert_eq!(found.verdict, expected, "{name}: {}", found.message);
        }
    }

    #[test]
    fn evidence_is_shown_and_decides_nothing() {
        let instance = |unreadable: &[&str]| {
            let facts = json!({ "instance_id": "i-1", "public_ip_address": "198.51.100.1", "key_name": null });
            resource("ec2.instance", "i-1", facts, unreadable)
        };
        let meta = "evidence: [\"public_ip_address\"]";
        let unread = json!({ "not_read": "terraform:plan: NotKnownUntilApply" });
        for (unreadable, shown) in
            [(&[][..], json!("198.51.100.1")), (&["public_ip_address"], unread)]
        {
            let body = "let evidence = [#{ ip: it.public_ip_address, key: it.key_name }]; fail(\"open\", evidence)";
            let found = outcome(meta, body, vec![instance(unreadable)]);
            assert_eq!(
                (found.verdict, &found.evidence[0]),
                (Verdict::Fail, &json!({ "ip": shown }))
            );
            // It is the same error whether the value could be read or not.
            for misuse in [
                "if it.public_ip_address == \"198.51.100.1\" { fail(\"\") } else { pass() }",
                "if is_configured(it.public_ip_address) { fail(\"\") } else { pass() }",
                "fail(`${it.public_ip_address}`)",
                "if [#{ ip: it.public_ip_address }].distinct().len() == 1 { pass() } else { fail(\"\") }",
                "if #{ ip: it.public_ip_address } == #{} { pass() } else { fail(\"\") }",
            ] {
                let found = outcome(meta, misuse, vec![instance(unreadable)]);
                assert_eq!(found.verdict, Verdict::Error, "{misuse}: {}", found.message);
            }
        }
    }
}
