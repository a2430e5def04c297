//! Owns a generated estate: accounts in an organization, each with buckets, volumes and security
//! groups in some regions. Everything is computed from its index, so an estate of a million buckets
//! takes no memory. Here: accounts, roles and S3 Control.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::hosts::Service;
use super::request::{Request, account_of_key};
use super::response::{Response, escape};
use super::{Backend, OWN_ACCOUNT, estate_ec2, estate_s3};

/// Answers that take precedence over the generated ones.
pub type Other = Arc<dyn Fn(&Request) -> Option<Response> + Send + Sync>;

/// The id of the first account.
const FIRST_ACCOUNT: u64 = 100_000_000_000;
/// How many accounts a page of an organization has.
const ACCOUNTS_PAGE: u64 = 20;

#[derive(Clone)]
pub struct Estate {
    /// How many accounts there are besides the client's own, which has resources as well.
    pub accounts: u64,
    /// The enabled regions.
    pub regions: Vec<String>,
    /// How many buckets each account has. They are distributed over the regions.
    pub buckets: u64,
    /// How many of them have a name with a dot, from the first on.
    pub dotted: u64,
    /// How many volumes and security groups each account has in each region.
    pub volumes: u64,
    pub security_groups: u64,
    pub own_account: String,
    /// Answers that take precedence over the generated ones.
    pub other: Option<Other>,
}

impl fmt::Debug for Estate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Estate({} accounts, {:?}, {} buckets)",
            self.accounts, self.regions, self.buckets
        )
    }
}

impl Default for Estate {
    fn default() -> Self {
        Self {
            accounts: 1,
            regions: vec!["us-east-1".to_owned()],
            buckets: 10,
            dotted: 0,
            volumes: 3,
            security_groups: 2,
            own_account: OWN_ACCOUNT.to_owned(),
            other: None,
        }
    }
}

impl Estate {
    pub fn in_regions(regions: &[&str]) -> Self {
        Self {
            regions: regions.iter().map(|region| (*region).to_owned()).collect(),
            ..Self::default()
        }
    }

    pub fn other(
        mut self,
        other: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        self.other = Some(Arc::new(other));
        self
    }

    /// The ids of the accounts, without the client's own.
    pub fn account_ids(&self) -> Vec<String> {
        (0..self.accounts).map(|index| (FIRST_ACCOUNT + index).to_string()).collect()
    }

    /// Where an account is among all; the client's own is the last. `None` if there is no such
    /// account.
    pub(super) fn account_index(&self, account: &str) -> Option<u64> {
        if account == self.own_account {
            return Some(self.accounts);
        }
        let index = account.parse::<u64>().ok()?.checked_sub(FIRST_ACCOUNT)?;
        (index < self.accounts).then_some(index)
    }

    pub(super) fn account_at(&self, index: u64) -> String {
        if index == self.accounts {
            self.own_account.clone()
        } else {
            (FIRST_ACCOUNT + index).to_string()
        }
    }

    fn sts(&self, request: &Request) -> Response {
        let body = match request.operation() {
            "AssumeRole" => match self.assume_role(request) {
                Ok(body) => body,
                Err(response) => return response,
            },
            "GetCallerIdentity" => {
                let (account, partition) = (&request.account, request.host.partition.name);
                let (id, arn) = match account_of_key(&request.access_key) {
                    Some(_) => (
                        "AROAFAKE:fake",
                        format!("arn:{partition}:sts::{account}:assumed-role/fake/fake"),
                    ),
                    None => ("AIDAFAKE", format!("arn:{partition}:iam::{account}:user/fake")),
                };
                format!("<Arn>{arn}</Arn><UserId>{id}</UserId><Account>{account}</Account>")
            }
            _ => return invalid_action(request),
        };
        let (operation, id) = (request.operation(), request.request_id());
        Response::xml(
            request,
            &format!(
                "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{body}</{operation}Result>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
            ),
        )
    }

    fn assume_role(&self, request: &Request) -> Result<String, Response> {
        let (account, arn) = (request.role_account(), request.param("RoleArn"));
        if self.account_index(account).is_none() {
            let message = format!(
                "User: arn:aws:iam::{}:user/fake is not authorized to perform: sts:AssumeRole on resource: {arn}",
                request.account
            );
            return Err(Response::denied(request, &message));
        }
        let seconds = request.param("DurationSeconds").parse().unwrap_or(3600);
        let expiration = timestamp(SystemTime::now() + Duration::from_secs(seconds));
        let (partition, role) =
            (request.host.partition.name, escape(arn.rsplit('/').next().unwrap_or_default()));
        let session = escape(request.param("RoleSessionName"));
        Ok(format!(
            "<Credentials><AccessKeyId>ASIA{account}FAKE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
             <SessionToken>token</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             <AssumedRoleUser><AssumedRoleId>AROAFAKE:{session}</AssumedRoleId>\
             <Arn>arn:{partition}:sts::{account}:assumed-role/{role}/{session}</Arn></AssumedRoleUser>"
        ))
    }

