//! All fields, of resources and of what helpers return, are known, and typos in them are reported.

use super::*;

/// The same, with the field marked.
fn marked(base: &str, field: &str) -> String {
    path(base, field)
        .replace(&format!(".{field}"), &format!(".<{field}>"))
        .replace(&format!("\"{field}"), &format!("\"<{field}>"))
}

/// Conditions that read every field of `base`, each with the name of the field it reads last.
fn readers(
    base: &str,
    form: &FieldType,
    depth: usize,
    wrap: &dyn Fn(String) -> String,
    out: &mut Vec<(String, String)>,
) {
    match form {
        FieldType::Object(fields) => {
            for (name, inner) in fields {
                out.push((wrap(format!("type_of({}) == \"x\"", marked(base, name))), name.clone()));
                readers(&path(base, name), inner, depth, wrap, out);
            }
        }
        FieldType::List(item) if matches!(**item, FieldType::Object(_)) => {
            let wrap = |inner: String| wrap(format!("({base} ?? []).some(|item{depth}| {inner})"));
            readers(&format!("item{depth}"), item, depth + 1, &wrap, out);
        }
        _ => {}
    }
}

/// Lints a rule with these conditions, with and without a typo in each.
fn every_reader(linter: &Linter, head: &str, readers: &[(String, String)]) {
    for wrong in [false, true] {
        let mut rule = format!("{PROSE}{head}\nfn check(resource, params) {{\n");
        let mut expected = Vec::new();
        for (reader, name) in readers {
            let written = if wrong { typo(name) } else { name.clone() };
            rule.push_str("    if ");
            let marked = format!("<{name}>");
            // In brackets, the span includes the quotes.
            let quoted = usize::from(name == "public");
            let at = rule.len() + reader.find(&marked).unwrap() - quoted;
            writeln!(rule, "{} {{ return pass(); }}", reader.replace(&marked, &written)).unwrap();
            expected.push((at..at + written.len() + 2 * quoted, name));
        }
        rule.push_str("    fail(\"none\")\n}\n");
        let diagnostics = lint_rule(linter, &rule);
        if wrong {
            assert_eq!(diagnostics.len(), expected.len(), "{head}\n{}", shown(&diagnostics));
            for (diagnostic, (span, name)) in diagnostics.iter().zip(expected) {
                assert_eq!(
                    (diagnostic.code, &diagnostic.span),
                    (Some(Code::UnknownField), &span),
                    "{}",
                    diagnostic.render(false)
                );
                assert_eq!(
                    diagnostic.help.as_deref(),
                    Some(format!("did you mean `{name}`?").as_str()),
                    "{}",
                    diagnostic.render(false)
                );
            }
        } else {
            assert!(diagnostics.is_empty(), "{head}\n{}", shown(&diagnostics));
        }
    }
}

#[test]
fn all_fields_and_facts_are_known_and_typos_in_them_are_reported() {
    with_stack(|| {
        let mut linter = Linter::new();
        // One closure for each list and field; real rules have a few.
        linter.parser.set_max_functions(10_000);
        linter.sandbox.set_max_functions(10_000);
        for kind in KINDS {
            let mut found = Vec::new();
            readers("resource", &FieldType::of(&kind.shape), 0, &|inner| inner, &mut found);
            for fact in kind.facts {
                found.push((
                    format!("type_of({}) == \"x\"", marked("resource", fact.name)),
                    fact.name.to_owned(),
                ));
                readers(
                    &path("resource", fact.name),
                    &FieldType::of(&fact.shape),
                    0,
                    &|inner| inner,
                    &mut found,
                );
            }
            let needs = kind
                .facts
                .iter()
                .map(|fact| format!("{:?}", fact.name))
                .collect::<Vec<_>>()
                .join(", ");
            let head = format!(
                "const RULE = #{{ title: \"T\", resource: {:?}, severity: \"low\", needs: [{needs}] }};",
                kind.name
            );
            every_reader(&linter, &head, &found);

            if kind.scope == Scope::Account {
                continue;
            }
            // The same from a rule on another kind.
            let mut found = Vec::new();
            let related = |inner: String| format!("related({:?}).some(|other| {inner})", kind.name);
            readers("other", &FieldType::of(&kind.shape), 0, &related, &mut found);
            for fact in kind.facts {
                found.push((
                    related(format!("type_of({}) == \"x\"", marked("other", fact.name))),
                    fact.name.to_owned(),
                ));
                readers(
                    &path("other", fact.name),
                    &FieldType::of(&fact.shape),
                    0,
                    &related,
                    &mut found,
                );
            }
            let own = if kind.name == "ec2.key_pair" { "ec2.address" } else { "ec2.key_pair" };
            let needs: Vec<String> =
                kind.facts.iter().map(|fact| format!("\"{}/{}\"", kind.name, fact.name)).collect();
            let needs =
                if needs.is_empty() { format!("{:?}", kind.name) } else { needs.join(", ") };
            let head = format!(
                "const RULE = #{{ title: \"T\", resource: {own:?}, severity: \"low\", needs: [{needs}] }};"
            );
            every_reader(&linter, &head, &found);
        }
    });
}

