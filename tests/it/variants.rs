//! Rules with variants: how they are selected, configured, reported, waived and tested. The example is
//! `tests/cases/authoring/variants`: a script with the variants `sg-open-ssh`, `sg-open-database` and
//! `sg-open-snmp`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Ran, run, snapshot, text};

const SCRIPT: &str = "sg-open-service";
const ALL: [&str; 3] = ["sg-open-database", "sg-open-snmp", "sg-open-ssh"];

/// A copy of the example.
fn pack(dir: &Path) -> PathBuf {
    let from = crate::program::root().join("tests/cases/authoring/variants");
    let pack = dir.join("own");
    fs::create_dir(&pack).unwrap();
    for name in ["sg-open-service.rhai", "sg-open-service.cases.json"] {
        fs::copy(from.join(name), pack.join(name)).unwrap();
    }
    pack
}

fn parsed(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

fn strings<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap()).collect()
}

/// Runs a command with the rules and a config.
fn with_config(dir: &Path, pack: &Path, config: &str, args: &[&str]) -> Ran {
    let path = dir.join("rolecall.toml");
    fs::write(&path, config).unwrap();
    run(&[args, &["--config", text(&path), "--rules", text(pack)]].concat())
}

#[test]
fn variants_are_selected_by_their_ids_and_by_that_of_the_script() {
    let dir = tempfile::tempdir().unwrap();
    let pack = pack(dir.path());
    let only = "[scan.selection]\nrules = [\"sg-open-service\"]\n";
    let [database, snmp, ssh] = ALL;
    for (config, args, expected) in [
        ("", &["--rule", SCRIPT][..], &ALL[..]),
        ("", &["--rule", "sg-open-*"], &ALL),
        ("", &["--rule", "*-service"], &ALL),
        ("", &["--rule", ssh], &[ssh]),
        ("", &["--rule", "own/sg-open-service.rhai"], &ALL),
        (only, &[], &ALL),
        (&format!("{only}exclude = [\"sg-open-ssh\"]\n"), &[], &[database, snmp]),
        (
            "[scan.selection]\nexclude = [\"sg-open-service\"]\n",
            &["--rule", "sg-default-closed,sg-open-*"],
            &["sg-default-closed"],
        ),
        (&format!("{only}min_severity = \"high\"\n"), &[], &[database, ssh]),
        // Settings for the script apply to all variants, and those of a variant take precedence.
        (
            &format!(
                "{only}[rules.\"sg-open-service\"]\nenabled = false\n[rules.\"sg-open-ssh\"]\nenabled = true\n"
            ),
            &[],
            &[ssh],
        ),
        (&format!("{only}[rules.\"sg-open-ssh\"]\nenabled = false\n"), &[], &[database, snmp]),
        (
            &format!(
                "{only}min_severity = \"high\"\n[rules.\"sg-open-service\"]\nseverity = \"low\"\n[rules.\"sg-open-snmp\"]\nseverity = \"high\"\n"
            ),
            &[],
            &[snmp],
        ),
    ] {
        let args: Vec<String> =
            args.iter().map(|arg| arg.replace("own/", &format!("{}/", pack.display()))).collect();
        let mut all = vec!["rules", "--format", "json"];
        all.extend(args.iter().map(String::as_str));
        let listed = parsed(&with_config(dir.path(), &pack, config, &all));
        assert_eq!(strings(&listed, "id"), expected, "{config} {args:?}");
    }
    for (config, rule, expected) in [
        ("", "sg-open-servce", "did you mean `sg-open-service`?"),
        ("[rules.\"sg-open-servise\"]\nenabled = true\n", "*", "did you mean `sg-open-service`?"),
        ("[rules.\"sg-ssh\"]\nenabled = true\n", "*", "it was renamed to `sg-open-ssh`"),
        (
            "[rules.\"sg-open-service\"]\nparams = { prots = [1] }\n",
            "*",
            "rule `sg-open-service` has no parameter `prots`",
        ),
        (
            "[rules.\"sg-open-service\"]\nparams = { ports = [70000] }\n",
            "*",
            "`sg-open-service` must contain only values",
        ),
        (
            "[rules.\"sg-open-service\".fix]\nunsafe = true\n",
            "*",
            "rule `sg-open-service` has no automatic fix",
        ),
        (
            "[rules.\"sg-open-snmp\"]\nparams = { protocol = \"sctp\" }\n",
            "*",
            "parameter `protocol` of `sg-open-snmp` must be `tcp` or `udp`",
        ),
    ] {
        let ran = with_config(dir.path(), &pack, config, &["rules", "--rule", rule]);
        assert_eq!(ran.code, 2, "{config}");
        assert!(ran.stderr.contains(expected), "{config}: {}", ran.stderr);
        // All variants have the parameter, but it is one error.
        assert_eq!(ran.stderr.matches("error").count(), 1, "{}", ran.stderr);
    }
}

