//! Evaluates one resource with a trace: what each rule read, in order.

use std::sync::Arc;
use std::thread;

use super::account::about;
use super::evaluation::{EvaluateError, Evaluation, subject};
use crate::facts;
use crate::model::{AccountId, ResourceRef, code_series, did_you_mean, series, text};
use crate::rules::Observed;
use crate::rules::STACK_SIZE;
use crate::rules::SelectedRule;
use crate::rules::{Trace, Tracer};
use crate::snapshot::{AccountSnapshot, Collected, ManifestTarget, Reader};

/// How many matching resources are listed.
const SHOWN: usize = 20;

/// A resource with the traces of the rules on its type.
#[derive(Debug, Clone)]
pub struct Traced {
    /// The account.
    pub target: ManifestTarget,
    /// The time of collection.
    pub collected_at: String,
    /// The resource.
    pub resource: ResourceRef,
    /// The selected rules on its type, sorted by id.
    pub rules: Vec<(Arc<SelectedRule>, Trace)>,
}

/// A resource, the outcome of one rule, and the facts that it depends on.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The account.
    pub account: AccountId,
    /// The rule, with its parameters in the account.
    pub rule: Arc<SelectedRule>,
    /// The resource.
    pub resource: ResourceRef,
    /// The outcome.
    pub trace: Trace,
    /// What a test case needs for the same outcome: reduced to what was read, and with complete
    /// fields.
    pub observed: [Observed; 2],
}

/// Why a resource could not be traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// No resource matches.
    #[error("no resource in the snapshot has the ARN, id or name `{wanted}`{hint}")]
    NotFound {
        /// The requested resource.
        wanted: String,
        /// A suggestion, or the accounts that are not in the snapshot.
        hint: String,
    },
    /// Several resources match.
    #[error(
        "several resources match `{wanted}`; use an ARN, or filter with --account, --region or --rule:\n  {list}"
    )]
    Several {
        /// The requested resource.
        wanted: String,
        /// One line per resource.
        list: String,
    },
    /// None of the selected rules evaluates this resource type.
    #[error("none of the selected rules evaluates `{kind}` resources{hint}")]
    NoRule {
        /// The resource type.
        kind: &'static str,
        /// The resource types that the selected rules evaluate.
        hint: String,
    },
    /// The evaluation failed.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}

/// Processes a rule and a resource, both given by position.
type Work<'a, T> = &'a (dyn Fn(&Tracer, usize, usize) -> Option<T> + Sync);

/// A resource, and the result of each rule on its type.
struct Evaluated<T> {
    target: ManifestTarget,
    collected_at: String,
    resource: ResourceRef,
    rules: Vec<(Arc<SelectedRule>, T)>,
}

/// A candidate resource.
struct Match {
    target: ManifestTarget,
    resource: ResourceRef,
    exact: bool,
}

impl Evaluation {
    /// Evaluates the resource `wanted` with the selected rules on its type, and traces what they
    /// read.
    pub fn trace(&self, reader: &Reader, wanted: &str) -> Result<Traced, TraceError> {
        let work = |tracer: &Tracer, rule, resource| Some(tracer.trace(rule, resource));
        let Evaluated { target, collected_at, resource, rules } =
            self.evaluate_one(reader, wanted, &work)?;
        Ok(Traced { target, collected_at, resource, rules })
    }

    /// Evaluates the resource `wanted` with the first selected rule on its type, and records the
    /// facts that the outcome depends on, and also its fix if it fails.
    pub fn watch(&self, reader: &Reader, wanted: &str) -> Result<Watched, TraceError> {
        let work = |tracer: &Tracer, rule, resource| tracer.observe_with_fix(rule, resource);
        let Evaluated { target, resource, rules, .. } = self.evaluate_one(reader, wanted, &work)?;
        let (rule, (trace, observed)) = rules.into_iter().next().ok_or(EvaluateError::Stopped)?;
        Ok(Watched { account: target.account, rule, resource, trace, observed })
    }

    fn evaluate_one<T: Send>(
        &self,
        reader: &Reader,
        wanted: &str,
        work: Work<'_, T>,
    ) -> Result<Evaluated<T>, TraceError> {
        let found = self.find(reader, wanted)?;
        let kind = facts::kind(&found.resource.kind).map_or("its kind", |kind| kind.name);
        let rules: Vec<_> = self
            .rules
            .iter()
            .filter(|selected| selected.rule.meta.kind.name == kind)
            .map(|selected| selected.in_account(found.target.keys()))
            .collect();
        if rules.is_empty() {
            let mut kinds: Vec<_> =
                self.rules.iter().map(|selected| selected.rule.meta.kind.name).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let hint = if kinds.len() > 5 {
                String::new()
            } else {
                format!("; they evaluate {}", code_series(kinds, "and"))
            };
            return Err(TraceError::NoRule { kind, hint });
        }
        let Collected::Whole(snapshot) =
            reader.account(&found.target.account).map_err(EvaluateError::from)?
        else {
            return Err(EvaluateError::Stopped.into());
        };
        let collected_at = snapshot.header.collected_at.clone();
        let traces = thread::scope(|scope| {
            let here = || self.on_this_thread(&rules, *snapshot, &found, work);
            let thread = thread::Builder::new().stack_size(STACK_SIZE).name("trace".to_owned());
            let started = thread.spawn_scoped(scope, here).map_err(EvaluateError::Thread)?;
            started.join().map_err(|_| EvaluateError::Stopped)?
        })?;
        Ok(Evaluated {
            target: found.target,
            collected_at,
            resource: found.resource,
            rules: rules.into_iter().zip(traces).collect(),
        })
    }

