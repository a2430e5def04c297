//! The function under its state machine, on an emulator that runs the program of these tests. All
//! scenarios: `cargo xtask e2e control-plane`.

use crate::support::moto::run_script;

#[test]
fn a_whole_run_gives_the_report_of_a_scan() {
    run_script(
        "control_plane.py",
        &[
            env!("CARGO_BIN_EXE_rolecall"),
            "clean",
            "one-function",
            "bucket-of-another-account",
            "nameless-selection",
            "invalid-events",
        ],
    );
}

#[test]
fn accounts_that_are_done_survive_a_crash_within_their_shard() {
    run_script("control_plane.py", &[env!("CARGO_BIN_EXE_rolecall"), "crash-within-a-shard"]);
}
