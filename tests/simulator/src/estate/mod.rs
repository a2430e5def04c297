//! Owns a generated estate: accounts in an organization, each with buckets, instances and networks
//! in some regions. Everything is computed from its index, so an estate of a million buckets takes
//! no memory. Here: accounts, roles, and what the services share.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::hosts::Service;
use super::request::{Request, account_of_key};
use super::response::{Response, escape};
use super::{Backend, OWN_ACCOUNT};

mod buckets;
pub mod draw;
mod ec2;
mod s3;
mod s3_control;

/// Answers that take precedence over the generated ones.
pub type Other = Arc<dyn Fn(&Request) -> Option<Response> + Send + Sync>;

/// The id of the first account.
const FIRST_ACCOUNT: u64 = 100_000_000_000;
/// How many accounts or OUs a page of an organization has.
const ORGANIZATION_PAGE: usize = 20;
/// The root of the organization.
const ROOT: &str = "r-fake";

/// The calls to STS and Organizations that are answered.
const OTHER_CALLS: [&str; 7] = [
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
];

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
    /// How many resources of other kinds.
    pub others: Others,
    /// Where the differences between resources come from. `None`: all are configured alike.
    pub seed: Option<u64>,
    /// The most items on a page, for a list with a page size.
    pub page: Option<u64>,
    /// How many OUs the organization has. Every second one is below the one before it; the accounts
    /// are distributed over the root and them.
    pub units: u64,
    /// How long the credentials of a role last, whatever is asked for.
    pub session: Option<Duration>,
    pub own_account: String,
    /// Answers that take precedence over the generated ones.
    pub other: Option<Other>,
}

/// How many resources of each other kind an account has: in each region, unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Others {
    /// Each with two subnets, route tables and network ACLs, an internet gateway, and some flow logs
    /// and endpoints.
    pub vpcs: u64,
    /// Each with one network interface, and one of the volumes while there are any.
    pub instances: u64,
    pub snapshots: u64,
    pub images: u64,
    pub addresses: u64,
    pub launch_templates: u64,
    pub spot_fleets: u64,
    pub prefix_lists: u64,
    pub peerings: u64,
    pub transit_gateways: u64,
    pub vpn_connections: u64,
    pub client_vpn_endpoints: u64,
    pub access_points: u64,
    pub directory_buckets: u64,
    pub key_pairs: u64,
    pub capacity_reservations: u64,
    pub reserved_instances: u64,
    pub fleets: u64,
    /// Each with two scopes.
    pub ipams: u64,
    /// Paths and access scopes, each with one analysis.
    pub network_insights: u64,
    /// Each with a filter, a target and a session.
    pub traffic_mirrors: u64,
    pub verified_access_instances: u64,
    pub endpoint_services: u64,
    /// A region has at most one access grants instance.
    pub access_grants: u64,
    pub object_lambda_access_points: u64,
    /// Besides the default dashboard of each account.
    pub storage_lens: u64,
    /// Of the whole account.
    pub multi_region_access_points: u64,
}

impl Others {
    /// That many of each.
    pub fn each(count: u64) -> Self {
        Self {
            vpcs: count,
            instances: count,
            snapshots: count,
            images: count,
            addresses: count,
            launch_templates: count,
            spot_fleets: count,
            prefix_lists: count,
            peerings: count,
            transit_gateways: count,
            vpn_connections: count,
            client_vpn_endpoints: count,
            access_points: count,
            directory_buckets: count,
            key_pairs: count,
            capacity_reservations: count,
            reserved_instances: count,
            fleets: count,
            ipams: count,
            network_insights: count,
            traffic_mirrors: count,
            verified_access_instances: count,
            endpoint_services: count,
            access_grants: count,
            object_lambda_access_points: count,
            storage_lens: count,
            multi_region_access_points: count,
        }
    }
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
            others: Others::default(),
            seed: None,
            page: None,
            units: 0,
            session: None,
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

    /// A small estate in which resources of all kinds differ, by a seed.
    pub fn seeded(seed: u64, accounts: u64, regions: &[&str]) -> Self {
        Self {
            accounts,
            buckets: 8,
            volumes: 6,
            security_groups: 6,
            others: Others::each(4),
            seed: Some(seed),
            ..Self::in_regions(regions)
        }
    }

    pub fn other(
        mut self,
        other: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        self.other = Some(Arc::new(other));
        self
    }

