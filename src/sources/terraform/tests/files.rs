//! Files that cannot be read as code or as a state.

use super::*;

#[test]
fn opening_a_pipe_does_not_wait_for_a_writer() {
    let stack = Stack::of(&[("main.tf", "resource \"aws_s3_bucket\" \"a\" {}\n")]);
    for name in ["z.tf", "terraform.tfstate"] {
        let made = std::process::Command::new("mkfifo").arg(stack.path(name)).status().unwrap();
        assert!(made.success());
    }
    let (done, opened) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(stack.open("", &["terraform.tfstate"]).problems));
    let problems = opened.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    let [code, state] = problems.as_slice() else { panic!("{problems:?}") };
    for (problem, name) in [(code, "z.tf"), (state, "terraform.tfstate")] {
        assert!(problem.contains(name) && problem.contains("not a regular file"), "{problem}");
    }
}

#[test]
fn a_root_whose_files_cannot_be_read_says_why() {
    let stack = Stack::of(&[]);
    let repository = Repository::open(stack.folder.path(), Some(stack.folder.path())).unwrap();
    for (text, wanted) in [
        (vec![0xff], "main.tf is not valid UTF-8"),
        (vec![b' '; 4 * 1024 * 1024 + 1], "main.tf is larger than 4194304 bytes"),
    ] {
        fs::write(stack.path("main.tf"), text).unwrap();
        let error = Root::open(&repository, Path::new(""), Vec::new(), &[]).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("no Terraform file can be read: ") && error.contains(wanted),
            "{error}"
        );
    }
}
