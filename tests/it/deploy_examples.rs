//! The examples in `deploy/`: workflows, Kubernetes, ECS and Jenkins. They can be read, their actions are
//! pinned, and their commands are valid command lines.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::rolecall;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

fn workflows() -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(Path::new(ROOT).join("deploy/github"))
        .unwrap()
        .map(|entry| format!("deploy/github/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    found.sort();
    assert!(found.len() >= 3, "{found:?}");
    found
}

/// Runs a command line: it may fail, but not because of its options.
fn check(file: &str, words: &[String]) {
    let dir = tempfile::tempdir().unwrap();
    let output = rolecall().args(words).current_dir(dir.path()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("try '--help'"), "{file}: {words:?}\n{stderr}");
}

/// The `rolecall` commands of a script, with a word in the place of variables.
fn commands(script: &str) -> Vec<Vec<String>> {
    let joined = script.replace("\\\n", " ");
    let lines = joined.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("run: ");
        line.strip_prefix("rolecall ")
    });
    lines
        .map(|line| {
            let line = line.split(" || ").next().unwrap().split(" > ").next().unwrap();
            // An array of more options is left out.
            let words = line.split_whitespace().filter(|word| !word.contains("[@]"));
            let words = words.map(|word| word.replace('"', ""));
            words
                .map(|word| {
                    word.replace("$approved", &format!("sha256:{}", "0".repeat(64)))
                        .replace("$SHARDS", "4")
                        .replace("$SHARD", "1")
                        .replace("$shard", "1")
                        .replace(['$', '@', '{', '}', '[', ']'], "x")
                })
                .collect()
        })
        .collect()
}

#[test]
fn workflows_are_pinned_and_their_commands_valid() {
    let mut checked = 0;
    for file in workflows() {
        let text = text(&file);
        for line in text.lines().filter_map(|line| line.split_once("uses: ").map(|(_, uses)| uses))
        {
            let (_, pin) = line.split_once('@').unwrap();
            let (sha, version) = pin.split_once(" # v").unwrap_or_else(|| panic!("{file}: {line}"));
            assert!(
                sha.len() == 40 && sha.chars().all(|c| c.is_ascii_hexdigit()),
                "{file}: {line}"
            );
            assert!(!version.is_empty(), "{file}: {line}");
        }
        assert!(text.contains("\npermissions: {}\n"), "{file} must not inherit permissions");
        for words in commands(&text) {
            check(&file, &words);
            checked += 1;
        }
    }
    assert!(checked >= 5, "{checked}");
}