    fn organizations(&self, request: &Request) -> Response {
        let input: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let (own, partition) = (&self.own_account, request.host.partition.name);
        let organization = format!("arn:{partition}:organizations::{own}");
        let parent = input["ParentId"].as_str().unwrap_or("r-fake");
        let body = match request.operation() {
            "DescribeOrganization" => json!({ "Organization": {
                "Id": "o-fakefakefa", "Arn": format!("{organization}:organization/o-fakefakefa"), "FeatureSet": "ALL",
                "MasterAccountId": own, "MasterAccountArn": format!("{organization}:account/o-fakefakefa/{own}"),
                "MasterAccountEmail": "own@example.com",
            } }),
            "ListRoots" => json!({ "Roots": [{
                "Id": "r-fake", "Arn": format!("{organization}:root/o-fakefakefa/r-fake"), "Name": "Root", "PolicyTypes": [],
            }] }),
            "ListOrganizationalUnitsForParent" => json!({ "OrganizationalUnits": [] }),
            "ListAccountsForParent" if parent != "r-fake" => json!({ "Accounts": [] }),
            "ListAccounts" | "ListAccountsForParent" => {
                let start: u64 =
                    input["NextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0);
                let end = (start + ACCOUNTS_PAGE).min(self.accounts + 1);
                let account = |index: u64| {
                    let id = self.account_at(index);
                    json!({
                        "Id": id, "Arn": format!("{organization}:account/o-fakefakefa/{id}"), "Email": format!("{id}@example.com"),
                        "Name": format!("account {index}"), "Status": "ACTIVE", "State": "ACTIVE", "JoinedMethod": "CREATED",
                        "JoinedTimestamp": 1_704_067_200.0,
                    })
                };
                let mut page = json!({ "Accounts": (start..end).map(account).collect::<Vec<_>>() });
                if end <= self.accounts {
                    page["NextToken"] = end.to_string().into();
                }
                page
            }
            _ => return Response::error(request, 400, "UnknownOperationException", "", &[]),
        };
        Response::json(request, &body)
    }
}

impl Backend for Estate {
    fn answer(&self, request: &Request) -> Response {
        if let Some(response) = self.other.as_ref().and_then(|other| other(request)) {
            return response;
        }
        match request.host.service {
            Service::S3 | Service::S3ExpressControl | Service::S3ExpressZonal => {
                estate_s3::answer(self, request)
            }
            Service::S3Control => s3_control(request),
            Service::Ec2 => estate_ec2::answer(self, request),
            Service::Sts => self.sts(request),
            Service::Organizations => self.organizations(request),
        }
    }

    fn bucket_region(&self, request: &Request) -> Option<String> {
        if request.host.service != Service::S3 {
            return None;
        }
        let index = estate_s3::bucket_index(self, request.bucket.as_deref()?)?;
        Some(estate_s3::region_of(self, index).to_owned())
    }
}

/// No account has settings, access points or other resources of S3 Control.
fn s3_control(request: &Request) -> Response {
    let account = request.host.account.as_deref().unwrap_or_default();
    let list = |root: &str, list: &str| {
        Response::xml(
            request,
            &format!(
                "<{root} xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\"><{list}/></{root}>"
            ),
        )
    };
    match request.operation() {
        "GetPublicAccessBlock" => {
            let message = "The public access block configuration was not found";
            let code = "NoSuchPublicAccessBlockConfiguration";
            Response::error(request, 404, code, message, &[("AccountId", account)])
        }
        "ListAccessPoints" => list("ListAccessPointsResult", "AccessPointList"),
        "ListAccessPointsForObjectLambda" => {
            list("ListAccessPointsForObjectLambdaResult", "ObjectLambdaAccessPointList")
        }
        "ListMultiRegionAccessPoints" => list("ListMultiRegionAccessPointsResult", "AccessPoints"),
        // This list has no element around its items.
        "ListStorageLensConfigurations" => {
            Response::xml(request, "<ListStorageLensConfigurationResult/>")
        }
        "ListAccessGrantsInstances" => {
            list("ListAccessGrantsInstancesResult", "AccessGrantsInstancesList")
        }
        _ => Response::error(
            request,
            404,
            "NoSuchConfiguration",
            "The specified configuration does not exist.",
            &[],
        ),
    }
}

/// The answer to an operation that the estate does not have.
pub(super) fn invalid_action(request: &Request) -> Response {
    let message = format!("The action {} is not valid for this web service.", request.operation());
    Response::error(request, 400, "InvalidAction", &message, &[])
}

/// A time as `2024-01-31T00:00:00Z`.
pub(super) fn timestamp(time: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap();
    jiff::Timestamp::from_second(time.as_second()).unwrap().to_string()
}
