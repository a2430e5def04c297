//! Facts about other resources, and where the resource is.

use std::rc::Rc;

use rhai::{Dynamic, ImmutableString};

use super::arguments::Scripted;
use super::table::topic;
use crate::rules::values::interrupt::{Interrupt, broken};
use crate::rules::values::object::Object;

topic! {
    /// These functions return facts about other resources, and the account, partition and region of
    /// the resource.
    "Facts";

    /// Returns whether a value is not `()`, that is, whether AWS returned the field or, for a fact,
    /// whether the feature is configured.
    fn is_configured(value: "any") -> "bool";
    "is_configured(())" => "false";
    "is_configured(\"\")" => "true";
    |engine, _| engine.register_fn("is_configured", |value: Dynamic| !value.is_unit());

    /// Returns the resources of another kind in the same account and region. Kinds that are listed
    /// once per account (`s3.bucket`, `s3.account`) are visible from every region. In a rule for
    /// `account` or `s3.account`, which belong to the account as a whole, the resources of all
    /// scanned regions are visible.
    ///
    /// With a field and a value, returns only the resources whose field has that value. The field
    /// can be a path such as `attachments.instance_id` or `tags.Owner`; if the path leads through a
    /// list, it is enough that one item matches. The value `()` matches no resource. Unlike
    /// filtering the list in every check, this lookup is fast for any number of resources.
    ///
    /// The rule must declare the kind in `needs`, and also each fact of the kind that it reads, as
    /// `"kind/fact"`. If the list of resources or one of these facts could not be read, the verdict
    /// is `unknown`.
    fn related(kind: "string") -> "list of object" (kind: "string", field: "string", value: "any") -> "list of object";
    "related(\"ec2.volume\").map(|volume| volume.size)" => "[8, 100]";
    "related(\"ec2.volume\", \"volume_id\", \"vol-2\").map(|volume| volume.size)" => "[100]";
    "related(\"ec2.volume\", \"volume_id\", ())" => "[]";
    "related(\"ec2.volume\", \"tags.Owner\", \"web\").map(|volume| volume.size)" => "[8]";
    |engine, context| {
        let cx = context.clone();
        engine.register_fn("related", move |kind: &str| cx.related(kind, None));
        let cx = context.clone();
        engine.register_fn("related", move |kind: &str, field: &str, value: Dynamic| cx.related(kind, Some((field, &value))))
    };

    /// Returns the resources of another kind in a given region of the same account. Use this
    /// function if a resource can refer to a resource in another region, such as the peer of a VPC
    /// peering connection or the source of a copied snapshot. The region `"*"` means all scanned
    /// regions. With a field and a value, returns only the resources whose field has that value, as
    /// `related` does.
    ///
    /// The verdict is `unknown` if the region was not scanned or its list of resources could not be
    /// read. For `"*"`, the verdict is `unknown` if the list of any scanned region could not be
    /// read. The kind must be declared in `needs`. If the rule uses only the resources in the other
    /// region, declare the kind with a question mark (`"ec2.vpc?"`): the verdict then does not
    /// depend on whether the list in the resource's own region could be read. For kinds that are
    /// listed once per account, use `related`.
    fn related_in(region: "string", kind: "string") -> "list of object" (region: "string", kind: "string", field: "string", value: "any") -> "list of object";
    "related_in(\"us-east-1\", \"ec2.volume\").map(|volume| volume.size)" => "[500]";
    "related_in(\"*\", \"ec2.volume\").map(|volume| volume.size)" => "[8, 100, 500]";
    "related_in(\"us-east-1\", \"ec2.volume\", \"volume_id\", \"vol-1\")" => "[]";
    |engine, context| {
        let cx = context.clone();
        engine.register_fn("related_in", move |region: &str, kind: &str| cx.related_in(region, kind, None));
        let cx = context.clone();
        engine.register_fn("related_in", move |region: &str, kind: &str, field: &str, value: Dynamic| cx.related_in(region, kind, Some((field, &value))))
    };

    /// Returns the resources of `related` that are certain, without those of which the field or a
    /// declared fact could not be read, and without those that a planned change adds and that are not
    /// known yet. If their list could not be read, returns none. In a rule for accounts, returns those
    /// of the regions whose lists could be read.
    ///
    /// There may be others, so an empty list does not show that there is none. Use this function if
    /// one resource is enough to decide; if none of those that it returns decides, call `related`,
    /// which makes the verdict `unknown` if anything is missing.
    fn known_related(kind: "string") -> "list of object" (kind: "string", field: "string", value: "any") -> "list of object";
    "known_related(\"ec2.volume\").map(|volume| volume.size)" => "[8, 100]";
    "known_related(\"ec2.volume\", \"volume_id\", \"vol-2\").map(|volume| volume.size)" => "[100]";
    |engine, context| {
        let cx = context.clone();
        engine.register_fn("known_related", move |kind: &str| cx.known_related(kind, None));
        let cx = context.clone();
        engine.register_fn("known_related", move |kind: &str, field: &str, value: Dynamic| cx.known_related(kind, Some((field, &value))))
    };

    /// Returns whether a field or a declared fact of a resource, or a field of an object in one, could
    /// be read, with everything in it, or whether `related(kind)` returns the resources of a kind.
    /// Reading anything else makes the verdict `unknown`, so use this function if other facts may
    /// decide: what could not be read must then not affect the verdict.
    fn is_readable(resource: "object", name: "string") -> "bool" (kind: "string") -> "bool";
    "is_readable(related(\"ec2.volume\")[0], \"size\")" => "true";
    "is_readable(\"ec2.volume\")" => "true";
    |engine, context| {
        let cx = context.clone();
        engine.register_fn("is_readable", move |resource: Dynamic, name: &str| -> Scripted<bool> {
            match resource.read_lock::<Object>() {
                Some(object) => cx.is_readable(&object, name),
                None => broken("`is_readable` expects a resource or a kind".to_owned()),
            }
        });
        let cx = context.clone();
        engine.register_fn("is_readable", move |kind: &str| cx.is_kind_readable(kind))
    };

    /// Returns the id of the evaluated account. It is a string, because leading zeros are
    /// significant.
    fn account_id() -> "string";
    "account_id()" => "\"111122223333\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("account_id", move || {
            cx.record(|recorder| recorder.seen.account = true);
            cx.view().map(|view| ImmutableString::from(view.facts.account.as_str()))
        })
    };

    /// Returns the name of the evaluated account: its `name` in rolecall.toml or, if that is not
    /// set, its name in the organization. Returns `()` if the account has no name.
    fn account_name() -> "string?";
    "account_name()" => "\"acme-prod\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("account_name", move || {
            cx.record(|recorder| recorder.seen.account_name = true);
            cx.view().map(|view| optional(view.facts.name.as_deref()))
        })
    };

    /// Returns the value of a label of the evaluated account, or `()` if the account does not have
    /// the label. Labels are set in rolecall.toml (`labels`); the label `organization_unit` is the
    /// path of the account's organizational unit if the account was found in the organization.
    fn account_label(key: "string") -> "string?";
    "account_label(\"env\")" => "\"prod\"";
    "account_label(\"owner\")" => "()";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("account_label", move |key: &str| {
            cx.record(|recorder| {
                recorder.seen.account_labels.insert(key.to_owned());
            });
            cx.view().map(|view| optional(view.facts.labels.get(key).map(String::as_str)))
        })
    };

    /// Returns the AWS partition of the account, which is the second part of its ARNs: `aws`,
    /// `aws-cn`, `aws-us-gov` or another.
    fn partition() -> "string";
    "`arn:${partition()}:s3:::data`" => "\"arn:aws:s3:::data\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("partition", move || {
            cx.record(|recorder| recorder.seen.region = true);
            cx.view().map(|view| ImmutableString::from(view.facts.partition.as_str()))
        })
    };

    /// Returns the region of the resource, or `global` if the resource belongs to the account as a
    /// whole.
    fn region() -> "string";
    "region()" => "\"eu-west-1\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("region", move || -> Scripted<ImmutableString> {
            cx.record(|recorder| recorder.seen.region = true);
            let current = cx.current()?;
            match current.lost {
                Some(cause) => Interrupt::Unreadable(vec![cause]).raise(),
                None => Ok(ImmutableString::from(current.region.as_str())),
            }
        })
    };
}

fn optional(text: Option<&str>) -> Dynamic {
    text.map_or(Dynamic::UNIT, |text| Dynamic::from(ImmutableString::from(text)))
}