/// A group that opens a port to the internet.
fn open(protocol: &str, port: u16) -> Value {
    json!({ "ip_permissions": [{
        "ip_protocol": protocol, "from_port": port, "to_port": port,
        "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }], "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": []
    }], "ip_permissions_egress": [] })
}

/// A snapshot with a group that opens everything, and one that opens port 2222.
fn estate(dir: &Path) -> PathBuf {
    let folder = dir.join("snapshot");
    fs::create_dir(&folder).unwrap();
    let region = "eu-west-1";
    let group = |id: &'static str, mut facts: Value| {
        facts["group_id"] = json!(id);
        ("ec2.security_group", id, region, facts)
    };
    let mut all = open("-1", 0);
    all["ip_permissions"][0]["from_port"] = Value::Null;
    all["ip_permissions"][0]["to_port"] = Value::Null;
    snapshot(&folder, "111122223333", &[group("sg-all", all), group("sg-2222", open("tcp", 2222))])
}

/// Evaluates the variants and returns the report.
fn report(dir: &Path, pack: &Path, snapshot: &Path, config: &str) -> Value {
    let args = ["evaluate", "--snapshot", text(snapshot), "--rule", SCRIPT, "-o", "json"];
    parsed(&with_config(dir, pack, config, &args))
}

fn findings(report: &Value) -> &Vec<Value> {
    report["accounts"][0]["findings"].as_array().unwrap()
}

/// `rule resource verdict`, in the order of the report.
fn verdicts(report: &Value) -> Vec<String> {
    let shown = |finding: &Value| {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let waived = if finding["waived"].is_null() { "" } else { " waived" };
        let [rule, id, verdict] =
            [&finding["rule"], &finding["resource"]["id"], &finding["verdict"]].map(word);
        format!("{rule} {id} {verdict}{waived}")
    };
    findings(report).iter().map(shown).collect()
}

#[test]
fn each_variant_reports_findings_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (pack, snapshot) = (pack(dir.path()), estate(dir.path()));
    let json = report(dir.path(), &pack, &snapshot, "");
    assert_eq!(
        verdicts(&json),
        [
            "sg-open-database sg-2222 pass",
            "sg-open-snmp sg-2222 pass",
            "sg-open-ssh sg-2222 pass",
            "sg-open-database sg-all fail",
            "sg-open-snmp sg-all fail",
            "sg-open-ssh sg-all fail",
        ]
    );
    assert_eq!(findings(&json)[4]["message"], "open to the internet: udp 161");
    let prints: BTreeSet<&str> =
        findings(&json).iter().map(|one| one["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), 6);
    let rules = &json["rules"];
    assert_eq!(strings(rules, "id"), ALL);
    assert_eq!(strings(rules, "severity"), ["critical", "medium", "high"]);
    assert_eq!(strings(rules, "title")[0], "Database is open to the internet");
    assert_eq!(rules[0]["params"], json!({ "ports": [3306, 5432], "protocol": "tcp" }));

    // A former id of a variant is in its fingerprint instead of its own.
    let script = pack.join("sg-open-service.rhai");
    let source = fs::read_to_string(&script).unwrap();
    let renamed = source
        .replace("\"sg-open-ssh\"", "\"sg-open-shell\"")
        .replace("[\"sg-ssh\"]", "[\"sg-ssh\", \"sg-open-ssh\"]");
    fs::write(&script, renamed).unwrap();
    let again = report(dir.path(), &pack, &snapshot, "");
    let shell = |report: &Value, rule: &str| {
        let is_it = |one: &&Value| one["rule"] == rule && one["resource"]["id"] == "sg-all";
        findings(report).iter().find(is_it).unwrap()["fingerprint"].clone()
    };
    assert_eq!(shell(&json, "sg-open-ssh"), shell(&again, "sg-open-shell"));
    fs::write(&script, source).unwrap();

    let args = ["evaluate", "--snapshot", text(&snapshot), "--rule", SCRIPT, "-o", "sarif"];
    let args = [&args[..], &["--sarif-category", "variants"]].concat();
    let sarif = parsed(&with_config(dir.path(), &pack, "", &args));
    let driver = &sarif["runs"][0]["tool"]["driver"];
    let of_sarif: BTreeMap<&str, &str> = driver["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            (rule["id"].as_str().unwrap(), rule["fullDescription"]["text"].as_str().unwrap())
        })
        .collect();
    // GitHub identifies alerts by the oldest id.
    let ids: Vec<&str> = of_sarif.keys().copied().filter(|id| id.starts_with("sg-")).collect();
    assert_eq!(ids, ["sg-open-database", "sg-open-snmp", "sg-ssh"]);
    let database = of_sarif["sg-open-database"];
    assert!(database.contains("to the port of a database"), "{database}");
    assert!(of_sarif["sg-open-snmp"].contains("to an internal service"));
}

