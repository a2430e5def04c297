use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::aws::NoopObserver;
use crate::aws::tests::fake::{Fake, FakeRequest};
use crate::model::{ExternalId, OrganizationRole};

const WORK: &str = "ou-root-workload";
const PROD: &str = "ou-root-prodprod";

fn access(role: bool) -> OrganizationAccess {
    let role = role.then(|| OrganizationRole {
        account: Some("222222222222".parse().unwrap()),
        resource: "role/reader".to_owned(),
        external_id: Some(ExternalId::new("s3cret".to_owned())),
    });
    OrganizationAccess { partition: Default::default(), role }
}

fn response(body: Value) -> Option<(u16, String)> {
    Some((200, body.to_string()))
}

fn refusal(code: &str, message: &str) -> Option<(u16, String)> {
    Some((400, json!({ "__type": code, "Message": message }).to_string()))
}

fn account(number: u64, name: &str, state: Value) -> Value {
    let mut account = json!({ "Id": format!("{number:012}"), "Name": name });
    account.as_object_mut().unwrap().extend(state.as_object().unwrap().clone());
    account
}

/// A root with the OU Work, which contains Prod; accounts in pages, one of them empty.
fn acme(request: &FakeRequest) -> Option<(u16, String)> {
    let call = request.target.strip_prefix("AWSOrganizationsV20161128.")?;
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["MaxResults"], 20, "{call}");
    let active = || json!({ "State": "ACTIVE", "Status": "ACTIVE" });
    response(
        match (
            call,
            body["ParentId"].as_str().unwrap_or_default(),
            body["NextToken"].as_str().unwrap_or_default(),
        ) {
            ("ListRoots", "", "") => json!({ "Roots": [{ "Id": "r-root", "Name": "Root" }] }),
            ("ListOrganizationalUnitsForParent", "r-root", "") => {
                json!({ "OrganizationalUnits": [], "NextToken": "units" })
            }
            ("ListOrganizationalUnitsForParent", "r-root", "units") => {
                json!({ "OrganizationalUnits": [{ "Id": WORK, "Name": "Work\u{1b}[31m" }] })
            }
            ("ListOrganizationalUnitsForParent", WORK, "") => {
                json!({ "OrganizationalUnits": [{ "Id": PROD, "Name": "Prod" }] })
            }
            ("ListOrganizationalUnitsForParent", PROD, "") => json!({ "OrganizationalUnits": [] }),
            ("ListAccountsForParent", "r-root", "") => {
                json!({ "Accounts": [account(1, "management", active())] })
            }
            ("ListAccountsForParent", WORK, "") => json!({ "Accounts": [] }),
            ("ListAccountsForParent", PROD, "") => {
                json!({ "Accounts": [account(2, "shop", json!({ "State": "ACTIVE" }))], "NextToken": "more" })
            }
            ("ListAccountsForParent", PROD, "more") => json!({ "Accounts": [
            account(3, "older", json!({ "Status": "SUSPENDED" })),
            account(4, "leaving", json!({ "State": "PENDING_CLOSURE", "Status": "ACTIVE" })),
            account(5, "odd", json!({})),
        ] }),
            other => panic!("no response for {other:?}"),
        },
    )
}

async fn read(fake: &Fake, role: bool) -> Result<(Organization, Stats), OrganizationError> {
    read_organization(&fake.base().await, &access(role), "test", Arc::new(NoopObserver)).await
}

#[tokio::test]
async fn every_page_of_every_level_is_read() {
    let fake = Fake::new(acme);
    let (organization, stats) = read(&fake, true).await.unwrap();
    let found: Vec<_> = organization
        .accounts()
        .iter()
        .map(|member| {
            (
                member.name.as_deref().unwrap(),
                member.state.as_str(),
                organization.path(&member.unit).unwrap(),
            )
        })
        .collect();
    let prod = "Root/Work\u{fffd}[31m/Prod";
    assert_eq!(
        found,
        [
            ("management", "ACTIVE", "Root"),
            ("shop", "ACTIVE", prod),
            ("older", "SUSPENDED", prod),
            // `State` takes precedence over `Status`.
            ("leaving", "PENDING_CLOSURE", prod),
            ("odd", "unknown", prod),
        ]
    );
    let calls: Vec<(&str, u64)> =
        stats.calls.iter().map(|(call, times)| (call.as_str(), *times)).collect();
    let expected = [
        ("organizations:ListAccountsForParent", 4),
        ("organizations:ListOrganizationalUnitsForParent", 4),
        ("organizations:ListRoots", 1),
        ("sts:AssumeRole", 1),
    ];
    assert_eq!(calls, expected);
    // With the role, whose session can do that and nothing else.
    let assumed = &fake.requests("Action=AssumeRole")[0];
    assert_eq!(
        assumed.parameter("RoleArn").as_deref(),
        Some("arn:aws:iam::222222222222:role/reader")
    );
    assert_eq!(assumed.parameter("ExternalId").as_deref(), Some("s3cret"));
    let policy: Value = serde_json::from_str(&assumed.parameter("Policy").unwrap()).unwrap();
    assert_eq!(
        policy["Statement"],
        json!([{ "Effect": "Allow", "Action": OrganizationAccess::ACTIONS, "Resource": "*" }])
    );
    let requests = fake.requests("AWSOrganizations");
    assert!(requests.iter().all(|request| request.key == "KEY222222222222"
        && request.uri.starts_with("https://organizations.us-east-1.")));
}

