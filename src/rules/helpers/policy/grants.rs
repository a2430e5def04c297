//! Whom an Allow statement grants access, and whether conditions restrict it to what is trusted.

use super::results::{Grant, ServiceGrant};
use crate::exposure::range;
use crate::policy::{
    Condition, RESOURCE_ACCOUNT, RESOURCE_ORGANIZATION, Statement, account_in, account_of,
    admits_only_services, compares, is_deleted, is_everybody, is_limit, names_services,
    organization_of, origin_access_identity, unique_id, without_variables,
};
use crate::rules::helpers::trust::TrustBoundary;

/// The grants of a statement to external principals.
pub(super) fn external(statement: &Statement, trusted: &TrustBoundary) -> Vec<Grant> {
    if statement.effect != "Allow"
        || statement
            .conditions
            .iter()
            .any(|condition| admits_only_trusted(statement, condition, trusted))
    {
        return Vec::new();
    }
    let conditions: Vec<String> = statement
        .conditions
        .iter()
        .map(|condition| {
            format!("{} {}: {}", condition.operator, condition.key, condition.values.join(", "))
        })
        .collect();
    let grant = |principal: &str, kind: &str, account: Option<&str>| Grant {
        index: statement.index,
        sid: statement.sid.clone(),
        principal: principal.to_owned(),
        kind: kind.to_owned(),
        account: account.map(str::to_owned),
        actions: statement.actions.clone(),
        not_actions: statement.not_actions.clone(),
        conditions: conditions.clone(),
    };
    let is_limited = statement.conditions.iter().any(|condition| is_limit(statement, condition));
    let everybody = if is_limited { "conditions" } else { "everybody" };
    let mut found = Vec::new();
    if !statement.not_principals.is_empty() {
        found.push(grant("everyone except the principals in NotPrincipal", "everybody", None));
    }
    for principal in &statement.principals {
        let account = account_of(principal);
        found.extend(match (principal.split_once(':').map(|(kind, _)| kind), account) {
            _ if is_everybody(principal) => Some(grant(principal, everybody, None)),
            (_, Some(account)) if trusted.account(account) => None,
            (Some("Service"), _) => None,
            // The ids of deleted users and roles are never assigned again.
            _ if is_deleted(principal) => None,
            _ if is_trusted_principal(principal, trusted) => None,
            (Some("Federated"), account) => Some(grant(principal, "federated", account)),
            (Some("CanonicalUser"), _) => Some(grant(principal, "canonical_user", None)),
            (_, Some(account)) => Some(grant(principal, "account", Some(account))),
            (_, None) => Some(grant(principal, "unknown", None)),
        });
    }
    found
}

/// Whether `[trust]` names a principal that has no account.
fn is_trusted_principal(principal: &str, trusted: &TrustBoundary) -> bool {
    let trust = trusted.trust();
    match principal.split_once(':') {
        Some(("CanonicalUser", id)) => trust.canonical_users.contains(id),
        _ => origin_access_identity(principal)
            .is_some_and(|id| trust.origin_access_identities.contains(id)),
    }
}

/// The grants of a statement to services that may act for anyone, or for accounts and organizations
/// that are not trusted.
pub(super) fn confused_deputies(
    statement: &Statement,
    trusted: &TrustBoundary,
) -> Vec<ServiceGrant> {
    if statement.effect != "Allow" {
        return Vec::new();
    }
    let guards: Vec<Guard> = statement
        .conditions
        .iter()
        .filter_map(|condition| guard(statement, condition, trusted))
        .collect();
    // All conditions must hold: one that admits only trusted values is enough, and one that admits
    // external values is not offset by one that names no account.
    if guards.contains(&Guard::Trusted) {
        return Vec::new();
    }
    let external_values = guards.iter().find_map(|guard| {
        if let Guard::External(names) = guard { Some(names.clone()) } else { None }
    });
    if external_values.is_none() && !guards.is_empty() {
        return Vec::new();
    }
    let acts_for = external_values.unwrap_or_default();
    let services =
        statement.principals.iter().filter_map(|principal| principal.strip_prefix("Service:"));
    let admitted = services_admitted(statement, trusted);
    let services = services.chain(admitted.iter().map(String::as_str));
    let unknown = services.filter(|service| !trusted.trust().services.contains(*service));
    unknown
        .map(|service| ServiceGrant {
            index: statement.index,
            sid: statement.sid.clone(),
            service: service.to_owned(),
            acts_for: acts_for.clone(),
            actions: statement.actions.clone(),
            not_actions: statement.not_actions.clone(),
        })
        .collect()
}

