//! Facts about other resources, and where the resource is.

use std::rc::Rc;

use rhai::{Dynamic, ImmutableString};

use super::table::topic;

topic! {
    /// These functions return facts about other resources, and the account, partition and region of
    /// the resource.
    "Facts";

    /// Returns whether a value is not `()`, that is, whether AWS reports it as configured or
    /// returned the field.
    fn is_configured(value: "any") -> "bool";
    "is_configured(())" => "false";
    "is_configured(\"\")" => "true";
    |engine, _| engine.register_fn("is_configured", |value: Dynamic| !value.is_unit());

    /// Returns the resources of another kind in the same account and region. Kinds that are listed
    /// once per account (`s3.bucket`, `s3.account`) are visible from every region. From `s3.account`,
    /// which belongs to the account as a whole, the resources of all scanned regions are visible.
    ///
    /// With a field and a value, returns only the resources whose field has that value. The field
    /// can be a path such as `attachments.instance_id` or `tags.Owner`; if the path leads through a
    /// list, it matches if any item matches. The value `()` matches no resource. This lookup stays
    /// fast however many resources there are. Calling `filter` on all resources in every check does
    /// not.
    ///
    /// The rule must declare the kind in `needs`, and each fact of the kind that it reads as
    /// `"kind/fact"`. If the list or such a fact could not be read, the verdict is `unknown`.
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
        engine.register_fn("region", move || {
            cx.record(|recorder| recorder.seen.region = true);
            cx.current().map(|current| ImmutableString::from(current.region.as_str()))
        })
    };
}
