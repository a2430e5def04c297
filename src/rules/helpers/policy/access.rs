//! What policies and access control lists grant to external principals.

use std::rc::Rc;

use rhai::{Array, Dynamic};

use super::documents::{statements_of, without_keys};
use super::granting;
use super::grants;
use super::results::{AclGrant, Grant, ServiceGrant};
use crate::facts::Shape;
use crate::facts::s3::bucket::Acl;
use crate::policy::Statement;
use crate::rules::helpers::arguments::{Scripted, read, script_value};
use crate::rules::helpers::table::{ResultShape, topic};
use crate::rules::helpers::trust::TrustBoundary;
use crate::rules::values::context::EvalContext;

topic! {
    /// These functions return what is granted to external principals. A principal is external if it
    /// is outside the evaluated account and your configuration does not trust it (see Trust). Each
    /// statement is evaluated on its own: `Deny` in other statements and Block Public Access are
    /// not taken into account.
    "External access";

    /// Returns what a resource policy grants to external principals, with one item for each Allow
    /// statement and principal.
    ///
    /// `kind` is `everybody` for everyone; `conditions` for everyone if a condition limits access
    /// to fixed but untrusted ids, AWS services or those who may use a KMS key; `account` for a principal of another account;
    /// `federated` for an identity provider; `canonical_user` for a canonical user, whose account
    /// is unknown; or `unknown` for a principal without an account, such as a CloudFront origin
    /// access identity. A principal that is the id of a deleted user or role (`AIDA…`, `AROA…`,
    /// `AROA…:session`) grants nothing to anyone and is not included.
    ///
    /// A statement grants nothing to external principals if a condition restricts it to trusted
    /// values: `aws:PrincipalOrgID` or `aws:PrincipalOrgPaths` of your organization; ids and ARNs
    /// of trusted accounts (`aws:PrincipalAccount`, `aws:PrincipalArn`, `aws:SourceAccount`,
    /// `aws:SourceArn`, …); trusted ids of users and roles (`aws:userid`); trusted VPCs, VPC
    /// endpoints and networks; trusted AWS services (`aws:PrincipalServiceName`); or the resource's
    /// own account or organization as a policy variable. Nor does a statement that grants nothing to
    /// anyone (see `grants_access`). A wildcard after the account id, as in
    /// `arn:aws:iam::111122223333:role/*`, does not matter. Negated conditions do not restrict a
    /// statement; conditions with `…IfExists` or `ForAllValues:` do so only if a `Null` condition
    /// requires the key. AWS services are not external principals: see `confused_deputy_grants`. Nor
    /// are the accounts from which AWS delivers logs of load balancers, if a statement only allows
    /// them `s3:PutObject` below `AWSLogs/` and the id of a trusted account.
    ///
    /// `ignore_keys` lists condition keys that do not count, such as `s3:DataAccessPointArn` and
    /// `s3:DataAccessPointAccount` in the policy of an access point: every request through the
    /// access point meets conditions on them.
    fn external_grants(policy: "object?") -> "list of grant" (policy: "object?", ignore_keys: "list of string") -> "list of grant";
    r#"external_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:GetObject", Resource: "*",
        Principal: #{ AWS: ["arn:aws:iam::999999999999:root", "222233334444"] } } }).map(|grant| grant.account)"#
        => r#"["999999999999"]"#;
    r#"external_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:GetObject", Resource: "*", Principal: "*",
        Condition: #{ StringEquals: #{ "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } } })"#
        => "[]";
    r#"external_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:GetObject", Resource: "*", Principal: "*",
        Condition: #{ StringEquals: #{ "s3:DataAccessPointAccount": account_id() } } } }, ["s3:DataAccessPointAccount"]).map(|grant| grant.kind)"#
        => r#"["everybody"]"#;
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("external_grants", move |policy: Dynamic| -> Scripted<Array> {
            external(&cx, &statements_of("external_grants", &policy)?)
        });
        let cx = Rc::clone(context);
        engine.register_fn("external_grants", move |policy: Dynamic, ignored: Dynamic| -> Scripted<Array> {
            external(&cx, &without_keys("external_grants", &policy, &ignored)?)
        })
    };

    /// Returns what a resource policy grants to AWS services that can act for untrusted accounts.
    /// If no condition restricts which accounts a service acts for, anyone can make the service use
    /// the grant (the confused deputy problem), and `acts_for` is empty. Otherwise, `acts_for`
    /// lists the accounts, organizations and ARNs that are not trusted.
    ///
    /// A condition restricts a grant if it requires fixed values of `aws:SourceArn` (at least a
    /// fixed account in the ARN), `aws:SourceAccount`, `aws:SourceOwner`, `aws:SourceOrgID` or
    /// `aws:SourceOrgPaths`. An ARN that contains no account, such as that of a bucket, does not
    /// restrict it: AWS requires `aws:SourceAccount` as well. Sufficient is also a path with the account in all resources, such as `AWSLogs/111122223333/*`,
    /// for logs of load balancers. Some services do not support these keys; list such services in `services` of
    /// `[trust]` to exclude them from the result.
    ///
    /// A statement for everyone counts if its conditions admit only AWS services: they require
    /// `aws:PrincipalIsAWSService`, `aws:PrincipalServiceName` or `aws:PrincipalServiceNamesList`, or
    /// one of the keys above, with any value. `service` is then the required name, or `any AWS
    /// service`. `external_grants` returns such statements, too. A statement that grants nothing to
    /// anyone (see `grants_access`) does not count, nor does one that requires `aws:PrincipalOrgID` or
    /// `aws:PrincipalOrgPaths`: services do not belong to an organization.
    ///
    /// `ignore_keys` lists condition keys that do not count.
    fn confused_deputy_grants(policy: "object?") -> "list of service_grant" (policy: "object?", ignore_keys: "list of string") -> "list of service_grant";
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
    r#"confused_deputy_grants(#{ Statement: #{ Effect: "Allow", Action: "s3:PutObject", Resource: "*", Principal: "*",
        Condition: #{ Bool: #{ "aws:PrincipalIsAWSService": "true" } } } }).map(|grant| grant.service)"#
        => r#"["any AWS service"]"#;
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("confused_deputy_grants", move |policy: Dynamic| -> Scripted<Array> {
            deputies(&cx, &statements_of("confused_deputy_grants", &policy)?)
        });
        let cx = Rc::clone(context);
        engine.register_fn("confused_deputy_grants", move |policy: Dynamic, ignored: Dynamic| -> Scripted<Array> {
            deputies(&cx, &without_keys("confused_deputy_grants", &policy, &ignored)?)
        })
    };

    /// Returns what an access control list (ACL) grants to everyone or to all authenticated AWS
    /// users. Whether the ACL has any effect depends on `ownership_controls` and
    /// `ignore_public_acls`.
    fn public_grants(acl: "object?") -> "list of acl_grant";
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
                .then(|| script_value(&AclGrant { group: group.to_owned(), permission: grant.permission.clone() }))
        });
        Ok(public.collect())
    });
}

fn external(cx: &EvalContext, statements: &[Statement]) -> Scripted<Array> {
    let trusted = TrustBoundary::of(cx)?;
    let granting = granting("external_grants", cx, statements)?;
    let grants = granting.into_iter().flat_map(|statement| grants::external(statement, &trusted));
    Ok(grants.map(|grant| script_value(&grant)).collect())
}

fn deputies(cx: &EvalContext, statements: &[Statement]) -> Scripted<Array> {
    let trusted = TrustBoundary::of(cx)?;
    let of = |statement| grants::confused_deputies(statement, &trusted);
    let granting = granting("confused_deputy_grants", cx, statements)?;
    Ok(granting.into_iter().flat_map(of).map(|grant| script_value(&grant)).collect())
}

/// What `external_grants` returns.
pub(crate) static GRANT: ResultShape = ResultShape { name: "grant", shape: Shape::of::<Grant>() };

/// What `confused_deputy_grants` returns.
pub(crate) static SERVICE_GRANT: ResultShape =
    ResultShape { name: "service_grant", shape: Shape::of::<ServiceGrant>() };

/// What `public_grants` returns.
pub(crate) static ACL_GRANT: ResultShape =
    ResultShape { name: "acl_grant", shape: Shape::of::<AclGrant>() };
