//! IAM policy documents: what statements allow, and to whom.

pub(super) mod access;
mod documents;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzz;
mod grants;
mod results;

use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{Array, Dynamic, ImmutableString};
use serde::Deserialize;

use self::documents::{shown, statements_of, without_keys};
use self::results::{PublicStatement, StatementResult};
use super::table::{ResultShape, topic};
use crate::facts::Shape;
use crate::policy::{
    self, Condition, Statement, account_of, any_variables, covers, denied_to_everyone,
    is_about_time, is_every_action, is_public, limits, overlaps, reason,
};
use crate::rules::helpers::arguments::{Scripted, read, script_text, script_value};
use crate::rules::helpers::time::collection_time;
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::Interrupt;

topic! {
    /// These functions evaluate IAM policy documents of buckets, access points and endpoints.
    /// Functions that take a policy accept the fact (`bucket.policy`), a policy document, or `()`,
    /// which counts as a policy without statements. A document that AWS would reject, such as one
    /// with a statement without `Effect`, `Principal` or `Action`, makes the verdict `error`,
    /// because nothing can be concluded from it.
    "Policies";

    /// Returns the statements of a policy in a normalized form. Single values become lists.
    fn policy_statements(policy: "object?") -> "list of statement";
    r#"policy_statements(#{ Statement: #{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" } })[0].actions"# => r#"["s3:*"]"#;
    "policy_statements(())" => "[]";
    |engine, _| engine.register_fn("policy_statements", |policy: Dynamic| -> Scripted<Array> {
        Ok(statements_of("policy_statements", &policy)?.iter().map(|statement| script_value(&shown(statement))).collect())
    });

    /// Returns the statements that are public according to S3's definition. A statement is public
    /// if it allows everyone, everyone except some principals, or everyone who signs in with a
    /// public identity provider (a `Federated` principal with a name such as `graph.facebook.com`,
    /// not an ARN). Such a statement is not public if a condition restricts one of the following
    /// keys to fixed values, without wildcards and policy variables: `aws:SourceArn`,
    /// `aws:SourceAccount`, `aws:SourceOwner`, `aws:SourceOrgID`, `aws:SourceOrgPaths`,
    /// `aws:SourceVpc`, `aws:SourceVpcArn`, `aws:SourceVpce`, `aws:VpceAccount`, `aws:VpceOrgID`,
    /// `aws:VpceOrgPaths`, `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`, `aws:PrincipalAccount`,
    /// `aws:PrincipalArn`, `aws:userid`, `s3:DataAccessPointArn` (only the account must be fixed),
    /// `s3:DataAccessPointAccount`, or `aws:SourceIp`. The ranges of `aws:SourceIp` can be no wider
    /// than /8 for IPv4 or /32 for IPv6, and together they must not cover the entire internet.
    /// Negated conditions do not restrict a statement; conditions with `…IfExists` or
    /// `ForAllValues:` do so only if a `Null` condition requires the key. `Deny` statements and
    /// Block Public Access are not taken into account.
    ///
    /// If the value in a condition contains a wildcard or a policy variable, S3 considers the
    /// statement public even if the condition limits access to one organization, account or role:
    /// `o-a1b2c3d4e5/*` in `aws:PrincipalOrgPaths`, `arn:aws:iam::111122223333:role/*` in
    /// `aws:PrincipalArn`, `AROAEXAMPLEID:*` in `aws:userid`, or the value
    /// `${aws:ResourceAccount}`. S3 also considers a statement public if a condition limits it to
    /// one application or user of an identity provider (`accounts.google.com:aud`,
    /// `graph.facebook.com:id`, …), to AWS services (`aws:PrincipalServiceName`,
    /// `aws:PrincipalServiceNamesList`, `aws:PrincipalIsAWSService`), to instances or functions
    /// (`ec2:SourceInstanceArn`, `lambda:SourceFunctionArn`, `ssm:SourceInstanceArn`), to those who
    /// may use a KMS key (`s3:x-amz-server-side-encryption-aws-kms-key-id`), to a time that is
    /// past (`aws:CurrentTime`), or to private IPv6 addresses, which no request has in
    /// `aws:SourceIp` (`fc00::/7`), or if `StringEquals` compares with an asterisk, which is not a
    /// wildcard there. A statement that allows nothing is not public: `NotAction: "s3:*"` in the
    /// policy of a bucket. For such statements, `limited_to` is a string with the conditions that limit
    /// access; for all others, it is `()`.
    ///
    /// `ignore_keys` lists condition keys that do not count, such as `s3:DataAccessPointArn` and
    /// `s3:DataAccessPointAccount` in the policy of an access point: every request through the
    /// access point meets conditions on them.
    fn public_statements(policy: "object?") -> "list of public_statement" (policy: "object?", ignore_keys: "list of string") -> "list of public_statement";
    r#"public_statements(#{ Statement: [#{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" }] })[0].reason"#
        => r#""allows everyone without a condition""#;
    r#"public_statements(#{ Statement: [#{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*", Condition:
        #{ ArnLike: #{ "aws:PrincipalArn": "arn:aws:iam::111122223333:role/*" } } }] })[0].limited_to"#
        => r#""aws:PrincipalArn arn:aws:iam::111122223333:role/*""#;
    r#"public_statements(#{ Statement: [#{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*", Condition:
        #{ StringEquals: #{ "s3:DataAccessPointAccount": "111122223333" } } }] }, ["s3:DataAccessPointAccount"]).len()"#
        => "1";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("public_statements", move |policy: Dynamic| -> Scripted<Array> {
            public(&cx, &statements_of("public_statements", &policy)?)
        });
        let cx = Rc::clone(context);
        engine.register_fn("public_statements", move |policy: Dynamic, ignored: Dynamic| -> Scripted<Array> {
            public(&cx, &without_keys("public_statements", &policy, &ignored)?)
        })
    };

    /// Returns whether a pattern with IAM's wildcards (`*` for any characters, `?` for one
    /// character) matches a string. If the string is itself a pattern, returns whether the first
    /// pattern matches everything that the second one matches; the names of actions and objects, at
    /// the end behind `:` or `/`, have at least one character. For a list of patterns, returns
    /// whether this is true of at least one pattern in the list.
    fn iam_covers(patterns: "string or list of string", target: "string") -> "bool";
    r#"iam_covers("arn:aws:s3:::data/*", "arn:aws:s3:::data/a.txt")"# => "true";
    r#"iam_covers(["arn:aws:s3:::data/a*"], "arn:aws:s3:::data/*")"# => "false";
    r#"iam_covers("arn:aws:s3:::data/?*", "arn:aws:s3:::data/*")"# => "true";
    |engine, _| engine.register_fn("iam_covers", |patterns: Dynamic, target: &str| {
        any_covers("iam_covers", &patterns, target, false)
    });

    /// Returns whether a pattern with IAM's wildcards, or at least one pattern in a list, and
    /// `target`, which can also be a pattern, match a common string. A policy variable, such as
    /// `${aws:username}`, can be any string. If no pattern in `not_resources` of a statement
    /// overlaps a resource, the statement applies to the entire resource.
    fn iam_overlaps(patterns: "string or list of string", target: "string") -> "bool";
    r#"iam_overlaps("arn:aws:s3:::*/public/*", "arn:aws:s3:::data/*")"# => "true";
    r#"iam_overlaps(["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"], "arn:aws:s3:::data/*")"# => "false";
    r#"iam_overlaps("arn:aws:s3:::${aws:PrincipalTag/bucket}/*", "arn:aws:s3:::data/*")"# => "true";
    |engine, _| engine.register_fn("iam_overlaps", |given: Dynamic, target: &str| -> Scripted<bool> {
        let target = any_variables(target);
        Ok(patterns("iam_overlaps", &given)?.iter().any(|pattern| overlaps(&any_variables(pattern), &target)))
    });

    /// Like `iam_covers`, but case-insensitive, because IAM action names are not case-sensitive.
    fn iam_covers_action(patterns: "string or list of string", action: "string") -> "bool";
    r#"iam_covers_action("S3:get*", "s3:GetObject")"# => "true";
    |engine, _| engine.register_fn("iam_covers_action", |patterns: Dynamic, action: &str| {
        actions("iam_covers_action", &Dynamic::from(ImmutableString::from(action)))?;
        any_covers("iam_covers_action", &patterns, action, true)
    });

    /// Returns whether a statement from `policy_statements` allows at least one action that matches
    /// the given name or pattern, or any name or pattern in the given list. Wildcards count on both
    /// sides: `s3:Put*` in a statement allows `s3:PutObject`, and `s3:PutObject` in a statement
    /// matches `s3:Put*`. `NotAction` allows every action that it does not name. A name or pattern
    /// without a service prefix, other than `*`, makes the verdict `error`, because it could never
    /// match.
    ///
    /// With the ARN of a bucket, an action counts only if the statement allows it for what the action
    /// applies to: `s3:ListBucket` for the bucket, `s3:GetObject` for objects in it. An action that is
    /// not known can apply to both.
    fn allows_action(statement: "statement", action: "string or list of string") -> "bool" (statement: "statement", action: "string or list of string", bucket_arn: "string") -> "bool";
    r#"allows_action(policy_statements(#{ Statement: #{ Effect: "Allow", Principal: "*", Action: "s3:*Object", Resource: "*" } })[0],
        "s3:Put*")"#
        => "true";
    r#"allows_action(policy_statements(#{ Statement: #{ Effect: "Allow", Principal: "*", NotAction: "s3:Put*", Resource: "*" } })[0],
        "s3:PutObject")"#
        => "false";
    r#"allows_action(policy_statements(#{ Statement: #{ Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::data/*" } })[0],
        ["s3:ListBucket", "s3:PutBucketPolicy"], "arn:aws:s3:::data")"#
        => "false";
    |engine, _| {
        engine.register_fn("allows_action", |statement: Dynamic, actions: Dynamic| -> Scripted<bool> {
            let (statement, actions) = asked(&statement, &actions)?;
            Ok(actions.iter().any(|action| statement.allows(action)))
        });
        engine.register_fn("allows_action", |statement: Dynamic, actions: Dynamic, bucket: &str| -> Scripted<bool> {
            let (statement, actions) = asked(&statement, &actions)?;
            Ok(actions.iter().any(|action| statement.allows_for(action, bucket)))
        })
    };

    /// Returns whether a statement from `policy_statements` allows anyone anything. It does not if it
    /// is a `Deny` statement, if `NotPrincipal`, `NotAction` or `NotResource` exempts everything
    /// (`NotPrincipal: "*"`, or `NotAction: "s3:*"` in the policy of a bucket), or if no request can
    /// meet one of its conditions.
    ///
    /// No request meets a condition on `aws:CurrentTime` or `aws:EpochTime` that admits only times
    /// before the collection time, or one that admits only private addresses in `aws:SourceIp`:
    /// requests from them reach S3 through VPC endpoints, which have `aws:VpcSourceIp` instead. Nor
    /// does one meet a condition that compares the id or ARN of a principal, organization, VPC or VPC
    /// endpoint with a value that contains an asterisk, if the asterisk is not a wildcard
    /// (`StringEquals`). Conditions that contradict each other are not noticed.
    fn grants_access(statement: "statement") -> "bool";
    r#"grants_access(policy_statements(#{ Statement: #{ Effect: "Allow", NotPrincipal: "*", Action: "s3:GetObject", Resource: "*" } })[0])"#
        => "false";
    r#"grants_access(policy_statements(#{ Statement: #{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*",
        Condition: #{ DateLessThan: #{ "aws:CurrentTime": "2020-01-01T00:00:00Z" } } } })[0])"#
        => "false";
    r#"grants_access(policy_statements(#{ Statement: #{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*",
        Condition: #{ IpAddress: #{ "aws:SourceIp": "198.51.100.7" } } } })[0])"#
        => "true";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("grants_access", move |statement: Dynamic| -> Scripted<bool> {
            let given: Given = read("grants_access", "a statement of policy_statements()", &statement)?;
            Ok(!granting("grants_access", &cx, &[given.into()])?.is_empty())
        })
    };

    /// Returns whether a policy lets an AWS service perform an action on a bucket or the objects in
    /// it: a statement that names the service allows the action for what the action applies to, and
    /// `Deny` statements do not take all of that back. `Deny` statements with conditions are not taken
    /// into account, nor are the conditions of `Allow` statements.
    fn allows_service(policy: "object?", service: "string", action: "string", bucket_arn: "string") -> "bool";
    r#"allows_service(#{ Statement: #{ Effect: "Allow", Principal: #{ Service: "logging.s3.amazonaws.com" }, Action: "s3:PutObject",
        Resource: "arn:aws:s3:::logs/*" } }, "logging.s3.amazonaws.com", "s3:PutObject", "arn:aws:s3:::logs")"#
        => "true";
    r#"allows_service(#{ Statement: [
        #{ Effect: "Allow", Principal: #{ Service: "logging.s3.amazonaws.com" }, Action: "s3:PutObject", Resource: "arn:aws:s3:::logs/*" },
        #{ Effect: "Deny", Principal: "*", Action: "s3:Put*", Resource: "arn:aws:s3:::logs/*" }] },
        "logging.s3.amazonaws.com", "s3:PutObject", "arn:aws:s3:::logs")"#
        => "false";
    |engine, _| engine.register_fn("allows_service", |policy: Dynamic, service: &str, action: Dynamic, bucket: &str| -> Scripted<bool> {
        let statements = statements_of("allows_service", &policy)?;
        let actions = actions("allows_service", &action)?;
        Ok(actions.iter().any(|action| policy::allows_service(&statements, service, action, bucket)))
    });

    /// Returns whether `Deny` statements from `policy_statements` together deny an action for a
    /// resource to everyone. `action` and `resource` can be patterns, all of which must be denied.
    /// What one statement exempts with `NotAction`, `NotPrincipal` or `NotResource`, another
    /// statement can deny. Several lists of actions or resources count only if one of them covers
    /// what is asked for. Conditions are not taken into account: pass only statements whose
    /// conditions are met by all requests that you ask about. `Allow` statements are ignored.
    fn are_denied_to_everyone(statements: "list of statement", action: "string", resource: "string") -> "bool";
    r#"are_denied_to_everyone(policy_statements(#{ Statement: [
        #{ Effect: "Deny", Principal: "*", NotAction: "s3:GetObject", Resource: "*" },
        #{ Effect: "Deny", Principal: "*", Action: "s3:Get*", Resource: "arn:aws:s3:::data/*" }] }),
        "s3:*", "arn:aws:s3:::data/*")"#
        => "true";
    r#"are_denied_to_everyone(policy_statements(#{ Statement: [
        #{ Effect: "Deny", Principal: "*", NotAction: "s3:GetObject", Resource: "*" }] }), "s3:*", "arn:aws:s3:::data/*")"#
        => "false";
    |engine, _| engine.register_fn("are_denied_to_everyone", |statements: Dynamic, action: Dynamic, resource: &str| -> Scripted<bool> {
        let given: Vec<Given> = read("are_denied_to_everyone", "a list of statements of policy_statements()", &statements)?;
        let statements: Vec<Statement> = given.into_iter().filter(|one| one.effect == "Deny").map(Statement::from).collect();
        let actions = self::actions("are_denied_to_everyone", &action)?;
        Ok(actions.iter().all(|action| denied_to_everyone(&statements, action, resource)))
    });

    /// Returns the ids of the accounts that a statement from `policy_statements` names as
    /// principals, by id or by ARN, sorted. Principals without an account id, such as everyone, AWS
    /// services and canonical users, are left out.
    fn principal_accounts(statement: "statement") -> "list of string";
    r#"principal_accounts(policy_statements(#{ Statement: #{ Effect: "Allow", Action: "s3:*", Resource: "*",
        Principal: #{ AWS: ["arn:aws:iam::999999999999:role/a", "111122223333"] } } })[0])"#
        => r#"["111122223333", "999999999999"]"#;
    |engine, _| engine.register_fn("principal_accounts", |statement: Dynamic| -> Scripted<Array> {
        let statement: Given = read("principal_accounts", "a statement of policy_statements()", &statement)?;
        let accounts: BTreeSet<&str> = statement.principals.iter().filter_map(|principal| account_of(principal)).collect();
        Ok(accounts.into_iter().map(|account| script_text(Some(account))).collect())
    });

    /// Returns a principal from `policy_statements` as messages name it: without its type, and `everyone`
    /// for `*`.
    fn principal_name(principal: "string") -> "string";
    "principal_name(\"AWS:111122223333\")" => r#""account 111122223333""#;
    "principal_name(\"AWS:arn:aws:iam::111122223333:role/etl\")" => r#""arn:aws:iam::111122223333:role/etl""#;
    "principal_name(\"CanonicalUser:79a59df900b949e5\")" => r#""canonical user 79a59df900b949e5""#;
    "principal_name(\"*\")" => r#""everyone""#;
    |engine, _| engine.register_fn("principal_name", |principal: &str| policy::principal_name(principal));

    /// Returns whether AWS delivers access logs of load balancers from an account: one of its own in
    /// each region that opened before August 2022.
    fn is_load_balancer_account(account: "string") -> "bool";
    "is_load_balancer_account(\"127311923021\")" => "true";
    "is_load_balancer_account(\"111122223333\")" => "false";
    |engine, _| engine.register_fn("is_load_balancer_account", |account: &str| policy::is_load_balancer_account(account));

    /// Returns whether a principal from `policy_statements` is everyone: `*`, a wildcard instead of
    /// a name, or a public identity provider.
    fn is_public_principal(principal: "string") -> "bool";
    "is_public_principal(\"*\")" => "true";
    "is_public_principal(\"AWS:arn:aws:iam::111122223333:root\")" => "false";
    "is_public_principal(\"Federated:graph.facebook.com\")" => "true";
    |engine, _| engine.register_fn("is_public_principal", |principal: &str| is_public(principal));
}

