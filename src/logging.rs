//! The log, on stderr. Only rolecall's own events are shown in detail: at their finer levels the
//! AWS crates would print bodies and credentials.

use tracing_subscriber::EnvFilter;

/// Starts the log: warnings, with `-v` what is being done, with `-vv` every call, with `-vvv`
/// everything of rolecall's own.
pub fn start(verbose: u8, quiet: bool, color: bool) {
    let own = match (verbose, quiet) {
        (0, true) => "error",
        (0, false) => "warn",
        (1, _) => "info",
        (2, _) => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("error,rolecall={own}"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .with_target(false);
    // A second start in one process, as in tests, keeps the first log.
    log.try_init().ok();
}