#[test]
fn yaml_examples_can_be_read() {
    let mut files = workflows();
    let kubernetes = "deploy/kubernetes/sharded-scan.example.yaml";
    files.push(kubernetes.to_owned());
    let requests: Vec<Value> = files.iter().map(|file| serde_json::json!({"yaml": file})).collect();
    let answers = crate::deploy::read(&requests).unwrap();
    for (file, answer) in files.iter().zip(&answers) {
        assert!(answer.as_array().is_some_and(|documents| documents.iter().all(Value::is_object)));
        assert!(file == kubernetes || answer[0]["jobs"].is_object(), "{file}");
    }
    let job = answers.last().unwrap().as_array().unwrap();
    let collect = job.iter().find(|one| one["metadata"]["name"] == "rolecall-collect").unwrap();
    let spec = &collect["spec"]["jobTemplate"]["spec"];
    assert_eq!(spec["completionMode"], "Indexed");
    let config = job.iter().find(|one| one["kind"] == "ConfigMap").unwrap();
    assert_eq!(spec["completions"].to_string(), config["data"]["SHARDS"].as_str().unwrap());
    let mut checked = 0;
    for one in job.iter().filter(|one| one["kind"] == "CronJob") {
        let container = &one["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
        for words in commands(container["args"][0].as_str().unwrap()) {
            check(kubernetes, &words);
            checked += 1;
        }
    }
    assert_eq!(checked, 4);
}

#[test]
fn the_tasks_of_ecs_run_valid_commands() {
    let machine: Value = serde_json::from_str(&text("deploy/ecs/state-machine.asl.json")).unwrap();
    let definition: Value = serde_json::from_str(&text("deploy/ecs/task-definition.json")).unwrap();
    let mut found = Vec::new();
    commands_of_tasks(&machine, &mut found);
    assert_eq!(found.len(), 4);
    for (container, command) in found {
        assert_eq!(container, definition["containerDefinitions"][0]["name"]);
        let inner = command.strip_prefix("States.Array(").unwrap();
        // The strings of the expression; a reference stands in `{}`.
        let words: Vec<String> = inner
            .split('\'')
            .skip(1)
            .step_by(2)
            .map(|word| word.replace("{}/4", "1/4").replace("{}", "x").replace(['$', '{', '}'], ""))
            .collect();
        check("deploy/ecs/state-machine.asl.json", &words);
    }
}

fn commands_of_tasks(value: &Value, found: &mut Vec<(Value, String)>) {
    match value {
        Value::Object(map) => {
            if let Some(command) = map.get("Command.$") {
                found.push((map["Name"].clone(), command.as_str().unwrap().to_owned()));
            }
            map.values().for_each(|item| commands_of_tasks(item, found));
        }
        Value::Array(items) => items.iter().for_each(|item| commands_of_tasks(item, found)),
        _ => {}
    }
}

#[cfg(unix)]
#[test]
fn the_script_deploys_what_the_deployer_may() {
    let script = Path::new(ROOT).join("deploy/jenkins/deploy.sh");
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let aws = dir.path().join("aws");
    // Writes down its arguments and the credentials it got.
    fs::write(
        &aws,
        format!(
            "#!/bin/sh\necho \"${{AWS_ACCESS_KEY_ID:-none}} $*\" >> {}\n\
             case \"$1\" in sts) echo 'KEY SECRET TOKEN' ;; esac\n",
            log.display()
        ),
    )
    .unwrap();
    Command::new("chmod").arg("+x").arg(&aws).status().unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    let run = |what: &str, more: &[(&str, &str)]| {
        let mut command = Command::new(&script);
        command
            .args([what, "222233334444"])
            .env("PATH", &path)
            .envs([("AWS_REGION", "eu-west-1"), ("CENTRAL_ACCOUNT", "111122223333")])
            .envs([("ROLECALL_EXTERNAL_ID", "secret"), ("CODE_BUCKET", "b"), ("CODE_KEY", "k")])
            .env("CODE_VERSION", "v1")
            .env_remove("AWS_ACCESS_KEY_ID");
        for name in ["NAME", "PARTITION", "TARGET_ROLE_NAME", "TARGET_ROLE_PATH"] {
            command.env_remove(name);
        }
        let output =
            command.env_remove("PERMISSIONS_BOUNDARY").envs(more.iter().copied()).output().unwrap();
        let calls = fs::read_to_string(&log).unwrap_or_default();
        fs::remove_file(&log).ok();
        (output.status.code(), calls)
    };
    let audit = [
        ("NAME", "audit"),
        ("PARTITION", "aws-us-gov"),
        ("TARGET_ROLE_NAME", "reader"),
        ("TARGET_ROLE_PATH", "/x/"),
        ("PERMISSIONS_BOUNDARY", "team/boundary"),
    ];
    let arn = [("PERMISSIONS_BOUNDARY", "arn:aws:iam::1:policy/b")];
    for (name, partition, boundary, more) in [
        ("rolecall", "aws", "", &[][..]),
        ("rolecall", "aws", "arn:aws:iam::1:policy/b", &arn),
        ("audit", "aws-us-gov", "arn:aws-us-gov:iam::222233334444:policy/team/boundary", &audit),
    ] {
        for (what, parameters) in [
            ("target-role", "RoleName= RolePath= CentralPrincipalArn="),
            ("control-plane", "TargetRoleName= TargetRolePath= CodeVersion=v1 Name="),
        ] {
            let (code, calls) = run(what, more);
            assert_eq!(code, Some(0), "{calls}");
            let calls: Vec<&str> = calls.lines().collect();
            let role = format!("arn:{partition}:iam::222233334444:role/{name}-deployer");
            assert!(calls[0].starts_with("none sts assume-role"), "{calls:?}");
            assert!(calls[0].contains(&role), "{calls:?}");
            assert!(calls[1].starts_with("KEY cloudformation deploy"), "{calls:?}");
            let stack = format!("{name}-{what}");
            assert!(calls[1].contains(&format!("--stack-name {stack} ")), "{calls:?}");
            let end = format!("PermissionsBoundaryArn={boundary}");
            assert!(calls[1].ends_with(&end), "{calls:?}");
            let (role_name, role_path) =
                if name == "audit" { ("reader", "/x/") } else { ("rolecall", "/") };
            for parameter in parameters.split(' ') {
                let value = match parameter {
                    "Name=" => name.to_owned(),
                    "CentralPrincipalArn=" => {
                        format!("arn:{partition}:iam::111122223333:role/{name}-function")
                    }
                    path if path.contains("Path") => role_path.to_owned(),
                    role if role.contains("Role") => role_name.to_owned(),
                    _ => String::new(),
                };
                let wanted = format!(" {parameter}{value} ");
                assert!(calls[1].contains(&wanted), "{wanted}: {calls:?}");
            }
            assert_eq!(calls.len(), 2);
            // The deployer of this account may deploy the stack of this name.
            let deployer = ["deployer", "--deploys", what, "--name", name];
            let policy = crate::plane_policies::policies(&deployer);
            assert!(policy.to_string().contains(&format!(":stack/{stack}/*")), "{policy}");
        }
    }
    // It does not assume a role for it.
    assert_eq!(run("everything", &[]), (Some(2), String::new()));
    // Without the object version, a rollback is not exact.
    assert_eq!(run("control-plane", &[("CODE_VERSION", "")]), (Some(1), String::new()));
}

/// The script of a step of the workflow that deploys.
fn script_of(step: &str) -> String {
    script_in("deploy/github/deploy-control-plane.example.yml", "deploy", step)
}

fn script_in(file: &str, job: &str, step: &str) -> String {
    let answers = crate::deploy::read(&[serde_json::json!({"yaml": file})]).unwrap();
    let steps = answers[0][0]["jobs"][job]["steps"].as_array().unwrap().clone();
    let found = steps.into_iter().find(|one| one["name"] == step).unwrap();
    found["run"].as_str().unwrap().to_owned()
}

#[cfg(unix)]
#[test]
fn the_workflow_deploys_one_version_of_the_code_and_removes_only_rules() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let output = dir.path().join("output");
    for program in ["aws", "gh", "sha256sum"] {
        let file = dir.path().join(program);
        let script = format!(
            "#!/bin/sh\necho \"{program} $*\" >> {}\n\
             case \"$*\" in *head-object*) [ -n \"$THERE\" ] && printf '%s\\n' \"$THERE\" ;; \
             *put-object*) echo \"$PUT\" ;; *attestation*) exit \"${{ATTESTED:-0}}\" ;; esac\n",
            log.display()
        );
        fs::write(&file, script).unwrap();
        Command::new("chmod").arg("+x").arg(&file).status().unwrap();
    }
    fs::write(dir.path().join("rolecall-lambda-arm64.zip"), "code").unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    let run = |step: &str, more: &[(&str, &str)]| {
        let done = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", &script_of(step)])
            .current_dir(dir.path())
            .env("PATH", &path)
            .env("GITHUB_OUTPUT", &output)
            .envs([("NAME", "audit"), ("ACCOUNT", "111122223333"), ("PARTITION", "aws")])
            .envs([("VERSION", "1.2.3"), ("ARCHITECTURE", "arm64"), ("CODE_BUCKET", "code")])
            .envs([("AWS_REGION", "eu-west-1"), ("RELEASE_REPOSITORY", "o/r"), ("THERE", "")])
            .envs([("CODE_ACCOUNT", ""), ("PERMISSIONS_BOUNDARY", ""), ("EXTERNAL_ID", "secret")])
            .envs([("CODE_KEY", "k"), ("CODE_VERSION", "v7")])
            .envs(more.iter().copied())
            .output()
            .unwrap();
        let calls = fs::read_to_string(&log).unwrap_or_default();
        fs::remove_file(&log).ok();
        (done.status.code(), calls)
    };

    let (code, calls) = run("Download the function", &[]);
    assert_eq!(code, Some(0), "{calls}");
    assert!(calls.contains("attestation verify rolecall-lambda-arm64.zip --repo o/r"), "{calls}");
    assert_eq!(run("Download the function", &[("ATTESTED", "1")]).0, Some(1));

    // The checksum of the file above, as S3 has it.
    let same = "VpTQii5T/8rgwxA+Wtb2B2q9lg6x+KVldwQLwQKPcCs=\tv1";
    let uploaded = || fs::read_to_string(&output).unwrap();
    let (code, calls) = run("Upload the function", &[("PUT", "v2")]);
    assert_eq!(code, Some(0), "{calls}");
    let place = "--bucket code --key audit/1.2.3/rolecall-lambda-arm64.zip --expected-bucket-owner 111122223333";
    assert!(calls.contains(&format!("put-object {place}")), "{calls}");
    assert!(uploaded().ends_with("key=audit/1.2.3/rolecall-lambda-arm64.zip\nversion=v2\n"));
    let (code, calls) = run("Upload the function", &[("THERE", same), ("PUT", "v3")]);
    assert_eq!((code, calls.contains("put-object")), (Some(0), false), "{calls}");
    assert!(uploaded().ends_with("version=v1\n"), "{}", uploaded());
    let other = [("THERE", "AAAA\tv1"), ("PUT", "v3"), ("CODE_ACCOUNT", "444455556666")];
    let (code, calls) = run("Upload the function", &other);
    assert_eq!(code, Some(0), "{calls}");
    assert!(calls.contains("--expected-bucket-owner 444455556666"), "{calls}");
    assert!(uploaded().ends_with("version=v3\n"), "{}", uploaded());
    for none in ["None", "null"] {
        assert_eq!(run("Upload the function", &[("PUT", none)]).0, Some(1), "{none}");
    }

    let (code, calls) = run("Deploy", &[("PERMISSIONS_BOUNDARY", "boundary")]);
    assert_eq!(code, Some(0), "{calls}");
    for part in [
        "--stack-name audit-control-plane ",
        " Name=audit ",
        " CodeVersion=v7 ",
        " PermissionsBoundaryArn=arn:aws:iam::111122223333:policy/boundary",
    ] {
        assert!(calls.contains(part), "{part}: {calls}");
    }
    assert!(run("Deploy", &[]).1.trim_end().ends_with("PermissionsBoundaryArn="));

    let (code, calls) = run("Copy config and rules", &[]);
    assert_eq!(code, Some(0), "{calls}");
    let bucket = "s3://audit-111122223333-eu-west-1/config";
    let wanted = [
        format!("aws s3 sync rules {bucket}/rules/"),
        format!("aws s3 cp rolecall.toml {bucket}/rolecall.toml"),
        format!("aws s3 sync --delete rules {bucket}/rules/"),
    ];
    assert_eq!(calls.lines().collect::<Vec<_>>(), wanted);
}

