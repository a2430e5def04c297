//! Policies in attributes. A policy that contains an id of something that does not exist yet is not
//! known as a whole, but the plan has the statements that it is made of.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::facts::{Kind, PolicyDocument};
use crate::model::BlockPosition;
use crate::preview::item::{ANY_PRINCIPAL, ANY_RESOURCE, ANY_VALUE, OWN_PRINCIPAL, OpenPart};
use crate::preview::terraform::address::parts;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, When, fields};
use crate::preview::terraform::plan::PlannedResource;
use crate::preview::tree::{ABSENT, Tree, Why};
use crate::preview::written::in_words;

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
    if cx.when == When::Before || !policy.is_unknown() || policy.has_sensitive() {
        return;
    }
    let open = match partial(cx, argument) {
        Some((document, data, open)) => {
            let words = open.iter().map(|part| part.what.clone()).collect();
            cx.partial(kind, id, argument, document);
            cx.open_policy(kind, id, argument, Some((data, open)));
            words
        }
        None => {
            cx.open_policy(kind, id, argument, None);
            references(cx, argument)
        }
    };
    if let Some(open) = in_words(open) {
        cx.open(kind, id, argument, open);
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

/// The document with stand-ins, the address of its data source, and what is not known; `None` if more than
/// these is not known.
fn partial(cx: &Converter<'_>, argument: &str) -> Option<(Value, String, Vec<OpenPart>)> {
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
    let mut open = Vec::new();
    let of = |(position, block): (usize, Attribute<'_>)| {
        let own = own_principal(cx, data, (position, number), block);
        statement(block, (position, number), own.as_deref(), &mut open)
    };
    let statements: Option<Vec<Value>> = statements.into_iter().enumerate().map(of).collect();
    let statements = statements.filter(|statements| !statements.is_empty())?;
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    Some((document, data.address.clone(), open))
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

/// A statement, at a position of a number of them. `own`: in place of identifiers of principals of AWS that
/// are not known, if anything is known of them. `open`: what is not known.
fn statement(
    block: Attribute<'_>,
    (position, number): (usize, usize),
    own: Option<&str>,
    open: &mut Vec<OpenPart>,
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
    let this = BlockPosition { kind: "statement", position, number };
    let mut part = |what: String, path: Option<&[&str]>, block, argument, list: Attribute<'_>| {
        let start = ["Statement".to_owned(), position.to_string()];
        let path = path.map(|path| {
            start.iter().cloned().chain(path.iter().map(|step| (*step).to_owned())).collect()
        });
        let blocks = std::iter::once(this.clone()).chain(block).collect();
        let items = list.items().ok().map(|items| items.len());
        open.push(OpenPart { what, path, blocks, argument, items });
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
            part(
                format!("the resources of {name}"),
                Some(&["Resource"]),
                None,
                "resources",
                resources,
            );
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
        let principals = block.get(argument).items().ok()?;
        let number = principals.len();
        for (position, principal) in principals.into_iter().enumerate() {
            let kind = principal.get("type").text().ok()??;
            let identifiers = principal.get("identifiers");
            let is_open = kind == "AWS" && key == "Principal";
            let identifiers = match texts(identifiers) {
                Some(list) => list,
                None if !is_open => return None,
                None => match own.and_then(|own| texts_or(identifiers, own)) {
                    Some(list) => list,
                    None => {
                        let block = BlockPosition { kind: argument, position, number };
                        // Several blocks are one list.
                        let path: [&str; 2] = [key, "AWS"];
                        let path = (number == 1).then_some(path.as_slice());
                        let what = format!("the principals of {name}");
                        part(what, path, Some(block), "identifiers", identifiers);
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
    let blocks = block.get("condition").items().ok()?;
    let of = |one: &Attribute<'_>| {
        Some((
            one.get("test").text().ok()??.to_owned(),
            one.get("variable").text().ok()??.to_owned(),
        ))
    };
    let names: Vec<(String, String)> = blocks.iter().map(of).collect::<Option<_>>()?;
    for (position, (block, (test, variable))) in blocks.iter().zip(&names).enumerate() {
        let is_only =
            names.iter().filter(|other| **other == (test.clone(), variable.clone())).count() == 1;
        let list = block.get("values");
        let values = texts(list).unwrap_or_else(|| {
            let block = BlockPosition { kind: "condition", position, number: names.len() };
            let path: [&str; 3] = ["Condition", test, variable];
            let what = format!("the value of `{variable}` in {name}");
            part(what, is_only.then_some(path.as_slice()), Some(block), "values", list);
            vec![ANY_VALUE.to_owned()]
        });
        let keys = conditions.entry(test.clone()).or_insert_with(|| json!({}));
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
            let found = statement(block, (0, 1), None, &mut Vec::new()).unwrap();
            assert_eq!(found["Principal"], json!({ "AWS": expected }));
            let networks = &found["Condition"]["IpAddress"]["aws:SourceIp"];
            assert_eq!(*networks, json!(["0.0.0.0/0", "192.0.2.0/24"]));
        }
    }
}
