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
            let line = line.split(" || ").next().unwrap();
            // An array of more options is left out.
            let words = line.split_whitespace().filter(|word| !word.contains("[@]"));
            let words = words.map(|word| word.replace('"', ""));
            words
                .map(|word| {
                    word.replace("$SHARDS", "4")
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
    let run = |what: &str| {
        let output = Command::new(&script)
            .args([what, "222233334444"])
            .env("PATH", &path)
            .envs([("AWS_REGION", "eu-west-1"), ("CENTRAL_ACCOUNT", "111122223333")])
            .envs([("ROLECALL_EXTERNAL_ID", "secret"), ("CODE_BUCKET", "b"), ("CODE_KEY", "k")])
            .env_remove("AWS_ACCESS_KEY_ID")
            .output()
            .unwrap();
        let calls = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        (output.status.code(), calls)
    };
    for (what, stack) in
        [("target-role", "rolecall-target-role"), ("control-plane", "rolecall-control-plane")]
    {
        let (code, calls) = run(what);
        assert_eq!(code, Some(0), "{calls}");
        let calls: Vec<&str> = calls.lines().collect();
        assert!(calls[0].starts_with("none sts assume-role"), "{calls:?}");
        assert!(calls[0].contains("arn:aws:iam::222233334444:role/rolecall-deployer"), "{calls:?}");
        assert!(calls[1].starts_with("KEY cloudformation deploy"), "{calls:?}");
        assert!(calls[1].contains(&format!("--stack-name {stack} ")), "{calls:?}");
        assert_eq!(calls.len(), 2);
        // The deployer of this account may deploy the stack of this name.
        let policy = crate::plane_policies::policies(&["deployer", "--deploys", what]);
        assert!(policy.to_string().contains(&format!(":stack/{stack}/*")), "{policy}");
    }
    assert_eq!(run("everything").0, Some(2));
}
