//! Reading an organization: its roots, units and accounts, level by level. All of it or nothing: a
//! list of accounts that is shorter than it should be would look like a clean run.

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
use super::failure::{Failure, is_throttle};
use super::meter::{Meter, Observer, Stats};
use super::paging::Pages;
use super::session::{BaseSession, caller_account, sdk_region};
use crate::model::{
    AccountId, Cause, Member, Organization, OrganizationAccess, Unit, UnitId, text,
};

/// The most that these calls return in a page.
const PAGE: i32 = 20;
/// Units that are read at once. Organizations allows few calls per second, for the whole
/// organization.
const CONCURRENCY: usize = 4;
/// AWS allows 50 characters for accounts and 128 for units.
const MAX_NAME: usize = 200;

/// Why an organization is not known.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// A call failed, or its answer cannot be.
    #[error("the organization could not be read, so nothing is scanned: {cause}{place}{message}{advice}",
        place = .place.as_ref().map(|place| format!(", for {place}")).unwrap_or_default(),
        message = message(cause),
        advice = advice(cause, reader))]
    Call {
        /// The call and its error.
        cause: Box<Cause>,
        /// The unit that was asked for, where it was one.
        place: Option<UnitId>,
        /// Who asked: the ARN of the role, or the account of the base credentials in words.
        reader: String,
    },
    /// The answers do not fit together.
    #[error("the organization could not be read, so nothing is scanned: {0}")]
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
        // What to do about a refused AssumeRole stands in its message.
        _ if !OrganizationAccess::ACTIONS.contains(&cause.call.as_str()) => String::new(),
        "AccessDeniedException" | "AccessDenied" => format!(
            "; {reader} needs the IAM action {} (`rolecall permissions organization` prints the policy), in the management account or in \
             one that is a delegated administrator",
            cause.call
        ),
        "AWSOrganizationsNotInUseException" => {
            format!("; the account of {reader} is in no organization: take [organization] away")
        }
        "ParentNotFoundException" => "; the unit went away meanwhile: run again".to_owned(),
        code if is_throttle(code) => {
            "; run again later, or raise max_attempts in [scan]".to_owned()
        }
        _ => String::new(),
    }
}

/// Reads the organization. The numbers are for `run.json`.
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
            let own = caller_account(base.config(), &region).await;
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
    let reading = OrganizationReader {
        client: client(&config, &region, &account, &meter),
        account,
        reader,
        meter: meter.clone(),
    };
    Ok((reading.organization().await?, meter.snapshot()))
}

fn client(
    config: &SdkConfig,
    region: &crate::model::Region,
    account: &AccountId,
    meter: &Meter,
) -> Client {
    // Of every region of a partition the SDK knows that its one endpoint of Organizations is meant.
    let builder = aws_sdk_organizations::config::Builder::from(config).region(sdk_region(region));
    Client::from_conf(builder.interceptor(meter.interceptor(account)).build())
}

/// An answer without its list is not an empty list.
fn listed<T>(call: &str, list: Option<Vec<T>>, name: &str) -> Result<Vec<T>, Failure> {
    list.ok_or_else(|| Failure::invalid(call, &format!("no {name} in the answer")))
}

struct OrganizationReader {
    client: Client,
    account: AccountId,
    reader: String,
    meter: Meter,
}

impl OrganizationReader {
    async fn organization(&self) -> Result<Organization, OrganizationError> {
        let (mut units, mut accounts) = (self.roots().await?, Vec::new());
        let mut level: Vec<UnitId> = units.iter().map(|root| root.id.clone()).collect();
        // The units of the last level are asked for units too: what must not be there is an error
        // then, not something that nobody saw.
        for _ in 0..Organization::MAX_DEPTH {
            let mut answers = stream::iter(std::mem::take(&mut level))
                .map(|unit| self.children(unit))
                .buffered(CONCURRENCY);
            while let Some((below, members)) = answers.try_next().await? {
                level.extend(below.iter().map(|unit| unit.id.clone()));
                units.extend(below);
                accounts.extend(members);
                if units.len() > Organization::MAX_UNITS
                    || accounts.len() > Organization::MAX_ACCOUNTS
                {
                    return Ok(Organization::new(units, accounts)?);
                }
            }
        }
        Ok(Organization::new(units, accounts)?)
    }

