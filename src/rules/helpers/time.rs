//! Times and ages. All times are RFC 3339 texts, as facts have them.

use jiff::Timestamp;
use rhai::Engine;

use super::Scripted;
use crate::model::text;
use crate::rules::bridge::Interrupt;

/// Registers the helpers of this topic.
pub(super) fn register(engine: &mut Engine) {
    engine.register_fn("days_between", |earlier: &str, later: &str| -> Scripted<i64> {
        Ok((parse("days_between", later)?.as_second() - parse("days_between", earlier)?.as_second()).div_euclid(86_400))
    });
}

fn parse(helper: &str, time: &str) -> Scripted<Timestamp> {
    time.parse().or_else(|_| {
        let shown = text::one_line(time, 60);
        Interrupt::Broken(format!("`{helper}` wants RFC 3339 times such as now(), got `{shown}`")).raise()
    })
}
