//! Evaluates all accounts of a snapshot concurrently, and returns them in order.

use super::account::{AccountEvaluation, Evaluator};
use super::demand::demand;
use super::evaluation::{EvaluateError, Evaluation};
use super::pool::{Division, EvaluationObserver, Pool};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use crate::model::Demand;
use crate::report::{AccountReport, StaleGap};
use crate::rules::STACK_SIZE;
use crate::snapshot::{Collected, ManifestTarget, Reader};
use crate::waivers::Usage;

/// How many resources a thread evaluates before it takes other work: about 20 milliseconds, with all
/// rules.
const PART: usize = 256;

/// What the config accepts, and a run did not need.
#[derive(Debug)]
pub struct Unused {
    /// Accepted gaps that matched nothing.
    pub gaps: Vec<StaleGap>,
    /// What became of the waivers.
    pub waivers: Usage,
}

impl Evaluation {
    /// Evaluates every account and passes each report to `each`, in the order of account ids.
    /// Returns what the config accepts but this run did not need.
    pub fn run(
        &self,
        reader: &Reader,
        each: impl FnMut(AccountReport) -> Result<(), EvaluateError>,
    ) -> Result<Unused, EvaluateError> {
        self.run_observed(reader, None, each)
    }

    /// The same, observed.
    pub fn run_observed(
        &self,
        reader: &Reader,
        observer: Option<&dyn EvaluationObserver>,
        each: impl FnMut(AccountReport) -> Result<(), EvaluateError>,
    ) -> Result<Unused, EvaluateError> {
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.run_divided(reader, (Division { threads, part: PART }, observer), each)
    }

    /// The same, for some division of the work among threads.
    fn run_divided(
        &self,
        reader: &Reader,
        (division, observer): (Division, Option<&dyn EvaluationObserver>),
        mut each: impl FnMut(AccountReport) -> Result<(), EvaluateError>,
    ) -> Result<Unused, EvaluateError> {
        let mut used = vec![false; self.accepted_gaps.len()];
        let mut waivers = Usage::default();
        let demand = demand(&self.rules, &self.waivers);
        let accounts = self.accounts(reader);
        let pool = Pool::new(self, &demand, reader, &accounts, division).observed(observer);
        pool.run(|evaluated: AccountEvaluation| {
            for (used, now) in used.iter_mut().zip(evaluated.accepted_gaps_used) {
                *used |= now;
            }
            waivers.add(evaluated.waivers_used);
            each(evaluated.report)
        })?;
        let stale =
            self.accepted_gaps.iter().zip(used).filter(|(_, used)| !used).map(|(gap, _)| {
                StaleGap {
                    covers: format!(
                        "account {}, region {}, call {}, resource {}",
                        gap.account.patterns().join(" "),
                        gap.region.patterns().join(" "),
                        gap.call.patterns().join(" "),
                        gap.resource.patterns().join(" ")
                    ),
                    reason: gap.reason.clone(),
                }
            });
        Ok(Unused { gaps: stale.collect(), waivers })
    }

