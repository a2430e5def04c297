mod organization;

use std::path::Path;

use super::*;
use crate::model::Role;

const EXTERNAL: &str = "s3cret-of-the-site";

fn env(name: &str) -> Option<String> {
    match name {
        "ROLECALL_EMPTY" => Some(String::new()),
        "ROLECALL_BAD" => Some(format!("{EXTERNAL} with blanks")),
        "ROLECALL_EXTERNAL_ID" | "ROLECALL_HUB_EXTERNAL_ID" | "ROLECALL_LEGACY_EXTERNAL_ID" => {
            Some(EXTERNAL.to_owned())
        }
        _ => None,
    }
}

fn parse(text: &str) -> Result<Config, Faults> {
    Config::parse(Path::new("site/rolecall.toml"), text, &env)
}

/// Every line of the source that carries a fault ends with `#!` and a part of the expected message
/// or help. Several faults of a line are separated by `#!`.
fn check(source: &str) {
    let faults = match parse(source) {
        Ok(_) => panic!("no fault was found in\n{source}"),
        Err(faults) => faults,
    };
    let mut expected: Vec<(usize, &str)> = source
        .lines()
        .enumerate()
        .flat_map(|(index, line)| {
            line.split("#!").skip(1).map(move |part| (index + 1, part.trim()))
        })
        .collect();
    for fault in faults.all() {
        let line = fault.position().0;
        let says = format!(
            "{} | {} | {}",
            fault.message,
            fault.label.as_deref().unwrap_or(""),
            fault.help.as_deref().unwrap_or("")
        );
        let hit = expected.iter().position(|(at, part)| *at == line && says.contains(part));
        match hit {
            Some(index) => drop(expected.remove(index)),
            None => panic!("line {line}: unexpected fault: {says}\n{faults}"),
        }
        assert!(!fault.render(true).contains(EXTERNAL) && !says.contains(EXTERNAL), "{says}");
    }
    assert!(expected.is_empty(), "missing faults: {expected:#?}\nreported:\n{faults}");
}

#[test]
fn every_fault_of_a_file_is_reported_at_once() {
    check(
        r#"
color = true #! unknown section `color`
[role]
name = "team/rolecall" #! is no role name
path = "audit" #! begins and ends with a slash
partition = "azure" #! an AWS partition
external_id = { env = "HOME" } #! only environment variables named ROLECALL_
session_name = "a b" #! 2 to 32 characters
duration = "10s" #! from 15m to 12h
via = { arn = "arn:aws:iam::111122223333:user/joe", extern_id = "s3cret-of-the-site" } #! not the ARN of a role #! did you mean `external_id`?

[scan]
regoins = ["eu-west-1"] #! did you mean `regions`?
regions = ["eu-west-1", "EU", "global", "eu-west-1"] #! `EU` is not a region #! no region to scan #! twice
fallback_regions = [] #! `fallback_regions` is empty
rule_folders = ["", "a", "a"] #! `rule_folders` is empty #! twice
fail_on = "hihg" #! did you mean `high`?
max_attempts = 0 #! from 1 to 20
s3_addressing_style = "vitrual" #! did you mean `virtual`?
[scan.selection]
name = "a/b" #! cannot name a selection
rules = ["s3-[", 5] #! invalid pattern #! must be text
exclude = 5 #! must be text or a list of patterns
min_severity = "none" #! `none` is no severity
[scan.concurrency]
accounts = "many" #! must be a whole number from 1 to 256, not text
calls = 99999999999999999999 #! from 1 to 256
[scan.timeouts]
connect = 0 #! from 1s to 1h
attempt = "1d" #! invalid duration `1d`: use hours, for example `24h`
call = 1.5 #! not a number with a fraction

[[account]]
id = "1234" #! not a 12-digit account id
nmae = "x" #! did you mean `name`?
[[account]]
id = 12345678901 #! write account ids as text: "012345678901"
labels = { team = 5, " " = "x" } #! `team` must be text #! empty name
[[account]] #! [[account]] has no `id`
name = "   " #! `name` is empty
[[account]]
id = "111122223333"
role = "arn:aws:iam::444455556666:role/x" #! in account 444455556666, not in 111122223333
external_id = "x" #! 2 to 1224 characters
[[account]]
id = "111122223333" #! on line 42; merge
role = "none"
[[account]]
id = "222233334444"
role = "none"
external_id = { env = "ROLECALL_EMPTY" } #! not set, or empty #! no external id
regions = "eu-west-1" #! must be a list of regions
[[account]]
id = "333344445555" #! role = "none" is for one account only
role = "none"
external_id = "s3cret-of-the-site" #! no external id
[[account]]
id = "444455556666"
role = "arn:aws:sts::444455556666:assumed-role/x/y" #! this is a session
external_id = { env = "ROLECALL_BAD" } #! a character that AWS does not take

[rules]
"a-rule" = false #! must be the table of a rule
[rules."b-rule"]
enabled = "yes" #! must be true or false, not text
severity = "bad" #! use one of critical, high
parms = {} #! did you mean `params`?
[rules."c-rule"]
params = { a = nan, b = 1979-05-27, c = 99999999999999999999 } #! finite number #! 64 bits

[[output]]
format = "sarfi" #! did you mean `sarif`?
path = 5 #! `path` must be text
[[output]]
path = "x" 
format = "json"
[[output]]
path = "x" #! two outputs go to `x`
format = "json"
[[output]] #! has no `format`
[[accepted_gap]] #! would accept every gap
reason = " " #! `reason` is empty
[[accepted_gap]] #! has no `reason`
account = 111122223333 #! write account ids as text
[[accepted_gap]]
region = "eu-["  #! invalid pattern
call = [] #! `call` is empty
reason = "x"
"#,
    );
}

