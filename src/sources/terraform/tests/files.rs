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

#[test]
fn a_module_that_was_installed_from_another_source_is_not_that_of_the_call() {
    let inside = "block old/main.tf `resource \"aws_s3_bucket\" \"x\"` of module.m.aws_s3_bucket.x, called at main.tf `module \"m\" {`";
    let call = "call main.tf `module \"m\"` of module.m.aws_s3_bucket.x";
    for (source, installed, wanted) in [
        ("acme/m/aws", r#""Source": "registry.terraform.io/acme/m/aws", "#, inside),
        (
            "acme/m/aws//wrappers",
            r#""Source": "registry.opentofu.org/acme/m/aws//wrappers", "#,
            inside,
        ),
        ("acme/m/aws", "", inside),
        ("github.com/acme/m", r#""Source": "git::https://github.com/acme/m.git", "#, inside),
        // `init` was not run after the source was changed.
        ("acme/m/aws", r#""Source": "./old", "#, call),
        ("acme/m/aws", r#""Source": "registry.terraform.io/acme/other/aws", "#, call),
        ("git::https://example.com/m.git", r#""Source": "../old", "#, call),
    ] {
        let stack = Stack::of(&[
            ("main.tf", &format!("module \"m\" {{\n  source = \"{source}\"\n}}\n")),
            ("old/main.tf", "resource \"aws_s3_bucket\" \"x\" {}\n"),
            (
                ".terraform/modules/modules.json",
                &format!(r#"{{"Modules": [{{"Key": "m", {installed}"Dir": "old"}}]}}"#),
            ),
            (
                "s.tfstate",
                &serde_json::json!({ "version": 4, "lineage": "l", "resources": [{
                    "mode": "managed", "type": "aws_s3_bucket", "name": "x", "module": "module.m",
                    "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                    "instances": [{ "attributes": { "id": "b", "bucket": "b" } }],
                }]})
                .to_string(),
            ),
        ]);
        let asked = asked("s3.bucket", "b", &[], &[]);
        let found = stack.describe(&stack.open("", &["s.tfstate"]), &asked);
        assert_eq!(found, wanted, "{source}: {installed}");
    }
}
