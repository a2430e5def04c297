//! What `explain` and `remediate plan` say of code that cannot be changed as the rule recommends.

use serde_json::Value;

use crate::sources::{ACCOUNT, FAILING, MODULE, World, name};

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