    /// Evaluates several snapshots of an account, and returns a report of each.
    pub fn snapshots(
        &self,
        target: &ManifestTarget,
        demand: &Demand,
        snapshots: Vec<Collected>,
    ) -> Result<Vec<AccountReport>, EvaluateError> {
        let evaluate = || {
            let mut evaluator = Evaluator::new(self, demand).map_err(EvaluateError::Rule)?;
            let report = |snapshot| Ok(evaluator.account(target, snapshot)?.report);
            snapshots.into_iter().map(report).collect()
        };
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("evaluate".to_owned()).stack_size(STACK_SIZE);
            let thread = thread.spawn_scoped(scope, evaluate).map_err(EvaluateError::Thread)?;
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Does `work` for every account, with the resources of the kinds in `demand`, and passes the
    /// results to `each`, in the order of account ids.
    pub fn for_each_account<T: Send>(
        &self,
        reader: &Reader,
        demand: &Demand,
        work: impl Fn(&mut Evaluator<'_>, &ManifestTarget, Collected) -> Result<T, EvaluateError> + Sync,
        mut each: impl FnMut(T) -> Result<(), EvaluateError>,
    ) -> Result<(), EvaluateError> {
        let accounts = self.accounts(reader);
        let threads =
            thread::available_parallelism().map_or(1, NonZeroUsize::get).min(accounts.len()).max(1);
        thread::scope(|scope| {
            // Thread i evaluates accounts i, i + n, …; receiving from the channels in turn restores
            // the order, and their capacity limits the number of waiting results.
            let work = &work;
            let start = |first: usize| {
                let (sender, receiver) = sync_channel(1);
                let mine: Vec<&ManifestTarget> =
                    accounts.iter().skip(first).step_by(threads).collect();
                let run = move || {
                    let mut evaluator = match Evaluator::new(self, demand) {
                        Ok(evaluator) => evaluator,
                        Err(error) => return drop(sender.send(Err(EvaluateError::Rule(error)))),
                    };
                    for target in mine {
                        let collected =
                            reader.account_of(&target.account, &|kind| evaluator.can_see(kind));
                        let result = collected
                            .map_err(EvaluateError::from)
                            .and_then(|collected| work(&mut evaluator, target, collected));
                        if sender.send(result).is_err() {
                            return;
                        }
                    }
                };
                let thread =
                    thread::Builder::new().stack_size(STACK_SIZE).name(format!("evaluate-{first}"));
                thread.spawn_scoped(scope, run).map_err(EvaluateError::Thread)?;
                Ok::<Receiver<_>, EvaluateError>(receiver)
            };
            let receivers = (0..threads).map(start).collect::<Result<Vec<_>, _>>()?;
            for (turn, _) in accounts.iter().enumerate() {
                let receiver = receivers.get(turn % threads).ok_or(EvaluateError::Stopped)?;
                each(receiver.recv().map_err(|_| EvaluateError::Stopped)??)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::rules::{Library, RuleFilter, select};

    /// All built-in rules.
    fn evaluation() -> Evaluation {
        let pack = Library::load(&[]).unwrap().pack;
        Evaluation {
            rules: select(&pack, &BTreeMap::new(), &[&RuleFilter::default()]).unwrap(),
            accepted_gaps: Vec::new(),
            waivers: Default::default(),
            trust: Default::default(),
            required_tags: Default::default(),
            accounts: None,
            regions: None,
            group_by: Vec::new(),
            sources: None,
            targets: Vec::new(),
        }
    }

    /// The reports, or the error and the number of reports before it.
    fn reports(dir: &Path, threads: usize, part: usize) -> Result<Vec<String>, (usize, String)> {
        let reader = Reader::open(dir).unwrap();
        let mut reports = Vec::new();
        let each = |report: AccountReport| {
            reports.push(format!("{report:?}"));
            Ok(())
        };
        let run = evaluation().run_divided(&reader, (Division { threads, part }, None), each);
        match run {
            Ok(_) => Ok(reports),
            Err(error) => Err((reports.len(), error.to_string())),
        }
    }

    #[test]
    fn reports_do_not_depend_on_the_number_of_threads() {
        let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acme");
        let one = reports(&acme, 1, usize::MAX).unwrap();
        assert!(one.len() > 1);
        for (threads, part) in [(1, 1), (2, 1), (3, 5), (8, 2), (0, 0)] {
            assert!(reports(&acme, threads, part).unwrap() == one, "{threads} threads, {part}");
        }
    }

    #[test]
    fn the_first_account_with_an_error_ends_the_run_on_any_number_of_threads() {
        let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acme");
        let copy = tempfile::tempdir().unwrap();
        let mut accounts = Vec::new();
        for entry in fs::read_dir(&acme).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            fs::copy(entry.path(), copy.path().join(&name)).unwrap();
            accounts.extend(name.ends_with(".jsonl").then_some(name));
        }
        accounts.sort();
        // All lines of resources are damaged, in all accounts but the first.
        for name in &accounts[1..] {
            let path = copy.path().join(name);
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("\"type\":\"resource\"}", "\"type\":\"resource\",}"))
                .unwrap();
        }
        let one = reports(copy.path(), 1, usize::MAX).unwrap_err();
        assert!(one.1.contains(&accounts[one.0]), "{one:?}");
        for threads in [2, 5] {
            assert_eq!(reports(copy.path(), threads, 3).unwrap_err(), one);
        }
    }
}
