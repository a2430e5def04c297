//! Parts of ARNs.

use rhai::{Dynamic, Engine};

use super::table::topic;
use crate::model::Arn;
use crate::rules::helpers::arguments::{Scripted, optional_text, script_text};

topic! {
    /// These functions return the parts of an ARN, `arn:partition:service:region:account:resource`.
    /// Each function returns `()` if its part of the ARN is empty, or if the argument is `()` or
    /// not an ARN.
    "ARNs";

    /// Returns the account id, or `()` for ARNs without one, such as the bucket ARN
    /// `arn:aws:s3:::data`.
    fn arn_account(arn: "string?") -> "string?";
    "arn_account(\"arn:aws:iam::111122223333:role/team/audit\")" => "\"111122223333\"";
    "arn_account(\"arn:aws:s3:::data\")" => "()";
    "arn_account(\"111122223333\")" => "()";
    |engine, _| part(engine, "arn_account", |arn| &arn.account);

    /// Returns the service, such as `s3`, `iam` or `kms`.
    fn arn_service(arn: "string?") -> "string?";
    "arn_service(\"arn:aws:s3:::data\")" => "\"s3\"";
    |engine, _| part(engine, "arn_service", |arn| &arn.service);

    /// Returns the region, or `()` for ARNs without one, such as those of global services.
    fn arn_region(arn: "string?") -> "string?";
    "arn_region(\"arn:aws:kms:eu-west-1:111122223333:key/1\")" => "\"eu-west-1\"";
    |engine, _| part(engine, "arn_region", |arn| &arn.region);

    /// Returns the resource part: everything after the account id, including colons and slashes.
    fn arn_resource(arn: "string?") -> "string?";
    "arn_resource(\"arn:aws:iam::111122223333:role/team/audit\")" => "\"role/team/audit\"";
    |engine, _| part(engine, "arn_resource", |arn| &arn.resource);
}

fn part(engine: &mut Engine, name: &'static str, part: fn(&Arn) -> &String) {
    engine.register_fn(name, move |arn: Dynamic| -> Scripted<Dynamic> {
        let arn = optional_text(name, &arn)?.and_then(|text| text.parse::<Arn>().ok());
        Ok(script_text(arn.as_ref().map(|arn| part(arn).as_str()).filter(|part| !part.is_empty())))
    });
}
