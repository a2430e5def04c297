//! The data that the page's script reads: one block for the run, one for each account, one for the
//! end. A resource, a cause and a waiver appear once per account; findings refer to them by their
//! positions, so that a page of 50,000 findings stays small.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::model::{self, Finding, Fingerprint, ResourceRef, Severity, State, Verdict};
use crate::output::json::v1;
use crate::output::not_checked::NotChecked;
use crate::output::words::{became, why_new};
use crate::report::{self, AccountReport, OpenFinding, RunInfo, Summary};

/// A resource: its type, region, id, ARN and name.
type Named<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// What is known before the first account.
#[derive(Debug, Serialize)]
pub(super) struct Run<'a> {
    compared: bool,
    rules: Vec<Rule<'a>>,
    frameworks: Vec<Framework<'a>>,
}

/// A rule. Findings refer to it by its position.
#[derive(Debug, Serialize)]
struct Rule<'a> {
    id: &'a str,
    oldest_id: &'a str,
    title: &'a str,
    severity: Severity,
    fixable: bool,
}

/// A framework, and the positions of the rules that check it.
#[derive(Debug, Serialize)]
struct Framework<'a> {
    id: &'a str,
    name: String,
    rules: Vec<usize>,
}

impl<'a> Run<'a> {
    pub(super) fn new(run: &'a RunInfo) -> Self {
        let rules = run.rules.iter().map(|rule| Rule {
            id: &rule.id,
            oldest_id: rule.oldest(),
            title: &rule.title,
            severity: rule.severity,
            fixable: rule.is_fixable,
        });
        let frameworks = run.frameworks.iter().map(|framework| {
            let named: HashSet<&String> =
                framework.requirements.iter().flat_map(|requirement| &requirement.rules).collect();
            let rules = run.rules.iter().enumerate();
            Framework {
                id: &framework.id,
                name: format!("{} {}", framework.name, framework.version),
                rules: rules
                    .filter(|(_, rule)| named.contains(&rule.id))
                    .map(|(at, _)| at)
                    .collect(),
            }
        });
        Self { compared: run.compared, rules: rules.collect(), frameworks: frameworks.collect() }
    }
}

/// An account with its findings.
#[derive(Debug, Serialize)]
pub(super) struct Account<'a> {
    account: &'a str,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'a BTreeMap<String, String>,
    collected_at: Option<&'a str>,
    /// Resource type, region, id, ARN, name.
    resources: Vec<Named<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<Cause<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waivers: Vec<v1::Waived>,
    findings: Vec<Item<'a>>,
    /// Positions of the resources that pass, by position of the rule.
    passed: BTreeMap<usize, Vec<usize>>,
    /// Findings of the baseline that are not among the findings of this run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Earlier<'a>>,
}

/// Why something could not be read.
#[derive(Debug, Serialize)]
struct Cause<'a> {
    text: String,
    message: &'a str,
    advice: String,
    /// Nothing was missing, but the rule could not decide.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    undecided: bool,
}

/// A finding that is not a pass.
#[derive(Debug, Serialize)]
struct Item<'a> {
    rule: usize,
    verdict: Verdict,
    resource: usize,
    /// Only if it is not that of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<usize>,
    /// Waivers that ended and would cover it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ended: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    /// Why it has that state.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// If it is unknown now, or fixed: what was wrong in the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a str>,
    /// Whether it was waived in the baseline, if it is unknown now or fixed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    waived: bool,
    /// Where code declares the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place<'a>>,
    fingerprint: Fingerprint,
}

/// A place in code.
#[derive(Debug, Serialize)]
struct Place<'a> {
    /// File and line.
    at: String,
    address: &'a str,
    /// File and line of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<String>,
}

impl<'a> From<&'a model::Place> for Place<'a> {
    fn from(place: &'a model::Place) -> Self {
        let call = place.call.as_ref();
        Self {
            at: place.position(),
            address: &place.address,
            call: call.map(|call| format!("{}:{}", call.file, call.line)),
        }
    }
}

