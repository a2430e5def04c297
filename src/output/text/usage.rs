//! What a collection took: in one line, and as a table by API.

use super::layout::pad;
use crate::model::{ApiUsage, counted};
use crate::report::CollectionUsage;

/// The table has a row for each API, so names of APIs are all that determines its width.
const TITLES: [&str; 7] =
    ["API", "calls", "retries", "throttled", "queued (s)", "backoff (s)", "received (KiB)"];

/// In one line: `123 calls, 2 throttled, 15.5 accounts per minute, 61 MiB peak memory`. Empty if
/// nothing was collected.
pub fn usage_line(usage: &CollectionUsage) -> String {
    let total = usage.total();
    if total.calls == 0 {
        return String::new();
    }
    let calls = usize::try_from(total.calls).unwrap_or(usize::MAX);
    let mut parts = vec![counted(calls, "call"), format!("{} throttled", total.throttled)];
    parts.extend(usage.accounts_per_minute().map(|rate| format!("{rate} accounts per minute")));
    parts.extend(usage.peak_memory_kib.map(|kib| format!("{} MiB peak memory", mib(kib))));
    parts.join(", ")
}

/// KiB in MiB, rounded up.
pub(super) fn mib(kib: u64) -> u64 {
    kib.div_ceil(1024)
}

/// The table by API, with a line for each, and one for all of them.
pub fn usage_table(usage: &CollectionUsage) -> String {
    let cells = |name: &str, api: &ApiUsage| -> [String; 7] {
        [
            name.to_owned(),
            api.calls.to_string(),
            api.retries.to_string(),
            api.throttled.to_string(),
            format!("{:.1}", api.queued.as_secs_f64()),
            format!("{:.1}", api.backoff.as_secs_f64()),
            api.response_bytes.div_ceil(1024).to_string(),
        ]
    };
    let titles = TITLES.map(str::to_owned);
    let rows = usage.apis.iter().map(|(name, api)| cells(name, api));
    let rows: Vec<_> =
        std::iter::once(titles).chain(rows).chain([cells("all", &usage.total())]).collect();
    let widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].len()).max().unwrap_or_default()
    });
    let mut out = String::new();
    for row in rows {
        let [name, numbers @ ..] = &row;
        let [first, others @ ..] = widths;
        out.push_str(&format!("  {}", pad(name, first)));
        for (number, width) in numbers.iter().zip(others) {
            out.push_str(&format!("  {number:>width$}"));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    #[test]
    fn usage_is_one_line_and_a_table() {
        let volumes = ApiUsage {
            calls: 12,
            attempts: 15,
            retries: 3,
            throttled: 2,
            queued: Duration::from_millis(1_240),
            backoff: Duration::from_secs(4),
            response_bytes: 120_000,
        };
        let role = ApiUsage { calls: 1, attempts: 1, response_bytes: 1, ..ApiUsage::default() };
        let usage = CollectionUsage {
            accounts: 2,
            time: Duration::from_secs(9),
            peak_memory_kib: Some(61_000),
            apis: BTreeMap::from([
                ("ec2:DescribeVolumes".to_owned(), volumes),
                ("sts:AssumeRole".to_owned(), role),
            ]),
        };
        assert_eq!(
            usage_line(&usage),
            "13 calls, 2 throttled, 13.3 accounts per minute, 60 MiB peak memory"
        );
        assert_eq!(
            usage_table(&usage),
            "  API                  calls  retries  throttled  queued (s)  backoff (s)  received (KiB)\n  \
               ec2:DescribeVolumes     12        3          2         1.2          4.0             118\n  \
               sts:AssumeRole           1        0          0         0.0          0.0               1\n  \
               all                     13        3          2         1.2          4.0             118\n"
        );
        assert_eq!(usage_line(&CollectionUsage::default()), "");
    }
}
