//! Progress of the collection on stderr: a bar on a terminal, otherwise a line per account; nothing
//! with `-q`.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::aws::Observer;
use crate::model::{AccountId, Region, text};

/// The progress of a collection.
pub struct Progress {
    style: Style,
    names: BTreeMap<AccountId, String>,
    total: u64,
    done: AtomicU64,
    calls: AtomicU64,
    throttled: AtomicU64,
    gaps: AtomicU64,
}

enum Style {
    Bar(ProgressBar),
    Lines,
    Silent,
}

impl Progress {
    /// Starts the progress for the accounts in `names`.
    pub fn new(names: BTreeMap<AccountId, String>, quiet: bool) -> Self {
        let total = names.len() as u64;
        let style = if quiet {
            Style::Silent
        } else if std::io::stderr().is_terminal() && !crate::output::logs_as_json() {
            let bar =
                ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
            // The template is constant, so this cannot fail. If it did, the default style applies.
            if let Ok(style) =
                ProgressStyle::with_template("{bar:24} {pos}/{len} accounts · {msg} · {elapsed}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            Style::Bar(bar)
        } else {
            Style::Lines
        };
        let zero = || AtomicU64::new(0);
        Self { style, names, total, done: zero(), calls: zero(), throttled: zero(), gaps: zero() }
    }

    /// Removes the progress bar.
    pub fn finish(&self) {
        if let Style::Bar(bar) = &self.style {
            bar.finish_and_clear();
        }
    }

    fn refresh(&self) {
        let Style::Bar(bar) = &self.style else { return };
        let mut message = count(self.calls.load(Ordering::Relaxed), "call");
        let gaps = self.gaps.load(Ordering::Relaxed);
        if gaps > 0 {
            message.push_str(&format!(" · {}", count(gaps, "gap")));
        }
        let throttled = self.throttled.load(Ordering::Relaxed);
        if throttled > 0 {
            message.push_str(&format!(" · {throttled} throttled"));
        }
        bar.set_message(message);
    }
}

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

impl Observer for Progress {
    fn call(&self, account: &AccountId, call: &str) {
        tracing::debug!(%account, call, "call");
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.refresh();
    }

    fn throttled(&self, account: &AccountId, call: &str) {
        tracing::info!(%account, call, "throttled");
        self.throttled.fetch_add(1, Ordering::Relaxed);
        self.refresh();
    }

    fn resource_gone(&self, account: &AccountId, region: &Region, kind: &str, id: &str) {
        let id = text::one_line(id, 100);
        tracing::info!(%account, %region, kind, id, "skipped: deleted during collection");
    }

    fn resources_of_others(&self, account: &AccountId, region: &Region, kind: &str, count: u64) {
        tracing::warn!(%account, %region, kind, count, "left out: resources of other accounts");
    }

    fn account_finished(&self, account: &AccountId, _path: &Path, entered: bool, gaps: usize) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.gaps.fetch_add(gaps as u64, Ordering::Relaxed);
        match &self.style {
            Style::Bar(bar) => bar.inc(1),
            Style::Lines => {
                let name = self
                    .names
                    .get(account)
                    .map(|name| text::one_line(name, 60))
                    .unwrap_or_default();
                let status = match (entered, gaps) {
                    (false, _) => "could not be accessed".to_owned(),
                    (true, 0) => "complete".to_owned(),
                    (true, gaps) => count(gaps as u64, "gap"),
                };
                let separator = if name.is_empty() { "" } else { " " };
                writeln!(
                    crate::output::stderr(),
                    "[{done}/{}] {account}{separator}{name}: {status}",
                    self.total
                )
                .ok();
            }
            Style::Silent => {}
        }
        self.refresh();
    }
}