/// A finding of the baseline that was fixed or not checked again.
#[derive(Debug, Serialize)]
struct Earlier<'a> {
    /// The oldest id of its rule, which may not be part of this run.
    rule: &'a str,
    severity: Severity,
    state: &'static str,
    resource: usize,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The gap because of which it was not checked again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<usize>,
    /// Whether it was waived in the baseline.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    waived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<&'a str>,
    fingerprint: Fingerprint,
}

/// Values in the order in which they were first seen.
struct Table<K, V> {
    at: HashMap<K, usize>,
    values: Vec<V>,
}

impl<K: Hash + Eq, V> Table<K, V> {
    fn new() -> Self {
        Self { at: HashMap::new(), values: Vec::new() }
    }

    fn at(&mut self, key: K, value: impl FnOnce() -> V) -> usize {
        let values = &mut self.values;
        *self.at.entry(key).or_insert_with(|| {
            values.push(value());
            values.len() - 1
        })
    }
}

type Resources<'a> = Table<&'a ResourceRef, Named<'a>>;

fn resource<'a>(table: &mut Resources<'a>, resource: &'a ResourceRef) -> usize {
    table.at(resource, || {
        (
            &resource.kind,
            resource.region.as_str(),
            resource.id.as_deref(),
            resource.arn.as_deref(),
            resource.name.as_deref(),
        )
    })
}

fn earlier<'a>(
    table: &mut Resources<'a>,
    open: &'a OpenFinding,
    state: &'static str,
    why: Option<String>,
) -> Earlier<'a> {
    Earlier {
        rule: &open.rule,
        severity: open.severity,
        state,
        resource: resource(table, &open.resource),
        message: &open.message,
        why,
        causes: Vec::new(),
        waived: open.waived,
        checked_at: open.checked_at.as_deref(),
        fingerprint: open.fingerprint,
    }
}