#[test]
fn faults_between_settings_are_found() {
    for source in [
        "[role]\nname = \"a\"\nduration = 7200 #! at most 1h\nvia = \"arn:aws:iam::111122223333:role/hub\"",
        "[role]\nname = \"a\"\narn = \"arn:aws:iam::{account}:role/a\" #! both `name` and `arn`",
        "[role]\npath = \"/a/\" #! goes with `name` only\narn = \"arn:aws:iam::{account}:role/a\"",
        "[role]\narn = \"arn:aws:iam::111122223333:role/a\" #! write arn:aws:iam::{account}:role/a",
        "[role]\narn = \"rolecall\" #! write it like arn:aws:iam::{account}:role/rolecall",
        "[role]\nname = \"a\"\npartition = \"aws-cn\"\nvia = \"arn:aws:iam::111122223333:role/hub\" #! across partitions",
        "[role]\nvia = {} #! `via` has no `arn`",
        "[role]\nvia = 5 #! the ARN of the hub role",
        "[role]\nexternal_id = {} #! name the variable",
        "[role]\nexternal_id = { env = \"ROLECALL_NOT_SET\" } #! ROLECALL_NOT_SET is not set",
        "[[account]]\nid = \"111122223333\" #! account 111122223333 has no role, nor have 1 others\n[[account]]\nid = \"222233334444\"",
        "[role]\nname = \"a\"\n[scan]\nregions = [\"eu-west-1\"]\n[[account]]\nid = \"111122223333\" #! region eu-west-1 of [scan] is not\nrole = \"arn:aws-us-gov:iam::111122223333:role/a\"",
        "[scan.timeouts]\nattempt = 10\ncall = 5 #! no call could end well",
        "[scan.timeouts] #! no call could end well\nattempt = 300",
        "account = \"111122223333\" #! a list of tables, each begun by [[account]]",
        "[account] #! a list of tables\nid = \"111122223333\"",
    ] {
        check(source);
    }
}

#[test]
fn broken_syntax_does_not_hide_the_rest() {
    for source in [
        "[role]\nname = #! string\n[scan]\nfail_on = \"hihg\" #! did you mean `high`?",
        "[role]\nname = \"a\"\nname = \"b\" #! duplicate key\n[scna] #! did you mean `scan`?",
        "[role]\nname = \"a\"\n[[account]]\nid = 012345678901 #! write account ids as text\n[scan]\nregions = 5 #! a list of regions",
        "[scan]\nfail_on = 5 #! must be text\nregions = [\"eu-west-1\",\n\"eu-west-2\"\n[role] #! above is not closed\nname = \"x\"\n[[account]]\nid = \"1\"",
        "name = rolecall #! string values must be quoted",
        "= 5 #! key\n[scan]\nx = 1 #! unknown key `x`",
    ] {
        check(source);
    }
}

