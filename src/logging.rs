//! The log on stderr. Detailed levels apply only to rolecall's own events, because the AWS crates log
//! request bodies and credentials at these levels.

use std::fmt::{self, Debug};
use std::io::{StderrLock, Write};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::output::{json_line, log_as_json};

/// Format of the log, and of everything else on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object per line, with `timestamp`, `level`, `message` and `fields`
    Json,
}

/// Starts logging: warnings by default, info with `-v`, debug (every API call) with `-vv`, and trace
/// with `-vvv`.
pub fn start(verbose: u8, quiet: bool, color: bool, format: LogFormat) {
    let level = match (verbose, quiet) {
        (0, true) => "error",
        (0, false) => "warn",
        (1, _) => "info",
        (2, _) => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("error,rolecall={level}"));
    let log = tracing_subscriber::fmt().with_env_filter(filter);
    // Fails if logging has already been started in this process, as in tests.
    match format {
        LogFormat::Text => {
            let log = log.with_writer(crate::output::stderr).with_ansi(color);
            log.with_target(false).try_init().ok();
        }
        LogFormat::Json => {
            log_as_json();
            let log = log.with_writer(raw_stderr).with_ansi(false);
            log.event_format(JsonEvents).try_init().ok();
        }
    }
}

/// Prints why the program ends, after `error: `.
pub fn print_failure(text: &str) {
    crate::output::print_text(text);
}

/// For events, which are complete lines already.
fn raw_stderr() -> impl Write {
    let stderr: StderrLock<'static> = std::io::stderr().lock();
    stderr
}

/// Writes events as JSON.
struct JsonEvents;

impl<S, N> FormatEvent<S, N> for JsonEvents
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let level = event.metadata().level().as_str();
        writer.write_str(&json_line(level, &fields.message, &fields.others))
    }
}

/// The fields of an event.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.others.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.add(field, text);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message = value.to_owned();
        } else {
            self.add(field, value);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }
}
