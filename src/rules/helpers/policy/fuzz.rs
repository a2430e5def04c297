//! Properties of policies and wildcards that must hold for any input.

use serde_json::Value;

use crate::policy::{Statement, account_of, covers, overlaps, reason, statements};
use crate::rules::helpers::fuzz::hold;

/// Processes a document in every way that helpers do.
pub(crate) fn policies_hold(document: &Value) -> Result<(), String> {
    let Ok(found) = statements(document) else { return Ok(()) };
    for statement in &found {
        // Adding a condition never makes a statement public.
        let without = Statement { conditions: Vec::new(), ..statement.clone() };
        let (narrowed, plain) = (reason(statement), reason(&without));
        hold(narrowed.is_none() || plain.is_some(), || {
            format!("conditions make {statement:?} public")
        })?;
        let denied = Statement { effect: "Deny".to_owned(), ..statement.clone() };
        hold(reason(&denied).is_none(), || format!("a Deny statement is public: {denied:?}"))?;
        for principal in &statement.principals {
            let account = account_of(principal);
            hold(account.is_none_or(|account| account.len() == 12), || {
                format!("{principal} has account {account:?}")
            })?;
        }
    }
    Ok(())
}

/// Matches wildcards in both directions.
pub(crate) fn wildcards_hold(pattern: &str, text: &str) -> Result<(), String> {
    hold(covers(pattern, pattern), || format!("`{pattern}` does not cover itself"))?;
    hold(!covers(pattern, text) || overlaps(pattern, text), || {
        format!("`{pattern}` covers `{text}` but does not overlap it")
    })?;
    hold(overlaps(pattern, text) == overlaps(text, pattern), || {
        format!("`{pattern}` and `{text}` overlap in one direction only")
    })?;
    hold(covers("*", text), || format!("`*` does not cover `{text}`"))
}
