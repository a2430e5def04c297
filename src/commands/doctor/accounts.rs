//! The checks of one account: its role, its regions, and the IAM actions.

use crate::aws::{self, CheckedAccount, Entered, NotTried, Tried, TriedAction};
use crate::model::text::one_line;
use crate::model::{Cause, Region, Role, Target};
use crate::report::advice;
use crate::report::{Access, Area, Check, CheckStatus, CheckedIn};
use crate::run::setup::Setup;

/// Turns the results of one account into checks.
pub(super) struct AccountChecks<'a> {
    pub(super) setup: &'a Setup,
    /// The ARN of the identity that assumed the role.
    pub(super) principal: &'a str,
}

impl AccountChecks<'_> {
    /// The checks of an account. Those that need attention name its place in the config.
    pub(super) fn checks(&self, account: CheckedAccount) -> Vec<Check> {
        let place = self.setup.config.account_position(&account.target.account);
        let place = place.map(super::settings::place);
        let needs_attention =
            |check: &Check| matches!(check.status, CheckStatus::Failed | CheckStatus::Warning);
        let checks = self.of(account).into_iter();
        checks
            .map(|check| match needs_attention(&check) {
                true => Check { place: place.clone(), ..check },
                false => check,
            })
            .collect()
    }

    fn of(&self, account: CheckedAccount) -> Vec<Check> {
        let target = &account.target;
        let (subject, used) = match &target.role {
            Role::Assume(hop) => (hop.role_arn.to_string(), "role assumed"),
            Role::Own => ("base credentials".to_owned(), "base credentials used"),
        };
        let role = of_account(target, Access::Role, CheckStatus::Ok, &subject);
        match account.entered {
            Ok(entered) => {
                let mut checks = vec![role.message(used)];
                checks.push(identity(target, &entered));
                checks.extend(regions(self.setup, target, &entered));
                checks.extend(self.lists_regions(target, &entered, &subject));
                let calls = aws::by_action(entered.calls);
                let needed =
                    |call: &&TriedAction| !matches!(call.result, Tried::No(NotTried::NotNeeded));
                let calls = calls.iter().filter(needed);
                checks.extend(calls.map(|call| self.action(target, call, &subject)));
                checks
            }
            Err(cause) => {
                let advice = match &target.role {
                    Role::Assume(hop) => advice::role(&cause, hop, self.principal),
                    Role::Own => advice::own_account(&cause),
                };
                vec![self.failed(role, target, &Region::global(), &cause, None, advice)]
            }
        }
    }

    /// A failed check, unless an accepted gap covers it.
    fn failed(
        &self,
        check: Check,
        target: &Target,
        region: &Region,
        cause: &Cause,
        resource: Option<&str>,
        advice: String,
    ) -> Check {
        let who = (&target.account, target.name.as_deref());
        let mut gaps = self.setup.config.accepted_gaps.iter();
        let accepted = gaps.find(|gap| gap.covers(who, region, cause, resource));
        let code = Some(one_line(&cause.code, 100));
        match accepted {
            Some(gap) => {
                let account = check.account.map(|at| CheckedIn { accepted: true, ..at });
                let message = format!("accepted gap: {}", one_line(&gap.reason, 200));
                Check { status: CheckStatus::Ok, account, code, message: Some(message), ..check }
            }
            // It is not known whether a throttled call is allowed.
            None if advice::is_throttle(cause) && cause.call != ASSUME_ROLE => {
                Check { status: CheckStatus::Warning, code, message: Some(advice), ..check }
            }
            None => Check { status: CheckStatus::Failed, code, message: Some(advice), ..check },
        }
    }

    /// Whether the enabled regions can be listed, if a scan does that.
    fn lists_regions(&self, target: &Target, entered: &Entered, role: &str) -> Option<Check> {
        const ACTION: &str = "ec2:DescribeRegions";
        let listed = entered.enabled.as_ref().filter(|_| target.regions.is_empty())?;
        let check = of_account(target, Access::Action, CheckStatus::Ok, ACTION);
        Some(match listed {
            Ok(_) => check,
            Err(cause) => {
                let advice = advice::action(cause, ACTION, role, None);
                self.failed(check, target, &Region::global(), cause, None, advice)
            }
        })
    }

    fn action(&self, target: &Target, call: &TriedAction, role: &str) -> Check {
        let of = |status| {
            let check = of_account(target, Access::Action, status, call.action);
            let account =
                check.account.map(|at| CheckedIn { region: Some(call.region.clone()), ..at });
            Check { account, ..check }
        };
        match &call.result {
            Tried::Allowed => of(CheckStatus::Ok),
            Tried::No(why) => of(CheckStatus::NotChecked).message(not_tried(why)),
            Tried::Failed { cause, resource } => {
                let resource = resource.as_deref();
                let advice = advice::action(cause, call.action, role, resource);
                let check = of(CheckStatus::Failed);
                self.failed(check, target, &call.region, cause, resource, advice)
            }
        }
    }
}

