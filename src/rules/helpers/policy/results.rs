//! What the policy helpers return.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A statement of a policy in a normalized form: every field that may be a list is a list.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct StatementResult {
    /// The position of the statement in the policy: 1 for the first.
    pub(super) index: usize,
    /// The id of the statement.
    pub(super) sid: Option<String>,
    /// What the statement does.
    #[schemars(extend("enum" = ["Allow", "Deny"]))]
    pub(super) effect: String,
    /// The principals that the statement applies to: `*` for everyone, otherwise the type and the
    /// name, such as `AWS:111122223333`, `Service:…`, `Federated:…` or `CanonicalUser:…`.
    #[schemars(extend("format" = "principal"))]
    pub(super) principals: Vec<String>,
    /// The principals that the statement does not apply to.
    #[schemars(extend("format" = "principal"))]
    pub(super) not_principals: Vec<String>,
    /// The actions, as written.
    #[schemars(extend("format" = "action"))]
    pub(super) actions: Vec<String>,
    /// The actions that the statement does not apply to.
    #[schemars(extend("format" = "action"))]
    pub(super) not_actions: Vec<String>,
    /// The resources: ARNs or patterns.
    pub(super) resources: Vec<String>,
    /// The resources that the statement does not apply to.
    pub(super) not_resources: Vec<String>,
    /// The conditions, all of which must be met.
    pub(super) conditions: Vec<ConditionResult>,
}

/// One condition of a statement.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct ConditionResult {
    /// The operator, as written: `ForAllValues:StringLike`.
    pub(super) operator: String,
    /// The operator in lowercase, without its qualifier and `IfExists`.
    #[schemars(extend("enum" = [
        "stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase",
        "stringlike", "stringnotlike", "numericequals", "numericnotequals", "numericlessthan",
        "numericlessthanequals", "numericgreaterthan", "numericgreaterthanequals", "dateequals",
        "datenotequals", "datelessthan", "datelessthanequals", "dategreaterthan",
        "dategreaterthanequals", "bool", "binaryequals", "ipaddress", "notipaddress", "arnequals",
        "arnlike", "arnnotequals", "arnnotlike", "null"
    ]))]
    pub(super) test: String,
    /// The qualifier of the operator.
    #[schemars(extend("enum" = ["forallvalues", "foranyvalue"]))]
    pub(super) qualifier: Option<String>,
    /// Whether the operator ends with `IfExists`.
    pub(super) if_exists: bool,
    /// The condition key in lowercase: `aws:principalorgid`.
    #[schemars(extend("format" = "lowercase"))]
    pub(super) key: String,
    /// The condition key for messages, as AWS writes it: `aws:PrincipalOrgID`. Keys that rolecall does not
    /// know are in lowercase.
    pub(super) name: String,
    /// The values.
    pub(super) values: Vec<String>,
}

/// A statement that S3 considers public.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct PublicStatement {
    /// The position of the statement in the policy: 1 for the first.
    pub(super) index: usize,
    /// The id of the statement.
    pub(super) sid: Option<String>,
    /// The principal that makes the statement public.
    pub(super) principal: String,
    /// Why the statement is public.
    pub(super) reason: String,
    /// The conditions that limit access nevertheless, or `()` if there are none.
    pub(super) limited_to: Option<String>,
}

/// What an Allow statement grants to one external principal.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Grant {
    /// The position of the statement in the policy: 1 for the first.
    pub(super) index: usize,
    /// The id of the statement.
    pub(super) sid: Option<String>,
    /// The principal, as in a statement.
    pub(super) principal: String,
    /// What kind of principal it is.
    #[schemars(extend("enum" = [
        "everybody", "conditions", "account", "federated", "canonical_user", "unknown"
    ]))]
    pub(super) kind: String,
    /// The account of the principal, if it is known.
    pub(super) account: Option<String>,
    /// Who it is, for messages: `account 999988887777`, `anyone`, or `anyone who meets the condition …`.
    pub(super) name: String,
    /// The actions, as written.
    #[schemars(extend("format" = "action"))]
    pub(super) actions: Vec<String>,
    /// The actions that the statement does not apply to.
    #[schemars(extend("format" = "action"))]
    pub(super) not_actions: Vec<String>,
    /// The conditions of the statement as strings.
    pub(super) conditions: Vec<String>,
}

/// What an Allow statement grants to an AWS service.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct ServiceGrant {
    /// The position of the statement in the policy: 1 for the first.
    pub(super) index: usize,
    /// The id of the statement.
    pub(super) sid: Option<String>,
    /// The service principal: `cloudtrail.amazonaws.com`. "any AWS service" if the statement names
    /// none.
    pub(super) service: String,
    /// The accounts, organizations and ARNs that the service may act for and that are not trusted;
    /// empty if the service may act for anyone.
    pub(super) acts_for: Vec<String>,
    /// The actions, as written.
    #[schemars(extend("format" = "action"))]
    pub(super) actions: Vec<String>,
    /// The actions that the statement does not apply to.
    #[schemars(extend("format" = "action"))]
    pub(super) not_actions: Vec<String>,
}

/// What an access control list grants to everyone or to all authenticated AWS users.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct AclGrant {
    /// Who has access (`AuthenticatedUsers` means anyone with an AWS account).
    #[schemars(extend("enum" = ["AllUsers", "AuthenticatedUsers"]))]
    pub(super) group: String,
    /// What the group may do.
    #[schemars(extend("enum" = ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"]))]
    pub(super) permission: String,
}