#[tokio::test]
async fn base_credentials_can_read_it_themselves() {
    let fake = Fake::new(acme);
    assert_eq!(read(&fake, false).await.unwrap().0.accounts().len(), 5);
    assert!(fake.requests("Action=AssumeRole").is_empty());
    assert!(fake.requests("AWSOrganizations").iter().all(|request| request.key == "BASE"));
}

#[tokio::test]
async fn an_incomplete_organization_is_an_error() {
    type Faulty = fn(&FakeRequest) -> Option<(u16, String)>;
    // (the response instead, words of the error)
    let table: [(Faulty, &[&str]); 10] = [
        (
            |request| {
                request
                    .target
                    .ends_with(".ListRoots")
                    .then(|| refusal("AWSOrganizationsNotInUseException", "no"))
                    .flatten()
            },
            &[
                "organizations:ListRoots: AWSOrganizationsNotInUseException",
                "must belong to an organization",
            ],
        ),
        (
            // In the middle: the second page of the last OU.
            |request| {
                (request.target.ends_with(".ListAccountsForParent") && request.has("\"more\""))
                    .then(|| {
                        refusal(
                            "AccessDeniedException",
                            "You don't have permissions to access this resource.",
                        )
                    })
                    .flatten()
            },
            &[
                "organizations:ListAccountsForParent: AccessDeniedException, for ou-root-prodprod: You don't have permissions",
                "arn:aws:iam::222222222222:role/reader must be allowed to call organizations:ListAccountsForParent",
            ],
        ),
        (
            |request| {
                request
                    .target
                    .ends_with(".ListOrganizationalUnitsForParent")
                    .then(|| refusal("TooManyRequestsException", "slow"))
                    .flatten()
            },
            &[
                "organizations:ListOrganizationalUnitsForParent: TooManyRequestsException, for r-root",
                "raise `max_attempts`",
            ],
        ),
        (
            |request| {
                let page = json!({ "Accounts": [], "NextToken": "again" });
                (request.target.ends_with(".ListAccountsForParent") && request.has(PROD))
                    .then(|| response(page))
                    .flatten()
            },
            &[
                "ListAccountsForParent: InvalidResponse, for ou-root-prodprod",
                "a page token was repeated",
            ],
        ),
        (
            // Every OU contains another one.
            |request| {
                let body: Value = serde_json::from_str(&request.body).ok()?;
                let parent = body["ParentId"].as_str()?;
                let depth: usize =
                    parent.strip_prefix("ou-root-level").map_or(0, |depth| depth.parse().unwrap());
                let below =
                    json!([{ "Id": format!("ou-root-level{:03}", depth + 1), "Name": "x" }]);
                if request.target.ends_with(".ListOrganizationalUnitsForParent") {
                    return response(json!({ "OrganizationalUnits": below }));
                }
                response(json!({ "Accounts": [] }))
            },
            &["more than 5 levels below a root"],
        ),
        (
            // An OU that contains itself.
            |request| {
                let circle = json!({ "OrganizationalUnits": [{ "Id": WORK, "Name": "Work" }] });
                (request.target.ends_with(".ListOrganizationalUnitsForParent") && request.has(WORK))
                    .then(|| response(circle))
                    .flatten()
            },
            &["duplicate OU ou-root-workload"],
        ),
        (
            // Moved while it was read.
            |request| {
                let twice =
                    json!({ "Accounts": [account(2, "shop", json!({ "State": "ACTIVE" }))] });
                (request.target.ends_with(".ListAccountsForParent") && request.has(WORK))
                    .then(|| response(twice))
                    .flatten()
            },
            &["account 000000000002 is in two OUs", "try again"],
        ),
        (
            |request| {
                request
                    .target
                    .ends_with(".ListRoots")
                    .then(|| response(json!({ "Roots": [{ "Id": "../x", "Name": "Root" }] })))
                    .flatten()
            },
            &["organizations:ListRoots: InvalidResponse", "`../x` is not a valid OU id"],
        ),
        (
            |request| {
                (request.has("ListAccountsForParent") && request.has(PROD))
                    .then(|| response(json!({})))?
            },
            &[
                "organizations:ListAccountsForParent: InvalidResponse",
                "no Accounts in the response",
            ],
        ),
        (
            |request| {
                let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
                request.has("Action=AssumeRole").then(|| (403, denied.to_owned()))
            },
            &["sts:AssumeRole: AccessDenied", "arn:aws:iam::222222222222:role/reader"],
        ),
    ];
    for (faulty, words) in table {
        let fake = Fake::new(move |request| faulty(request).or_else(|| acme(request)));
        let error = read(&fake, true).await.unwrap_err().to_string();
        assert!(
            error.starts_with("cannot read the organization, so nothing was scanned: "),
            "{error}"
        );
        for word in words {
            assert!(error.contains(word), "{error}\nlacks: {word}");
        }
        assert!(!error.contains("s3cret"), "{error}");
    }
}
