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
    let outcome = evaluate(&format!("fail(\"\", {helper}({script}).map(|grant| grant.{field}))"));
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
        assert_eq!(both, if helper == "confused_deputy_grants" { "0" } else { "1" }, "{helper}");
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
        (json!({ "AWS": ["999999999999", format!("{account}:root")] }), vec!["account", "account"]),
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
    for nobody in [json!("*"), json!({ "AWS": "*" })] {
        let statement = json!({ "NotPrincipal": nobody });
        assert!(found("external_grants", statement, "kind").is_empty(), "{nobody}");
    }
    assert!(
        found("external_grants", json!({ "Effect": "Deny", "Principal": "*" }), "kind").is_empty()
    );
}

#[test]
fn only_conditions_on_trusted_values_restrict_a_statement() {
    let kind = |condition: Value| -> String {
        let kinds =
            found("external_grants", json!({ "Principal": "*", "Condition": condition }), "kind");
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
        (json!({ "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }), "everybody"),
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
        (json!({ "StringLike": { "aws:userid": ["AROATRUSTED:*", "111122223333"] } }), "inside"),
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
        (json!({ "StringEquals": { "aws:PrincipalAccount": "${aws:ResourceAccount}" } }), "inside"),
        (
            json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::222233334444:role/*" } }),
            "inside",
        ),
        (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:*:*:222233334444:*" } }), "inside"),
        (json!({ "StringLike": { "aws:SourceArn": "arn:aws:*:*:222233334444:*" } }), "everybody"),
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
        (json!({ "StringEquals": { "s3:DataAccessPointAccount": "999999999999" } }), "conditions"),
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
        // No request has a private address there.
        (json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }), "inside"),
        (json!({ "IpAddress": { "aws:SourceIp": ["192.168.0.0/16", "192.0.2.7"] } }), "inside"),
        (json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "198.51.100.7"] } }), "conditions"),
        (json!({ "IpAddress": { "aws:SourceIp": "8.0.0.0/6" } }), "everybody"),
        (
            json!({ "ArnEquals": { "ec2:SourceInstanceArn": "arn:aws:ec2:eu-west-1:222233334444:instance/i-1" } }),
            "inside",
        ),
        (
            json!({ "ArnLike": { "lambda:SourceFunctionArn": "arn:aws:lambda:*:999999999999:function:*" } }),
            "conditions",
        ),
        (
            json!({ "ArnLike": { "ec2:SourceInstanceArn": "arn:aws:ec2:*:*:instance/*" } }),
            "everybody",
        ),
        (
            json!({ "StringEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:eu-west-1:999999999999:key/k" } }),
            "conditions",
        ),
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
    for principal in [json!("*"), json!({ "AWS": "*" }), json!({ "AWS": ["111122223333", "*"] })] {
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
        (json!({ "StringNotEquals": { "aws:PrincipalServiceName": "a.amazonaws.com" } }), vec![]),
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
        (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::inventory" } }), any.clone()),
        (json!({ "ArnNotLike": { "aws:SourceArn": "arn:aws:s3:::*" } }), vec![]),
        (json!({ "StringEquals": { "aws:SourceAccount": "999999999999" } }), any.clone()),
    ] {
        assert_eq!(services(json!("*"), condition.clone()), expected, "{condition}");
    }
}

#[test]
fn grants_name_who_has_access() {
    let user = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    for (principal, name) in [
        (json!("*"), "anyone".to_owned()),
        (json!({ "AWS": "arn:aws:iam::999999999999:role/a" }), "account 999999999999".to_owned()),
        (json!({ "CanonicalUser": user }), format!("canonical user {user}")),
        (
            json!({ "Federated": "cognito-identity.amazonaws.com" }),
            "cognito-identity.amazonaws.com".to_owned(),
        ),
    ] {
        let statement = json!({ "Principal": principal });
        assert_eq!(found("external_grants", statement, "name"), [json!(name)], "{principal}");
    }
    for (condition, name) in [
        (
            json!({ "StringEquals": { "aws:principalorgid": "o-zzzzzzzzzz" } }),
            "anyone who meets the condition StringEquals aws:PrincipalOrgID: o-zzzzzzzzzz",
        ),
        (
            json!({ "Null": { "aws:SourceVpc": "false" }, "StringEqualsIfExists": { "aws:SourceVpc": "vpc-0" } }),
            "anyone who meets the conditions Null aws:SourceVpc: false and StringEqualsIfExists aws:SourceVpc: vpc-0",
        ),
    ] {
        let statement = json!({ "Principal": "*", "Condition": condition });
        assert_eq!(found("external_grants", statement, "name"), [json!(name)], "{condition}");
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
    assert!(acts_for(None, "logdelivery.elasticloadbalancing.amazonaws.com").is_empty(), "trusted");
    // Logs of load balancers, by the accounts in their paths.
    for (service, accounts, expected) in [
        ("elb", vec!["111122223333"], vec![]),
        ("elb", vec!["222233334444", "111122223333"], vec![]),
        (
            "elb",
            vec!["999999999999", "111122223333", "999999999999"],
            vec![json!(["999999999999"])],
        ),
        ("elb", vec!["999999999999", "*"], vec![json!([])]),
        ("elb", vec!["11112222333"], vec![json!([])]),
        ("other", vec!["111122223333"], vec![json!([])]),
    ] {
        let resource = |account: &&str| format!("arn:aws:s3:::logs/a/AWSLogs/{account}/*");
        let resources: Vec<String> = accounts.iter().map(resource).collect();
        let statement = json!({
            "Principal": { "Service": format!("logdelivery.{service}.amazonaws.com") },
            "Resource": resources,
        });
        let got = found("confused_deputy_grants", statement, "acts_for");
        assert_eq!(got, expected, "{service} {accounts:?}");
    }
    let (guarded, anyone) = (vec![], vec![json!([])]);
    for (condition, expected) in [
        // No service belongs to an organization.
        (json!({ "StringEquals": { "aws:PrincipalOrgID": "o-zzzzzzzzzz" } }), &guarded),
        (
            json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-zzzzzzzzzz/*" } }),
            &guarded,
        ),
        (json!({ "Null": { "aws:PrincipalOrgID": "false" } }), &guarded),
        (json!({ "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-zzzzzzzzzz" } }), &anyone),
        (json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-zzzzzzzzzz" } }), &anyone),
        (json!({ "Null": { "aws:PrincipalOrgID": "true" } }), &anyone),
        (
            json!({ "StringEquals": { "AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1" } }),
            &guarded,
        ),
        // These ARNs do not name an account.
        (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::inventory" } }), &anyone),
        (
            json!({ "StringEquals": { "aws:SourceArn": "arn:aws:route53:::hostedzone/Z1" } }),
            &anyone,
        ),
        (
            json!({ "ArnLike": { "aws:SourceArn": ["arn:aws:s3:::inventory", "arn:aws:sns:eu-west-1:111122223333:t"] } }),
            &anyone,
        ),
        (
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::inventory" }, "StringEquals": { "aws:SourceAccount": "111122223333" } }),
            &guarded,
        ),
        (
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:${aws:ResourceAccount}:trail/*" } }),
            &guarded,
        ),
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
        (json!({ "StringLike": { "aws:SourceArn": "arn:aws:lambda:*:111122223333:*" } }), &anyone),
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
        (json!({ "StringEquals": { "aws:SourceAccount": "${aws:ResourceAccount}" } }), &guarded),
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
