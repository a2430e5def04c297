//! `remediate apply` when the journal or the report is lost, and `remediate undo` of what is left.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::program::ran;
use crate::remediate_apply::{Trial, fixed, is_write, report, sha256};
use crate::support::fault::{Request, when};
use crate::support::remediation::proxy;

/// The hash that `apply` prints.
#[track_caller]
fn printed_hash(stderr: &str) -> &str {
    let line = stderr.lines().find(|line| line.starts_with("journal: "));
    line.unwrap_or_else(|| panic!("no hash: {stderr}")).rsplit(' ').next().unwrap()
}

fn hash_of(path: &Path) -> String {
    format!("sha256:{}", sha256(&fs::read(path).unwrap()))
}

/// Whether it is a request that changes something.
fn changes(request: &Request) -> bool {
    is_write(&request.call) && request.param("DryRun") != "true"
}

#[test]
fn a_report_that_nobody_read_is_not_exit_code_2() {
    for (account, is_closed) in [(700_000_003_001, false), (700_000_003_002, true)] {
        let proxy = proxy(Vec::new());
        let trial = Trial::new(account, &proxy);
        trial.script("seed");
        let hash = trial.plan();
        let mut command = trial.program.command(&Trial::args("plan.json", &hash));
        command.arg("--quiet").stderr(Stdio::piped());
        let stdout = match is_closed {
            true => Stdio::piped(),
            false => File::options().write(true).open("/dev/full").unwrap().into(),
        };
        let mut child = command.stdout(stdout).spawn().unwrap();
        drop(child.stdout.take());
        let ended = ran(child.wait_with_output().unwrap());
        assert_eq!(ended.code, 3, "{}", ended.stderr);
        assert!(ended.stderr.contains("error: cannot write the result: "), "{}", ended.stderr);
        let journal = trial.program.path("plan.json.journal");
        assert_eq!(printed_hash(&ended.stderr), hash_of(&journal));
        assert_eq!(trial.script("state"), fixed());
    }
}

#[test]
fn a_journal_that_something_else_touches_ends_the_run() {
    type Touch = fn(&Path, &Path);
    let cases: [(&str, Touch, usize); 3] = [
        ("was deleted or moved", |journal, real| fs::rename(journal, real).unwrap(), 1),
        (
            "was replaced by another file",
            |journal, real| {
                fs::rename(journal, real).unwrap();
                fs::copy(real, journal).unwrap();
            },
            1,
        ),
        (
            "was edited",
            |journal, real| {
                fs::copy(journal, real).unwrap();
                let text = fs::read_to_string(journal).unwrap();
                fs::write(journal, text.replacen("eu-west-1", "eu-west-2", 1)).unwrap();
            },
            3,
        ),
    ];
    for ((account, json), (what, touch, writes)) in
        (700_000_003_011..).zip([true, false, true]).zip(cases)
    {
        let places: Arc<OnceLock<[PathBuf; 2]>> = Arc::default();
        let (known, is_first) = (places.clone(), AtomicBool::new(true));
        let touching = when(move |request| {
            if changes(request) && is_first.swap(false, Ordering::SeqCst) {
                let [journal, real] = known.get().unwrap();
                touch(journal, real);
            }
            false
        });
        let proxy = proxy(vec![touching.cut()]);
        let trial = Trial::new(account, &proxy);
        trial.script("seed");
        let hash = trial.plan();
        let path = |name: &str| trial.program.path(name);
        let [journal, real] =
            places.get_or_init(|| [path("plan.json.journal"), path("real.journal")]);
        let format = if json { "json" } else { "text" };
        let args = ["remediate", "apply", "plan.json", "--approved", &hash, "--format", format];
        let ended = trial.program.run(&[&args[..], &["--quiet"]].concat());
        ended.assert_code(3);
        let text = format!("the journal `plan.json.journal` {what} while rolecall had it open");
        if json {
            assert_eq!(report(&ended)["error"], text);
            assert!(ended.stderr.contains(&format!("error: {text}")), "{}", ended.stderr);
        } else {
            assert!(ended.stdout.contains(&format!("Error: {text}")), "{}", ended.stdout);
        }
        let sent = proxy.requests().iter().filter(|request| changes(request)).count();
        assert_eq!(sent, writes, "{what}");
        if what == "was edited" {
            assert_ne!(printed_hash(&ended.stderr), hash_of(journal));
            assert_eq!(trial.script("state"), fixed());
        } else {
            // The change that was made is in the file that was moved away, and it continues.
            assert_eq!(printed_hash(&ended.stderr), hash_of(real));
            fs::rename(real, journal).unwrap();
            trial.apply("plan.json", &hash).assert_code(0);
            assert_eq!(trial.script("state"), fixed());
        }
    }
}

fn send_interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn two_signals_during_a_change_are_not_exit_code_2() {
    let is_silent = Arc::new(AtomicBool::new(true));
    let silent = is_silent.clone();
    let hang = when(move |request| changes(request) && silent.load(Ordering::SeqCst)).hang();
    let proxy = proxy(vec![hang]);
    let trial = Trial::new(700_000_003_021, &proxy);
    trial.script("seed");
    let hash = trial.plan();
    let mut child = trial
        .program
        .command(&Trial::args("plan.json", &hash))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !proxy.requests().iter().any(changes) {
        assert!(begun.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(5));
    }
    send_interrupt(&child);
    thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "the first signal waits for the change");
    send_interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(3));
    is_silent.store(false, Ordering::SeqCst);
    let ended = trial.apply("plan.json", &hash);
    ended.assert_code(3);
    // It is looked at, and not sent again.
    assert!(ended.stdout.contains("\"unknown\""), "{}", ended.stdout);
    assert_eq!(proxy.requests().iter().filter(|request| changes(request)).count(), 1);
}

#[test]
fn undo_does_not_overwrite_its_journal_and_says_what_the_journal_lacks() {
    let proxy = proxy(Vec::new());
    let trial = Trial::new(700_000_003_031, &proxy);
    trial.script("seed");
    let hash = trial.plan();
    trial.apply("plan.json", &hash).assert_code(0);
    let path = |name: &str| trial.program.path(name);
    std::os::unix::fs::symlink("plan.json.journal", path("soft.json")).unwrap();
    let whole = fs::read(path("plan.json.journal")).unwrap();
    fs::create_dir(path("folder")).unwrap();
    fs::hard_link(path("plan.json.journal"), path("hard.json")).unwrap();
    for output in [
        "plan.json.journal",
        "./plan.json.journal",
        "folder/../plan.json.journal",
        "soft.json",
        "hard.json",
    ] {
        let args = ["remediate", "undo", "plan.json.journal", "--output", output];
        let ended = trial.program.run(&args);
        ended.assert_code(2);
        let text = format!("`{output}` is the journal: write the plan to another file");
        assert!(ended.stderr.contains(&text), "{}", ended.stderr);
        assert_eq!(fs::read(path("plan.json.journal")).unwrap(), whole);
    }

    let whole = String::from_utf8(whole).unwrap();
    let cut: String = whole.split_inclusive('\n').take(4).collect();
    fs::write(path("cut.journal"), cut).unwrap();
    let args = ["remediate", "undo", "cut.journal", "--output", "undo.json", "--quiet"];
    let ended = trial.program.run(&args);
    let text = "note: 2 of 3 items were not begun in the journal";
    assert!(ended.stderr.contains(text), "{}", ended.stderr);
}
