//! Entering accounts: AssumeRole, directly or through a hub role, with a session that is limited to
//! what this run needs, and the check that the credentials belong to the expected account.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::operation::assume_role::AssumeRoleOutput;
use aws_sdk_sts::types::PolicyDescriptorType;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use serde_json::json;

use super::clients::retry_partition;
use super::credentials::RenewExpired;
use super::failure::{self, AssumeRoleError, Failure};
use super::meter::Meter;
use super::response::ResponseValidator;
use super::session::{BaseSession, PrefetchedCredentials, caller_account, sdk_region};
use crate::facts::{SessionPolicy, fits_session, session_policy};
use crate::model::{
    AccountId, Arn, Cause, Demand, Hop, OrganizationAccess, Region, Role, StorageAccess, Target,
};

const CALL: &str = "sts:AssumeRole";
/// STS's error code for an inline session policy whose text is short enough, but whose packed form
/// is too large.
const TOO_LARGE: &str = "PackedPolicyTooLarge";
/// The maximum session duration of a role that is assumed by another role (role chaining).
const MAX_CHAINED_SECONDS: u32 = 3_600;

/// What a session is limited to, and the fallback if STS finds the packed form of that policy too
/// large.
#[derive(Debug, Clone)]
pub(super) struct SessionScope {
    pub(super) policy: SessionPolicy,
    pub(super) fallback: SessionPolicy,
}

impl SessionScope {
    /// For the session in a target account.
    pub(super) fn of_demand(demand: &Demand) -> Self {
        Self { policy: SessionPolicy::of_demand(demand), fallback: SessionPolicy::SecurityAudit }
    }

    /// For the session in the hub: assuming the target roles, if need be with a source identity, and
    /// nothing else. If there are too many of them for a policy, all roles with their names; if there
    /// are too many names, all roles of the partition, which the trust policies of the roles limit
    /// further.
    fn of_hub(hub: &Arn, targets: &[Target]) -> Self {
        let hops = || {
            targets.iter().filter_map(|target| match &target.role {
                Role::Assume(hop) => Some(hop),
                Role::Own => None,
            })
        };
        let arns = || hops().map(|hop| &hop.role_arn);
        let actions = match hops().any(|hop| hop.source_identity.is_some()) {
            true => json!(["sts:AssumeRole", "sts:SetSourceIdentity"]),
            false => json!("sts:AssumeRole"),
        };
        let assume = |mut resources: Vec<String>| {
            resources.sort_unstable();
            resources.dedup();
            session_policy(&actions, &json!(resources))
        };
        let all = assume(vec![format!("arn:{}:iam::*:role/*", hub.partition)]);
        let listed = assume(arns().map(Arn::to_string).collect());
        let by_name = || {
            assume(
                arns()
                    .map(|arn| format!("arn:{}:iam::*:{}", arn.partition, arn.resource))
                    .collect(),
            )
        };
        let policy = [listed, by_name()]
            .into_iter()
            .find(|policy| fits_session(policy))
            .unwrap_or_else(|| all.clone());
        Self { policy: SessionPolicy::Inline(policy), fallback: SessionPolicy::Inline(all) }
    }
}

/// A session name that STS accepts: 2 to 64 characters of `[\w+=,.@-]`.
pub(super) fn session_name(wanted: &str) -> String {
    let mut name: String = wanted
        .chars()
        .take(64)
        .map(|c| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' })
        .collect();
    while name.len() < 2 {
        name.push('-');
    }
    name
}

/// Who assumes the target roles: the base credentials, or the hub role that they assumed.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    config: SdkConfig,
    /// Whether it is itself a role.
    chained: bool,
}

/// Assumes the hub role, if there is one.
pub(super) async fn caller(
    base: &BaseSession,
    hub: Option<&Hop>,
    targets: &[Target],
    session_name: &str,
    meter: &Meter,
) -> Result<Caller, Cause> {
    let direct = Caller { config: base.config().clone(), chained: base.temporary() };
    let Some(hop) = hub else { return Ok(direct) };
    let account = account_of_role(hop)?;
    let scope = SessionScope::of_hub(&hop.role_arn, targets);
    let region = base.sts_region(&hop.role_arn.partition, &[]);
    let assume = AssumeRole {
        caller: &direct,
        hop,
        account: &account,
        region: &region,
        scope,
        session_name,
        meter,
    };
    Ok(Caller { config: assume.session(base).await?, chained: true })
}

