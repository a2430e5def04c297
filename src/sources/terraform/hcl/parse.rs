//! HCL by the crate `hcl-edit`.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ForExpr, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::visit::{self, Visit};

use super::syntax::{Attribute, Block, Expr, MAX_DEPTH, Reference, Value};

/// Reads a file; `None` if the crate rejects it.
pub fn parse(text: &str) -> Option<Block> {
    let body = hcl_edit::parser::parse_body(text).ok()?;
    let mut file = Block::default();
    convert(&body, &mut file, 0);
    Some(file)
}

fn convert(body: &Body, into: &mut Block, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => into.attributes.push(Attribute {
                name: attribute.key.as_str().to_owned(),
                key: attribute.key.span().unwrap_or_default(),
                value: expression(&attribute.value, depth),
            }),
            Structure::Block(block) => {
                let header = block.ident.span().unwrap_or_default();
                let last = block.labels.last().and_then(Span::span);
                let mut inner = Block {
                    kind: block.ident.as_str().to_owned(),
                    labels: block.labels.iter().map(|label| label.as_str().to_owned()).collect(),
                    header: header.start..last.unwrap_or(header).end,
                    ..Block::default()
                };
                convert(&block.body, &mut inner, depth + 1);
                into.blocks.push(inner.undynamic());
            }
        }
    }
}

fn expression(expression: &Expression, depth: usize) -> Expr {
    let mut references = References::default();
    references.visit_expr(expression);
    Expr {
        span: expression.span().unwrap_or_default(),
        value: value(expression, depth),
        references: references.found,
        is_reference: is_reference(expression),
    }
}

/// Whether an expression is a [`Reference`] of at most three names.
fn is_reference(expression: &Expression) -> bool {
    match expression {
        Expression::Parenthesis(inner) => is_reference(inner.inner()),
        Expression::Traversal(traversal) => {
            let is_name = |operator: &TraversalOperator| {
                matches!(
                    operator,
                    TraversalOperator::GetAttr(_) | TraversalOperator::Index(Expression::String(_))
                )
            };
            matches!(traversal.expr, Expression::Variable(_))
                && traversal.operators.len() <= 2
                && traversal.operators.iter().all(|operator| is_name(operator.value()))
        }
        _ => false,
    }
}

fn value(node: &Expression, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Other;
    }
    match node {
        Expression::Null(_) => Value::Literal("null".to_owned()),
        Expression::Bool(value) => Value::Literal(value.to_string()),
        Expression::Number(value) => Value::Literal(value.value().to_string()),
        Expression::String(value) => Value::Literal(value.as_str().to_owned()),
        Expression::Parenthesis(inner) => value(inner.inner(), depth + 1),
        Expression::Array(items) => {
            Value::List(items.iter().map(|item| expression(item, depth + 1)).collect())
        }
        Expression::Object(object) => {
            let items = object.iter().filter_map(|(key, item)| {
                let (name, span) = key_of(key)?;
                Some(Attribute { name, key: span, value: expression(item.expr(), depth + 1) })
            });
            Value::Object(items.collect())
        }
        _ => Value::Other,
    }
}

fn key_of(key: &ObjectKey) -> Option<(String, Range<usize>)> {
    match key {
        ObjectKey::Ident(name) => Some((name.as_str().to_owned(), name.span()?)),
        ObjectKey::Expression(expression) => {
            let span = expression.span()?;
            let name = match expression {
                Expression::String(name) => name.as_str(),
                Expression::Variable(name) => name.as_str(),
                _ => return None,
            };
            Some((name.to_owned(), span))
        }
    }
}

/// What an expression refers to.
pub fn names(text: &str) -> Option<Vec<String>> {
    let expression: Expression = text.parse().ok()?;
    let mut names = Names::default();
    names.visit_expr(&expression);
    let Names { found, iterators } = names;
    let is_own = |name: &String| !iterators.contains(name.split(['.', '[']).next().unwrap_or(name));
    Some(found.into_iter().filter(is_own).collect())
}

