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
