//! The EC2 collectors against the fake AWS, with responses that follow EC2's API reference.

use serde_json::Value;

use crate::aws::tests::fake::*;
use crate::model::Resource;

mod compute;
mod facts;
mod gateways;
mod network;
mod network_facts;

const ACCOUNT: &str = "111111111111";

fn response(action: &str, body: &str) -> Option<(u16, String)> {
    ok(&format!("<{action}Response>{body}</{action}Response>"))
}

fn list(action: &str, set: &str, items: &[&str], token: Option<&str>) -> Option<(u16, String)> {
    let items: String = items.iter().map(|item| format!("<item>{item}</item>")).collect();
    let token = token.map(|token| format!("<nextToken>{token}</nextToken>")).unwrap_or_default();
    response(action, &format!("<{set}>{items}</{set}>{token}"))
}

fn action(request: &FakeRequest) -> String {
    request.parameter("Action").unwrap_or_default()
}

/// Compares single values by their JSON pointers.
fn check(resource: &Resource, expected: &[(&str, Value)]) {
    let facts = Value::Object(resource.facts.clone());
    for (pointer, expected) in expected {
        assert_eq!(
            facts.pointer(pointer),
            Some(expected),
            "{pointer} of {} in {facts:#}",
            resource.id
        );
    }
}

/// Whether `actual` contains everything in `expected`.
fn contains(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().all(|(name, expected)| {
                actual.get(name).is_some_and(|actual| contains(actual, expected))
            })
        }
        (Value::Array(actual), Value::Array(expected)) => {
            actual.len() == expected.len()
                && actual.iter().zip(expected).all(|(actual, expected)| contains(actual, expected))
        }
        _ => actual == expected,
    }
}