#[test]
fn settings_of_a_variant_take_precedence_over_those_of_the_script() {
    let dir = tempfile::tempdir().unwrap();
    let (pack, snapshot) = (pack(dir.path()), estate(dir.path()));
    let of_script = "[rules.\"sg-open-service\"]\nparams = { ports = [2222] }\n";
    let of_ssh = "[rules.\"sg-open-ssh\"]\nparams = { ports = [22] }\n";
    let override_of = |id: &str, port: u16| {
        format!(
            "[[rules.\"{id}\".override]]\naccounts = [\"*\"]\nparams = {{ ports = [{port}] }}\n"
        )
    };
    let (script, ssh) = (override_of(SCRIPT, 2222), override_of("sg-open-ssh", 2222));
    // Which variants fail for the group that opens TCP 2222.
    for (config, failing) in [
        (String::new(), &[][..]),
        (of_script.to_owned(), &["sg-open-database", "sg-open-ssh"]),
        (format!("{of_script}{of_ssh}"), &["sg-open-database"]),
        (script.clone(), &["sg-open-database", "sg-open-ssh"]),
        // A parameter of the variant also takes precedence over an override of the script.
        (format!("{script}{of_ssh}"), &["sg-open-database"]),
        (format!("{script}{of_ssh}{ssh}"), &["sg-open-database", "sg-open-ssh"]),
        (format!("{of_script}{}", override_of("sg-open-ssh", 22)), &["sg-open-database"]),
        (format!("{script}{}", override_of("sg-open-ssh", 22)), &["sg-open-database"]),
        // SNMP keeps its protocol.
        (
            "[rules.\"sg-open-service\"]\nparams = { ports = [2222], protocol = \"tcp\" }\n"
                .to_owned(),
            &ALL,
        ),
    ] {
        let json = report(dir.path(), &pack, &snapshot, &config);
        let of_group = findings(&json).iter().filter(|one| one["resource"]["id"] == "sg-2222");
        let failed: Vec<&str> = of_group
            .filter(|one| one["verdict"] == "fail")
            .map(|one| one["rule"].as_str().unwrap())
            .collect();
        assert_eq!(failed, failing, "{config}");
    }
}

#[test]
fn waivers_name_a_variant_or_the_script() {
    let dir = tempfile::tempdir().unwrap();
    let (pack, snapshot) = (pack(dir.path()), estate(dir.path()));
    for (rule, waived) in [
        ("sg-open-ssh", &["sg-open-ssh"][..]),
        ("sg-ssh", &["sg-open-ssh"]),
        (SCRIPT, &ALL),
        ("sg-open-s[ns]*", &["sg-open-snmp", "sg-open-ssh"]),
        ("sg-open", &[]),
    ] {
        let config = format!(
            "[[waiver]]\nrule = \"{rule}\"\nreason = \"x\"\nowner = \"y\"\nexpires = 2026-12-31\n"
        );
        let json = report(dir.path(), &pack, &snapshot, &config);
        let found = findings(&json).iter().filter(|one| !one["waived"].is_null());
        let found: Vec<&str> = found.map(|one| one["rule"].as_str().unwrap()).collect();
        assert_eq!(found, waived, "{rule}");
    }
}

