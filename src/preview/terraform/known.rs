//! What a plan knows of its resources after the change, of its data sources and of its variables.

use std::collections::HashMap;

use serde_json::Value;

use super::attribute::Attribute;
use super::plan::{Plan, PlannedResource};
use crate::preview::item::{KnownAttributes, KnownResource};

static NULL: Value = Value::Null;

impl KnownAttributes {
    /// Takes everything that is neither sensitive nor known only after the change.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut resources = HashMap::new();
        let mut add = |address: &str, type_name: &str, provider: &str, all: Attribute<'_>| {
            let known = |name: &str| {
                let attribute = all.get(name);
                attribute.is_known().then(|| (name.to_owned(), attribute.raw().clone()))
            };
            let attributes = all.names().into_iter().filter_map(known).collect();
            let (type_name, provider) = (type_name.to_owned(), provider.to_owned());
            let one = KnownResource { type_name, provider, attributes };
            resources.insert(address.to_owned(), one);
        };
        for data in plan.prior_data() {
            let part = |name: &str| data.get(name).unwrap_or(&NULL);
            let text = |name: &str| part(name).as_str().unwrap_or_default();
            let all = Attribute::new(part("values"), &NULL, part("sensitive_values"));
            add(text("address"), text("type"), "", all);
        }
        for data in &plan.data {
            add(&data.address, &data.type_name, "", data.after());
        }
        let exists = |one: &&PlannedResource| one.exists_after() && !one.is_deposed;
        for one in plan.resources.iter().filter(exists) {
            add(&one.address, &one.type_name, &one.provider, one.after());
        }
        Self { resources, variables: plan.open_variables() }
    }
}