/// Every helper that returns maps with known fields, as a call with arguments of unknown type, and the
/// `needs` that it requires.
fn calls_with_results() -> Vec<(String, String, &'static ResultShape, bool)> {
    let helpers = helpers::helpers()
        .flat_map(|helper| helper.signatures.iter().map(move |signature| (helper.name, signature)));
    let calls = helpers.filter_map(|(name, signature)| {
        let shape = helpers::result_shape(signature.returns)?;
        let needs = LOOK_UPS.iter().filter(|look_up| look_up.helper == name);
        let needs: Vec<String> =
            needs.flat_map(|look_up| look_up.kinds).map(|kind| format!("{kind:?}")).collect();
        let arguments = vec!["()"; signature.params.len()].join(", ");
        let is_list = signature.returns.starts_with("list of ");
        Some((format!("{name}({arguments})"), needs.join(", "), shape, is_list))
    });
    calls.collect()
}

/// A condition on a result of a call, or on one of its items.
fn of_result(call: &str, is_list: bool, condition: &str) -> String {
    if is_list {
        format!("{call}.some(|result| {condition})")
    } else {
        condition.replace("result?.", &format!("{call}?.")).replace("result.", &format!("{call}."))
    }
}

#[test]
fn all_fields_of_helper_results_are_known_and_typos_in_them_are_reported() {
    with_stack(|| {
        let mut linter = Linter::new();
        linter.parser.set_max_functions(10_000);
        linter.sandbox.set_max_functions(10_000);
        let calls = calls_with_results();
        assert!(calls.len() > 20, "{}", calls.len());
        for (call, needs, shape, is_list) in calls {
            let mut found = Vec::new();
            let wrap = |condition: String| of_result(&call, is_list, &condition);
            readers("result", &FieldType::of(&shape.shape), 0, &wrap, &mut found);
            assert!(!found.is_empty(), "{call}");
            every_reader(&linter, &head(&needs), &found);
        }
    });
}

#[test]
fn values_that_a_field_of_a_helper_result_never_has_are_reported() {
    let linter = Linter::new();
    let mut tried = BTreeSet::new();
    for (call, needs, shape, is_list) in calls_with_results() {
        for field in shape.fields() {
            let impossible = match field.format.as_deref() {
                Some("lowercase") => "aws:PrincipalOrgID",
                Some("action") => "GetObject",
                Some("principal") => "111122223333",
                _ if !field.closed.is_empty() => "impossible",
                _ => continue,
            };
            tried.insert(format!("{}.{}", shape.name, field.path));
            // `conditions[].key` → `result.conditions.some(|item| item.key …)`
            let is_in_list = field.kind.starts_with("list of ");
            let compare = |base: &str, name: &str, value: &str| match is_in_list {
                true => format!("\"{value}\" in {base}.{name}"),
                false => format!("{base}.{name} == \"{value}\""),
            };
            let condition = |value: &str| match field.path.split_once("[].") {
                Some((list, name)) => {
                    format!("result.{list}.some(|item| {})", compare("item", name, value))
                }
                None => compare("result", &field.path, value),
            };
            let rule = |value: &str| {
                let condition = of_result(&call, is_list, &condition(value));
                format!(
                    "{PROSE}{}\nfn check(group, params) {{\n    if {condition} {{ fail(\"x\") }} else {{ pass() }}\n}}\n",
                    head(&needs)
                )
            };
            let text = rule(impossible);
            let diagnostics = lint_rule(&linter, &text);
            let [diagnostic] = diagnostics.as_slice() else {
                panic!("{call} {}\n{}", field.path, shown(&diagnostics))
            };
            let start = text.find(&format!("{impossible:?}")).unwrap();
            assert_eq!(
                (diagnostic.code, diagnostic.span.clone()),
                (Some(Code::NeverReturned), start..start + impossible.len() + 2),
                "{}",
                diagnostic.render(false)
            );
            for value in &field.closed {
                let diagnostics = lint_rule(&linter, &rule(value));
                assert!(diagnostics.is_empty(), "{call}\n{}", shown(&diagnostics));
            }
        }
    }
    // At least these; a new field with a fixed set of values is covered without a change here.
    for field in ["statement.effect", "statement.conditions[].key", "grant.kind", "acl_grant.group"]
    {
        assert!(tried.contains(field), "{field}: {tried:?}");
    }
}
