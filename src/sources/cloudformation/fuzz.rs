//! What must hold for any template: for the fuzz target in `fuzz/` and the property test.

use super::document::{Document, View};
use super::template::{Lookup, Template};

/// How many nodes are visited: an alias can make the same ones appear many times, and lines can be long.
const MAX_VISITED: usize = 300;

/// A template, as YAML or JSON. Describes the property that does not hold.
pub fn template(text: &str) -> Result<(), String> {
    if let Ok(document) = Document::parse(text.to_owned())
        && let Some(root) = document.root()
    {
        visit(text, root, &mut MAX_VISITED.clone())?;
    }
    let Ok(Some(template)) = Template::parse("a.yaml", text.to_owned()) else { return Ok(()) };
    for id in template.ids() {
        let found = match template.look_up(id) {
            Lookup::Found(found) => found,
            // Two resources of this name.
            Lookup::Ambiguous if template.get(id).is_none() => continue,
            _ => return Err(format!("{id:?} is not found")),
        };
        if found.id() != id || found.kind().is_empty() {
            return Err(format!("{id:?} is found as {:?} of type {:?}", found.id(), found.kind()));
        }
        let line = range(text, found.key)?;
        let is_plain = id.chars().all(|c| c.is_ascii_alphanumeric());
        // An alias as the key is where the text is, which is what people look for.
        if is_plain && !id.is_empty() && !line.contains(id) && !line.contains('\\') {
            return Err(format!("{id:?} is not in the line {line:?}"));
        }
    }
    Ok(())
}

fn visit(text: &str, view: View<'_>, left: &mut usize) -> Result<(), String> {
    let Some(rest) = left.checked_sub(1) else { return Ok(()) };
    *left = rest;
    range(text, view)?;
    if let Some(range) = view.literal_range()
        && text.get(range.clone()).is_none()
    {
        return Err(format!("{range:?} is not in the text"));
    }
    view.all_items().first().map_or(Ok(()), |item| range(text, *item).map(drop))?;
    view.reference();
    for entry in view.entries() {
        let position = entry.position();
        if position.end_column < position.column {
            return Err(format!("{position:?} ends before it begins"));
        }
        visit(text, entry.key, left)?;
        visit(text, entry.value, left)?;
    }
    view.items().try_for_each(|item| visit(text, item, left))
}

