//! Policies in attributes. A policy that contains an id of something that does not exist yet is not
//! known as a whole, but the plan has the statements that it is made of.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::facts::{Kind, PolicyDocument};
use crate::model::Partition;
use crate::preview::item::{
    ANY_PRINCIPAL, ANY_RESOURCE, ANY_VALUE, ItemKey, OWN_PRINCIPAL, OpenResources,
};
use crate::preview::terraform::address::parts;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, When, fields};
use crate::preview::terraform::plan::PlannedResource;
use crate::preview::tree::{ABSENT, Tree, Why};

/// The facts `policy` and `policy_status` of a policy in an attribute. Whether AWS considers a policy
/// public is known only after the change.
pub(super) fn policy_of(cx: &Converter<'_>, argument: &str, policy: Attribute<'_>) -> Tree {
    let document = document_of(cx, argument, policy);
    let status = if document.is_absent() { ABSENT } else { Tree::Unknown(Why::Apply) };
    let policy = match document {
        Tree::Unknown(why) => Tree::Unknown(why),
        document if document.is_absent() => ABSENT,
        document => fields([("document", document)]),
    };
    fields([("policy", policy), ("policy_status", status)])
}

/// The document in an attribute; absent if there is none.
pub(super) fn document_of(_cx: &Converter<'_>, _argument: &str, policy: Attribute<'_>) -> Tree {
    match policy.text() {
        Ok(None) => ABSENT,
        Ok(Some(text)) => match PolicyDocument::parse(text) {
            Ok(PolicyDocument { document }) => Tree::Known(document),
            // The change will fail, or AWS reads it in another way.
            Err(_) => Tree::Unknown(Why::Apply),
        },
        Err(why) => Tree::Unknown(why),
    }
}

