//! Evaluates all accounts of a snapshot concurrently, and returns them in order.

use super::account::{AccountEvaluation, Evaluator};
use super::demand::demand;
use super::evaluation::{EvaluateError, Evaluation};
use super::pool::{Division, Pool};
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
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.run_divided(reader, Division { threads, part: PART }, each)
    }

    /// The same, for some division of the work among threads.
    fn run_divided(
        &self,
        reader: &Reader,
        division: Division,
        mut each: impl FnMut(AccountReport) -> Result<(), EvaluateError>,
    ) -> Result<Unused, EvaluateError> {
        let mut used = vec![false; self.accepted_gaps.len()];
        let mut waivers = Usage::default();
        let demand = demand(&self.rules, &self.waivers);
        let accounts = self.accounts(reader);
        let pool = Pool::new(self, &demand, reader, &accounts, division);
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