#[test]
fn frameworks_name_variants_or_the_script() {
    let dir = tempfile::tempdir().unwrap();
    let pack = pack(dir.path());
    fs::create_dir(pack.join("frameworks")).unwrap();
    let file = pack.join("frameworks/acme.toml");
    for (rules, expected) in [
        ("\"sg-open-service\"", Ok(&ALL[..])),
        ("\"sg-open-ssh\"", Ok(&["sg-open-ssh"])),
        ("\"sg-open-snmp\", \"sg-open-service\"", Err("duplicate rule `sg-open-snmp`")),
        ("\"sg-open-servise\"", Err("did you mean `sg-open-service`?")),
    ] {
        let text_of = format!(
            "id = \"acme\"\nname = \"Acme\"\nversion = \"1\"\nurl = \"https://acme.example\"\nscope = \"all\"\n\
             [[requirement]]\nid = \"1\"\ntitle = \"No service is open\"\nrules = [{rules}]\n"
        );
        fs::write(&file, text_of).unwrap();
        let args = ["rules", "--framework", "acme", "--format", "json"];
        let ran = with_config(dir.path(), &pack, "", &args);
        match expected {
            Ok(expected) => {
                let listed = parsed(&ran);
                assert_eq!(strings(&listed, "id"), expected, "{rules}");
                assert_eq!(listed[0]["frameworks"], json!(["acme/1"]));
                assert_eq!(listed[0]["variant_of"], SCRIPT);
                for path in [&pack, &file] {
                    let lint = run(&["lint", text(path)]);
                    assert_eq!((lint.code, lint.stdout.as_str()), (0, ""), "{rules}");
                }
            }
            Err(expected) => {
                assert_eq!(ran.code, 2, "{rules}");
                assert!(ran.stderr.contains(expected), "{rules}: {}", ran.stderr);
                for path in [&pack, &file] {
                    let lint = run(&["lint", text(path)]);
                    assert!(lint.stdout.contains(expected), "{rules}: {}", lint.stdout);
                }
            }
        }
    }
}

/// What takes an id that is in use is refused by `lint`, `test` and a run.
#[test]
fn ids_of_variants_scripts_and_rules_are_unique() {
    let rule = |kind: &str, alias: &str| {
        format!(
            "const RULE = #{{ title: \"t\", resource: \"{kind}\", severity: \"low\", aliases: [{alias}] }};\n\
             fn check(resource, params) {{ pass() }}\n"
        )
    };
    let group = rule("ec2.security_group", "");
    let script = |id: &str| {
        format!(
            "const RULE = #{{ title: \"t\", resource: \"ec2.security_group\", severity: \"low\", params: #{{ name: \"\" }},\n\
             variants: [#{{ id: \"{id}\", title: \"t\", params: #{{ name: \"x\" }} }}] }};\n\
             fn check(group, params) {{ if group.group_name == params.name {{ fail(\"x\") }} else {{ pass() }} }}\n"
        )
    };
    for (name, source, file, expected) in [
        // In the same folder.
        ("sg-open-ssh", &group, "sg-open-service.rhai", "duplicate rule id `sg-open-ssh`"),
        (
            "a-rule",
            &rule("ec2.security_group", "\"sg-open-ssh\""),
            "",
            "duplicate rule id `sg-open-ssh`",
        ),
        ("a-script", &script("sg-open-ssh"), "", "duplicate rule id `sg-open-ssh`"),
        ("a-script", &script("sg-open-service"), "", "duplicate rule id `sg-open-service`"),
        // Of the built-in pack.
        (
            "sg-default-closed",
            &script("an-id"),
            "sg-default-closed.rhai:1:1",
            "cannot be that of a script with variants",
        ),
        (
            "s3-bucket-tags",
            &script("an-id"),
            "s3-bucket-tags.rhai:1:1",
            "cannot be that of a script with variants",
        ),
        ("a-script", &script("vpc-flow-logs"), "a-script.rhai:2:19", "evaluates `ec2.vpc`"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let pack = pack(dir.path());
        fs::write(pack.join(format!("{name}.rhai")), source).unwrap();
        for ran in [
            run(&["lint", text(&pack)]),
            run(&["test", text(&pack)]),
            run(&["rules", "--rules", text(&pack)]),
        ] {
            let out = format!("{}{}", ran.stdout, ran.stderr);
            assert_ne!(ran.code, 0, "{name}: {out}");
            assert!(out.contains(file) && out.contains(expected), "{name}: {out}");
        }
    }
    // A variant can replace a built-in rule on the same kind.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a-script.rhai"), script("sg-default-closed")).unwrap();
    let ran = run(&["rules", "--rules", text(dir.path()), "--rule", "sg-*", "--format", "json"]);
    let listed = parsed(&ran);
    let own = listed.as_array().unwrap().iter().find(|one| one["id"] == "sg-default-closed");
    assert_eq!(own.unwrap()["replaces_built_in"], true);
    assert_eq!(own.unwrap()["variant_of"], "a-script");
}

#[test]
fn test_cases_belong_to_variants() {
    let dir = tempfile::tempdir().unwrap();
    let pack = pack(dir.path());
    let test = |more: &[&str]| run(&[&["test", text(&pack)], more].concat());
    for (filter, summary) in [
        (&[][..], "1 rule, 7 cases: 7 passed\n"),
        (&["--filter", SCRIPT], "1 rule, 7 cases: 7 passed\n"),
        (&["--filter", "sg-open-ssh"], "1 rule, 3 cases: 3 passed\n"),
        (&["--filter", "sg-open-snmp/TCP*"], "1 rule, 1 case: 1 passed\n"),
        (&["--coverage"], "1 rule, 7 cases: 7 passed\nstatement coverage: 100.0% (6 of 6)\n"),
    ] {
        let ran = test(filter);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, summary), "{}", ran.stderr);
    }
    let ran = test(&["--filter", "sg-open-shh"]);
    assert!(ran.stderr.contains("did you mean `sg-open-ssh/"), "{}", ran.stderr);

    let file = pack.join("sg-open-service.cases.json");
    let cases = fs::read_to_string(&file).unwrap();
    for (from, to, expected) in [
        (
            "\"sg-open-snmp\", \"expect\": \"fail\"",
            "\"sg-open-ssh\", \"expect\": \"pass\"",
            "no test case of variant `sg-open-snmp` expects `fail`",
        ),
        (
            "\"variant\": \"sg-open-snmp\", \"expect\": \"fail\"",
            "\"expect\": \"fail\"",
            "the test case does not name a variant",
        ),
        (
            "\"variant\": \"sg-open-snmp\", \"expect\": \"fail\"",
            "\"variant\": \"sg-open-service\", \"expect\": \"fail\"",
            "unknown variant `sg-open-service`",
        ),
        ("tcp 3306", "tcp 3307", "failed  sg-open-database/MySQL"),
    ] {
        assert!(cases.contains(from), "{from}");
        fs::write(&file, cases.replace(from, to)).unwrap();
        let ran = test(&[]);
        let out = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, 1, "{to}: {out}");
        assert!(out.contains(expected), "{to}: {out}");
    }
    fs::write(&file, &cases).unwrap();
    let junit = test(&["--format", "junit"]).stdout;
    assert!(junit.contains("name=\"MySQL\" classname=\"sg-open-database\""), "{junit}");
}