    /// The calls that an estate answers, as `ec2:DescribeVpcs`.
    pub fn calls() -> BTreeSet<String> {
        let ec2 = ec2::calls().map(|call| format!("ec2:{call}"));
        let s3 = s3::CALLS.iter().map(|call| format!("s3:{call}"));
        let express = s3::DIRECTORY_CALLS.iter().map(|call| format!("s3express:{call}"));
        let control = s3_control::CALLS.iter().map(|call| format!("s3control:{call}"));
        let others = OTHER_CALLS.map(str::to_owned);
        ec2.chain(s3).chain(express).chain(control).chain(others).collect()
    }

    /// The ids of the accounts, without the client's own.
    pub fn account_ids(&self) -> Vec<String> {
        (0..self.accounts).map(|index| (FIRST_ACCOUNT + index).to_string()).collect()
    }

    /// What an account has, for a program that creates the same elsewhere: its buckets with their
    /// settings, and by region what EC2 lists, in the names of the wire format.
    pub fn describe(&self, account: u64) -> Value {
        let buckets = (account * self.buckets..(account + 1) * self.buckets)
            .map(|index| json!(buckets::Bucket::at(self, index)))
            .collect::<Vec<_>>();
        let regions: Vec<Value> = (0..self.regions.len())
            .map(|place| ec2::describe(self, account, place, &self.account_at(account)))
            .collect();
        json!({
            "id": self.account_at(account), "buckets": buckets, "regions": regions,
            "public_access_block": s3_control::account_flags(self, account).map(s3::flags_of),
        })
    }

    /// Whether another account has a bucket of this name, which an AWS service would create in an
    /// account of the estate.
    pub fn is_taken(&self, name: &str) -> bool {
        buckets::is_taken(self, name)
    }

    /// The keys of the objects in a bucket, and the canned ACL of each.
    pub fn objects(&self, bucket: &str) -> Vec<(String, &'static str)> {
        buckets::index(self, bucket).map_or_else(Vec::new, |index| buckets::objects(self, index))
    }

    /// Where an account is among all; the client's own is the last. `None` if there is no such
    /// account.
    fn account_index(&self, account: &str) -> Option<u64> {
        if account == self.own_account {
            return Some(self.accounts);
        }
        let index = account.parse::<u64>().ok()?.checked_sub(FIRST_ACCOUNT)?;
        (index < self.accounts).then_some(index)
    }

    fn account_at(&self, index: u64) -> String {
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
            _ => return Response::unknown_call(request),
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
        let lifetime = self.session.unwrap_or(Duration::from_secs(seconds));
        let end = request.time + lifetime;
        let (expiration, key) = (timestamp(end), access_key(account, end));
        let (partition, role) =
            (request.host.partition.name, escape(arn.rsplit('/').next().unwrap_or_default()));
        let session = escape(request.param("RoleSessionName"));
        Ok(format!(
            "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
             <SessionToken>token</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             <AssumedRoleUser><AssumedRoleId>AROAFAKE:{session}</AssumedRoleId>\
             <Arn>arn:{partition}:sts::{account}:assumed-role/{role}/{session}</Arn></AssumedRoleUser>"
        ))
    }

    fn organizations(&self, request: &Request) -> Response {
        let input: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let (own, partition) = (&self.own_account, request.host.partition.name);
        let organization = format!("arn:{partition}:organizations::{own}");
        let parent = input["ParentId"].as_str().unwrap_or(ROOT);
        let body = match request.operation() {
            "DescribeOrganization" => json!({ "Organization": {
                "Id": "o-fakefakefa", "Arn": format!("{organization}:organization/o-fakefakefa"), "FeatureSet": "ALL",
                "MasterAccountId": own, "MasterAccountArn": format!("{organization}:account/o-fakefakefa/{own}"),
                "MasterAccountEmail": "own@example.com",
            } }),
            "ListRoots" => json!({ "Roots": [{
                "Id": ROOT, "Arn": format!("{organization}:root/o-fakefakefa/{ROOT}"), "Name": "Root", "PolicyTypes": [],
            }] }),
            "ListOrganizationalUnitsForParent" => {
                let units = (0..self.units).filter(|unit| self.parent_of_unit(*unit) == parent);
                let unit = |unit: u64| {
                    let id = unit_id(unit);
                    json!({
                        "Id": id, "Arn": format!("{organization}:ou/o-fakefakefa/{id}"),
                        "Name": format!("Unit {unit}"),
                    })
                };
                page_of("OrganizationalUnits", units.collect(), &input, unit)
            }
            "ListAccounts" | "ListAccountsForParent" => {
                let is_listed = |index: &u64| {
                    request.operation() == "ListAccounts" || self.unit_of_account(*index) == parent
                };
                let account = |index: u64| {
                    let id = self.account_at(index);
                    json!({
                        "Id": id, "Arn": format!("{organization}:account/o-fakefakefa/{id}"), "Email": format!("{id}@example.com"),
                        "Name": format!("account {index}"), "Status": "ACTIVE", "State": "ACTIVE", "JoinedMethod": "CREATED",
                        "JoinedTimestamp": 1_704_067_200.0,
                    })
                };
                let accounts = (0..=self.accounts).filter(is_listed);
                page_of("Accounts", accounts.collect(), &input, account)
            }
            _ => return Response::unknown_call(request),
        };
        Response::json(request, &body)
    }
}

