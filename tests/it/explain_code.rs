//! What `explain` and `remediate plan` say of code that cannot be changed as the rule recommends.

use serde_json::{Value, json};

use crate::sources::{ACCOUNT, FAILING, MAIN, MODULE, RULE, World, name};

/// A repository whose failures were reported.
struct Reported {
    world: World,
    fingerprints: std::collections::BTreeMap<String, String>,
}

impl Reported {
    fn new(world: World) -> Self {
        world.configure("resource");
        world.snapshot(&[(ACCOUNT, FAILING)]);
        let night = world.night("1", &["--baseline", "none"]);
        let findings = night.findings().into_iter();
        let fingerprints =
            findings.map(|(id, finding)| (id, name(&finding["fingerprint"]))).collect();
        Self { world, fingerprints }
    }

    fn explain(&self, id: &str, format: &str) -> String {
        let args = ["explain", &self.fingerprints[id], "--report", "reports/1.json"];
        let ran = self.world.rolecall(&[&args[..], &["--format", format]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        if format == "json" {
            return ran.stdout;
        }
        // As if it was not wrapped.
        ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn json(&self, id: &str) -> Value {
        serde_json::from_str(&self.explain(id, "json")).unwrap()
    }
}

#[test]
fn code_that_changed_after_the_report_is_not_that_of_another_resource() {
    let reported = Reported::new(World::new());
    let world = &reported.world;
    let other = MODULE.replace("\"this\"", "\"other\"");
    // The block at the reported line is that of another resource.
    world.write("modules/bucket/main.tf", &other);
    let json = reported.json("team-red");
    assert!(json["source"].is_null() && json["patch"].is_null(), "{json}");
    assert!(name(&json["source_unknown"]).contains("not found in the code"), "{json}");
    for format in ["text", "markdown"] {
        let shown = reported.explain("team-red", format);
        assert!(shown.contains("not found in the code") && !shown.contains("Enabled"), "{shown}");
    }
    // Without the source, only the report says where it is.
    let config = world.read("rolecall.toml");
    let (before, _) = config.split_once("[[source]]").unwrap();
    world.write("rolecall.toml", before);
    let json = reported.json("team-red");
    assert!(json["source"].is_null() && json["patch"].is_null(), "{json}");
    let gone = "modules/bucket/main.tf does not declare module.team[\"red\"].aws_s3_bucket_versioning.this there any more";
    assert!(name(&json["source_unknown"]).contains(gone), "{json}");
    world.write("modules/bucket/main.tf", &format!("{other}{MODULE}"));
    let json = reported.json("team-red");
    let moved = other.lines().count() + 7;
    assert_eq!((&json["source"]["line"], &json["patch"]), (&moved.into(), &Value::Null), "{json}");
    world.write("modules/bucket/main.tf", MODULE);
    let json = reported.json("team-red");
    assert!(name(&json["patch"]).contains("+    status = \"Enabled\""), "{json}");
}

#[test]
fn there_is_no_patch_that_terraform_ignores_or_that_means_something_else() {
    let reported = Reported::new(World::new());
    let world = &reported.world;
    let ignored = |value: &str, list: &str| {
        let lifecycle = format!("lifecycle {{\n    ignore_changes = {list}\n  }}\n  versioning");
        MODULE
            .replace("Suspended", value)
            .replace("versioning_configuration {", &format!("{lifecycle}_configuration {{"))
    };
    let standard = "change it there";
    for (module, patch, is_ignored, is_drift, reason) in [
        (MODULE.to_owned(), true, false, false, standard),
        (ignored("Suspended", "[bucket]"), true, false, false, standard),
        (
            ignored("Suspended", "[versioning_configuration]"),
            false,
            true,
            false,
            "`ignore_changes` lists it",
        ),
        // Applying it would change nothing, either.
        (ignored("Enabled", "all"), false, true, false, "`ignore_changes` lists it"),
        (ignored("Enabled", "[bucket]"), false, false, true, "which has the right value: apply it"),
        (MODULE.replace("\"Suspended\"", "false"), false, false, false, standard),
        (MODULE.replace("\"Suspended\"", "0"), false, false, false, standard),
    ] {
        world.write("modules/bucket/main.tf", &module);
        let json = reported.json("team-red");
        let shown = (json["patch"].is_string(), &json["is_ignored"], &json["is_drift"]);
        assert_eq!(shown, (patch, &is_ignored.into(), &is_drift.into()), "{module}{json}");
        for format in ["text", "markdown"] {
            let shown = reported.explain("team-red", format);
            assert_eq!(shown.contains("remove it from the list"), is_ignored, "{shown}");
        }
        let args = ["remediate", "plan", "--snapshot", "snapshot", "--output", "plan.json"];
        world.rolecall(&args);
        let plan: Value = serde_json::from_str(&world.read("plan.json")).unwrap();
        let by_hand = plan["by_hand"].as_array().unwrap();
        let red = by_hand.iter().find(|one| one["resource"]["id"] == "team-red").unwrap();
        assert!(name(&red["reason"]).contains(reason), "{red}");
        assert_eq!(red["patch"].is_string(), patch, "{red}");
        std::fs::remove_file(world.path("plan.json")).unwrap();
    }
}

#[test]
fn there_is_no_patch_if_parameters_make_another_value_right() {
    let world = World::new();
    let rule = RULE
        .replace("severity:", "params: #{ strict: false, exempt_names: [] },\n    severity:")
        .replace(
            "== \"Enabled\" {",
            "== \"Enabled\" && !params.strict || it.name in params.exempt_names {",
        );
    world.write("rules/bucket-versioned.rhai", &rule);
    let reported = Reported::new(world);
    let world = &reported.world;
    let config = world.read("rolecall.toml");
    let rules = "[rules.bucket-versioned";
    for (settings, has_patch) in [
        (String::new(), true),
        (format!("{rules}.params]\nstrict = false\nexempt_names = [\"x\"]\n"), true),
        (format!("{rules}.params]\nstrict = true\n"), false),
        (
            format!(
                "[[rules.bucket-versioned.override]]\naccounts = [\"{ACCOUNT}\"]\nparams = {{ strict = true }}\n"
            ),
            false,
        ),
    ] {
        world.write("rolecall.toml", &format!("{config}{settings}"));
        assert_eq!(reported.json("team-red")["patch"].is_string(), has_patch, "{settings}");
        let args = ["remediate", "plan", "--snapshot", "snapshot", "--output", "plan.json"];
        let ran = world.rolecall(&args);
        let plan = world.read("plan.json");
        assert_eq!(plan.contains("+    status"), has_patch, "{settings}{plan}{}", ran.stderr);
        std::fs::remove_file(world.path("plan.json")).unwrap();
    }
}

#[test]
fn a_patch_that_would_do_something_else_has_a_reason() {
    let world = World::new();
    let rule = RULE.replace("`status = \"Enabled\"` in", "`object_lock_enabled = true`;").replace(
        "aws_s3_bucket_versioning.versioning_configuration.status",
        "aws_s3_bucket.object_lock_enabled",
    );
    world.write("rules/bucket-versioned.rhai", &rule);
    let module = MODULE.replace("var.name", "var.name\n  object_lock_enabled = false");
    world.write("modules/bucket/main.tf", &module);
    let reported = Reported::new(world);
    let reason = "Terraform replaces the resource if this argument changes";
    let json = reported.json("team-red");
    assert_eq!(json["source"]["line"], 5, "{json}");
    assert!(json["patch"].is_null() && json["no_patch"] == reason, "{json}");
    for format in ["text", "markdown"] {
        let shown = reported.explain("team-red", format);
        assert!(shown.contains(&format!("There is no patch: {reason}.")), "{shown}");
    }
    let world = &reported.world;
    world.rolecall(&["remediate", "plan", "--snapshot", "snapshot", "--output", "plan.json"]);
    let plan = world.read("plan.json");
    assert!(plan.contains(&format!("modules/bucket/main.tf:5: {reason}")), "{plan}");
    assert!(!plan.contains("+  object_lock_enabled"), "{plan}");
}

/// A rule whose change is automatic, or not: what `fix` returns.
fn with_fix(most: &str, fix: &str) -> String {
    let rule = RULE.replace("severity:", &format!("fix: #{{ most: \"{most}\" }},\n    severity:"));
    format!("{rule}\nfn fix(bucket, params) {{ {fix} }}\n")
}

const ENABLE: &str = "action(\"s3.bucket.set_versioning\", #{ status: \"Enabled\" })";

#[test]
fn nothing_that_code_declares_is_changed_if_only_the_place_is_not_known() {
    let world = World::new();
    world.write("rules/bucket-versioned.rhai", &with_fix("safe", &format!("safe_fix({ENABLE})")));
    world.configure("resource");
    world.snapshot(&[(ACCOUNT, FAILING)]);
    // Nothing is planned for resources whose tags are not known.
    for file in ["snapshot/snapshot.json".to_owned(), format!("snapshot/{ACCOUNT}.jsonl")] {
        let text = world.read(&file).replace("[\"versioning\"]", "[\"tags\",\"versioning\"]");
        world.write(&file, &text.replace("\"facts\":{", "\"facts\":{\"tags\":{},"));
    }
    let plan = |name: &str| {
        let args = ["remediate", "plan", "--snapshot", "snapshot", "--output", name];
        let ran = world.rolecall(&args);
        let plan: Value = serde_json::from_str(&world.read(name)).unwrap();
        (ran.code, plan)
    };
    let of = |plan: &Value, list: &str, id: &str| {
        let list = plan[list].as_array().unwrap();
        list.iter().find(|one| one["resource"]["id"] == id).cloned().unwrap_or_default()
    };
    let (_, placed) = plan("placed.json");
    assert!(!of(&placed, "by_hand", "team-red").is_null(), "{placed}");
    assert!(!of(&placed, "items", "manual").is_null(), "{placed}");
    // The module is renamed, and the change is not applied.
    world.write("envs/prod/main.tf", &MAIN.replace("\"team\"", "\"teams\""));
    let (_, unplaced) = plan("unplaced.json");
    let red = of(&unplaced, "by_hand", "team-red");
    let reason = "declared in code as module.team[\"red\"].aws_s3_bucket_versioning.this, but not found in the code: change it in the code";
    assert_eq!(red["reason"], reason, "{unplaced}");
    assert!(red["source"].is_null() && red["patch"].is_null(), "{red}");
    assert!(!of(&unplaced, "items", "manual").is_null(), "{unplaced}");
    // Without the state, any resource can be declared.
    world.write("envs/prod/terraform.tfstate", "{");
    let (code, unread) = plan("unread.json");
    assert_eq!((code, &unread["items"]), (3, &json!([])), "{unread}");
    for id in ["team-red", "manual"] {
        let cause = of(&unread, "not_planned", id);
        let said = name(&cause["cause"]);
        assert!(said.contains("code that may declare it could not be read"), "{unread}");
        assert_eq!(cause["unreadable"], true, "{cause}");
    }
}

#[test]
fn a_patch_has_the_warning_of_the_rule() {
    let place = "managed by Terraform at modules/bucket/main.tf:10: change it there";
    for (most, fix, has_patch, warning) in [
        ("safe", format!("safe_fix({ENABLE})"), true, ""),
        ("unsafe", format!("unsafe_fix(\"it costs\", {ENABLE})"), true, "; unsafe: it costs"),
        ("by_hand", "by_hand(\"it cuts off all\")".to_owned(), true, "; by hand: it cuts off all"),
        // What the rule changes otherwise cannot be changed here.
        ("unsafe", "by_hand(\"it is locked\")".to_owned(), false, "; by hand: it is locked"),
    ] {
        let world = World::new();
        // Another class is possible, so that `most` is right.
        let other = format!("if bucket.name == \"x\" {{ return unsafe_fix(\"x\", {ENABLE}); }} ");
        let other = if has_patch { "" } else { &other };
        world.write("rules/bucket-versioned.rhai", &with_fix(most, &format!("{other}{fix}")));
        world.configure("resource");
        world.snapshot(&[(ACCOUNT, FAILING)]);
        let args = ["remediate", "plan", "--snapshot", "snapshot", "--output", "plan.json"];
        let ran = world.rolecall(&args);
        let plan: Value = serde_json::from_str(&world.read("plan.json")).unwrap();
        let by_hand = plan["by_hand"].as_array().unwrap();
        let red = by_hand.iter().find(|one| one["resource"]["id"] == "team-red");
        let red = red.unwrap_or_else(|| panic!("{plan} {}", ran.stderr));
        assert_eq!(red["reason"], format!("{place}{warning}"));
        assert_eq!(red["patch"].is_string(), has_patch, "{red}");
        // Without the snapshot, `explain` has the class and the documentation.
        let night = world.night("1", &["--baseline", "none"]);
        let fingerprint = name(&night.findings()["team-red"]["fingerprint"]);
        let explain = |format: &str| {
            let args = ["explain", &fingerprint, "--report", "reports/1.json", "--format", format];
            world.rolecall(&args).stdout.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let json: Value = serde_json::from_str(&explain("json")).unwrap();
        let wanted = match most {
            "safe" => Value::Null,
            "unsafe" => json!("the change can break something. Enable it."),
            _ => json!("the rule leaves the change to a person. Enable it."),
        };
        assert_eq!(json["warning"], wanted, "{json}");
        for format in ["text", "markdown"] {
            let shown = explain(format);
            let said = format!("Before you apply it: {}", name(&wanted));
            assert_eq!(shown.contains(&said), !wanted.is_null(), "{shown}");
        }
    }
}
