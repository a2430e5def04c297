//! Journals that cannot be written any more, are moved away, or are not journals at all.

use std::fs::{self, File};
use std::io::{self, Write};

use super::journal::{self, Event, Journal, JournalError};
use super::journal_file::Disk;
use super::outcome::{ItemEnd, Outcome};
use super::report::Completion;
use super::tests::{Trial, item, name, now};
use crate::model::sha256_hex;

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Failure {
    /// It is full in the middle of a line.
    Full,
    /// The line was written, but may not be on disk.
    NotSynced,
    /// Full, and the file cannot be cut off.
    FullForGood,
}

/// A disk that fails once, after some lines.
#[derive(Debug)]
struct Failing {
    file: File,
    lines: usize,
    failure: Failure,
    is_over: bool,
}

impl Disk for Failing {
    fn file(&mut self) -> &mut File {
        &mut self.file
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.lines == 0 && !self.is_over && self.failure != Failure::NotSynced {
            self.is_over = true;
            self.file.write_all(&line[..line.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write_all(line)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.lines == 0 && !self.is_over {
            self.is_over = true;
            return Err(io::Error::other("input/output error"));
        }
        self.lines = self.lines.saturating_sub(1);
        self.file.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if self.failure == Failure::FullForGood {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.cut(length)
    }
}

/// The disk works again right away, and still nothing more is sent.
#[test]
fn a_line_that_cannot_be_written_ends_the_run_and_the_same_command_resumes_it() {
    for failure in [Failure::Full, Failure::NotSynced, Failure::FullForGood] {
        for accounts in [[1, 1, 1], [1, 2, 3]] {
            for lines in 0..9 {
                let shown = format!("{failure:?} after {lines} lines, accounts {accounts:?}");
                let items: Vec<_> =
                    accounts.iter().zip(["a", "b", "c"]).map(|(n, name)| item(*n, name)).collect();
                let mut trial = Trial::of(items.clone());
                trial.prepare = Box::new(move |journal| {
                    journal.replace_disk(|file| {
                        Box::new(Failing { file, lines, failure, is_over: false })
                    });
                });
                let results = trial.run();
                assert!(results.journal_error.is_some(), "{shown}");
                assert_eq!(trial.report(&results).completion(), Completion::Uncertain, "{shown}");
                for item in &items {
                    let bucket = &item.resource.id;
                    let is_changed = trial.writer.state(bucket) == item.after;
                    match &results.ends[&item.id] {
                        ItemEnd::Ended(Outcome::Done { .. }) => assert!(is_changed, "{shown}"),
                        ItemEnd::Ended(Outcome::Failed { .. }) | ItemEnd::NotBegun(_) => {
                            assert_eq!((is_changed, trial.writer.writes(bucket)), (false, 0));
                        }
                        other => panic!("{shown}: {other:?}"),
                    }
                }
                let writes: usize =
                    items.iter().map(|one| trial.writer.writes(&one.resource.id)).sum();
                if accounts == [1, 1, 1] {
                    // Of each item, the first line says that it is about to be sent.
                    assert_eq!(writes, lines.div_ceil(3), "{shown}");
                }

                journal::read(&trial.journal()).unwrap_or_else(|error| panic!("{shown}: {error}"));
                trial.prepare = Box::new(|_| {});
                let results = trial.run();
                for item in &items {
                    let ended = results.ends[&item.id].outcome().unwrap();
                    // What was about to be sent when another account failed was not sent.
                    let is_interrupted = accounts != [1, 1, 1] && *ended == Outcome::Interrupted {};
                    assert!(ended.is_settled() || is_interrupted, "{shown}: {ended:?}");
                    let expected = usize::from(!is_interrupted);
                    assert_eq!(trial.writer.writes(&item.resource.id), expected, "{shown}");
                }
            }
        }
    }
}

/// What an earlier run began is never reported as not begun.
#[test]
fn what_was_begun_is_looked_at_although_the_journal_cannot_be_written() {
    let items = vec![item(1, "a"), item(1, "b"), item(1, "c")];
    let mut trial = Trial::of(items.clone());
    let begin = journal::begin("sha256:plan", None, items.clone());
    let (journal, _) = Journal::open(&trial.journal(), begin, now).unwrap();
    for item in &items[..2] {
        journal.append(Event::Intend { item: item.id.clone() }).unwrap();
    }
    drop(journal);
    trial.writer.states.lock().unwrap().insert("b".to_owned(), items[1].after.clone());
    trial.prepare = Box::new(|journal| {
        journal.replace_disk(|file| {
            Box::new(Failing { file, lines: 0, failure: Failure::Full, is_over: false })
        });
    });
    let results = trial.run();
    let names: Vec<String> = items.iter().map(|item| name(&results, item)).collect();
    assert_eq!(names, ["interrupted", "done", "not begun: the journal cannot be used"]);
    assert!(results.journal_error.is_some());
}

#[test]
fn nothing_is_sent_for_a_journal_that_was_moved_replaced_or_edited() {
    let items = vec![item(1, "a"), item(1, "b")];
    let intend = |at: usize| Event::Intend { item: items[at].id.clone() };
    let sent =
        |at: usize| Event::Sent { item: items[at].id.clone(), request_id: None, created: None };
    for (what, can_go_on) in [("moved", false), ("replaced", false), ("edited", true)] {
        let trial = Trial::of(items.clone());
        let path = trial.journal();
        let begin = || journal::begin("sha256:plan", None, items.clone());
        drop(Journal::open(&path, begin(), now).unwrap());
        let (journal, _) = Journal::open(&path, begin(), now).unwrap();
        journal.append(intend(0)).unwrap();
        journal.check().unwrap();
        assert_eq!(journal.hash(), journal::read(&path).unwrap().hash);

        let real = trial.dir.path().join("real");
        let text = fs::read_to_string(&path).unwrap();
        match what {
            "edited" => {
                fs::copy(&path, &real).unwrap();
                fs::write(&path, text.replacen("eu-west-1", "eu-west-2", 1)).unwrap();
            }
            _ => fs::rename(&path, &real).unwrap(),
        }
        if what == "replaced" {
            fs::copy(&real, &path).unwrap();
        }
        // What was sent is recorded all the same.
        journal.append(sent(0)).unwrap();
        assert_eq!(journal.append(intend(1)).is_ok(), can_go_on, "{what}");
        let error = journal.check().unwrap_err();
        assert!(matches!(error, JournalError::Displaced { .. }), "{what}: {error}");
        assert!(error.to_string().contains(what), "{what}: {error}");
        // The hash is that of what this run recorded.
        let recorded = fs::read(&real).unwrap();
        if what == "edited" {
            let edited = fs::read(&path).unwrap();
            assert_ne!(journal.hash(), format!("sha256:{}", sha256_hex(&edited)));
            assert!(matches!(journal::read(&path), Err(JournalError::Damaged { .. })));
        } else {
            assert_eq!(journal.hash(), format!("sha256:{}", sha256_hex(&recorded)), "{what}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_refused_is_not_changed() {
    use std::os::unix::fs::PermissionsExt;
    let trial = Trial::of(vec![item(1, "a")]);
    trial.run();
    let path = |name: &str| trial.dir.path().join(name);
    let torn = fs::read_to_string(trial.journal()).unwrap() + "{\"n\":9,";
    for (name, content) in [("notes", "not a journal\n"), ("other", &torn), ("linked", &torn)] {
        fs::write(path(name), content).unwrap();
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    fs::hard_link(path("linked"), path("link")).unwrap();
    let plan_of = |name: &str| if name == "link" { "sha256:plan" } else { "sha256:other" };
    for (name, expected) in [
        ("notes", "is not a journal"),
        ("other", "is of another plan"),
        ("link", "it has several names"),
    ] {
        let before = fs::read(path(name)).unwrap();
        let begin = journal::begin(plan_of(name), None, trial.items.clone());
        let error = Journal::open(&path(name), begin, now).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(fs::read(path(name)).unwrap(), before, "{name}");
        let mode = fs::metadata(path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644, "{name}");
    }
    // One of this plan becomes private.
    let begin = journal::begin("sha256:plan", None, trial.items.clone());
    drop(Journal::open(&path("other"), begin, now).unwrap());
    let mode = fs::metadata(path("other")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