/// Enters a target account: settings with credentials for it, or the cause why that failed.
pub(super) async fn enter(
    base: &BaseSession,
    caller: &Caller,
    target: &Target,
    scope: &SessionScope,
    session_name: &str,
    meter: &Meter,
) -> Result<SdkConfig, Cause> {
    let region = &base.sts_region(&target.partition, &target.regions);
    match &target.role {
        Role::Assume(hop) => {
            let account = &target.account;
            let scope = scope.clone();
            AssumeRole { caller, hop, account, region, scope, session_name, meter }
                .session(base)
                .await
        }
        Role::Own => {
            const CALL: &str = "sts:GetCallerIdentity";
            let make = async {
                meter.call(&target.account, CALL);
                let attempts = SharedInterceptor::new(meter.interceptor(&target.account));
                caller_account(base.config(), region, Some(attempts)).await
            };
            let answer = meter.record(&target.account, region, CALL, make).await;
            let account = answer.map_err(|failure| {
                meter.failed(&target.account, &failure);
                failure.cause
            })?;
            same_account(CALL, &target.account, &account)?;
            Ok(base.config().clone())
        }
    }
}

/// Assumes the role that reads the organization from the base credentials. The session can do that
/// and nothing else.
pub(super) async fn organization(
    base: &BaseSession,
    hop: &Hop,
    account: &AccountId,
    region: &Region,
    session_name: &str,
    meter: &Meter,
) -> Result<SdkConfig, Cause> {
    let direct = Caller { config: base.config().clone(), chained: base.temporary() };
    let actions = json!(OrganizationAccess::ACTIONS);
    let policy = SessionPolicy::Inline(session_policy(&actions, &json!("*")));
    let scope = SessionScope { policy, fallback: SessionPolicy::SecurityAudit };
    AssumeRole { caller: &direct, hop, account, region, scope, session_name, meter }
        .session(base)
        .await
}

/// Assumes the role that reads and writes rolecall's own files in S3. The session can do that and
/// nothing else.
pub(super) async fn storage(
    base: &BaseSession,
    hop: &Hop,
    session_name: &str,
    meter: &Meter,
) -> Result<SdkConfig, Cause> {
    let direct = Caller { config: base.config().clone(), chained: base.temporary() };
    let account = &account_of_role(hop)?;
    let policy = session_policy(&json!(StorageAccess::ACTIONS), &json!("*"));
    let scope = SessionScope {
        policy: SessionPolicy::Inline(policy.clone()),
        fallback: SessionPolicy::Inline(policy),
    };
    let region = &base.sts_region(&hop.role_arn.partition, &[]);
    AssumeRole { caller: &direct, hop, account, region, scope, session_name, meter }
        .session(base)
        .await
}

/// The account of a role that is not a target.
fn account_of_role(hop: &Hop) -> Result<AccountId, Cause> {
    let account = hop.role_arn.account.parse::<AccountId>();
    account.map_err(|error| failure::cause(CALL, "WrongAccount", &error.to_string()))
}

/// Credentials for a different account than the target's would report, or close, findings of the
/// wrong account.
fn same_account(call: &str, expected: &AccountId, found: &AccountId) -> Result<(), Cause> {
    if expected == found {
        return Ok(());
    }
    Err(failure::cause(
        call,
        "WrongAccount",
        &format!("the credentials belong to account {found}, not to {expected}"),
    ))
}

/// A role to assume.
struct AssumeRole<'a> {
    /// Who assumes it.
    caller: &'a Caller,
    /// The role, its external id and the duration of the session.
    hop: &'a Hop,
    /// The account that the role must belong to.
    account: &'a AccountId,
    /// The region whose STS is called.
    region: &'a Region,
    /// What the session is limited to.
    scope: SessionScope,
    session_name: &'a str,
    meter: &'a Meter,
}

