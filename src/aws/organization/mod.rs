//! Reads an organization: its roots, OUs and accounts, level by level. It is all or nothing: a run
//! over an incomplete list of accounts would look like a clean run.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_organizations::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::assume;
use super::credentials::RenewExpired;
use super::failure::{Failure, is_throttle};
use super::meter::{Meter, Observer, Stats};
use super::paging::all_pages;
use super::response::ResponseValidator;
use super::session::{BaseSession, caller_account, sdk_region};
use crate::model::{
    AccountId, Cause, Member, Organization, OrganizationAccess, OrganizationalUnit, OuId, Region,
    text,
};

/// The largest page of these calls.
const PAGE_SIZE: i32 = 20;
/// How many OUs are read at once. Organizations allows few calls per second for the whole
/// organization.
const CONCURRENCY: usize = 4;
/// AWS allows 50 characters for accounts and 128 for OUs.
const MAX_NAME: usize = 200;

/// Why an organization could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// A call failed, or its response is invalid.
    #[error("cannot read the organization, so nothing was scanned: {cause}{place}{message}{advice}",
        place = .place.as_ref().map(|place| format!(", for {place}")).unwrap_or_default(),
        message = message(cause),
        advice = advice(cause, reader))]
    Call {
        /// The call and its error.
        cause: Box<Cause>,
        /// The OU that was requested, if the call was about one.
        place: Option<OuId>,
        /// Who made the call: the ARN of the role, or "the base credentials of account …".
        reader: String,
    },
    /// The responses contradict each other.
    #[error("cannot read the organization, so nothing was scanned: {0}")]
    Invalid(#[from] crate::model::InvalidOrganization),
}

fn message(cause: &Cause) -> String {
    if cause.message.is_empty() {
        String::new()
    } else {
        format!(": {}", text::one_line(&cause.message, 600))
    }
}

fn advice(cause: &Cause, reader: &str) -> String {
    match cause.code.as_str() {
        // The message of a failed AssumeRole already says what to do.
        _ if !OrganizationAccess::ACTIONS.contains(&cause.call.as_str()) => String::new(),
        "AccessDeniedException" | "AccessDenied" => format!(
            "; {reader} must be allowed to call {} (`rolecall permissions organization` prints the policy), and must belong to the management account \
             or a delegated administrator account",
            cause.call
        ),
        "AWSOrganizationsNotInUseException" => {
            format!(
                "; {reader} must belong to an organization: remove [organization] or use a different account"
            )
        }
        "ParentNotFoundException" => {
            "; the OU was deleted in the meantime: run rolecall again".to_owned()
        }
        code if is_throttle(code) => {
            "; run rolecall again later, or raise `max_attempts` in [scan]".to_owned()
        }
        _ => String::new(),
    }
}

/// Reads the organization. The counts are for `run.json`.
pub async fn read_organization(
    base: &BaseSession,
    access: &OrganizationAccess,
    session_name: &str,
    observer: Arc<dyn Observer>,
) -> Result<(Organization, Stats), OrganizationError> {
    let meter = Meter::new(observer);
    let region = base.sts_region(&access.partition, &[]);
    let failed = |cause: Cause, reader: String| OrganizationError::Call {
        cause: Box::new(cause),
        place: None,
        reader,
    };
    let known = access.role.as_ref().and_then(|role| role.account.clone());
    let account = match known {
        Some(account) => account,
        None => {
            let own = caller_account(base.config(), &region, None).await;
            own.map_err(|failure| failed(failure.cause, "the base credentials".to_owned()))?
        }
    };
    let (config, reader) = match access.hop(&account) {
        None => (base.config().clone(), format!("the base credentials of account {account}")),
        Some(hop) => {
            let reader = hop.role_arn.to_string();
            let session_name = assume::session_name(session_name);
            let entered =
                assume::organization(base, &hop, &account, &region, &session_name, &meter).await;
            (entered.map_err(|cause| failed(cause, reader.clone()))?, reader)
        }
    };
    let reader = OrganizationReader {
        client: client(&config, &region, &account, &meter),
        account,
        reader,
        meter: meter.clone(),
    };
    Ok((reader.organization().await?, meter.snapshot()))
}

fn client(
    config: &SdkConfig,
    region: &crate::model::Region,
    account: &AccountId,
    meter: &Meter,
) -> Client {
    // Organizations has one endpoint per partition, which the SDK derives from any of its regions.
    let builder = aws_sdk_organizations::config::Builder::from(config).region(sdk_region(region));
    let builder = builder
        .interceptor(meter.interceptor(account))
        .interceptor(ResponseValidator)
        .interceptor(RenewExpired)
        .retry_classifier(RenewExpired);
    Client::from_conf(builder.build())
}

/// A response without its list is not an empty list.
fn required<T>(call: &str, list: Option<Vec<T>>, name: &str) -> Result<Option<Vec<T>>, Failure> {
    list.map(Some).ok_or_else(|| Failure::invalid(call, &format!("no {name} in the response")))
}

struct OrganizationReader {
    client: Client,
    account: AccountId,
    reader: String,
    meter: Meter,
}