    async fn roots(&self) -> Result<Vec<Unit>, OrganizationError> {
        const CALL: &str = OrganizationAccess::LIST_ROOTS;
        let roots = self.all(CALL, None, async |token| {
            let answer = self
                .send(CALL, self.client.list_roots().max_results(PAGE).set_next_token(token).send())
                .await?;
            Ok((listed(CALL, answer.roots, "Roots")?, answer.next_token))
        });
        let unit =
            |root: aws_sdk_organizations::types::Root| self.unit(CALL, root.id, root.name, None);
        roots.await?.into_iter().map(unit).collect()
    }

    /// The units and the accounts directly in a unit.
    async fn children(
        &self,
        parent: UnitId,
    ) -> Result<(Vec<Unit>, Vec<Member>), OrganizationError> {
        const UNITS: &str = OrganizationAccess::LIST_UNITS;
        const ACCOUNTS: &str = OrganizationAccess::LIST_ACCOUNTS;
        let units = self.all(UNITS, Some(&parent), async |token| {
            let request =
                self.client.list_organizational_units_for_parent().parent_id(parent.as_str());
            let answer =
                self.send(UNITS, request.max_results(PAGE).set_next_token(token).send()).await?;
            Ok((
                listed(UNITS, answer.organizational_units, "OrganizationalUnits")?,
                answer.next_token,
            ))
        });
        let unit = |unit: aws_sdk_organizations::types::OrganizationalUnit| {
            self.unit(UNITS, unit.id, unit.name, Some(&parent))
        };
        let units = units.await?.into_iter().map(unit).collect::<Result<_, _>>()?;
        let accounts = self.all(ACCOUNTS, Some(&parent), async |token| {
            let request = self.client.list_accounts_for_parent().parent_id(parent.as_str());
            let answer =
                self.send(ACCOUNTS, request.max_results(PAGE).set_next_token(token).send()).await?;
            Ok((listed(ACCOUNTS, answer.accounts, "Accounts")?, answer.next_token))
        });
        let accounts = accounts
            .await?
            .into_iter()
            .map(|account| self.member(account, &parent))
            .collect::<Result<_, _>>()?;
        Ok((units, accounts))
    }

    /// Every page of a list.
    async fn all<T>(
        &self,
        call: &'static str,
        parent: Option<&UnitId>,
        page: impl AsyncFn(Option<String>) -> Result<(Vec<T>, Option<String>), Failure>,
    ) -> Result<Vec<T>, OrganizationError> {
        let (mut items, mut token, mut pages) = (Vec::new(), None, Pages::named(call));
        loop {
            let (more, next) = page(token).await.map_err(|failure| self.failed(failure, parent))?;
            items.extend(more);
            // Organizations may give empty pages in the middle; the token alone says where the list
            // ends.
            token = pages.next(next).map_err(|failure| self.failed(failure, parent))?;
            if token.is_none() {
                return Ok(items);
            }
            if items.len() > Organization::MAX_ACCOUNTS {
                return Err(self.failed(
                    Failure::invalid(call, "the list is longer than any organization"),
                    parent,
                ));
            }
        }
    }

    async fn send<T, E>(
        &self,
        call: &'static str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.meter.call(&self.account, call);
        send.await
            .map_err(|error| Failure::of(call, &error))
            .inspect_err(|failure| self.meter.failed(&self.account, failure))
    }

    fn failed(&self, failure: Failure, place: Option<&UnitId>) -> OrganizationError {
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
        parent: Option<&UnitId>,
    ) -> Result<Unit, OrganizationError> {
        let id: UnitId = self.id(call, id, parent)?;
        let name = name.filter(|name| !name.is_empty()).map(|name| text::one_line(&name, MAX_NAME));
        Ok(Unit { name: name.unwrap_or_else(|| id.to_string()), id, parent: parent.cloned() })
    }

    fn member(
        &self,
        account: aws_sdk_organizations::types::Account,
        unit: &UnitId,
    ) -> Result<Member, OrganizationError> {
        // `Status` is the older word, which AWS is taking away.
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
        parent: Option<&UnitId>,
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