/// A recorded case names its variant, and passes.
#[test]
fn a_case_of_a_variant_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let (pack, snapshot) = (pack(dir.path()), estate(dir.path()));
    let record = |rule: &str| {
        let args = ["record", "--snapshot", text(&snapshot), "--rule", rule];
        let more = ["--rules", text(&pack), "--resource", "sg-all", "--expect", "fail"];
        run(&[&args[..], &more].concat())
    };
    let several = record(SCRIPT);
    assert_eq!(several.code, 2);
    assert!(several.stderr.contains("for example `sg-open-database`"), "{}", several.stderr);
    let ran = record("sg-open-snmp");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let cases = fs::read_to_string(pack.join("sg-open-service.cases.json")).unwrap();
    let cases: Value = serde_json::from_str(&cases).unwrap();
    let added = cases.as_array().unwrap().last().unwrap();
    assert_eq!(added["variant"], "sg-open-snmp");
    assert!(added.get("params").is_none(), "{added}");
    let ran = run(&["test", text(&pack)]);
    assert_eq!(ran.stdout, "1 rule, 8 cases: 8 passed\n");
}

#[test]
fn a_variant_and_its_script_are_explained() {
    let dir = tempfile::tempdir().unwrap();
    let pack = pack(dir.path());
    let explain =
        |topic: &str| parsed(&run(&["explain", topic, "--rules", text(&pack), "--format", "json"]));
    let ssh = explain("sg-ssh");
    assert_eq!(ssh["id"], "sg-open-ssh");
    assert_eq!(ssh["variant_of"], SCRIPT);
    assert_eq!(ssh["cases"]["expect"], json!({ "pass": 1, "fail": 2 }));
    assert!(ssh.get("variants").is_none());
    let script = explain(SCRIPT);
    assert_eq!(script["cases"]["number"], 7);
    assert_eq!(
        strings(&script["variants"], "id"),
        ["sg-open-ssh", "sg-open-database", "sg-open-snmp"]
    );
    let page = run(&["explain", "sg-open-database", "--rules", text(&pack)]).stdout;
    assert!(page.contains("to the port of a database."), "{page}");
    assert!(page.contains("variant of sg-open-service, with 2 other variants"), "{page}");

    let new = |id: &str| run(&["new", id, "--kind", "ec2.security_group", "--dir", text(&pack)]);
    for id in [SCRIPT, "sg-open-ssh"] {
        let ran = new(id);
        assert_eq!(ran.code, 2, "{id}");
        assert!(ran.stderr.contains("sg-open-service.rhai` already exists"), "{}", ran.stderr);
    }
}