/// Collects what an expression refers to.
#[derive(Default)]
struct Names {
    found: Vec<String>,
    /// The names of what `for` iterates over.
    iterators: BTreeSet<String>,
}

impl Visit for Names {
    fn visit_expr(&mut self, node: &Expression) {
        match node {
            Expression::Variable(root) => self.found.push(root.as_str().to_owned()),
            _ => visit::visit_expr(self, node),
        }
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        let key = node.intro.key_var.as_ref().map(|name| name.as_str().to_owned());
        self.iterators.extend(key);
        self.iterators.insert(node.intro.value_var.as_str().to_owned());
        visit::visit_for_expr(self, node);
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        let Expression::Variable(root) = &node.expr else {
            return visit::visit_traversal(self, node);
        };
        let mut name = root.as_str().to_owned();
        for operator in &node.operators {
            match operator.value() {
                TraversalOperator::GetAttr(attribute) => {
                    name.push('.');
                    name.push_str(attribute.as_str());
                }
                TraversalOperator::Index(Expression::String(key)) => {
                    name.push_str(&format!("[{}]", serde_json::Value::from(key.as_str())));
                }
                TraversalOperator::Index(Expression::Number(index)) => {
                    name.push_str(&format!("[{}]", index.value()));
                }
                TraversalOperator::LegacyIndex(index) => {
                    name.push_str(&format!("[{}]", index.value()))
                }
                _ => name.push_str("[*]"),
            }
        }
        self.found.push(name);
        // Expressions in brackets have references of their own.
        for operator in &node.operators {
            self.visit_traversal_operator(operator);
        }
    }
}

/// Collects the references of an expression.
#[derive(Default)]
struct References {
    found: Vec<Reference>,
}

impl Visit for References {
    fn visit_expr(&mut self, node: &Expression) {
        match node {
            Expression::Variable(root) => {
                self.found.push(Reference { root: root.as_str().to_owned(), name: None, key: None })
            }
            _ => visit::visit_expr(self, node),
        }
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        let Expression::Variable(root) = &node.expr else {
            return visit::visit_traversal(self, node);
        };
        let mut names = node.operators.iter().map(|operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
            TraversalOperator::Index(Expression::String(name)) => Some(name.as_str().to_owned()),
            _ => None,
        });
        self.found.push(Reference {
            root: root.as_str().to_owned(),
            name: names.next().flatten(),
            key: names.next().flatten(),
        });
        // Expressions in brackets have references of their own.
        for operator in &node.operators {
            self.visit_traversal_operator(operator);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_plans() {
        for (text, expected) in [
            ("1", Some(vec![])),
            ("aws_sg.this[0].id", Some(vec!["aws_sg.this[0].id"])),
            ("aws_sg.this[*].id", Some(vec!["aws_sg.this[*].id"])),
            ("aws_sg.this.*.id", Some(vec!["aws_sg.this[*].id"])),
            (
                "var.create ? concat(aws_sg.a[*].id, [\"\"])[0] : var.id",
                Some(vec!["var.create", "aws_sg.a[*].id", "var.id"]),
            ),
            ("{ for k, v in module.m[\"a\"].ids : k => v.id }", Some(vec!["module.m[\"a\"].ids"])),
            ("local.ids[var.name]", Some(vec!["local.ids[*]", "var.name"])),
            ("\"${random_pet.a.id}-x\"", Some(vec!["random_pet.a.id"])),
            ("try(aws_sg.a[0].id, null)", Some(vec!["aws_sg.a[0].id"])),
            ("a b", None),
        ] {
            let names = names(text);
            let names: Option<Vec<&str>> =
                names.as_ref().map(|names| names.iter().map(String::as_str).collect());
            assert_eq!(names, expected, "{text}");
        }
    }
}