const REMEDIATE: &str = "deploy/github/remediate.example.yml";

#[test]
fn only_the_job_that_applies_can_write_and_only_without_the_rights_of_the_others() {
    let answers = crate::deploy::read(&[serde_json::json!({"yaml": REMEDIATE})]).unwrap();
    let jobs = &answers[0][0]["jobs"];
    let rights = |job: &str| -> Vec<String> {
        let permissions = jobs[job]["permissions"].as_object().unwrap().iter();
        permissions.map(|(name, value)| format!("{name}: {}", value.as_str().unwrap())).collect()
    };
    let plan = rights("plan");
    let propose = rights("propose");
    let apply = rights("apply");
    assert_eq!(plan, ["contents: read", "id-token: write"]);
    assert_eq!(propose, ["contents: write", "pull-requests: write"]);
    assert_eq!(apply, ["contents: read", "actions: read", "id-token: write"]);
    assert_eq!(jobs["apply"]["environment"], "remediation");
    assert_eq!(jobs["apply"]["concurrency"]["cancel-in-progress"], false);
    for (job, file) in [("plan", "rolecall-$VERSION-"), ("apply", "rolecall-remediate-$VERSION-")] {
        let step = match job {
            "plan" => "Install rolecall, which cannot write",
            _ => "Install rolecall with remediation",
        };
        let script = script_in(REMEDIATE, job, step);
        assert!(script.contains(&format!("name=\"{file}x86_64-unknown-linux-musl\"")), "{script}");
    }
    // Values reach scripts as environment variables only.
    for job in ["plan", "propose", "apply"] {
        for step in jobs[job]["steps"].as_array().unwrap() {
            assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_workflow_applies_the_merged_plan_and_passes_on_its_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    fs::create_dir(dir.path().join("remediation")).unwrap();
    write("remediation/plan.json", "plan");
    write("remediation/plan.md", "# plan\n");
    write(
        "rolecall",
        "#!/bin/sh\necho \"$*\" >> log\ncase \"$2\" in show) echo '# plan' ;; apply) exit \"$CODE\" ;; esac\n",
    );
    Command::new("chmod").arg("+x").arg(dir.path().join("rolecall")).status().unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    let run = |step: &str, code: &str| {
        let done = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", &script_in(REMEDIATE, "apply", step)])
            .current_dir(dir.path())
            .env("PATH", &path)
            .env("RUNNER_TEMP", dir.path())
            .env("GITHUB_OUTPUT", dir.path().join("output"))
            .env("CODE", code)
            .output()
            .unwrap();
        done.status.code()
    };
    let text = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    for code in ["0", "1", "2", "3"] {
        assert_eq!(run("Apply", code), Some(0));
        assert!(text("output").ends_with(&format!("code={code}\n")), "{}", text("output"));
        let expected = code.parse().unwrap();
        assert_eq!(run("Result", code), Some(expected), "{code}");
    }
    // If the step before ended in another way, there is no code.
    assert_eq!(run("Result", ""), Some(2));
    // The SHA-256 of the merged file.
    let hash = "64879f7d6b960a01909762d911a32d4582c20010c5641ee90278b644a9e3b525";
    let wanted = format!(
        "remediate apply remediation/plan.json --approved sha256:{hash} --journal {}/journal.jsonl",
        dir.path().display()
    );
    assert_eq!(text("log").lines().next(), Some(wanted.as_str()));

    assert_eq!(run("Compare the plan with its Markdown", "0"), Some(0));
    write("remediation/plan.md", "# harmless plan\n");
    assert_eq!(run("Compare the plan with its Markdown", "0"), Some(1));
}
