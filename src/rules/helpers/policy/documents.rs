//! Policy documents of scripts, and statements as scripts see them.

use rhai::Dynamic;

use super::results::{ConditionResult, StatementResult};
use crate::policy::{Condition, Operator, Statement, statements};
use crate::rules::helpers::arguments::Scripted;
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::to_json;

/// The statements of a policy fact or a document; none for `()`.
pub(super) fn statements_of(helper: &str, policy: &Dynamic) -> Scripted<Vec<Statement>> {
    if policy.is_unit() {
        return Ok(Vec::new());
    }
    let value = to_json(policy)?;
    let document = value.get("document").unwrap_or(&value);
    statements(document).or_else(|error| {
        Interrupt::Broken(format!("`{helper}` got an invalid policy: {error}")).raise()
    })
}

/// The statement as scripts see it.
pub(super) fn shown(statement: &Statement) -> StatementResult {
    let condition = |condition: &Condition| {
        let Operator { test, qualifier, if_exists } = condition.operator();
        ConditionResult {
            operator: condition.operator.clone(),
            test,
            qualifier: qualifier.map(str::to_owned),
            if_exists,
            key: condition.key.clone(),
            values: condition.values.clone(),
        }
    };
    StatementResult {
        index: statement.index,
        sid: statement.sid.clone(),
        effect: statement.effect.clone(),
        principals: statement.principals.clone(),
        not_principals: statement.not_principals.clone(),
        actions: statement.actions.clone(),
        not_actions: statement.not_actions.clone(),
        resources: statement.resources.clone(),
        not_resources: statement.not_resources.clone(),
        conditions: statement.conditions.iter().map(condition).collect(),
    }
}