    fn on_this_thread<T>(
        &self,
        rules: &[Arc<SelectedRule>],
        snapshot: AccountSnapshot,
        found: &Match,
        work: Work<'_, T>,
    ) -> Result<Vec<T>, EvaluateError> {
        let mut tracer = Tracer::new(rules).map_err(EvaluateError::Rule)?;
        let (facts, ..) = self.view(&found.target, snapshot);
        let matches = |about: ResourceRef| about == found.resource;
        let position = facts
            .resources
            .json()
            .iter()
            .position(|resource| matches(about(resource)))
            .ok_or(EvaluateError::Stopped)?;
        tracer.enter(facts);
        (0..rules.len())
            .map(|rule| work(&tracer, rule, position).ok_or(EvaluateError::Stopped))
            .collect()
    }

    /// Finds the resource. Types that no selected rule evaluates count only if there is no other
    /// match.
    fn find(&self, reader: &Reader, wanted: &str) -> Result<Match, TraceError> {
        let (mut matches, mut close, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for target in self.accounts(reader) {
            let snapshot = match reader.account(&target.account).map_err(EvaluateError::from)? {
                Collected::Whole(snapshot) => snapshot,
                Collected::Missing(_) => {
                    missing.push(target.account.to_string());
                    continue;
                }
            };
            let is_reported = |region: &crate::model::Region| {
                self.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
            };
            let own = subject(&target, &snapshot);
            let has_rule =
                self.rules.iter().any(|selected| selected.rule.meta.kind.name == own.kind);
            let resources: Vec<_> = std::iter::once(&own)
                .filter(|_| has_rule && snapshot.header.entered)
                .chain(&snapshot.resources)
                .filter(|resource| is_reported(&resource.region))
                .collect();
            for resource in &resources {
                let exact = resource.id == wanted || resource.arn.as_deref() == Some(wanted);
                if exact || resource.name.as_deref() == Some(wanted) {
                    matches.push(Match {
                        target: target.clone(),
                        resource: about(resource),
                        exact,
                    });
                }
            }
            let names = resources
                .iter()
                .flat_map(|one| [Some(one.id.as_str()), one.arn.as_deref(), one.name.as_deref()]);
            close.extend(did_you_mean(wanted, names.flatten()).map(str::to_owned));
        }
        let evaluated = |found: &Match| {
            self.rules.iter().any(|selected| selected.rule.meta.kind.name == found.resource.kind)
        };
        let exact = matches.iter().any(|found| found.exact);
        matches.retain(|found| found.exact || !exact);
        if matches.iter().any(evaluated) {
            matches.retain(evaluated);
        }
        let shown = text::one_line(wanted, 200);
        match (matches.len(), matches.pop()) {
            (1, Some(found)) => Ok(found),
            (0, _) | (_, None) => {
                let meant = did_you_mean(wanted, close.iter().map(String::as_str));
                let hint = match (meant, missing.is_empty()) {
                    (Some(meant), _) => format!(": did you mean `{}`?", text::one_line(meant, 200)),
                    (None, true) => String::new(),
                    (None, false) => {
                        let noun = if missing.len() == 1 { "account" } else { "accounts" };
                        format!("; the snapshot has no data for {noun} {}", series(missing, "and"))
                    }
                };
                Err(TraceError::NotFound { wanted: shown, hint })
            }
            (several, Some(last)) => {
                matches.push(last);
                let mut lines: Vec<String> = matches.iter().take(SHOWN).map(described).collect();
                lines.extend((several > SHOWN).then(|| format!("… and {} more", several - SHOWN)));
                Err(TraceError::Several { wanted: shown, list: lines.join("\n  ") })
            }
        }
    }
}

fn described(found: &Match) -> String {
    let about = &found.resource;
    let who = about.arn.as_deref().or(about.id.as_deref()).unwrap_or_default();
    format!(
        "{} {} in account {}, {}",
        about.kind,
        text::one_line(who, 200),
        found.target.account,
        about.region
    )
}