/// The statements that S3 considers public.
fn public(cx: &EvalContext, statements: &[Statement]) -> Scripted<Array> {
    let actions = actions_of(cx)?;
    let granting = statements.iter().filter(|one| actions.iter().any(|action| one.allows(action)));
    let found: Vec<(&Statement, String)> =
        granting.filter_map(|one| Some((one, reason(one)?))).collect();
    let has_time = found.iter().any(|(one, _)| one.conditions.iter().any(is_about_time));
    let now = if has_time { Some(collection_time("public_statements", cx)?) } else { None };
    let found = found.into_iter().map(|(statement, reason)| {
        let principal = statement.principals.iter().find(|principal| is_public(principal));
        let others = "everyone except the principals in NotPrincipal";
        let limits = limits(statement, now);
        script_value(&PublicStatement {
            index: statement.index,
            sid: statement.sid.clone(),
            principal: principal.map_or(others, String::as_str).to_owned(),
            reason,
            limited_to: (!limits.is_empty()).then(|| limits.join(" and ")),
        })
    });
    Ok(found.collect())
}

/// The statements that grant access to anyone.
fn granting<'a>(
    helper: &str,
    cx: &EvalContext,
    statements: &'a [Statement],
) -> Scripted<Vec<&'a Statement>> {
    let actions = actions_of(cx)?;
    let has_time = statements.iter().any(|one| one.conditions.iter().any(is_about_time));
    let now = if has_time { Some(collection_time(helper, cx)?) } else { None };
    Ok(statements.iter().filter(|one| policy::grants_access(one, actions, now)).collect())
}