impl Estate {
    /// The id of the OU or root that an OU is in.
    fn parent_of_unit(&self, unit: u64) -> String {
        if unit % 2 == 1 { unit_id(unit - 1) } else { ROOT.to_owned() }
    }

    /// The id of the OU or root that an account is in.
    fn unit_of_account(&self, index: u64) -> String {
        match index % (self.units + 1) {
            0 => ROOT.to_owned(),
            place => unit_id(place - 1),
        }
    }
}

fn unit_id(unit: u64) -> String {
    format!("ou-fake-{unit:08}")
}

/// The page of a list of the organization that is asked for.
fn page_of(name: &str, all: Vec<u64>, input: &Value, item: impl Fn(u64) -> Value) -> Value {
    let start = input["NextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0_usize);
    let end = (start + ORGANIZATION_PAGE).min(all.len());
    let items: Vec<Value> = all.iter().take(end).skip(start).map(|index| item(*index)).collect();
    let mut page = json!({ name: items });
    if end < all.len() {
        page["NextToken"] = end.to_string().into();
    }
    page
}

impl Backend for Estate {
    fn answer(&self, request: &Request) -> Response {
        if let Some(response) = self.other.as_ref().and_then(|other| other(request)) {
            return response;
        }
        match request.host.service {
            Service::S3 | Service::S3ExpressControl | Service::S3ExpressZonal => {
                s3::answer(self, request)
            }
            Service::S3Control => s3_control::answer(self, request),
            Service::Ec2 => ec2::answer(self, request),
            Service::Sts => self.sts(request),
            Service::Organizations => self.organizations(request),
        }
    }

    fn bucket_region(&self, request: &Request) -> Option<String> {
        if request.host.service != Service::S3 {
            return None;
        }
        let index = buckets::index(self, request.bucket.as_deref()?)?;
        Some(buckets::region(self, index).to_owned())
    }
}

/// A time as `2024-01-31T00:00:00.250Z`: credentials of a few seconds end within a second.
fn timestamp(time: SystemTime) -> String {
    let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    jiff::Timestamp::from_millisecond(i64::try_from(millis).unwrap()).unwrap().to_string()
}

/// The access key of a role's session. It names the account and the end of the session, so that
/// nothing is kept.
fn access_key(account: &str, end: SystemTime) -> String {
    let end = end.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    format!("ASIA{account}E{end:X}")
}

/// The end of the session of an access key.
pub(crate) fn end_of_key(key: &str) -> Option<SystemTime> {
    account_of_key(key)?;
    let millis = u64::from_str_radix(key.get(16..)?.strip_prefix('E')?, 16).ok()?;
    Some(UNIX_EPOCH + Duration::from_millis(millis))
}

/// What is on the page that is asked for.
#[derive(Debug)]
struct Page {
    items: Range<u64>,
    /// The token of the next page.
    next: Option<String>,
}

impl Page {
    /// The page of a list of `count` items. `None` if the token is not one of this list. `parameters`
    /// are the names of the token and of the page size; without one, a page has `default` items.
    fn of(
        estate: &Estate,
        request: &Request,
        parameters: [&str; 2],
        count: u64,
        default: u64,
    ) -> Option<Self> {
        let [token, size] = parameters.map(|name| request.param(name));
        let start = match token {
            "" => 0,
            token => u64::from_str_radix(token.strip_prefix("token-")?, 16).ok()?,
        };
        // A list without a page size is not paged.
        let most = estate.page.unwrap_or(u64::MAX).max(1);
        let size = size.parse::<u64>().map_or(default, |size| size.min(most));
        let end = (start + size).min(count);
        let next = (end < count).then(|| format!("token-{end:x}"));
        (start <= count).then_some(Self { items: start..end, next })
    }
}
