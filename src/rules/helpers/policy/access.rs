//! What policies and access control lists grant to outsiders.

use std::rc::Rc;

use rhai::{Array, Dynamic};
use serde_json::json;

use super::document::statements_of;
use super::grants;
use crate::facts::s3::bucket::Acl;
use crate::rules::helpers::arguments::{Scripted, read, script_map};
use crate::rules::helpers::table::topic;
use crate::rules::helpers::trust::Inside;

topic! {
    /// What is granted to those who are not the site's own: neither the evaluated account nor what
    /// `[trust]` names (see Trust). Policies are evaluated as they are written: a `Deny` in another
    /// statement and Block Public Access do not count.
    "Access from outside";

    /// What a resource policy grants to outsiders, one piece for each Allow statement and
    /// principal: `index`, `sid`, `principal`, `kind`, `account` (`()` where it cannot be told),
    /// `actions`, `not_actions`, `conditions` (as texts).
    ///
    /// `kind` is `everybody`; `conditions` for everybody narrowed to fixed values that are not the
    /// site's own; `account` for a principal of another account; `federated` for an identity
    /// provider; `canonical_user`, of an account that cannot be told; `unknown` for what has no
    /// account, such as the id of a principal that was deleted or a CloudFront origin access
    /// identity.
    ///
    /// A statement is narrowed to the site's own by a condition that only own values pass:
    /// `aws:PrincipalOrgID` or `aws:PrincipalOrgPaths` of the own organization, accounts and ARNs
    /// of trusted accounts (`aws:PrincipalAccount`, `aws:PrincipalArn`, `aws:SourceAccount`,
    /// `aws:SourceArn`, …), trusted VPCs, VPC endpoints and networks, or the resource's own account
    /// or organization as a variable. Negations narrow nothing, and `…IfExists` and `ForAllValues:`
    /// only where a `Null` condition asks for the key. AWS services are not outsiders: see
    /// `confused_deputy_grants`.
    fn external_grants(policy: "object?") -> "list of map";
    r#"external_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:GetObject", Resource: "*",
        Principal: #{ AWS: ["arn:aws:iam::999999999999:root", "222233334444"] } } }).map(|grant| grant.account)"#
        => r#"["999999999999"]"#;
    r#"external_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:GetObject", Resource: "*", Principal: "*",
        Condition: #{ StringEquals: #{ "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } } })"#
        => "[]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("external_grants", move |policy: Dynamic| -> Scripted<Array> {
            let statements = statements_of("external_grants", &policy)?;
            let inside = Inside::of(&cx)?;
            Ok(statements.iter().flat_map(|statement| grants::outside(statement, &inside)).map(script_map).collect())
        })
    };

    /// What a resource policy grants to AWS services that act for others: `index`, `sid`,
    /// `service`, `acts_for`, `actions`, `not_actions`. `acts_for` is empty where no condition says
    /// whom the service acts for, so that any stranger can make it use the grant (the confused
    /// deputy); else it has the accounts, organizations and ARNs that are not the site's own.
    ///
    /// The condition is on fixed values of `aws:SourceArn` (its account, or all of it),
    /// `aws:SourceAccount`, `aws:SourceOwner`, `aws:SourceOrgID` or `aws:SourceOrgPaths`. The ARN
    /// of a bucket does not tell an account, and is enough. Services that `[trust]` names are left
    /// out: some have no such key.
    fn confused_deputy_grants(policy: "object?") -> "list of map";
    r#"confused_deputy_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:PutObject", Resource: "*",
        Principal: #{ Service: "cloudtrail.amazonaws.com" } } }).map(|grant| grant.service)"#
        => r#"["cloudtrail.amazonaws.com"]"#;
    r#"confused_deputy_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:PutObject", Resource: "*",
        Principal: #{ Service: "cloudtrail.amazonaws.com" }, Condition: #{ StringEquals: #{ "aws:SourceAccount": "111122223333" } } } })"#
        => "[]";
    r#"confused_deputy_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:PutObject", Resource: "*",
        Principal: #{ Service: "cloudtrail.amazonaws.com" }, Condition: #{ StringEquals: #{ "aws:SourceAccount": "999999999999" } } } })
        .map(|grant| grant.acts_for)"#
        => r#"[["999999999999"]]"#;
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("confused_deputy_grants", move |policy: Dynamic| -> Scripted<Array> {
            let statements = statements_of("confused_deputy_grants", &policy)?;
            let inside = Inside::of(&cx)?;
            Ok(statements.iter().flat_map(|statement| grants::unguarded(statement, &inside)).map(script_map).collect())
        })
    };

    /// What an access control list grants to everybody: `group` (`AllUsers`, or
    /// `AuthenticatedUsers`: whoever has an AWS account) and `permission` (`READ`, `WRITE`,
    /// `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`). Whether the list has any effect is another matter:
    /// see `ownership_controls` and `ignore_public_acls`.
    fn public_grants(acl: "object?") -> "list of map";
    r#"public_grants(#{ grants: [#{ permission: "READ", grantee: #{ type: "Group",
        uri: "http://acs.amazonaws.com/groups/global/AllUsers" } }] })"#
        => r#"[#{ group: "AllUsers", permission: "READ" }]"#;
    r#"public_grants(#{ grants: [#{ permission: "WRITE", grantee: #{ type: "Group",
        uri: "http://acs.amazonaws.com/groups/s3/LogDelivery" } }] })"#
        => "[]";
    |engine, _| engine.register_fn("public_grants", |acl: Dynamic| -> Scripted<Array> {
        if acl.is_unit() {
            return Ok(Array::new());
        }
        let acl: Acl = read("public_grants", "an access control list such as `bucket.acl`", &acl)?;
        let public = acl.grants.iter().filter_map(|grant| {
            let group = grant.grantee.uri.as_deref()?.rsplit_once("/groups/global/")?.1;
            matches!(group, "AllUsers" | "AuthenticatedUsers")
                .then(|| script_map(json!({ "group": group, "permission": grant.permission })))
        });
        Ok(public.collect())
    });
}
