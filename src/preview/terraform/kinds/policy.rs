//! Policies in attributes. A policy that contains an id of something that does not exist yet is not
//! known as a whole, but the plan has the statements that it is made of.

use serde_json::{Map, Value, json};

use crate::facts::PolicyDocument;
use crate::preview::item::{ANY_PRINCIPAL, ANY_RESOURCE, ANY_VALUE};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, When, fields};
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

/// A policy that is not known as a whole, with stand-ins for what is not known in its statements;
/// `None` if more than resources, principals and values of conditions is not known.
pub(super) fn partial(cx: &Converter<'_>, argument: &str, policy: Attribute<'_>) -> Option<Value> {
    if cx.when == When::Before || !policy.is_unknown() {
        return None;
    }
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
    let statements: Option<Vec<Value>> = statements.into_iter().map(statement).collect();
    let statements = statements.filter(|statements| !statements.is_empty())?;
    Some(json!({ "Version": "2012-10-17", "Statement": statements }))
}

fn statement(block: Attribute<'_>) -> Option<Value> {
    let mut out = Map::new();
    let effect = block.get("effect").text().ok()?.unwrap_or("Allow");
    out.insert("Effect".to_owned(), effect.into());
    if let Some(sid) = block.get("sid").text().ok()? {
        out.insert("Sid".to_owned(), sid.into());
    }
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
        None => drop(out.insert("Resource".to_owned(), json!(ANY_RESOURCE))),
    }
    // Which resources are left out cannot be bounded.
    let excluded = texts(block.get("not_resources"))?;
    if !excluded.is_empty() {
        out.insert("NotResource".to_owned(), json!(excluded));
    }
    for (argument, name) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let mut all = Map::new();
        for principal in block.get(argument).items().ok()? {
            let kind = principal.get("type").text().ok()??;
            let identifiers = match texts(principal.get("identifiers")) {
                Some(list) => list,
                None if kind == "AWS" && name == "Principal" => vec![ANY_PRINCIPAL.to_owned()],
                None => return None,
            };
            // Several blocks of a type are one list.
            match kind {
                "*" => append(&mut all, "AWS", vec!["*".to_owned()])?,
                kind => append(&mut all, kind, identifiers)?,
            }
        }
        if !all.is_empty() {
            out.insert(name.to_owned(), Value::Object(all));
        }
    }
    let mut conditions: Map<String, Value> = Map::new();
    for condition in block.get("condition").items().ok()? {
        let test = condition.get("test").text().ok()??;
        let variable = condition.get("variable").text().ok()??;
        let values = texts(condition.get("values")).unwrap_or_else(|| vec![ANY_VALUE.to_owned()]);
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
            let found = statement(Attribute::new(&block, &Value::Null, &Value::Null)).unwrap();
            assert_eq!(found["Principal"], json!({ "AWS": expected }));
            let networks = &found["Condition"]["IpAddress"]["aws:SourceIp"];
            assert_eq!(*networks, json!(["0.0.0.0/0", "192.0.2.0/24"]));
        }
    }
}