#[test]
fn positions_are_lines_and_columns() {
    let faults = parse("[role]\nname = \"ä\"\n[scan]\n  fail_on  = \"x\"\n").unwrap_err();
    let shown: Vec<String> = faults.all().iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "site/rolecall.toml:2:8: `ä` is no role name",
            "site/rolecall.toml:4:14: `x` is no severity"
        ]
    );
    let rendered = faults.render(false);
    assert!(
        rendered.contains("  fail_on  = \"x\"")
            && rendered.contains("site/rolecall.toml has 2 faults"),
        "{rendered}"
    );
}

#[test]
fn thousands_of_faults_are_counted_and_few_are_shown() {
    let source: String = (0..5000).map(|n| format!("[[account]]\nid = \"{n}\"\n")).collect();
    let faults = parse(&source).unwrap_err();
    assert_eq!(faults.all().len(), 5000);
    let rendered = faults.render(false);
    assert!(
        rendered.ends_with("has 5000 faults, the first 50 are shown"),
        "{}",
        &rendered[rendered.len() - 100..]
    );
    assert_eq!(rendered.matches("is not a 12-digit account id").count(), 50);
}

#[test]
fn targets_get_the_role_the_secret_and_the_regions_that_hold_for_them() {
    let config = parse(
        r#"
[role]
name = "rolecall"
path = "/audit/"
partition = "aws-us-gov"
external_id = { env = "ROLECALL_EXTERNAL_ID" }
duration = "1h"
[scan]
regions = ["us-gov-west-1"]
[[account]]
id = "444455556666"
role = "none"
[[account]]
id = "222233334444"
role = "other"
external_id = "its-own"
regions = ["us-gov-east-1"]
[[account]]
id = "333344445555"
role = "arn:aws-us-gov:iam::333344445555:role/x"
[[account]]
id = "111122223333"
name = "production"
labels = { team = "payments" }
"#,
    )
    .unwrap();
    let shown: Vec<String> = config
        .targets()
        .iter()
        .map(|target| {
            let role = match &target.role {
                Role::Own => "own".to_owned(),
                Role::Assume(hop) => format!(
                    "{} {}",
                    hop.role_arn,
                    hop.external_id.as_ref().map_or("-", |id| id.expose())
                ),
            };
            format!("{} {} {role} {}", target.account, target.partition, target.regions[0])
        })
        .collect();
    assert_eq!(
        shown,
        [
            "111122223333 aws-us-gov arn:aws-us-gov:iam::111122223333:role/audit/rolecall s3cret-of-the-site us-gov-west-1",
            "222233334444 aws-us-gov arn:aws-us-gov:iam::222233334444:role/audit/other its-own us-gov-east-1",
            "333344445555 aws-us-gov arn:aws-us-gov:iam::333344445555:role/x s3cret-of-the-site us-gov-west-1",
            "444455556666 aws-us-gov own us-gov-west-1",
        ]
    );
    assert_eq!(config.targets()[0].labels["team"], "payments");
    assert!(config.uses_external_id() && !config.lists_regions());
    let debug = format!("{config:?}");
    assert!(!debug.contains(EXTERNAL) && !debug.contains("its-own"), "{debug}");
}

#[test]
fn what_is_found_later_points_into_the_file() {
    let config = parse(
        "[scan]\nrule_folders = [\"rules\", \"/abs\"]\nselection = { rules = [\"s3-*\", \"ec3-*\"], exclude = \"x\" }\n\
         [rules.\"s3-a\"]\nparams = { ports = [1], nested = { day = 1979-05-27 } }\n",
    )
    .unwrap();
    assert_eq!(config.scan.rule_folders, [Path::new("site/rules"), Path::new("/abs")]);
    assert_eq!(config.rules["s3-a"].params["nested"]["day"], "1979-05-27");
    for (fault, position) in [
        (config.rule_diagnostic("s3-a", None, "m", None), (4, 8)),
        (config.rule_diagnostic("s3-a", Some("ports"), "m", None), (5, 12)),
        (config.rule_diagnostic("s3-a", Some("not-there"), "m", None), (4, 8)),
        (config.selection_diagnostic("ec3-*", "m", None), (3, 32)),
        (config.selection_diagnostic("x", "m", None), (3, 52)),
        (config.folder_diagnostic(1, "m", None), (2, 26)),
    ] {
        assert_eq!(fault.position(), position, "{fault}");
    }
}