/// The services that a statement for everyone admits, if its conditions admit only services.
fn services_admitted(statement: &Statement, trusted: &TrustBoundary) -> Vec<String> {
    let is_everyone =
        |principal: &String| is_everybody(principal) && !principal.starts_with("Service:");
    let conditions = &statement.conditions;
    let is_for_everyone =
        !statement.not_principals.is_empty() || statement.principals.iter().any(is_everyone);
    let admits_only = |condition| {
        admits_only_services(statement, condition) || requires_source(statement, condition)
    };
    // With a trusted value of a key that services lack, such as `aws:PrincipalOrgID`, nobody has access.
    let is_trusted = |condition| admits_only_trusted(statement, condition, trusted);
    if !is_for_everyone || !conditions.iter().any(admits_only) || conditions.iter().any(is_trusted)
    {
        return Vec::new();
    }
    let names = |condition: &&Condition| {
        names_services(&condition.key)
            && statement.demands(condition).is_some_and(|test| compares(&test).is_some())
    };
    match conditions.iter().find(names) {
        Some(condition) => condition.values.clone(),
        None => vec!["any AWS service".to_owned()],
    }
}

/// Whether a condition requires a key of the resource for which a service acts: only services have
/// these keys.
fn requires_source(statement: &Statement, condition: &Condition) -> bool {
    const KEYS: [&str; 5] = [
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
    ];
    let key = condition.key.as_str();
    let is_compared = || statement.demands(condition).is_some_and(|test| compares(&test).is_some());
    KEYS.contains(&key) && (condition.asks_for(key) || is_compared())
}

/// Whether a condition admits only trusted values.
fn admits_only_trusted(
    statement: &Statement,
    condition: &Condition,
    trusted: &TrustBoundary,
) -> bool {
    let Some(test) = statement.demands(condition) else { return false };
    let each = |own: &dyn Fn(&str) -> bool| {
        condition.values.iter().all(|value| own(&without_variables(value)))
    };
    let trust = trusted.trust();
    // Not `aws:VpcSourceIp`: private addresses are the same in anyone's VPC.
    if test == "ipaddress" && condition.key == "aws:sourceip" {
        return each(&|value| range(value).is_some_and(|range| trust.covers(&range)));
    }
    let Some(by_parts) = compares(&test) else { return false };
    let own_organization = |value: &str| {
        value == RESOURCE_ORGANIZATION
            || trust.organization_id.as_ref().is_some_and(|id| id.as_str() == value)
    };
    let own_account = |value: &str| value == RESOURCE_ACCOUNT || trusted.account(value);
    match condition.key.as_str() {
        "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => each(&own_organization),
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            each(&|value| organization_of(value).is_some_and(own_organization))
        }
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "aws:vpceaccount"
        | "s3:dataaccesspointaccount" => each(&own_account),
        "aws:principalarn" | "aws:sourcearn" | "aws:sourcevpcarn" | "s3:dataaccesspointarn" => {
            let key = condition.key.as_str();
            each(&|value| account_in(key, value, by_parts).is_some_and(own_account))
        }
        "aws:userid" => each(&|value| {
            unique_id(value).is_some_and(|id| own_account(id) || trust.principal_ids.contains(id))
        }),
        "aws:principalservicename" | "aws:principalservicenameslist" => {
            each(&|value| trust.services.contains(value))
        }
        "aws:sourcevpc" => each(&|value| trust.vpcs.contains(value)),
        "aws:sourcevpce" => each(&|value| trust.vpc_endpoints.contains(value)),
        _ => false,
    }
}