/// Patterns for the actions that the policy of an evaluated resource can allow.
fn actions_of(cx: &EvalContext) -> Scripted<&'static [&'static str]> {
    Ok(match cx.current()?.kind.name {
        "s3.directory_bucket" => &["s3express:*"],
        "s3.object_lambda_access_point" => &["s3-object-lambda:*", "s3:*"],
        name if name.starts_with("s3.") => &["s3:*"],
        _ => &["*"],
    })
}

/// What `policy_statements` returns.
pub(crate) static STATEMENT: ResultShape =
    ResultShape { name: "statement", shape: Shape::of::<StatementResult>() };

/// What `public_statements` returns.
pub(crate) static PUBLIC_STATEMENT: ResultShape =
    ResultShape { name: "public_statement", shape: Shape::of::<PublicStatement>() };

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
    #[serde(default)]
    not_principals: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    not_resources: Vec<String>,
    #[serde(default)]
    conditions: Vec<GivenCondition>,
}

/// A condition of it.
#[derive(Deserialize)]
struct GivenCondition {
    operator: String,
    key: String,
    values: Vec<String>,
}

impl From<Given> for Statement {
    fn from(given: Given) -> Self {
        let condition =
            |GivenCondition { operator, key, values }| Condition { operator, key, values };
        Self {
            index: 0,
            sid: None,
            effect: given.effect,
            principals: given.principals,
            not_principals: given.not_principals,
            actions: given.actions,
            not_actions: given.not_actions,
            resources: given.resources,
            not_resources: given.not_resources,
            conditions: given.conditions.into_iter().map(condition).collect(),
        }
    }
}