#[test]
fn the_template_is_a_config_with_and_without_its_examples() {
    let config = parse(TEMPLATE).unwrap_or_else(|faults| panic!("{}", faults.render(false)));
    assert!(config.targets().is_empty() && config.lists_regions() && !config.uses_external_id());
    // What it calls defaults are the defaults.
    let examples: String = TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with([' ', '#']) && !setting.is_empty() => {
                format!("{setting}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let config = parse(&examples).unwrap_or_else(|faults| panic!("{}", faults.render(false)));
    assert_eq!(config.targets().len(), 3);
    assert_eq!(config.accepted_gaps.len(), 1);
    assert_eq!(config.outputs.len(), 1);
    assert!(config.via.is_some() && config.rules.len() == 2 && config.organization.is_some());
    let default = Scan::default();
    assert_eq!(config.scan.concurrency, default.concurrency);
    assert_eq!(config.scan.timeouts, default.timeouts);
    assert_eq!(config.scan.max_attempts, default.max_attempts);
    assert_eq!(config.scan.fail_on, default.fail_on);
    let arn = TEMPLATE.lines().find_map(|line| line.strip_prefix("#   arn = ")).unwrap();
    parse(&format!("[role]\narn = {arn}")).unwrap();
}

#[test]
fn files_are_found_bounded_and_must_be_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    let load = || Config::load(Some(&path), &env);
    assert!(load().unwrap_err().to_string().contains("rolecall init"));
    std::fs::write(&path, b"# \xff\n").unwrap();
    assert!(matches!(load(), Err(ConfigError::NotText { line: 1, .. })));
    std::fs::write(&path, vec![b'#'; MAX_BYTES + 1]).unwrap();
    assert!(matches!(load(), Err(ConfigError::TooLarge { .. })));
    std::fs::write(&path, "[scan]\nrule_folders = \"r\"").unwrap();
    assert_eq!(load().unwrap().scan.rule_folders, [folder.path().join("r")]);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of which TOML files, and nearly TOML files, are made.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(vec![
                "[role]",
                "[[account]]",
                "[scan]",
                "[scan.timeouts]",
                "[rules.\"x\"]",
                "[[output]]",
                "[[accepted_gap]]",
                "[account]",
                "\n",
                "\n",
                "\n",
                " = ",
                "=",
                ".",
                "{",
                "}",
                "[",
                "]",
                ",",
                "\"",
                "'",
                "\"\"\"",
                "#",
                "id",
                "name",
                "external_id",
                "via",
                "arn",
                "params",
                "regions",
                "\"111122223333\"",
                "\"arn:aws:iam::{account}:role/a\"",
                "{ env = \"ROLECALL_BAD\" }",
                "1h",
                "-1",
                "0x",
                "nan",
                "1979-05-27",
                "true",
                "\u{feff}",
                "ä",
                "\r",
                "\0",
                "\\",
                "\\u00",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_makes_the_loader_panic(pieces in prop::collection::vec(piece(), 0..40)) {
            if let Err(faults) = parse(&pieces.concat()) {
                prop_assert!(!faults.all().is_empty());
                faults.render(true);
            }
        }

        #[test]
        fn no_external_id_is_ever_shown(before in prop::collection::vec(piece(), 0..8), after in prop::collection::vec(piece(), 0..8)) {
            let source = format!("{}\n[role]\nexternal_id = \"{EXTERNAL}\"\n{}", before.concat(), after.concat());
            let shown = match parse(&source) {
                Ok(config) => format!("{config:?}"),
                Err(faults) => format!("{}{faults:?}", faults.render(false)),
            };
            prop_assert!(!shown.contains(EXTERNAL), "{}", shown);
        }
    }
}
