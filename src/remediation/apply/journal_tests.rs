//! Journals that were edited, cut off, copied back, or belong to something else.

use std::path::Path;

use super::journal::{self, Event, Journal, JournalError};
use super::outcome::Outcome;
use super::tests::{Trial, block, item, now, outcome};

#[test]
fn a_journal_that_was_edited_is_rejected_and_a_torn_line_is_not() {
    let trial = Trial::of(vec![item(1, "a"), item(1, "b")]);
    trial.run();
    let path = trial.journal();
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 7);
    let error_of = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let error = journal::read(&path).unwrap_err().to_string();
        error.split_once("line ").map_or(error.clone(), |(_, rest)| rest.to_owned())
    };
    // Every line but the last one is protected by the next one.
    for at in 0..lines.len() - 1 {
        let mut edited: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        edited[at] = edited[at].replacen("2027-01-15T08", "2026-01-15T08", 1);
        assert_eq!(
            error_of(&(edited.join("\n") + "\n")),
            format!(
                "{}: the line before it is missing or was edited; a journal must not be edited",
                at + 2
            )
        );
        edited.remove(at);
        let error = error_of(&(edited.join("\n") + "\n"));
        assert!(error.starts_with(&format!("{}: ", at + 1)), "{error}");
    }
    let unknown_field = whole.replacen("\"at\"", "\"from\":1,\"at\"", 1);
    assert!(
        error_of(&unknown_field).starts_with("1: unknown key `from`"),
        "{}",
        error_of(&unknown_field)
    );
    assert!(error_of("").contains("is not a journal"));
    // A copy of an end, and an item that is not in the plan.
    let extra = |event: Event| {
        std::fs::write(&path, &whole).unwrap();
        let begin = journal::begin("sha256:plan", None, trial.items.clone());
        let (journal, _) = Journal::open(&path, begin, now).unwrap();
        journal.append(event).unwrap();
        journal::read(&path).unwrap_err().to_string()
    };
    let ended = Event::Intend { item: trial.items[0].id.clone() };
    assert!(extra(ended).contains("line 9: the item has already ended"));
    assert!(extra(Event::Intend { item: "c".to_owned() }).contains("line 9: unknown item `c`"));

    // Cut off anywhere: what is complete counts.
    for cut in 0..whole.len() {
        std::fs::write(&path, &whole.as_bytes()[..cut]).unwrap();
        let complete = whole[..cut].matches('\n').count();
        match journal::read(&path) {
            Ok(_) => assert!(complete > 0),
            Err(JournalError::Empty { .. }) => assert_eq!(complete, 0),
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
    // And it can be continued.
    std::fs::write(&path, &whole.as_bytes()[..whole.len() - 3]).unwrap();
    let results = trial.run();
    assert!(results.ends.values().all(|end| end.outcome().is_some_and(Outcome::is_settled)));
    journal::read(&path).unwrap();
}

#[test]
fn a_journal_belongs_to_one_plan_and_one_process() {
    let trial = Trial::of(vec![item(1, "a")]);
    trial.run();
    let begin = journal::begin("sha256:other", None, trial.items.clone());
    let error = Journal::open(&trial.journal(), begin, now).unwrap_err().to_string();
    assert!(error.contains("is of another plan (sha256:plan)"), "{error}");
    let begin = journal::begin("sha256:plan", None, vec![item(1, "b")]);
    let error = Journal::open(&trial.journal(), begin, now).unwrap_err().to_string();
    assert!(error.contains("is of other items of this plan"), "{error}");

    let begin = || journal::begin("sha256:plan", None, trial.items.clone());
    let _open = Journal::open(&trial.journal(), begin(), now).unwrap();
    let error = Journal::open(&trial.journal(), begin(), now).unwrap_err();
    assert!(matches!(error, JournalError::Locked { .. }), "{error}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(trial.journal()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // A file that is not a journal is not overwritten, and a link is not followed.
    let other = trial.dir.path().join("notes.txt");
    std::fs::write(&other, "not a journal").unwrap();
    let error = Journal::open(&other, begin(), now).unwrap_err();
    assert!(matches!(error, JournalError::Empty { .. }), "{error}");
    #[cfg(unix)]
    {
        let link = trial.dir.path().join("link.journal");
        std::os::unix::fs::symlink(&other, &link).unwrap();
        let error = Journal::open(&link, begin(), now).unwrap_err().to_string();
        assert!(error.contains("it is not a regular file"), "{error}");
    }
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "not a journal");
    let missing = journal::read(Path::new("no-such-journal")).unwrap_err().to_string();
    assert!(missing.starts_with("cannot access the journal `no-such-journal`"), "{missing}");
}

/// Going back to an older copy of the journal repeats no write: each one is preceded by a read.
#[test]
fn an_older_copy_of_the_journal_does_no_harm() {
    let items = vec![item(1, "a"), item(1, "b")];
    let trial = Trial::of(items.clone());
    trial.run();
    let whole = std::fs::read_to_string(trial.journal()).unwrap();
    for lines in 1..7 {
        let older: String = whole.split_inclusive('\n').take(lines).collect();
        std::fs::write(trial.journal(), older).unwrap();
        let results = trial.run();
        assert!(results.ends.values().all(|end| end.outcome().is_some_and(Outcome::is_settled)));
        assert_eq!((trial.writer.writes("a"), trial.writer.writes("b")), (1, 1));
    }
    // Somebody undoes the change by hand, and the journal is from before: it is not made again if it
    // was begun.
    for lines in [2, 3] {
        let older: String = whole.split_inclusive('\n').take(lines).collect();
        std::fs::write(trial.journal(), older).unwrap();
        trial.writer.states.lock().unwrap().insert("a".to_owned(), block(false));
        let results = trial.run();
        assert!(!outcome(&results, &items[0]).is_settled());
        assert_eq!(trial.writer.writes("a"), 1);
    }
}
