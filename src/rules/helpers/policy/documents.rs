//! Policy documents of scripts, and statements as scripts see them.

use rhai::Dynamic;

use super::results::{ConditionResult, StatementResult};
use crate::model::text::one_line;
use crate::policy::{Condition, Operator, Statement, key_name, statements};
use crate::rules::helpers::arguments::{Scripted, read};
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

/// The same, without the conditions on some keys, which are case-insensitive. A key without a prefix
/// could never match.
pub(super) fn without_keys(
    helper: &str,
    policy: &Dynamic,
    keys: &Dynamic,
) -> Scripted<Vec<Statement>> {
    let keys: Vec<String> = read(helper, "a list of condition keys", keys)?;
    let is_key = |key: &&String| {
        key.split_once(':').is_some_and(|(prefix, name)| {
            !prefix.is_empty() && !name.is_empty() && !key.contains(char::is_whitespace)
        })
    };
    if let Some(wrong) = keys.iter().find(|key| !is_key(key)) {
        let shown = one_line(wrong, 60);
        return Interrupt::Broken(format!(
            "`{helper}` got `{shown}`, which is not a valid condition key: write the prefix and the name, such as `s3:DataAccessPointArn`"
        ))
        .raise();
    }
    let keys: Vec<String> = keys.iter().map(|key| key.to_lowercase()).collect();
    let mut statements = statements_of(helper, policy)?;
    for statement in &mut statements {
        statement.conditions.retain(|condition| !keys.contains(&condition.key));
    }
    Ok(statements)
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
            name: key_name(&condition.key).to_owned(),
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