impl OrganizationReader {
    async fn organization(&self) -> Result<Organization, OrganizationError> {
        let (mut ous, mut accounts) = (self.roots().await?, Vec::new());
        let mut level: Vec<OuId> = ous.iter().map(|root| root.id.clone()).collect();
        // The OUs of the last level are listed too, so that an organization that is deeper than AWS
        // allows is an error instead of going unnoticed.
        for _ in 0..Organization::MAX_DEPTH {
            let mut levels = stream::iter(std::mem::take(&mut level))
                .map(|ou| self.children(ou))
                .buffered(CONCURRENCY);
            while let Some((below, members)) = levels.try_next().await? {
                level.extend(below.iter().map(|ou| ou.id.clone()));
                ous.extend(below);
                accounts.extend(members);
                if ous.len() > Organization::MAX_UNITS
                    || accounts.len() > Organization::MAX_ACCOUNTS
                {
                    return Ok(Organization::new(ous, accounts)?);
                }
            }
        }
        Ok(Organization::new(ous, accounts)?)
    }

    async fn roots(&self) -> Result<Vec<OrganizationalUnit>, OrganizationError> {
        const CALL: &str = OrganizationAccess::LIST_ROOTS;
        let roots = self.all(CALL, None, |token| async move {
            let request = self.client.list_roots().max_results(PAGE_SIZE).set_next_token(token);
            let page = self.send(CALL, request.send()).await?;
            Ok((required(CALL, page.roots, "Roots")?, page.next_token))
        });
        let unit =
            |root: aws_sdk_organizations::types::Root| self.unit(CALL, root.id, root.name, None);
        roots.await?.into_iter().map(unit).collect()
    }

    /// The OUs and the accounts directly in an OU.
    async fn children(
        &self,
        parent: OuId,
    ) -> Result<(Vec<OrganizationalUnit>, Vec<Member>), OrganizationError> {
        let parent = &parent;
        const OUS: &str = OrganizationAccess::LIST_UNITS;
        const ACCOUNTS: &str = OrganizationAccess::LIST_ACCOUNTS;
        let ous = self.all(OUS, Some(parent), |token| async move {
            let request =
                self.client.list_organizational_units_for_parent().parent_id(parent.as_str());
            let request = request.max_results(PAGE_SIZE).set_next_token(token);
            let page = self.send(OUS, request.send()).await?;
            let ous = required(OUS, page.organizational_units, "OrganizationalUnits")?;
            Ok((ous, page.next_token))
        });
        let unit = |unit: aws_sdk_organizations::types::OrganizationalUnit| {
            self.unit(OUS, unit.id, unit.name, Some(parent))
        };
        let ous = ous.await?.into_iter().map(unit).collect::<Result<_, _>>()?;
        let accounts = self.all(ACCOUNTS, Some(parent), |token| async move {
            let request = self.client.list_accounts_for_parent().parent_id(parent.as_str());
            let request = request.max_results(PAGE_SIZE).set_next_token(token);
            let page = self.send(ACCOUNTS, request.send()).await?;
            Ok((required(ACCOUNTS, page.accounts, "Accounts")?, page.next_token))
        });
        let accounts = accounts
            .await?
            .into_iter()
            .map(|account| self.member(account, parent))
            .collect::<Result<_, _>>()?;
        Ok((ous, accounts))
    }

    /// All pages of a list.
    async fn all<T, F>(
        &self,
        call: &'static str,
        parent: Option<&OuId>,
        page: impl FnMut(Option<String>) -> F,
    ) -> Result<Vec<T>, OrganizationError>
    where
        F: Future<Output = Result<(Option<Vec<T>>, Option<String>), Failure>>,
    {
        all_pages(call, page).await.map_err(|failure| self.failed(failure, parent))
    }

    async fn send<T, E>(
        &self,
        call: &'static str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let make = async {
            self.meter.call(&self.account, call);
            send.await.map_err(|error| Failure::of(call, &error))
        };
        self.meter
            .record(&self.account, &Region::global(), call, make)
            .await
            .inspect_err(|failure| self.meter.failed(&self.account, failure))
    }

    fn failed(&self, failure: Failure, place: Option<&OuId>) -> OrganizationError {
        OrganizationError::Call {
            cause: Box::new(failure.cause),
            place: place.cloned(),
            reader: self.reader.clone(),
        }
    }

    fn unit(
        &self,
        call: &str,
        id: Option<String>,
        name: Option<String>,
        parent: Option<&OuId>,
    ) -> Result<OrganizationalUnit, OrganizationError> {
        let id: OuId = self.id(call, id, parent)?;
        let name = name.filter(|name| !name.is_empty()).map(|name| text::one_line(&name, MAX_NAME));
        Ok(OrganizationalUnit {
            name: name.unwrap_or_else(|| id.to_string()),
            id,
            parent: parent.cloned(),
        })
    }

    fn member(
        &self,
        account: aws_sdk_organizations::types::Account,
        unit: &OuId,
    ) -> Result<Member, OrganizationError> {
        // `Status` is deprecated in favor of `State`.
        let state = account
            .state
            .as_ref()
            .map(|state| state.as_str())
            .or(account.status.as_ref().map(|status| status.as_str()));
        Ok(Member {
            state: state.map_or_else(|| "unknown".to_owned(), |state| text::one_line(state, 40)),
            account: self.id(OrganizationAccess::LIST_ACCOUNTS, account.id, Some(unit))?,
            name: account
                .name
                .filter(|name| !name.is_empty())
                .map(|name| text::one_line(&name, MAX_NAME)),
            unit: unit.clone(),
        })
    }

    fn id<T>(
        &self,
        call: &str,
        id: Option<String>,
        parent: Option<&OuId>,
    ) -> Result<T, OrganizationError>
    where
        T: std::str::FromStr<Err = crate::model::InvalidId>,
    {
        let id = id.unwrap_or_default().parse();
        id.map_err(|error: crate::model::InvalidId| {
            self.failed(Failure::invalid(call, &error.to_string()), parent)
        })
    }
}
