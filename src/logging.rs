//! The log on stderr. Detailed levels apply only to rolecall's own events, because the AWS crates log
//! request bodies and credentials at these levels.

use tracing_subscriber::EnvFilter;

/// Starts logging: warnings by default, info with `-v`, debug (every API call) with `-vv`, and trace
/// with `-vvv`.
pub fn start(verbose: u8, quiet: bool, color: bool) {
    let level = match (verbose, quiet) {
        (0, true) => "error",
        (0, false) => "warn",
        (1, _) => "info",
        (2, _) => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("error,rolecall={level}"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(crate::output::stderr)
        .with_ansi(color)
        .with_target(false);
    // Fails if logging has already been started in this process, as in tests.
    log.try_init().ok();
}
