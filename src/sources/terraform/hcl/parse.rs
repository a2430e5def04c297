//! HCL by the crate `hcl-edit`.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
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