/// The line of a node, which must contain its columns.
fn range<'t>(text: &'t str, view: View<'_>) -> Result<&'t str, String> {
    let position = view.position();
    let line = text.split('\n').nth((position.line as usize).wrapping_sub(1));
    let line = line.ok_or_else(|| format!("{position:?} is after the end"))?;
    let length = if line.is_ascii() { line.len() } else { line.chars().count() };
    let is_inside = position.column > 0
        && position.column <= position.end_column
        && position.end_column as usize <= length + 1;
    if is_inside { Ok(line) } else { Err(format!("{position:?} is outside of {line:?}")) }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::sources::cloudformation::document::plain_name;

    /// How a resource is written.
    #[derive(Debug, Clone, Copy)]
    enum Style {
        Block,
        Flow,
        Quoted,
    }

    fn style() -> impl Strategy<Value = Style> {
        prop_oneof![Just(Style::Block), Just(Style::Flow), Just(Style::Quoted)]
    }

    proptest! {
        #[test]
        fn any_text_has_places_in_its_lines(text in "([-a-z:{}\\[\\], \"'!&*#|>%\u{e9}\u{1f4e6}\r\t]{0,8}\n){0,12}") {
            prop_assert_eq!(template(&text), Ok(()));
        }

        #[test]
        fn resources_are_found_at_their_lines(
            resources in prop::collection::vec((style(), 0..3_usize, any::<bool>()), 1..20),
            newline in prop_oneof![Just("\n"), Just("\r\n")],
            bom in any::<bool>(),
        ) {
            let mut text = String::new();
            if bom { text.push('\u{feff}'); }
            text.push_str("# Größe\nResources:\n");
            let mut lines = Vec::new();
            for (number, (style, comments, is_deep)) in resources.iter().enumerate() {
                for _ in 0..*comments { text.push_str("  # \u{1f4e6} R0:\n\n"); }
                let line = text.matches('\n').count() + 1;
                let key = if *is_deep { "VersioningConfiguration" } else { "OwnershipControls" };
                let property = match style {
                    Style::Block => {
                        write!(text, "  R{number}:\n    Type: AWS::S3::Bucket\n    Properties:\n      Tags: [ä]\n      {key}:\n        Status: x\n").unwrap();
                        line + 4
                    }
                    Style::Flow => {
                        write!(text, "  R{number}: {{Type: AWS::S3::Bucket, Properties: {{Tags: [ä],\n     {key}: {{Status: x}}}}}}\n").unwrap();
                        line + 1
                    }
                    Style::Quoted => {
                        write!(text, "  \"R{number}\":\n    'Type': \"AWS::S3::Bucket\"\n    Properties: {{\"{key}\": {{}}}}\n").unwrap();
                        line + 2
                    }
                };
                lines.push((line, key, property));
            }
            let text = text.replace('\n', newline);
            prop_assert_eq!(template(&text), Ok(()));
            let found = Template::parse("a.yaml", text.clone()).unwrap().unwrap();
            prop_assert_eq!(found.len(), resources.len());
            for (number, (line, key, property)) in lines.iter().enumerate() {
                let resource = found.get(&format!("R{number}")).unwrap();
                prop_assert_eq!(resource.key.position().line as usize, *line);
                let entry = resource.properties().unwrap().get_plain(&plain_name(key)).unwrap();
                prop_assert_eq!(entry.position().line as usize, *property);
            }
        }
    }

    #[test]
    fn hostile_files_take_little_time_and_memory() {
        let bomb: String = (0..40)
            .map(|n| match n {
                0 => "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(),
                n => {
                    let alias = format!("*a{}", n - 1);
                    format!("a{n}: &a{n} [{}]\n", vec![alias; 10].join(", "))
                }
            })
            .collect();
        let conditions: String = (0..40)
            .map(|n| match n {
                0 => "a0: &a0 !If [C, [x], [x]]\n".to_owned(),
                n => format!("a{n}: &a{n} !If [C, *a{0}, *a{0}]\n", n - 1),
            })
            .collect();
        let merges: String = (0..40)
            .map(|n| match n {
                0 => "a0: &a0 {b: c}\n".to_owned(),
                n => format!("a{n}: &a{n} {{<<: [*a{0}, *a{0}, *a{0}]}}\n", n - 1),
            })
            .collect();
        let loops = {
            let inner = "&l0 [X, [a], {R: {Type: T}}]".to_owned();
            let mut text = format!("Mappings: [{inner}");
            for n in 1..6 {
                let keys: Vec<String> =
                    (0..30).map(|key| format!("'Fn::ForEach::K{key}': *l{}", n - 1)).collect();
                write!(text, ", &l{n} [X, [a], {{{}}}]", keys.join(", ")).unwrap();
            }
            format!("{text}]\nResources: {{'Fn::ForEach::A': *l5}}\n")
        };
        let deep = "[".repeat(50_000);
        let indented: String = (0..200).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        let wide = format!("Resources: {{A: {{Type: T, {}}}}}", "x: {},\n".repeat(20_000));
        for text in [&bomb, &conditions, &merges, &loops, &deep, &indented, &wide] {
            assert_eq!(template(text), Ok(()));
            if let Ok(document) = Document::parse(text.clone())
                && let Some(root) = document.root()
                && let Some(last) = root.value("a39")
            {
                assert!(last.all_items().len() <= 1_000);
                assert!(last.get("missing").is_none());
            }
        }
        assert!(Document::parse(deep).is_err());
        for (text, message) in [
            (indented.as_str(), "101:101: the file is too deeply nested"),
            ("--- a\n--- b\n", "2:1: the file has several documents"),
            ("a: &a [*a]", "1:8: an alias refers to the node that contains it"),
        ] {
            assert_eq!(Document::parse(text.to_owned()).unwrap_err().to_string(), message);
        }
    }
}