impl AssumeRole<'_> {
    /// Assumes the role, and returns the settings of `base` with credentials that renew themselves.
    async fn session(self, base: &BaseSession) -> Result<SdkConfig, Cause> {
        let sts = aws_sdk_sts::config::Builder::from(&self.caller.config)
            .region(sdk_region(self.region))
            .interceptor(ResponseValidator)
            .interceptor(self.meter.interceptor(self.account))
            .interceptor(RenewExpired)
            .retry_classifier(RenewExpired)
            .retry_partition(retry_partition(self.account, "sts"))
            .build();
        let provider = RoleProvider {
            sts: aws_sdk_sts::Client::from_conf(sts),
            hop: self.hop.clone(),
            chained: self.caller.chained,
            account: self.account.clone(),
            region: self.region.clone(),
            scope: self.scope,
            session_name: self.session_name.to_owned(),
            meter: self.meter.clone(),
        };
        let first = provider.assume().await?;
        // Created once per account and cloned from there: each new provider would call STS again.
        let provider = PrefetchedCredentials::new(provider, first);
        Ok(base.with_credentials(SharedCredentialsProvider::new(provider)))
    }
}

/// Assumes a role, again whenever the credentials are about to expire. The account is checked every
/// time.
#[derive(Debug)]
struct RoleProvider {
    sts: aws_sdk_sts::Client,
    hop: Hop,
    chained: bool,
    account: AccountId,
    region: Region,
    scope: SessionScope,
    session_name: String,
    meter: Meter,
}

impl RoleProvider {
    async fn assume(&self) -> Result<Credentials, Cause> {
        let SessionScope { policy, fallback } = &self.scope;
        match self.request(policy).await {
            Err(failure) if failure.cause.code == TOO_LARGE => {
                self.credentials(self.request(fallback).await, fallback).await
            }
            response => self.credentials(response, policy).await,
        }
    }

    async fn request(&self, policy: &SessionPolicy) -> Result<AssumeRoleOutput, Failure> {
        let seconds = if self.chained {
            self.hop.duration_seconds.min(MAX_CHAINED_SECONDS)
        } else {
            self.hop.duration_seconds
        };
        let request = self
            .sts
            .assume_role()
            .role_arn(self.hop.role_arn.to_string())
            .role_session_name(&self.session_name)
            .set_external_id(self.hop.external_id.as_ref().map(|id| id.expose().to_owned()))
            .set_source_identity(self.hop.source_identity.clone())
            .duration_seconds(i32::try_from(seconds).unwrap_or(i32::MAX));
        let request = match policy {
            SessionPolicy::Inline(policy) => request.policy(policy),
            SessionPolicy::SecurityAudit => {
                let arn =
                    format!("arn:{}:iam::aws:policy/SecurityAudit", self.hop.role_arn.partition);
                request.policy_arns(PolicyDescriptorType::builder().arn(arn).build())
            }
        };
        let make = async {
            self.meter.call(&self.account, CALL);
            request.send().await.map_err(|error| Failure::of(CALL, &error))
        };
        self.meter.record(&self.account, &self.region, CALL, make).await
    }