/// Records what is known of a policy that is not known as a whole: a document with stand-ins if only
/// resources, principals and values of conditions are not known, and in any case what is not.
pub(super) fn record_partial(
    cx: &mut Converter<'_>,
    (kind, id): (&'static Kind, &str),
    argument: &'static str,
    policy: Attribute<'_>,
) {
    if cx.when == When::Before || !policy.is_unknown() {
        return;
    }
    let mut open = Vec::new();
    match partial(cx, argument, &mut open) {
        Some(document) => {
            cx.partial(kind, id, argument, document);
            for resources in open_resources(cx, (kind, id), argument) {
                cx.open_resources(resources);
            }
        }
        None => open = references(cx, argument),
    }
    open.dedup();
    if let Some((first, rest)) = open.split_first() {
        let more = match rest {
            [] => String::new(),
            [second] => format!(" and {second}"),
            [second, more @ ..] => format!(", {second} and {} more", more.len()),
        };
        cx.open(kind, id, argument, format!("{first}{more}"));
    }
}

/// What a policy refers to. Plans do not have the policy itself, and of many instances, the names say
/// enough.
fn references(cx: &Converter<'_>, argument: &str) -> Vec<String> {
    let referred = cx.plan().referred(cx.resource, argument);
    let name = |(address, attribute): &(String, String)| {
        let parts = parts(address)?.into_iter().map(|part| part.name);
        let names: Vec<String> = parts.chain(Some(attribute.clone())).collect();
        Some(format!("what it has of `{}`", names.join(".").trim_end_matches('.')))
    };
    referred.resources.iter().filter_map(name).collect()
}

/// The document with stand-ins; `None` if more than these is not known.
fn partial(cx: &Converter<'_>, argument: &str, open: &mut Vec<String>) -> Option<Value> {
    let data = cx.plan().policy_data(cx.resource, argument)?;
    let after = data.after();
    for name in
        ["source_policy_documents", "override_policy_documents", "source_json", "override_json"]
    {
        if !after.get(name).is_empty() {
            return None;
        }
    }
    let statements = after.get("statement").items().ok()?;
    let number = statements.len();
    let of = |(position, block): (usize, Attribute<'_>)| {
        let own = own_principal(cx, data, (position, number), block);
        statement(block, (position, own.as_deref()), open)
    };
    let statements: Option<Vec<Value>> = statements.into_iter().enumerate().map(of).collect();
    let statements = statements.filter(|statements| !statements.is_empty())?;
    Some(json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// The resources of statements that are not known, as far as they only refer to the ARN of a bucket whose
/// name is known.
fn open_resources(
    cx: &Converter<'_>,
    (kind, id): (&'static Kind, &str),
    argument: &str,
) -> Vec<OpenResources> {
    let plan = cx.plan();
    let Some(data) = plan.policy_data(cx.resource, argument) else { return Vec::new() };
    let after = data.after();
    let statements = after.get("statement").items().unwrap_or_default();
    let of = |position: usize, block: &Attribute<'_>| {
        let resources = block.get("resources").items().ok()?;
        let path = format!("statement.{position}.resources");
        let referred = plan.referred_by_data(data, &path);
        let address = referred.only(&["arn"])?;
        let bucket = plan.at(address).filter(|one| one.type_name == "aws_s3_bucket")?;
        let name = bucket.after().get("bucket").text().ok()??;
        let names = plan.data_argument(data, &path)?.get("references")?.as_array()?;
        let mut names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        names.retain(|name| name.ends_with(".arn"));
        names.dedup();
        let [reference] = names.as_slice() else { return None };
        let partition = Partition::of_region(&cx.location.region);
        Some(OpenResources {
            key: ItemKey::new(kind, &cx.location, id),
            data: data.address.clone(),
            statement: (position, statements.len()),
            number: resources.len(),
            reference: (*reference).to_owned(),
            arn: format!("arn:{partition}:s3:::{name}"),
        })
    };
    let is_open = |block: &Attribute<'_>| texts(block.get("resources")).is_none();
    let open = statements.iter().enumerate().filter(|(_, block)| is_open(block));
    open.filter_map(|(position, block)| of(position, block)).collect()
}

/// In place of identifiers of principals that are not known, if they are the ARNs of roles or users that
/// the plan has in the account of the policy: none of those is everyone, or of another account.
fn own_principal(
    cx: &Converter<'_>,
    data: &PlannedResource,
    (position, number): (usize, usize),
    block: Attribute<'_>,
) -> Option<String> {
    // The account of others can be that of an ARN.
    if cx.resource.type_name != "aws_s3_bucket_policy" {
        return None;
    }
    let plan = cx.plan();
    let blocks = plan.data_argument(data, "statement")?.as_array()?;
    // Dynamic blocks are not in the configuration.
    let configured = blocks.get(position)?.get("principals")?.as_array()?;
    if blocks.len() != number || configured.len() != block.get("principals").items().ok()?.len() {
        return None;
    }
    let mut found = BTreeSet::new();
    for index in 0..configured.len() {
        let path = format!("statement.{position}.principals.{index}.identifiers");
        if plan.data_argument(data, &path)?.get("constant_value").is_some() {
            continue;
        }
        let referred = plan.referred_by_data(data, &path);
        found.extend(referred.arns()?.into_iter().map(str::to_owned));
    }
    let mut names = BTreeSet::new();
    for address in &found {
        let one = plan.at(address).filter(|one| one.provider == cx.resource.provider)?;
        let kind = match one.type_name.as_str() {
            "aws_iam_role" => "role",
            "aws_iam_user" => "user",
            _ => return None,
        };
        let text = |name: &str| one.after().get(name).text().ok().flatten();
        let path = text("path").unwrap_or("/").trim_start_matches('/');
        names.insert(match text("name") {
            Some(name) => format!("{kind}/{path}{name}"),
            None => format!("{kind}/(known after apply)"),
        });
    }
    let first = names.pop_first()?;
    let name = if names.is_empty() { first } else { "role/(known after apply)".to_owned() };
    Some(format!("{OWN_PRINCIPAL}{name}"))
}

/// A statement. `own`: in place of identifiers of principals of AWS that are not known, if anything is
/// known of them. `open`: what is not known.
fn statement(
    block: Attribute<'_>,
    (position, own): (usize, Option<&str>),
    open: &mut Vec<String>,
) -> Option<Value> {
    let mut out = Map::new();
    let effect = block.get("effect").text().ok()?.unwrap_or("Allow");
    out.insert("Effect".to_owned(), effect.into());
    let sid = block.get("sid").text().ok()?;
    if let Some(sid) = sid {
        out.insert("Sid".to_owned(), sid.into());
    }
    let name = match sid {
        Some(sid) => format!("statement `{sid}`"),
        None => format!("statement {}", position + 1),
    };
    for (argument, name) in [("actions", "Action"), ("not_actions", "NotAction")] {
        let list = texts(block.get(argument))?;
        if !list.is_empty() {
            out.insert(name.to_owned(), json!(list));
        }
    }
    let resources = block.get("resources");
    match texts(resources) {
        Some(list) if !list.is_empty() => drop(out.insert("Resource".to_owned(), json!(list))),
        Some(_) => {}
        None => {
            open.push(format!("the resources of {name}"));
            out.insert("Resource".to_owned(), json!(ANY_RESOURCE));
        }
    }
    // Which resources are left out cannot be bounded.
    let excluded = texts(block.get("not_resources"))?;
    if !excluded.is_empty() {
        out.insert("NotResource".to_owned(), json!(excluded));
    }
    for (argument, key) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let mut all = Map::new();
        for principal in block.get(argument).items().ok()? {
            let kind = principal.get("type").text().ok()??;
            let identifiers = principal.get("identifiers");
            let is_open = kind == "AWS" && key == "Principal";
            let identifiers = match texts(identifiers) {
                Some(list) => list,
                None if !is_open => return None,
                None => match own.and_then(|own| texts_or(identifiers, own)) {
                    Some(list) => list,
                    None => {
                        open.push(format!("the principals of {name}"));
                        vec![ANY_PRINCIPAL.to_owned()]
                    }
                },
            };
            // Several blocks of a type are one list.
            match kind {
                "*" => append(&mut all, "AWS", vec!["*".to_owned()])?,
                kind => append(&mut all, kind, identifiers)?,
            }
        }
        if !all.is_empty() {
            out.insert(key.to_owned(), Value::Object(all));
        }
    }
    let mut conditions: Map<String, Value> = Map::new();
    for condition in block.get("condition").items().ok()? {
        let test = condition.get("test").text().ok()??;
        let variable = condition.get("variable").text().ok()??;
        let values = texts(condition.get("values")).unwrap_or_else(|| {
            open.push(format!("the value of `{variable}` in {name}"));
            vec![ANY_VALUE.to_owned()]
        });
        let keys = conditions.entry(test).or_insert_with(|| json!({}));
        append(keys.as_object_mut()?, variable, values)?;
    }
    if !conditions.is_empty() {
        out.insert("Condition".to_owned(), Value::Object(conditions));
    }
    Some(Value::Object(out))
}

/// Adds strings to a list of an object.
fn append(object: &mut Map<String, Value>, name: &str, texts: Vec<String>) -> Option<()> {
    let list = object.entry(name).or_insert_with(|| json!([]));
    list.as_array_mut()?.extend(texts.into_iter().map(Value::from));
    Some(())
}

/// A list of strings that is known as a whole.
fn texts(list: Attribute<'_>) -> Option<Vec<String>> {
    let items = list.items().ok()?;
    items.into_iter().map(|item| item.text().ok()?.map(str::to_owned)).collect()
}

/// The same with something in place of each one that is not known; `None` if it is not known how many
/// there are.
fn texts_or(list: Attribute<'_>, other: &str) -> Option<Vec<String>> {
    let text = |item: Attribute<'_>| match item.is_unknown() {
        true => Some(other.to_owned()),
        false => item.text().ok()?.map(str::to_owned),
    };
    list.items().ok()?.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the provider writes them.
    #[test]
    fn blocks_of_the_same_type_are_one_list() {
        let everyone = json!({ "type": "AWS", "identifiers": ["*"] });
        let account = json!({ "type": "AWS", "identifiers": ["111122223333"] });
        let anyone = json!({ "type": "*", "identifiers": ["*"] });
        let of = |network: &str| json!({ "test": "IpAddress", "variable": "aws:SourceIp", "values": [network] });
        for (principals, expected) in [
            ([&everyone, &account], ["*", "111122223333"]),
            ([&account, &everyone], ["111122223333", "*"]),
            ([&anyone, &account], ["*", "111122223333"]),
        ] {
            let block = json!({
                "actions": ["s3:GetObject"], "principals": principals,
                "condition": [of("0.0.0.0/0"), of("192.0.2.0/24")],
            });
            let block = Attribute::new(&block, &Value::Null, &Value::Null);
            let found = statement(block, (0, None), &mut Vec::new()).unwrap();
            assert_eq!(found["Principal"], json!({ "AWS": expected }));
            let networks = &found["Condition"]["IpAddress"]["aws:SourceIp"];
            assert_eq!(*networks, json!(["0.0.0.0/0", "192.0.2.0/24"]));
        }
    }
}
