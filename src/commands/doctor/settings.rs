//! The checks of config, rules and waivers.

use jiff::civil::Date;

use crate::config::{Config, ConfigError};
use crate::diagnostics::Diagnostic;
use crate::model::text::one_line;
use crate::model::{AccountKeys, counted};
use crate::report::{Area, Check, CheckStatus, Place};
use crate::rules::LoadError;
use crate::run::error::CommandError;
use crate::run::setup::Setup;
use crate::waivers::Waiver;

/// Waivers that expire within this number of days are reported.
const DAYS: i32 = 14;
/// How many problems of the same type are shown.
const SHOWN: usize = 50;

/// The checks of a config and rules that could be loaded.
pub(super) fn checks(setup: &Setup, today: Date) -> Vec<Check> {
    let mut checks = vec![config(setup)];
    checks.extend(waivers(&setup.config.waivers, today));
    let selection = setup.selection.name.as_deref().unwrap_or("your selection");
    let mut words = format!("{} selected ({selection})", counted(setup.rules.len(), "rule"));
    if !setup.selected_frameworks.is_empty() {
        let ids = setup.selected_frameworks.iter().map(|framework| framework.id.as_str());
        words.push_str(&format!(" for {}", crate::model::series(ids, "and")));
    }
    checks.push(Check::new(Area::Rules, CheckStatus::Ok, "rules").message(one_line(&words, 500)));
    let lint = setup.lint_errors();
    checks.extend(diagnostics(&lint, Area::Rules, CheckStatus::Warning));
    if setup.config.organization.is_none() {
        let targets = setup.config.targets();
        let keys: Vec<AccountKeys<'_>> = targets
            .iter()
            .map(|target| AccountKeys {
                id: &target.account,
                name: target.name.as_deref(),
                labels: &target.labels,
            })
            .collect();
        checks.extend(unmatched(&setup.config, &keys, CheckStatus::Failed));
    }
    checks
}

fn config(setup: &Setup) -> Check {
    let config = &setup.config;
    let subject = match &config.path {
        Some(path) => path.display().to_string(),
        None => "no config file".to_owned(),
    };
    let accounts = config.targets().len();
    if accounts == 0 && config.organization.is_none() {
        return Check::new(Area::Config, CheckStatus::Failed, subject).message(setup.no_accounts());
    }
    let accounts = counted(accounts, "account");
    let organization = if config.organization.is_some() { " and an organization" } else { "" };
    Check::new(Area::Config, CheckStatus::Ok, subject).message(format!("{accounts}{organization}"))
}

/// Patterns for accounts that match none of `known`. `overrides` is the status of an override: a scan
/// rejects it unless its account may have been in the organization.
pub(super) fn unmatched(
    config: &Config,
    known: &[AccountKeys<'_>],
    overrides: CheckStatus,
) -> Vec<Check> {
    // Without accounts, that is the error.
    if known.is_empty() {
        return Vec::new();
    }
    let mut checks = diagnostics(&config.unmatched_overrides(known), Area::Config, overrides);
    for (index, gap) in config.accepted_gaps.iter().enumerate() {
        let matches = known.iter().any(|account| {
            gap.account.matches(account.id.as_str())
                || account.name.is_some_and(|name| gap.account.matches(name))
        });
        if !matches {
            let patterns = gap.account.patterns().join(", ");
            let subject = format!("[[accepted_gap]] number {}", index + 1);
            let check = Check::new(Area::Config, CheckStatus::Warning, subject).message(one_line(
                &format!("`account` ({patterns}) matches none of your accounts: fix the pattern, or remove the accepted gap"),
                500,
            ));
            checks.push(Check { place: config.gap_position(index).map(place), ..check });
        }
    }
    checks
}

/// A position in the config.
pub(super) fn place((file, line, column): (String, usize, usize)) -> Place {
    Place { file: one_line(&file, 300), line, column }
}

/// Waivers that no longer apply, or will not apply soon.
fn waivers(waivers: &[Waiver], today: Date) -> Vec<Check> {
    let mut checks = Vec::new();
    for waiver in waivers {
        let terms = &waiver.terms;
        let left = (terms.expires - today).get_days();
        let when = match left {
            ..0 => format!("expired on {}", terms.expires),
            0 => "expires today".to_owned(),
            1 => "expires tomorrow".to_owned(),
            2..=DAYS => format!("expires in {left} days, on {}", terms.expires),
            _ => continue,
        };
        let covers = one_line(&waiver.selector.covers(), 200);
        let message = format!(
            "the waiver of {} ({covers}) {when}: fix the findings, or renew the waiver",
            one_line(&terms.owner, 100)
        );
        let place =
            Place { file: one_line(&terms.file, 300), line: terms.line, column: waiver.column };
        let subject = place.file.clone();
        checks.push(Check {
            place: Some(place),
            ..Check::new(Area::Config, CheckStatus::Warning, subject).message(message)
        });
    }
    if !waivers.is_empty() {
        let words = match checks.len() {
            0 => format!("none expires within {DAYS} days"),
            1 => format!("1 has expired or expires within {DAYS} days"),
            some => format!("{some} have expired or expire within {DAYS} days"),
        };
        let subject = counted(waivers.len(), "waiver");
        checks.push(Check::new(Area::Config, CheckStatus::Ok, subject).message(words));
    }
    checks
}

/// The failed checks for an error that keeps a command from starting.
pub(super) fn failed(error: &CommandError) -> Vec<Check> {
    let failed = |area, subject: &str| {
        let message = one_line(&error.to_string(), 1_000);
        vec![Check::new(area, CheckStatus::Failed, subject).message(message)]
    };
    match error {
        CommandError::Config(ConfigError::Invalid(errors)) => {
            diagnostics(errors.all(), Area::Config, CheckStatus::Failed)
        }
        CommandError::Load(LoadError::Diagnostics(errors)) => {
            diagnostics(errors, Area::Rules, CheckStatus::Failed)
        }
        CommandError::Diagnostics(errors) => diagnostics(errors, Area::Config, CheckStatus::Failed),
        CommandError::Load(_) => failed(Area::Rules, "rules"),
        CommandError::Usage(_) => failed(Area::Config, "options"),
        _ => failed(Area::Config, "config"),
    }
}

/// One check per diagnostic, with its position.
pub(super) fn diagnostics(all: &[Diagnostic], area: Area, status: CheckStatus) -> Vec<Check> {
    let check = |diagnostic: &Diagnostic| {
        let (line, column) = diagnostic.position();
        let help = diagnostic.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        let file = one_line(&diagnostic.file, 300);
        let message = one_line(&format!("{}{help}", diagnostic.message), 1_000);
        let place = Some(Place { file: file.clone(), line, column });
        Check { place, ..Check::new(area, status, file).message(message) }
    };
    let mut checks: Vec<Check> = all.iter().take(SHOWN).map(check).collect();
    if let Some(more) = all.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let more = counted(more, "more error");
        checks.push(Check::new(area, status, more));
    }
    checks
}
