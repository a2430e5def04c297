//! IAM policy documents: what statements allow, and to whom.

pub(super) mod access;
mod document;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzz;
mod grants;
mod limits;
mod principals;
mod public;
pub(super) mod wildcard;

use std::collections::BTreeSet;

use rhai::{Array, Dynamic};
use serde::Deserialize;
use serde_json::json;

use self::document::statements_of;
use self::principals::{account_of, is_everybody};
use self::wildcard::{covers, overlaps};
use super::table::topic;
use crate::rules::helpers::arguments::{Scripted, read, script_map, script_text};

topic! {
    /// These functions evaluate IAM policy documents of buckets, access points and endpoints.
    /// Functions that take a policy accept the fact (`bucket.policy`), a document, or `()`, which
    /// has no statements. A document that AWS would reject, such as one with a statement without
    /// `Effect`, `Principal` or `Action`, makes the verdict `error`, because nothing can be
    /// concluded from it.
    "Policies";

    /// Returns the statements of a policy in a normalized form: `index` (1 for the first), `sid`,
    /// `effect`, `principals`, `not_principals`, `actions`, `not_actions`, `resources`,
    /// `not_resources` and `conditions`. Single values become lists. A condition has `operator` as
    /// written and its parts: `test` in lowercase (`stringequals`), `qualifier` (`forallvalues`,
    /// `foranyvalue` or `()`) and `if_exists`. It also has `key` in lowercase, and `values`.
    ///
    /// A principal is `*` for everyone; otherwise, it consists of the type and the name:
    /// `AWS:111122223333`, `Service:…`, `Federated:…` or `CanonicalUser:…`.
    fn policy_statements(policy: "object?") -> "list of map";
    r#"policy_statements(#{ Statement: #{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" } })[0].actions"# => r#"["s3:*"]"#;
    "policy_statements(())" => "[]";
    |engine, _| engine.register_fn("policy_statements", |policy: Dynamic| -> Scripted<Array> {
        Ok(statements_of("policy_statements", &policy)?.iter().map(|statement| script_map(statement.to_json())).collect())
    });

    /// Returns the statements that are public according to S3's definition, with `index`, `sid`,
    /// `principal`, `reason` and `limited_to`. A statement that allows everyone, or everyone except some
    /// principals, is public unless a condition restricts it to fixed values, without wildcards or
    /// policy variables, of one of these keys: `aws:SourceArn`, `aws:SourceAccount`,
    /// `aws:SourceOwner`, `aws:SourceOrgID`, `aws:SourceOrgPaths`, `aws:SourceVpc`,
    /// `aws:SourceVpcArn`, `aws:SourceVpce`, `aws:VpceAccount`, `aws:VpceOrgID`,
    /// `aws:VpceOrgPaths`, `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`, `aws:PrincipalAccount`,
    /// `aws:PrincipalArn`, `aws:userid`, `s3:DataAccessPointArn` (its account),
    /// `s3:DataAccessPointAccount`, or `aws:SourceIp` with a range no wider than /8 for IPv4 or /32
    /// for IPv6. Negated conditions do not restrict a statement; `…IfExists` and `ForAllValues:` do
    /// so only if a `Null` condition requires the key. `Deny` statements and Block Public Access
    /// are not taken into account.
    ///
    /// S3 calls a statement public even if a wildcard or policy variable follows a fixed id, so
    /// that only that organization, account or role has access: `o-a1b2c3d4e5/*` in
    /// `aws:PrincipalOrgPaths`, `arn:aws:iam::111122223333:role/*` in `aws:PrincipalArn`,
    /// `AROAEXAMPLEID:*` in `aws:userid`, or `${aws:ResourceAccount}`. For such a statement,
    /// `limited_to` is a string with the conditions; otherwise, it is `()`.
    fn public_statements(policy: "object?") -> "list of map";
    r#"public_statements(#{ Statement: [#{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" }] })[0].reason"#
        => r#""allows everyone without a condition""#;
    r#"public_statements(#{ Statement: [#{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*", Condition:
        #{ ArnLike: #{ "aws:PrincipalArn": "arn:aws:iam::111122223333:role/*" } } }] })[0].limited_to"#
        => r#""aws:PrincipalArn arn:aws:iam::111122223333:role/*""#;
    |engine, _| engine.register_fn("public_statements", |policy: Dynamic| -> Scripted<Array> {
        let statements = statements_of("public_statements", &policy)?;
        let found = statements.iter().filter_map(|statement| {
            let reason = public::reason(statement)?;
            let principal = statement.principals.iter().find(|p| is_everybody(p)).map_or("everyone except the principals in NotPrincipal", String::as_str);
            let limits = limits::limits(statement);
            let found = json!({ "index": statement.index, "sid": statement.sid, "principal": principal, "reason": reason,
                "limited_to": if limits.is_empty() { None } else { Some(limits.join(" and ")) } });
            Some(script_map(found))
        });
        Ok(found.collect())
    });

    /// Returns whether a pattern with IAM's wildcards (`*` for any characters, `?` for one
    /// character) matches a string, or everything that another pattern matches. For a list, returns
    /// whether one of the patterns does.
    fn iam_covers(patterns: "string or list of string", target: "string") -> "bool";
    r#"iam_covers("arn:aws:s3:::data/*", "arn:aws:s3:::data/a.txt")"# => "true";
    r#"iam_covers(["arn:aws:s3:::data/a*"], "arn:aws:s3:::data/*")"# => "false";
    |engine, _| engine.register_fn("iam_covers", |patterns: Dynamic, target: &str| {
        any_covers("iam_covers", &patterns, target, false)
    });

    /// Like `iam_covers`, but case-insensitive, because IAM action names are not case-sensitive.
    fn iam_covers_action(patterns: "string or list of string", action: "string") -> "bool";
    r#"iam_covers_action("S3:get*", "s3:GetObject")"# => "true";
    |engine, _| engine.register_fn("iam_covers_action", |patterns: Dynamic, action: &str| {
        any_covers("iam_covers_action", &patterns, action, true)
    });

    /// Returns whether a statement from `policy_statements` allows at least one action that matches
    /// a name or pattern; for a list, at least one action that matches any of them. Wildcards count
    /// on both sides: `s3:Put*` in a statement allows `s3:PutObject`, and `s3:PutObject` in a
    /// statement matches `s3:Put*`. `NotAction` allows every action that it does not name.
    fn allows_action(statement: "map", action: "string or list of string") -> "bool";
    r#"allows_action(policy_statements(#{ Statement: #{ Effect: "Allow", Principal: "*", Action: "s3:*Object", Resource: "*" } })[0],
        "s3:Put*")"#
        => "true";
    r#"allows_action(policy_statements(#{ Statement: #{ Effect: "Allow", Principal: "*", NotAction: "s3:Put*", Resource: "*" } })[0],
        "s3:PutObject")"#
        => "false";
    |engine, _| engine.register_fn("allows_action", |statement: Dynamic, actions: Dynamic| -> Scripted<bool> {
        let statement: Given = read("allows_action", "a statement of policy_statements()", &statement)?;
        let actions = patterns("allows_action", &actions)?;
        Ok(actions.iter().any(|action| statement.allows(&action.to_lowercase())))
    });

    /// Returns the ids of the accounts that a statement from `policy_statements` names as
    /// principals, by id or by ARN, sorted. For everyone, services, identity providers and
    /// canonical users, there is no account.
    fn principal_accounts(statement: "map") -> "list of string";
    r#"principal_accounts(policy_statements(#{ Statement: #{ Effect: "Allow", Action: "s3:*", Resource: "*",
        Principal: #{ AWS: ["arn:aws:iam::999999999999:role/a", "111122223333"] } } })[0])"#
        => r#"["111122223333", "999999999999"]"#;
    |engine, _| engine.register_fn("principal_accounts", |statement: Dynamic| -> Scripted<Array> {
        let statement: Given = read("principal_accounts", "a statement of policy_statements()", &statement)?;
        let accounts: BTreeSet<&str> = statement.principals.iter().filter_map(|principal| account_of(principal)).collect();
        Ok(accounts.into_iter().map(|account| script_text(Some(account))).collect())
    });

    /// Returns whether a principal from `policy_statements` is everyone: `*`, or a wildcard instead
    /// of a name.
    fn is_public_principal(principal: "string") -> "bool";
    "is_public_principal(\"*\")" => "true";
    "is_public_principal(\"AWS:arn:aws:iam::111122223333:root\")" => "false";
    |engine, _| engine.register_fn("is_public_principal", |principal: &str| is_everybody(principal));
}

/// A statement that a script passes back.
#[derive(Deserialize)]
struct Given {
    effect: String,
    #[serde(default)]
    principals: Vec<String>,
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    not_actions: Vec<String>,
}

impl Given {
    /// Whether it allows an action, or one that a pattern matches; both in lower case.
    fn allows(&self, action: &str) -> bool {
        let not_named =
            || !self.not_actions.iter().any(|named| covers(&named.to_lowercase(), action));
        self.effect == "Allow"
            && (self.actions.iter().any(|named| overlaps(&named.to_lowercase(), action))
                || (!self.not_actions.is_empty() && not_named()))
    }
}

fn patterns(helper: &str, patterns: &Dynamic) -> Scripted<Vec<String>> {
    match patterns.as_immutable_string_ref() {
        Ok(one) => Ok(vec![one.to_string()]),
        Err(_) => read(helper, "a pattern or a list of patterns", patterns),
    }
}

fn any_covers(helper: &str, given: &Dynamic, target: &str, ignore_case: bool) -> Scripted<bool> {
    Ok(patterns(helper, given)?.iter().any(|pattern| {
        if ignore_case {
            covers(&pattern.to_lowercase(), &target.to_lowercase())
        } else {
            covers(pattern, target)
        }
    }))
}