impl<'a> Account<'a> {
    pub(super) fn new(run: &RunInfo, report: &'a AccountReport) -> Self {
        let rules: HashMap<&str, usize> =
            run.rules.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
        let mut resources = Resources::new();
        let mut causes: Table<&model::Cause, Cause<'a>> = Table::new();
        let mut waivers: Table<(&str, usize, Date), v1::Waived> = Table::new();
        let mut findings = Vec::new();
        let mut passed: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let not_checked = NotChecked::new(report);
        let by_fingerprint = |all: fn(&report::Changes) -> &[OpenFinding]| {
            let all = report.changes.iter().flat_map(all);
            all.map(|open| (open.fingerprint, open)).collect::<HashMap<_, _>>()
        };
        let unknown_now = by_fingerprint(|changes| &changes.unknown_now);
        let fixed = by_fingerprint(|changes| &changes.fixed);
        let mut cause_at = |cause: &'a model::Cause| {
            causes.at(cause, || Cause {
                text: crate::output::words::cause(cause),
                message: &cause.message,
                advice: crate::output::advice::what_to_do(cause),
                undecided: cause.code == model::Cause::RULE_UNDECIDED,
            })
        };
        let mut shown: HashSet<Fingerprint> = HashSet::new();
        let mut waiver = |terms: &'a model::Waived| {
            let key = (terms.file.as_str(), terms.line, terms.expires);
            waivers.at(key, || v1::Waived::from(terms))
        };
        for finding in &report.findings {
            let Some(rule) = rules.get(&*finding.rule).copied() else { continue };
            let at = resource(&mut resources, &finding.resource);
            let fingerprint = finding.fingerprint;
            // One entry of the list of changes can concern several findings, and the other way
            // round. Each entry is shown once, so that the numbers are those of the summary.
            let before = match (finding.state, finding.verdict) {
                (Some(State::UnknownNow), _) => unknown_now.get(&fingerprint),
                (None | Some(State::Fixed), Verdict::Pass | Verdict::Skip) => {
                    fixed.get(&fingerprint)
                }
                _ => None,
            };
            let before = before.copied().filter(|_| shown.insert(fingerprint));
            let state = match finding.state {
                Some(State::UnknownNow) => before.map(|_| State::UnknownNow),
                None | Some(State::Fixed) => before.map(|_| State::Fixed),
                state => state,
            };
            if is_plain_pass(finding) && before.is_none() {
                passed.entry(rule).or_default().push(at);
                continue;
            }
            let severity = run.rules.get(rule).map(|rule| rule.severity);
            findings.push(Item {
                rule,
                verdict: finding.verdict,
                resource: at,
                severity: (severity != Some(finding.severity)).then_some(finding.severity),
                message: &finding.message,
                evidence: finding.evidence.to_vec(),
                causes: finding.causes.iter().map(&mut cause_at).collect(),
                accepted: finding.accepted.as_deref(),
                waiver: finding.waived.as_deref().map(&mut waiver),
                ended: report.ended_waivers(finding).iter().map(&mut waiver).collect(),
                state,
                why: state.and_then(|state| {
                    let text = || "it did not fail in the baseline".to_owned();
                    let unread = before.filter(|_| state == State::UnknownNow);
                    (unread.and_then(|open| not_checked.why(open)))
                        .or_else(|| why_new(report.changes.as_ref()?, finding))
                        .or((state == State::New && run.baseline_at.is_some()).then(text))
                }),
                before: before.map(|open| open.message.as_str()),
                waived: before.is_some_and(|open| open.waived),
                place: finding.place().map(Place::from),
                fingerprint,
            });
        }
        let mut others = Vec::new();
        if let Some(changes) = &report.changes {
            let is_left = |open: &&OpenFinding| !shown.contains(&open.fingerprint);
            for open in changes.fixed.iter().filter(is_left) {
                let why = Some(became(report, changes, open));
                others.push(earlier(&mut resources, open, "fixed", why));
            }
            for open in changes.unknown_now.iter().filter(is_left) {
                let why = not_checked.why(open);
                let mut one = earlier(&mut resources, open, "unknown_now", why);
                one.causes = not_checked.cause(open).into_iter().map(&mut cause_at).collect();
                others.push(one);
            }
        }
        Self {
            account: report.account.as_str(),
            name: report.name.as_deref(),
            labels: &report.labels,
            collected_at: report.collected_at.as_deref().filter(|_| report.entered),
            resources: resources.values,
            causes: causes.values,
            waivers: waivers.values,
            findings,
            passed,
            earlier: others,
        }
    }
}

/// A pass that says nothing beyond its rule and its resource.
fn is_plain_pass(finding: &Finding) -> bool {
    finding.verdict == Verdict::Pass && finding.message.is_empty() && finding.evidence.is_empty()
}

/// What is known after the last account.
#[derive(Debug, Serialize)]
pub(super) struct End<'a> {
    summary: v1::Summary,
    /// Accounts of the baseline that are not part of this run.
    absent: Vec<Absent<'a>>,
}

/// An account of the baseline that is not part of this run.
#[derive(Debug, Serialize)]
struct Absent<'a> {
    account: &'a str,
    name: Option<&'a str>,
    resources: Vec<Named<'a>>,
    earlier: Vec<Earlier<'a>>,
}

impl<'a> End<'a> {
    pub(super) fn new(summary: &'a Summary) -> Self {
        let absent = |absent: &'a report::AbsentAccount| {
            let mut resources = Resources::new();
            let failed = absent.carried.iter().filter(|open| open.failed);
            let earlier =
                failed.map(|open| earlier(&mut resources, open, "not_scanned", None)).collect();
            Absent {
                account: absent.account.as_str(),
                name: absent.name.as_deref(),
                resources: resources.values,
                earlier,
            }
        };
        Self {
            summary: v1::Summary::from(summary),
            absent: match summary.states {
                Some(_) => summary.absent_accounts.iter().map(absent).collect(),
                None => Vec::new(),
            },
        }
    }
}