    /// The credentials in a response, once it is known whose account they are for.
    async fn credentials(
        &self,
        response: Result<AssumeRoleOutput, Failure>,
        policy: &SessionPolicy,
    ) -> Result<Credentials, Cause> {
        let response = response.map_err(|failure| {
            self.meter.failed(&self.account, &failure);
            failure::explain_assume_role(failure.cause, &self.hop.role_arn)
        })?;
        if *policy == SessionPolicy::SecurityAudit {
            self.meter.by_security_audit(&self.account);
        }
        let invalid = |reason: &str| Failure::invalid(CALL, reason).cause;
        let given =
            response.credentials.ok_or_else(|| invalid("no credentials in the response"))?;
        let expiry = given
            .expiration
            .try_into()
            .map_err(|_| invalid("invalid credential expiration time"))?;
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            Some(expiry),
            "rolecall AssumeRole",
        );
        let account = match response
            .assumed_role_user
            .and_then(|user| user.arn.parse::<Arn>().ok()?.account.parse().ok())
        {
            Some(account) => account,
            // The element is optional in the API.
            None => self.account_of(credentials.clone()).await?,
        };
        same_account(CALL, &self.account, &account)?;
        Ok(credentials)
    }

    /// The account of credentials, by GetCallerIdentity.
    async fn account_of(&self, credentials: Credentials) -> Result<AccountId, Cause> {
        const CALL: &str = "sts:GetCallerIdentity";
        let config = self
            .sts
            .config()
            .to_builder()
            .region(sdk_region(&self.region))
            .credentials_provider(credentials)
            .build();
        let make = async {
            self.meter.call(&self.account, CALL);
            let sts = aws_sdk_sts::Client::from_conf(config);
            let response = sts.get_caller_identity().send().await;
            response.map_err(|error| Failure::of(CALL, &error))
        };
        let response = self.meter.record(&self.account, &self.region, CALL, make).await;
        let account = response.map_err(|failure| failure.cause)?.account;
        account
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| Failure::invalid(CALL, "no account in the response").cause)
    }
}

impl ProvideCredentials for RoleProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.assume()
                .await
                .map_err(|cause| CredentialsError::provider_error(AssumeRoleError(cause)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Partition;

    fn target(account: u64, role: &str) -> Target {
        Target {
            account: format!("{account:012}").parse().unwrap(),
            name: None,
            partition: Partition::default(),
            role: Role::Assume(Hop {
                role_arn: format!("arn:aws:iam::{account:012}:role/{role}").parse().unwrap(),
                external_id: None,
                duration_seconds: 3600,
                source_identity: None,
            }),
            regions: Vec::new(),
            labels: Default::default(),
        }
    }

    #[test]
    fn the_hub_can_assume_the_targets_roles_and_no_more() {
        let hub: Arn = "arn:aws:iam::999999999999:role/hub".parse().unwrap();
        let inline = |targets: &[Target]| match SessionScope::of_hub(&hub, targets) {
            SessionScope {
                policy: SessionPolicy::Inline(policy),
                fallback: SessionPolicy::Inline(all),
            } => {
                assert!(all.contains("\"Action\":\"sts:AssumeRole\""));
                policy
            }
            _ => panic!("a hub session reads nothing"),
        };
        assert!(
            inline(&[target(1, "audit")])
                .contains("\"Resource\":[\"arn:aws:iam::000000000001:role/audit\"]")
        );
        let mut identified = target(1, "audit");
        if let Role::Assume(hop) = &mut identified.role {
            hop.source_identity = Some("alice".to_owned());
        }
        let SessionPolicy::Inline(policy) = SessionScope::of_hub(&hub, &[identified]).policy else {
            panic!("a hub session reads nothing")
        };
        assert!(policy.contains("\"Action\":[\"sts:AssumeRole\",\"sts:SetSourceIdentity\"]"));
        let many: Vec<_> = (0..300).map(|n| target(n, "audit")).collect();
        assert!(inline(&many).contains("\"Resource\":[\"arn:aws:iam::*:role/audit\"]"));
        let motley: Vec<_> = (0..300).map(|n| target(n, &format!("audit-{n}"))).collect();
        assert!(inline(&motley).contains("\"Resource\":[\"arn:aws:iam::*:role/*\"]"));
        for targets in [&many[..1], &many, &motley] {
            assert!(
                inline(targets).contains("\"Action\":\"sts:AssumeRole\"")
                    && fits_session(&inline(targets))
            );
        }
    }

    #[test]
    fn session_names_have_stss_form() {
        for (wanted, name) in
            [("rolecall-7f", "rolecall-7f"), ("a b/ü", "a-b--"), ("", "--"), ("x", "x-")]
        {
            assert_eq!(session_name(wanted), name);
        }
        assert_eq!(session_name(&"y".repeat(100)).len(), 64);
    }
}
