//! `rolecall manuals`: what packages install besides the program.

use std::fs;

use crate::program::{run, text};

#[test]
fn packages_get_a_man_page_for_each_command_and_completions() {
    let dir = tempfile::tempdir().unwrap();
    // Created if missing, and overwritten if not.
    let target = dir.path().join("new/manuals");
    for _ in 0..2 {
        let ran = run(&["manuals", text(&target)]);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    }
    let page = fs::read_to_string(target.join("man/rolecall.1")).unwrap();
    assert!(page.contains("rolecall\\-evaluate(1)") && !page.contains("manuals"), "{page}");
    let page = fs::read_to_string(target.join("man/rolecall-evaluate.1")).unwrap();
    assert!(page.contains("\\-\\-snapshot") && page.contains("Examples:"), "{page}");
    assert!(!target.join("man/rolecall-manuals.1").exists());
    for name in ["rolecall.bash", "rolecall.fish", "_rolecall.ps1", "_rolecall"] {
        let script = fs::read_to_string(target.join("completions").join(name)).unwrap();
        assert!(script.contains("evaluate") && script.contains("fail-on"), "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_created_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let ran = run(&["manuals", text(&file)]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("cannot write to") && ran.stderr.contains(text(&file)),
        "{}",
        ran.stderr
    );
}