/// Whom a condition allows a service to act for.
#[derive(PartialEq, Eq)]
enum Guard {
    Trusted,
    /// Some of these values are not trusted.
    External(Vec<String>),
    /// Fixed values that contain no account: ARNs of buckets.
    Fixed,
}

/// Whom a condition allows a service to act for; `None` if it does not restrict that.
fn guard(statement: &Statement, condition: &Condition, trusted: &TrustBoundary) -> Option<Guard> {
    let by_parts = compares(&statement.demands(condition)?)?;
    let plain = |value: &str| !value.contains(['*', '?']) && !value.is_empty();
    let organization = |value: &str| {
        value
            .split_once('/')
            .map(|(id, _)| id.to_owned())
            .filter(|id| id.starts_with("o-") && plain(id))
    };
    let fixed = |value: &String| match condition.key.as_str() {
        "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" => plain(value),
        "aws:sourceorgpaths" => organization(value).is_some(),
        key @ "aws:sourcearn" => plain(value) || account_in(key, value, by_parts).is_some(),
        _ => false,
    };
    if !condition.values.iter().all(fixed) {
        return None;
    }
    if admits_only_trusted(statement, condition, trusted) {
        return Some(Guard::Trusted);
    }
    // Trusted values next to external ones are left out.
    let own = |value: &String| {
        let alone = Condition { values: vec![value.clone()], ..condition.clone() };
        admits_only_trusted(statement, &alone, trusted)
    };
    let has_no_account = |value: &String| {
        let key = condition.key.as_str();
        key == "aws:sourcearn" && account_in(key, value, by_parts).is_none()
    };
    let external_values: Vec<String> = condition
        .values
        .iter()
        .filter(|value| !own(value) && !has_no_account(value))
        .cloned()
        .collect();
    Some(if external_values.is_empty() { Guard::Fixed } else { Guard::External(external_values) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::helpers::examples::evaluate;

    /// What `helper` finds in a policy with only this statement, reduced to `field`.
    fn found(helper: &str, statement: Value, field: &str) -> Vec<Value> {
        let mut statement = statement;
        for (name, value) in [("Effect", "Allow"), ("Action", "s3:GetObject"), ("Resource", "*")] {
            statement.as_object_mut().unwrap().entry(name).or_insert(json!(value));
        }
        let script =
            json!({ "Statement": [statement] }).to_string().replace('{', "#{").replace("$#{", "${");
        let outcome =
            evaluate(&format!("fail(\"\", {helper}({script}).map(|grant| grant.{field}))"));
        assert_eq!(outcome.verdict, crate::model::Verdict::Fail, "{script}: {outcome:?}");
        outcome.evidence
    }

    #[test]
    fn ignored_keys_are_condition_keys() {
        let policy = r##"#{ Statement: #{ Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "*",
            Condition: #{ StringEquals: #{ "s3:DataAccessPointAccount": "111122223333" }, IpAddress: #{ "aws:SourceIp": "192.0.2.0/24" } } } }"##;
        for helper in ["public_statements", "external_grants", "confused_deputy_grants"] {
            let count =
                |keys: &str| evaluate(&format!("fail(`${{{helper}({policy}, {keys}).len()}}`)"));
            // The other condition still counts.
            assert_eq!(count(r#"["S3:dataaccesspointaccount"]"#).message, "0", "{helper}");
            let both = count(r#"["s3:DataAccessPointAccount", "aws:SourceIp"]"#).message;
            assert_eq!(
                both,
                if helper == "confused_deputy_grants" { "0" } else { "1" },
                "{helper}"
            );
            for key in ["DataAccessPointAccount", "s3:", ":x", "s3: x", ""] {
                let outcome = count(&format!("[\"{key}\"]"));
                assert_eq!(outcome.verdict, crate::model::Verdict::Error, "{helper} {key}");
                let message = format!("`{helper}` got `{key}`, which is not a valid condition key");
                assert!(outcome.message.contains(&message), "{}", outcome.message);
            }
        }
    }

    #[test]
    fn external_principals_are_classified() {
        let account = "arn:aws:iam::999999999999";
        for (principal, kinds) in [
            (json!("*"), vec!["everybody"]),
            (json!({ "AWS": "111122223333" }), vec![]),
            (json!({ "AWS": "arn:aws:iam::222233334444:role/a" }), vec![]),
            (json!({ "AWS": "arn:aws:sts::222233334444:assumed-role/a/s" }), vec![]),
            (
                json!({ "AWS": ["999999999999", format!("{account}:root")] }),
                vec!["account", "account"],
            ),
            (json!({ "AWS": "arn:aws:sts::999999999999:assumed-role/a/s" }), vec!["account"]),
            (json!({ "AWS": "arn:aws-cn:iam::999999999999:user/a" }), vec!["account"]),
            (json!({ "AWS": "AROAEXAMPLEEXAMPLE" }), vec![]),
            (json!({ "AWS": "AIDAJQABLZS4A3QDU576Q" }), vec![]),
            (json!({ "AWS": ["AROAEXAMPLEEXAMPLE", "999999999999"] }), vec!["account"]),
            (json!({ "AWS": "AROAexample" }), vec!["unknown"]),
            (json!({ "AWS": "AROA" }), vec!["unknown"]),
            (json!({ "AWS": "AROAEXAMPLEEXAMPLE:i-0123456789abcdef0" }), vec![]),
            (json!({ "AWS": "AROAEXAMPLEEXAMPLE:a.b@example.com" }), vec![]),
            (json!({ "AWS": "AROAEXAMPLEEXAMPLE:" }), vec!["unknown"]),
            (json!({ "AWS": "AROAEXAMPLEEXAMPLE:a:b" }), vec!["unknown"]),
            (json!({ "AWS": "AROAEXAMPLEEXAMPLE:*" }), vec!["everybody"]),
            (json!({ "AWS": "AIDAJQABLZS4A3QDU576Q:session" }), vec!["unknown"]),
            (json!({ "CanonicalUser": "AROAEXAMPLEEXAMPLE" }), vec!["canonical_user"]),
            (
                json!({ "AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1" }),
                vec!["unknown"],
            ),
            (
                json!({ "AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2TRUSTED" }),
                vec![],
            ),
            (
                json!({ "AWS": "arn:aws-cn:iam::cloudfront:user/CloudFront Origin Access Identity E2TRUSTED" }),
                vec![],
            ),
            (
                json!({ "AWS": "arn:aws:iam::999999999999:user/CloudFront Origin Access Identity E2TRUSTED" }),
                vec!["account"],
            ),
            (json!({ "CanonicalUser": "b".repeat(64) }), vec![]),
            (
                json!({ "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" }),
                vec!["canonical_user"],
            ),
            (json!({ "Federated": format!("{account}:saml-provider/x") }), vec!["federated"]),
            (json!({ "Federated": "arn:aws:iam::111122223333:saml-provider/x" }), vec![]),
            (json!({ "Federated": "cognito-identity.amazonaws.com" }), vec!["federated"]),
            (json!({ "Service": "s3.amazonaws.com" }), vec![]),
        ] {
            let statement = json!({ "Principal": principal });
            assert_eq!(found("external_grants", statement, "kind"), kinds, "{principal}");
        }
        assert_eq!(
            found("external_grants", json!({ "NotPrincipal": { "AWS": "111122223333" } }), "kind"),
            ["everybody"]
        );
        assert!(
            found("external_grants", json!({ "Effect": "Deny", "Principal": "*" }), "kind")
                .is_empty()
        );
    }

    #[test]
    fn only_conditions_on_trusted_values_restrict_a_statement() {
        let kind = |condition: Value| -> String {
            let kinds = found(
                "external_grants",
                json!({ "Principal": "*", "Condition": condition }),
                "kind",
            );
            kinds.first().and_then(Value::as_str).unwrap_or("inside").to_owned()
        };
        for (condition, expected) in [
            (json!({ "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }), "inside"),
            (
                json!({ "StringEquals": { "aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-zzzzzzzzzz"] } }),
                "conditions",
            ),
            (json!({ "StringEquals": { "aws:PrincipalOrgID": "o-zzzzzzzzzz" } }), "conditions"),
            (json!({ "StringLike": { "aws:PrincipalOrgID": "o-*" } }), "everybody"),
            (json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }), "everybody"),
            (
                json!({ "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }),
                "everybody",
            ),
            (
                json!({ "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }),
                "everybody",
            ),
            (json!({ "StringEquals": { "aws:PrincipalOrgID": "${aws:ResourceOrgID}" } }), "inside"),
            (
                json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*" } }),
                "inside",
            ),
            (
                json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-*/r-ab12/*" } }),
                "everybody",
            ),
            (
                json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-zzzzzzzzzz/*" } }),
                "conditions",
            ),
            (
                json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "${aws:ResourceOrgID}/*" } }),
                "inside",
            ),
            (
                json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::${aws:ResourceAccount}:role/*" } }),
                "inside",
            ),
            (json!({ "StringLike": { "aws:userid": "AROAEXAMPLEID:*" } }), "conditions"),
            (json!({ "StringLike": { "aws:userid": "AROATRUSTED:*" } }), "inside"),
            (
                json!({ "StringLike": { "aws:userid": ["AROATRUSTED:*", "111122223333"] } }),
                "inside",
            ),
            (
                json!({ "StringLike": { "aws:userid": ["AROATRUSTED:*", "AROAEXAMPLEID:*"] } }),
                "conditions",
            ),
            (json!({ "StringLike": { "aws:userid": "AROA*" } }), "everybody"),
            (
                json!({ "StringEquals": { "aws:PrincipalAccount": ["111122223333", "222233334444"] } }),
                "inside",
            ),
            (json!({ "StringEquals": { "aws:PrincipalAccount": "999999999999" } }), "conditions"),
            (
                json!({ "StringEquals": { "aws:PrincipalAccount": "${aws:ResourceAccount}" } }),
                "inside",
            ),
            (
                json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::222233334444:role/*" } }),
                "inside",
            ),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:*:*:222233334444:*" } }), "inside"),
            (
                json!({ "StringLike": { "aws:SourceArn": "arn:aws:*:*:222233334444:*" } }),
                "everybody",
            ),
            (
                json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::999999999999:role/a" } }),
                "conditions",
            ),
            (json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } }), "conditions"),
            (json!({ "StringEquals": { "aws:SourceVpc": "vpc-0a" } }), "inside"),
            (json!({ "StringEquals": { "aws:SourceVpce": ["vpce-0a"] } }), "inside"),
            (json!({ "StringEquals": { "aws:VpceAccount": "222233334444" } }), "inside"),
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": "cloudfront.amazonaws.com" } }),
                "conditions",
            ),
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": "cloudfront.amazonaws.com", "aws:SourceAccount": "111122223333" } }),
                "inside",
            ),
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": "logdelivery.elasticloadbalancing.amazonaws.com" } }),
                "inside",
            ),
            (json!({ "Bool": { "aws:PrincipalIsAWSService": "true" } }), "conditions"),
            (json!({ "Bool": { "aws:PrincipalIsAWSService": "false" } }), "everybody"),
            (json!({ "StringEquals": { "aws:VpceOrgID": "${aws:ResourceOrgID}" } }), "inside"),
            (json!({ "StringEquals": { "aws:VpceOrgID": "o-zzzzzzzzzz" } }), "conditions"),
            (json!({ "StringEquals": { "s3:DataAccessPointAccount": "111122223333" } }), "inside"),
            (
                json!({ "StringEquals": { "s3:DataAccessPointAccount": "999999999999" } }),
                "conditions",
            ),
            (
                json!({ "StringLike": { "s3:DataAccessPointArn": "arn:aws:s3:*:111122223333:accesspoint/*" } }),
                "inside",
            ),
            (
                json!({ "StringLike": { "s3:DataAccessPointArn": "arn:aws:s3:*:999999999999:accesspoint/*" } }),
                "conditions",
            ),
            (
                json!({ "StringLike": { "s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*" } }),
                "everybody",
            ),
            (
                json!({ "StringLike": { "s3:DataAccessPointArn": "arn:aws:s3:*:111122223333:*" } }),
                "inside",
            ),
            (
                json!({ "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" }, "Null": { "aws:PrincipalOrgID": "false" } }),
                "inside",
            ),
            (json!({ "IpAddress": { "aws:SourceIp": ["192.0.2.7", "192.0.2.128/25"] } }), "inside"),
            (json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }), "conditions"),
            (json!({ "IpAddress": { "aws:VpcSourceIp": "192.0.2.7" } }), "everybody"),
            (json!({ "NotIpAddress": { "aws:SourceIp": "192.0.2.0/24" } }), "everybody"),
            (json!({ "Bool": { "aws:SecureTransport": "true" } }), "everybody"),
        ] {
            assert_eq!(kind(condition.clone()), expected, "{condition}");
        }
        let narrowed = json!({ "Principal": { "AWS": "999999999999" }, "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } });
        assert!(
            found("external_grants", narrowed, "kind").is_empty(),
            "an account that is in the organization"
        );
    }

    #[test]
    fn statements_for_everyone_can_admit_only_services() {
        let services = |principal: Value, condition: Value| {
            let statement = json!({ "Principal": principal, "Condition": condition });
            found("confused_deputy_grants", statement, "service")
        };
        let any = vec!["any AWS service"];
        let is_service = json!({ "Bool": { "aws:PrincipalIsAWSService": "true" } });
        for principal in
            [json!("*"), json!({ "AWS": "*" }), json!({ "AWS": ["111122223333", "*"] })]
        {
            assert_eq!(services(principal.clone(), is_service.clone()), any, "{principal}");
        }
        let own = json!({ "AWS": "arn:aws:iam::111122223333:root" });
        assert!(services(own.clone(), is_service.clone()).is_empty());
        let but_own = json!({ "NotPrincipal": own, "Condition": is_service });
        assert_eq!(found("confused_deputy_grants", but_own, "service"), any);
        for (condition, expected) in [
            (json!({}), vec![]),
            (json!({ "Bool": { "aws:PrincipalIsAWSService": "false" } }), vec![]),
            (json!({ "BoolIfExists": { "aws:PrincipalIsAWSService": "true" } }), vec![]),
            (json!({ "Bool": { "aws:ViaAWSService": "true" } }), vec![]),
            (json!({ "Null": { "aws:PrincipalServiceName": "false" } }), any.clone()),
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": ["a.amazonaws.com", "b.amazonaws.com"] } }),
                vec!["a.amazonaws.com", "b.amazonaws.com"],
            ),
            (
                json!({ "Bool": { "aws:PrincipalIsAWSService": "true" }, "StringLike": { "aws:PrincipalServiceName": "*.amazonaws.com" } }),
                vec!["*.amazonaws.com"],
            ),
            (
                json!({ "ForAnyValue:StringEquals": { "aws:PrincipalServiceNamesList": "a.amazonaws.com" } }),
                vec!["a.amazonaws.com"],
            ),
            (
                json!({ "ForAllValues:StringEquals": { "aws:PrincipalServiceNamesList": "a.amazonaws.com" } }),
                vec![],
            ),
            (
                json!({ "StringNotEquals": { "aws:PrincipalServiceName": "a.amazonaws.com" } }),
                vec![],
            ),
            // One of them is trusted.
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": ["a.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"] } }),
                vec!["a.amazonaws.com"],
            ),
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": "a.amazonaws.com", "aws:SourceAccount": "111122223333" } }),
                vec![],
            ),
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": "a.amazonaws.com", "aws:SourceOrgID": "o-a1b2c3d4e5" } }),
                vec![],
            ),
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": "a.amazonaws.com" }, "StringLike": { "aws:SourceAccount": "*" } }),
                vec!["a.amazonaws.com"],
            ),
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": "a.amazonaws.com", "s3:x-amz-acl": "bucket-owner-full-control" } }),
                vec!["a.amazonaws.com"],
            ),
            // Nobody meets both.
            (
                json!({ "StringEquals": { "aws:PrincipalServiceName": "a.amazonaws.com", "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }),
                vec![],
            ),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::*" } }), any.clone()),
            (json!({ "Null": { "aws:SourceAccount": "false" } }), any.clone()),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::inventory" } }), vec![]),
            (json!({ "ArnNotLike": { "aws:SourceArn": "arn:aws:s3:::*" } }), vec![]),
            (json!({ "StringEquals": { "aws:SourceAccount": "999999999999" } }), any.clone()),
        ] {
            assert_eq!(services(json!("*"), condition.clone()), expected, "{condition}");
        }
    }

    #[test]
    fn conditions_restrict_whom_services_act_for() {
        let acts_for = |condition: Option<Value>, service: &str| {
            let mut statement = json!({ "Principal": { "Service": service } });
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            found("confused_deputy_grants", statement, "acts_for")
        };
        assert_eq!(acts_for(None, "cloudtrail.amazonaws.com"), [json!([])]);
        assert!(
            acts_for(None, "logdelivery.elasticloadbalancing.amazonaws.com").is_empty(),
            "trusted"
        );
        let (guarded, anyone) = (vec![], vec![json!([])]);
        for (condition, expected) in [
            (
                json!({ "StringEquals": { "AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1" } }),
                &guarded,
            ),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::inventory" } }), &guarded),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::*" } }), &anyone),
            (
                json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*" } }),
                &guarded,
            ),
            (
                json!({ "StringLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*" } }),
                &guarded,
            ),
            (
                json!({ "StringLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:999999999999:trail/*" } }),
                &vec![json!(["arn:aws:cloudtrail:*:999999999999:trail/*"])],
            ),
            (
                json!({ "StringLike": { "aws:SourceArn": "arn:aws:lambda:*:111122223333:*" } }),
                &anyone,
            ),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/a" } }), &anyone),
            (
                json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:999999999999:trail/*" } }),
                &vec![json!(["arn:aws:cloudtrail:*:999999999999:trail/*"])],
            ),
            (
                json!({ "StringEquals": { "aws:SourceAccount": ["222233334444", "999999999999"] } }),
                &vec![json!(["999999999999"])],
            ),
            (
                json!({ "StringEquals": { "aws:SourceAccount": "999999999999" }, "ArnLike": { "aws:SourceArn": "arn:aws:s3:::a" } }),
                &vec![json!(["999999999999"])],
            ),
            (
                json!({ "StringEquals": { "aws:SourceAccount": "111122223333" }, "ArnLike": { "aws:SourceArn": "arn:aws:s3:::*" } }),
                &guarded,
            ),
            (
                json!({ "StringEquals": { "aws:SourceAccount": "${aws:ResourceAccount}" } }),
                &guarded,
            ),
            (json!({ "StringLike": { "aws:SourceAccount": "*" } }), &anyone),
            (json!({ "StringEqualsIfExists": { "aws:SourceAccount": "111122223333" } }), &anyone),
            (json!({ "StringNotEquals": { "aws:SourceAccount": "111122223333" } }), &anyone),
            (json!({ "StringEquals": { "aws:SourceOrgID": "o-a1b2c3d4e5" } }), &guarded),
            (
                json!({ "StringEquals": { "aws:SourceOrgID": "o-zzzzzzzzzz" } }),
                &vec![json!(["o-zzzzzzzzzz"])],
            ),
            (
                json!({ "ForAnyValue:StringLike": { "aws:SourceOrgPaths": "o-a1b2c3d4e5/r-1/*" } }),
                &guarded,
            ),
            (json!({ "ForAnyValue:StringLike": { "aws:SourceOrgPaths": "o-*/r-1/*" } }), &anyone),
            (json!({ "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control" } }), &anyone),
        ] {
            assert_eq!(
                &acts_for(Some(condition.clone()), "cloudtrail.amazonaws.com"),
                expected,
                "{condition}"
            );
        }
    }
}
