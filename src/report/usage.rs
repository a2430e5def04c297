//! What a collection took: its calls, its time and its memory. It differs from run to run, so only
//! the reports of the run that collected the accounts have it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::ApiUsage;

/// What a collection took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionUsage {
    /// Accounts that the run collected.
    pub accounts: usize,
    /// How long that took.
    pub time: Duration,
    /// Peak memory use of the process in KiB, where the system reports it.
    pub peak_memory_kib: Option<u64>,
    /// What each API took.
    pub apis: BTreeMap<String, ApiUsage>,
}

impl CollectionUsage {
    /// How many accounts were collected per minute; `None` if there were none.
    pub fn accounts_per_minute(&self) -> Option<f64> {
        let seconds = self.time.as_secs_f64();
        let rate = 60.0 * self.accounts as f64 / seconds;
        (self.accounts > 0 && seconds > 0.0).then(|| (rate * 10.0).round() / 10.0)
    }

    /// What all APIs took together.
    pub fn total(&self) -> ApiUsage {
        let mut total = ApiUsage::default();
        self.apis.values().for_each(|api| total += *api);
        total
    }
}