/// A statement and the actions that `allows_action` is asked for.
fn asked(statement: &Dynamic, actions: &Dynamic) -> Scripted<(Statement, Vec<String>)> {
    let given: Given = read("allows_action", "a statement of policy_statements()", statement)?;
    Ok((given.into(), self::actions("allows_action", actions)?))
}

/// Whether a string is an IAM action or a pattern for actions: `*`, or a service prefix and a name.
pub(super) fn is_action(text: &str) -> bool {
    let word = |word: &str, more: &[char]| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
    };
    is_every_action(text)
        || text
            .split_once(':')
            .is_some_and(|(service, name)| word(service, &['-']) && word(name, &['*', '?']))
}

/// Patterns for actions. One that is not valid would silently match nothing. Policies can have wildcards
/// in the service prefix, too.
fn actions(helper: &str, given: &Dynamic) -> Scripted<Vec<String>> {
    let given = patterns(helper, given)?;
    let has_wildcard = |action: &str| action.contains(['*', '?']);
    match given.iter().find(|action| !is_action(action) && !has_wildcard(action)) {
        Some(wrong) => {
            let shown = crate::model::text::one_line(wrong, 60);
            Interrupt::Broken(format!(
                "`{helper}` got `{shown}`, which is not a valid IAM action: write the service prefix and the name, such as `s3:GetObject`"
            ))
            .raise()
        }
        None => Ok(given),
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
