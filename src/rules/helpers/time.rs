//! Times and ages. All times are RFC 3339 strings, as in facts.

use std::rc::Rc;

use jiff::Timestamp;
use rhai::ImmutableString;

use super::table::topic;
use crate::model::text;
use crate::rules::helpers::arguments::Scripted;
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::Interrupt;

/// In seconds.
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

topic! {
    /// Times are RFC 3339 strings such as `2026-01-31T08:15:02Z`, as in facts. Rules cannot read
    /// the current time: `now()` is the collection time, that is, the time at which the account's
    /// data was collected, so the same snapshot always yields the same verdicts.
    "Time";

    /// Returns the time at which the account's data was collected.
    fn now() -> "time";
    "now()" => "\"2026-01-01T00:00:00Z\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("now", move || {
            cx.record(|recorder| recorder.seen.now = true);
            cx.view().map(|view| ImmutableString::from(view.facts.now.as_str()))
        })
    };

    /// Returns the number of whole days from one time to another, rounded down. The number is
    /// negative if `later` is before `earlier`.
    fn days_between(earlier: "time", later: "time") -> "int";
    "days_between(\"2025-12-30T12:00:00Z\", \"2026-01-01T00:00:00Z\")" => "1";
    "days_between(\"2026-01-01T00:00:00Z\", \"2025-12-31T23:59:59Z\")" => "-1";
    |engine, _| engine.register_fn("days_between", |earlier: &str, later: &str| -> Scripted<i64> {
        Ok(whole(DAY, parse("days_between", earlier)?, parse("days_between", later)?))
    });

    /// Returns the number of whole days from a time to the collection time, rounded down. The
    /// number is negative if the time is after the collection time.
    fn age_days(time: "time") -> "int";
    "age_days(\"2025-12-02T00:00:00Z\")" => "30";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("age_days", move |time: &str| age("age_days", DAY, &cx, time))
    };

    /// Returns the number of whole hours from one time to another, rounded down. The number is
    /// negative if `later` is before `earlier`.
    fn hours_between(earlier: "time", later: "time") -> "int";
    "hours_between(\"2025-12-30T12:30:00Z\", \"2026-01-01T00:00:00Z\")" => "35";
    "hours_between(\"2026-01-01T00:00:00Z\", \"2025-12-31T23:59:59Z\")" => "-1";
    |engine, _| engine.register_fn("hours_between", |earlier: &str, later: &str| -> Scripted<i64> {
        Ok(whole(HOUR, parse("hours_between", earlier)?, parse("hours_between", later)?))
    });

    /// Returns the number of whole hours from a time to the collection time, rounded down. The
    /// number is negative if the time is after the collection time.
    fn age_hours(time: "time") -> "int";
    "age_hours(\"2025-12-31T10:30:00Z\")" => "13";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("age_hours", move |time: &str| age("age_hours", HOUR, &cx, time))
    };

    /// Returns whether more than the given number of whole days have passed between the given time
    /// and the collection time. For example, a resource that is 90 days and 12 hours old is not yet
    /// older than 90 days. With the unit `"hours"`, the number is in hours instead of days.
    fn is_older_than(time: "time", days: "int") -> "bool" (time: "time", number: "int", unit: "string") -> "bool";
    "is_older_than(\"2025-12-02T00:00:00Z\", 30)" => "false";
    "is_older_than(\"2025-12-01T00:00:00Z\", 30)" => "true";
    "is_older_than(\"2025-12-31T10:00:00Z\", 12, \"hours\")" => "true";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("is_older_than", move |time: &str, days: i64| {
            age("is_older_than", DAY, &cx, time).map(|age| age > days)
        });
        let cx = Rc::clone(context);
        engine.register_fn("is_older_than", move |time: &str, number: i64, unit: &str| {
            let seconds = match unit {
                "days" => DAY,
                "hours" => HOUR,
                other => {
                    let shown = text::one_line(other, 60);
                    return Interrupt::Broken(format!(
                        "`is_older_than` expects the unit `days` or `hours`, got `{shown}`"
                    ))
                    .raise();
                }
            };
            age("is_older_than", seconds, &cx, time).map(|age| age > number)
        })
    };
}

/// The collection time.
pub(super) fn collection_time(helper: &str, context: &EvalContext) -> Scripted<Timestamp> {
    context.record(|recorder| recorder.seen.now = true);
    parse(helper, &context.view()?.facts.now)
}

fn age(helper: &str, seconds: i64, context: &EvalContext, time: &str) -> Scripted<i64> {
    let now = collection_time(helper, context)?;
    Ok(whole(seconds, parse(helper, time)?, now))
}

/// The number of whole units of so many seconds.
fn whole(seconds: i64, earlier: Timestamp, later: Timestamp) -> i64 {
    (later.as_second() - earlier.as_second()).div_euclid(seconds)
}

fn parse(helper: &str, time: &str) -> Scripted<Timestamp> {
    time.parse().or_else(|_| {
        let shown = text::one_line(time, 60);
        Interrupt::Broken(format!(
            "`{helper}` expects an RFC 3339 time, such as `2027-01-31T00:00:00Z`, got `{shown}`"
        ))
        .raise()
    })
}
