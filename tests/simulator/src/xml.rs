//! Owns how JSON trees in AWS's names become XML, in the two forms of lists that AWS has.

use serde_json::Value;

use super::response::escape;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// An element with an `<item>` for each, as in EC2.
    Items,
    /// The element itself is repeated, as in S3.
    Repeated,
}

/// The XML of an object's members. `null` is left out; a member whose name begins with `@` is an
/// attribute of the element that it is in.
pub fn members(value: &Value, lists: Lists) -> String {
    let mut out = String::new();
    write_members(&mut out, value, lists);
    out
}

fn write_members(out: &mut String, value: &Value, lists: Lists) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
                write(out, name, value, lists);
            }
        }
        Value::Null => {}
        Value::String(text) => out.push_str(&escape(text)),
        other => out.push_str(&other.to_string()),
    }
}

fn write(out: &mut String, name: &str, value: &Value, lists: Lists) {
    if let (Value::Array(items), Lists::Repeated) = (value, lists) {
        items.iter().for_each(|item| write(out, name, item, lists));
        return;
    }
    if value.is_null() {
        return;
    }
    out.push_str(&format!("<{name}"));
    for (name, value) in value.as_object().into_iter().flatten() {
        if let (Some(name), Some(value)) = (name.strip_prefix('@'), value.as_str()) {
            out.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
    }
    out.push('>');
    let start = out.len();
    match value {
        Value::Array(items) => items.iter().for_each(|item| write(out, "item", item, lists)),
        other => write_members(out, other, lists),
    }
    if out.len() == start {
        out.truncate(start - 1);
        out.push_str("/>");
    } else {
        out.push_str(&format!("</{name}>"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trees_become_xml() {
        let tree =
            json!({ "a": [1, true, "x<y"], "b": null, "c": { "@id": "1", "d": [], "e": "" } });
        assert_eq!(
            members(&tree, Lists::Items),
            "<a><item>1</item><item>true</item><item>x&lt;y</item></a><c id=\"1\"><d/><e/></c>"
        );
        assert_eq!(
            members(&tree, Lists::Repeated),
            "<a>1</a><a>true</a><a>x&lt;y</a><c id=\"1\"><e/></c>"
        );
    }
}
