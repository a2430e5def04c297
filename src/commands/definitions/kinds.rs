//! Resource types as types for the Rhai language server: objects with the fields of the list and
//! the facts on demand; and what helpers return.

use serde_json::Value;

use crate::facts::{ATTRIBUTES, KINDS, Kind, Shape};
use crate::rules::SHAPES;

/// Maximum depth of our types.
const DEPTH: usize = 16;

/// Field names that are keywords for the language server and must be quoted.
const WORDS: [&str; 3] = ["default", "match", "public"];

/// The file with all resource types.
pub(crate) fn definitions() -> String {
    let mut text = "module static;\n".to_owned();
    for kind in KINDS {
        text.push('\n');
        self::kind(kind, &mut text);
    }
    text
}

/// What helpers return, as types that the definitions of helpers refer to.
pub(crate) fn results() -> String {
    let mut text = "\n// Results\n".to_owned();
    for shape in SHAPES {
        text.push('\n');
        doc(&shape.doc(), 0, &mut text);
        text += &format!("type {} = {};\n", shape.name, of(&shape.shape, 0));
    }
    text
}

fn kind(kind: &Kind, out: &mut String) {
    doc(&format!("`{}`: {}\n\nSee `rolecall facts {}`.", kind.name, kind.doc, kind.name), 0, out);
    *out += &format!("type {} = #{{\n", kind.name.replace('.', "_"));
    let schema = (kind.shape.schema)();
    Walk { root: &schema }.fields(&schema, 1, out);
    for fact in kind.facts {
        doc(
            &format!(
                "{}\n\nA fact on demand: add `\"{}\"` to `needs`. The fact is `()` if it is not configured.",
                fact.doc, fact.name
            ),
            1,
            out,
        );
        *out += &format!("    {}: {},\n", key(fact.name), of(&fact.shape, 1));
    }
    for attribute in ATTRIBUTES.iter().filter_map(|known| kind.attribute(known.name)) {
        doc(attribute.doc, 1, out);
        *out += &format!("    {}: String,\n", key(attribute.name));
    }
    *out += "};\n";
}

/// A field name in the syntax of the language server.
fn key(name: &str) -> String {
    if WORDS.contains(&name) { format!("\"{name}\"") } else { name.to_owned() }
}

fn of(shape: &Shape, level: usize) -> String {
    let schema = (shape.schema)();
    Walk { root: &schema }.name(&schema, level)
}

fn doc(text: &str, level: usize, out: &mut String) {
    let indent = "    ".repeat(level);
    for line in text.lines() {
        *out += format!("{indent}/// {line}").trim_end();
        out.push('\n');
    }
}

struct Walk<'a> {
    root: &'a Value,
}

impl<'a> Walk<'a> {
    /// Resolves references and removes null; also returns whether null was allowed.
    fn resolve(&self, schema: &'a Value) -> (&'a Value, bool) {
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            let null = |choice: &&Value| choice.get("type").and_then(Value::as_str) == Some("null");
            let other = choices.iter().find(|choice| !null(choice)).unwrap_or(schema);
            return (self.resolve(other).0, choices.iter().any(|choice| null(&choice)));
        }
        if let Some(name) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|path| path.strip_prefix("#/$defs/"))
        {
            return (
                self.root.get("$defs").and_then(|all| all.get(name)).unwrap_or(&Value::Null),
                false,
            );
        }
        let types = schema.get("type").and_then(Value::as_array);
        (schema, types.is_some_and(|types| types.iter().any(|name| name == "null")))
    }

    fn name(&self, schema: &'a Value, level: usize) -> String {
        let (schema, _) = self.resolve(schema);
        let is = |name: &str| match schema.get("type") {
            Some(Value::String(one)) => one == name,
            Some(Value::Array(several)) => several.iter().any(|one| one == name),
            _ => false,
        };
        if level > DEPTH {
            return "?".to_owned();
        }
        if let Some(items) = schema.get("items") {
            return format!("[{}]", self.name(items, level));
        }
        if schema.get("properties").is_some() {
            let mut text = "#{\n".to_owned();
            self.fields(schema, level + 1, &mut text);
            return format!("{text}{}}}", "    ".repeat(level));
        }
        let words = [
            ("string", "String"),
            ("integer", "int"),
            ("number", "float"),
            ("boolean", "bool"),
            ("object", "Map"),
        ];
        words.into_iter().find(|(name, _)| is(name)).map_or("?", |(_, word)| word).to_owned()
    }

    fn fields(&self, schema: &'a Value, level: usize, out: &mut String) {
        let (schema, _) = self.resolve(schema);
        for (name, property) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let (resolved, absent) = self.resolve(property);
            let about = property
                .get("description")
                .or_else(|| resolved.get("description"))
                .and_then(Value::as_str);
            let about: Vec<&str> = about.unwrap_or_default().split_whitespace().collect();
            doc(
                &format!(
                    "{}{}",
                    about.join(" "),
                    if absent { " It is `()` if absent." } else { "" }
                ),
                level,
                out,
            );
            *out += &format!(
                "{}{}: {},\n",
                "    ".repeat(level),
                key(name),
                self.name(property, level)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_type_has_its_fields_and_facts() {
        let text = definitions();
        for kind in KINDS {
            let start = format!("\ntype {} = #{{\n", kind.name.replace('.', "_"));
            let body =
                text.split(&start).nth(1).unwrap_or_else(|| panic!("{} is missing", kind.name));
            let body = body.split("\n};\n").next().unwrap();
            for name in (kind.shape.fields)()
                .iter()
                .map(String::as_str)
                .chain(kind.facts.iter().map(|fact| fact.name))
            {
                assert!(
                    format!("\n{body}").contains(&format!("\n    {}: ", key(name))),
                    "{}: {name}",
                    kind.name
                );
            }
        }
        assert_eq!(
            text.matches("#{").count(),
            text.matches('}').count() - text.matches("`}").count()
        );
        for part in [
            "    group_id: String,",
            "    ip_permissions: [#{\n",
            "    tags: Map,",
            "from_port: int,",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
}
