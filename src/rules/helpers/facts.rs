//! Facts beyond the resource itself, and where it is.

use std::rc::Rc;

use rhai::{Dynamic, ImmutableString};

use super::table::topic;

topic! {
    /// What else is known, and where the resource is.
    "Facts";

    /// Whether a value is anything but `()`: AWS says that it is configured, or sent the field.
    fn is_configured(value: "any") -> "bool";
    "is_configured(())" => "false";
    "is_configured(\"\")" => "true";
    |engine, _| engine.register_fn("is_configured", |value: Dynamic| !value.is_unit());

    /// Resources of another kind in the same account and region; a kind that is listed once per
    /// account (`s3.bucket`, `s3.account`) is found from everywhere. With a field and a value only
    /// those that have the value there; nothing has `()`.
    ///
    /// The rule declares the kind in `needs`, and with `"kind/fact"` the facts of it that it reads.
    /// Where the list or such a fact could not be read, the verdict is `unknown`.
    fn related(kind: "string") -> "list of object" (kind: "string", field: "string", value: "any") -> "list of object";
    "related(\"ec2.volume\").map(|volume| volume.size)" => "[8, 100]";
    "related(\"ec2.volume\", \"volume_id\", \"vol-2\").map(|volume| volume.size)" => "[100]";
    "related(\"ec2.volume\", \"volume_id\", ())" => "[]";
    |engine, context| {
        let cx = context.clone();
        engine.register_fn("related", move |kind: &str| cx.related(kind, None));
        let cx = context.clone();
        engine.register_fn("related", move |kind: &str, field: &str, value: Dynamic| cx.related(kind, Some((field, &value))))
    };

    /// The id of the account that is evaluated, as text: leading zeros count.
    fn account_id() -> "string";
    "account_id()" => "\"111122223333\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("account_id", move || {
            cx.record(|recorder| recorder.seen.account = true);
            cx.view().map(|view| ImmutableString::from(view.facts.account.as_str()))
        })
    };

    /// The AWS partition of the account, the second part of its ARNs: `aws`, `aws-cn`, `aws-us-gov`
    /// or another.
    fn partition() -> "string";
    "`arn:${partition()}:s3:::data`" => "\"arn:aws:s3:::data\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("partition", move || {
            cx.record(|recorder| recorder.seen.region = true);
            cx.view().map(|view| ImmutableString::from(view.facts.partition.as_str()))
        })
    };

    /// The region of the resource; `global` for what belongs to the account as a whole.
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