const ASSUME_ROLE: &str = "sts:AssumeRole";

fn of_account(target: &Target, access: Access, status: CheckStatus, subject: &str) -> Check {
    let account = CheckedIn {
        account: target.account.clone(),
        name: target.name.as_deref().map(|name| one_line(name, 200)),
        access,
        region: None,
        accepted: false,
    };
    let check = Check::new(Area::Accounts, status, one_line(subject, 300));
    Check { account: Some(account), ..check }
}

/// Whether the session belongs to the account. Entering the account has verified it by the ARN of
/// the session; STS confirms it for the credentials.
fn identity(target: &Target, entered: &Entered) -> Check {
    let of = |status| of_account(target, Access::Identity, status, "sts:GetCallerIdentity");
    match &entered.session {
        Some(Ok(caller)) if caller.account != target.account => {
            let text = format!(
                "the session belongs to account {}: check the STS endpoint (AWS_ENDPOINT_URL)",
                caller.account
            );
            Check { code: Some("WrongAccount".to_owned()), ..of(CheckStatus::Failed).message(text) }
        }
        Some(Err(cause)) => {
            let text = advice::credentials(cause, None);
            let code = Some(one_line(&cause.code, 100));
            Check { code, ..of(CheckStatus::Failed).message(text) }
        }
        _ => of(CheckStatus::Ok),
    }
}

/// Whether the configured regions are enabled.
fn regions(setup: &Setup, target: &Target, entered: &Entered) -> Vec<Check> {
    let Some(enabled) = &entered.enabled else { return Vec::new() };
    let selected = |region: &&Region| {
        setup.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
    };
    let of_region = |region: &Region| {
        let subject = format!("region {region}");
        let of = |status| {
            let check = of_account(target, Access::Regions, status, &subject);
            let account = check.account.map(|at| CheckedIn { region: Some(region.clone()), ..at });
            Check { account, ..check }
        };
        match enabled {
            Ok(enabled) if enabled.contains(region) => of(CheckStatus::Ok),
            Ok(_) => of(CheckStatus::Failed).message(
                "the region is not enabled in the account: enable it, or remove it from `regions` of the account, of [organization] or of [scan]",
            ),
            Err(cause) => {
                let code = one_line(&cause.code, 100);
                let text = format!(
                    "cannot check whether the regions are enabled, because `ec2:DescribeRegions` failed: {code}"
                );
                Check { code: Some(code), ..of(CheckStatus::NotChecked).message(text) }
            }
        }
    };
    target.regions.iter().filter(selected).map(of_region).collect()
}

fn not_tried(why: &NotTried) -> String {
    match why {
        NotTried::NoResource(kind) => format!("no {kind} to try them on"),
        NotTried::NoList(call) => format!("{call} failed"),
        NotTried::NotNeeded => "not needed".to_owned(),
        NotTried::NoRegion => "no region to try them in".to_owned(),
    }
}
