mod organization;

use std::path::Path;

use super::error::Diagnostics;
use super::remediation::RemediationSettings;
use super::settings::{MAX_BYTES, Scan, Timeouts};
use super::*;
use crate::model::Role;

const EXTERNAL: &str = "s3cret-external-id";

fn env(name: &str) -> Option<String> {
    match name {
        "ROLECALL_EMPTY" => Some(String::new()),
        "ROLECALL_BAD" => Some(format!("{EXTERNAL} with spaces")),
        "ROLECALL_EXTERNAL_ID" | "ROLECALL_HUB_EXTERNAL_ID" | "ROLECALL_LEGACY_EXTERNAL_ID" => {
            Some(EXTERNAL.to_owned())
        }
        _ => None,
    }
}

fn parse(text: &str) -> Result<Config, Diagnostics> {
    Config::parse(Path::new("acme/rolecall.toml"), text, &env)
}

/// Every invalid line of the source ends with `#!` and a part of the expected message, label or help.
/// A line with several errors has several such parts.
fn check(source: &str) {
    let errors = match parse(source) {
        Ok(_) => panic!("no error was reported for\n{source}"),
        Err(errors) => errors,
    };
    let mut expected: Vec<(usize, &str)> = source
        .lines()
        .enumerate()
        .flat_map(|(index, line)| {
            line.split("#!").skip(1).map(move |part| (index + 1, part.trim()))
        })
        .collect();
    for error in errors.all() {
        let line = error.position().0;
        let text = format!(
            "{} | {} | {}",
            error.message,
            error.label.as_deref().unwrap_or(""),
            error.help.as_deref().unwrap_or("")
        );
        let found = expected.iter().position(|(at, part)| *at == line && text.contains(part));
        match found {
            Some(index) => drop(expected.remove(index)),
            None => panic!("line {line}: unexpected error: {text}\n{errors}"),
        }
        assert!(!error.render(true).contains(EXTERNAL) && !text.contains(EXTERNAL), "{text}");
    }
    assert!(expected.is_empty(), "missing errors: {expected:#?}\nreported:\n{errors}");
}

#[test]
fn all_errors_of_a_file_are_reported_at_once() {
    check(
        r#"
color = true #! unknown top-level key `color`
[role]
name = "team/rolecall" #! `team/rolecall` is not a valid role name
path = "audit" #! `audit` is not a valid role path
partition = "azure" #! `azure` is not a valid AWS partition
external_id = { env = "HOME" } #! must start with `ROLECALL_`
session_name = "a b" #! `a b` is not a valid session name
duration = "10s" #! from 15m to 12h
via = { arn = "arn:aws:iam::111122223333:user/joe", extern_id = "s3cret-external-id" } #! is not a valid role ARN #! did you mean `external_id`?

[scan]
regoins = ["eu-west-1"] #! did you mean `regions`?
regions = ["eu-west-1", "EU", "global", "eu-west-1"] #! `EU` is not a valid region #! `global` is not a valid region #! duplicate region `eu-west-1`
fallback_regions = [] #! `fallback_regions` is empty
rule_folders = ["", "a", "a"] #! empty string in `rule_folders` #! duplicate folder `a`
fail_on = "hihg" #! did you mean `high`?
max_attempts = 0 #! from 1 to 20
s3_addressing_style = "vitrual" #! did you mean `virtual`?
[scan.selection]
name = "a/b" #! `a/b` is not a valid selection name
rules = ["s3-[", 5] #! invalid pattern `s3-[` #! each item of `rules` must be a string, not an integer
exclude = 5 #! `exclude` must be a string or a list of patterns, not an integer
min_severity = "none" #! `none` is not a valid severity
[scan.concurrency]
accounts = "many" #! `accounts` must be an integer from 1 to 256, not a string
calls = 99999999999999999999 #! from 1 to 256
[scan.timeouts]
connect = 0 #! from 1s to 1h
attempt = "1d" #! invalid duration `1d`: use hours, minutes and seconds, from 1s to 1h
call = 1.5 #! `call` must be a number of seconds, or a string such as "15m", not a float
account = "25h" #! `account` must be from 1s to 24h

[[account]]
id = "1234" #! `1234` is not a valid account id
nmae = "x" #! did you mean `name`?
[[account]]
id = 12345678901 #! write account ids as strings: "012345678901"
labels = { team = 5, " " = "x" } #! `team` must be a string, not an integer #! empty label name
[[account]] #! missing key `id` in [[account]]
name = "   " #! `name` is empty
[[account]]
id = "111122223333"
role = "arn:aws:iam::444455556666:role/x" #! the role is in account 444455556666, not in 111122223333
external_id = "x" #! the external id must be 2 to 1224 characters long, not 1
[[account]]
id = "111122223333" #! on line 43; merge the two
role = "none"
[[account]]
id = "222233334444"
role = "none"
external_id = { env = "ROLECALL_EMPTY" } #! `ROLECALL_EMPTY` is unset or empty #! `external_id` cannot be combined with role = "none"
regions = "eu-west-1" #! must be a list of regions
[[account]]
id = "333344445555" #! only one account can have role = "none", and 222233334444 already has it
role = "none"
external_id = "s3cret-external-id" #! `external_id` cannot be combined with role = "none"
[[account]]
id = "444455556666"
role = "arn:aws:sts::444455556666:assumed-role/x/y" #! this is the ARN of a session
external_id = { env = "ROLECALL_BAD" } #! the external id in ROLECALL_BAD contains a character that AWS does not allow

[rules]
"a-rule" = false #! `a-rule` in [rules] must be a table
[rules."b-rule"]
enabled = "yes" #! `enabled` must be `true` or `false`, not a string
severity = "bad" #! `bad` is not a valid severity
parms = {} #! did you mean `params`?
[rules."c-rule"]
params = { a = nan, b = 1979-05-27, c = 99999999999999999999 } #! numbers must be finite #! integer does not fit in 64 bits

[[output]]
format = "sarfi" #! did you mean `sarif`?
path = 5 #! `path` must be a string, not an integer
[[output]]
path = "x" 
format = "json"
[[output]]
path = "x" #! duplicate output to `x`
format = "json"
[[output]]
format = "sarif"
path = "x.sarif"
category = "region" #! region
numbered = 1 #! must be `true` or `false`
location = "file" #! `file` is not a valid location
group_by = ["auto-scaling-groups", "launch-template", "launch-template", 5] #! did you mean `auto-scaling-group`? #! duplicate `launch-template` #! each item of `group_by` must be a string, not an integer
[[output]] #! all SARIF reports must have the same `category`, `numbered`, `group_by` and `location`
format = "sarif"
path = "y.sarif"
numbered = true
[[output]]
format = "json"
path = "x.json"
category = "account" #! `category` applies only to SARIF reports
group_by = ["launch-template"] #! `group_by` applies only to SARIF reports
location = "code" #! `location` applies only to SARIF reports
[[output]] #! missing key `format` in [[output]]
[[accepted_gap]] #! this [[accepted_gap]] accepts every gap in every account
reason = " " #! `reason` is empty
[[accepted_gap]] #! missing key `reason` in [[accepted_gap]]
account = 111122223333 #! write account ids as strings
[[accepted_gap]]
region = "eu-["  #! invalid pattern
call = [] #! `call` is empty
reason = "x"
[storage]
role = { arm = "arn:aws:iam::111122223333:role/x" } #! missing key `arn` #! did you mean `arn`?
bucket_owner = 111122223333 #! write account ids as strings
kms_key = "a key" #! `a key` is not a valid KMS key
kms = "x" #! did you mean `kms_key`?
[rules."d-rule".fix]
unsafe = "yes" #! `unsafe` must be `true` or `false`, not a string
parms = {} #! did you mean `params`?
[remediation]
role = "arn:aws:iam::111122223333:role/x" #! must have `{account}` instead of an account id
collect = "yes" #! `collect` must be `true` or `false`, not a string
expires_days = 0 #! from 1 to 90
max_changes = "many" #! `max_changes` must be an integer from 1 to 10000, not a string
max_error = 3 #! did you mean `max_errors`?
canary = 111122223333 #! write account ids as strings
managed_tags = [5] #! each item of `managed_tags` must be a string, not an integer
[[hands_off]] #! this [[hands_off]] covers every resource in every account
reason = "x"
[[hands_off]] #! missing key `reason` in [[hands_off]]
account = 111122223333 #! write account ids as strings
tags = "Owner" #! `Owner` is not a valid tag pattern
"#,
    );
}

#[test]
fn conflicting_settings_are_reported() {
    for source in [
        "[role]\nname = \"a\"\nduration = 7200 #! at most 1h\nvia = \"arn:aws:iam::111122223333:role/hub\"",
        "[role]\nname = \"a\"\narn = \"arn:aws:iam::{account}:role/a\" #! [role] sets both `name` and `arn`",
        "[role]\npath = \"/a/\" #! `path` cannot be combined with `arn`\narn = \"arn:aws:iam::{account}:role/a\"",
        "[role]\narn = \"arn:aws:iam::111122223333:role/a\" #! use `arn:aws:iam::{account}:role/a`",
        "[role]\narn = \"rolecall\" #! use a role ARN such as `arn:aws:iam::{account}:role/rolecall`",
        "[role]\nname = \"a\"\npartition = \"aws-cn\"\nvia = \"arn:aws:iam::111122223333:role/hub\" #! across partitions",
        "[role]\nvia = {} #! missing key `arn` in `via`",
        "[role]\nvia = 5 #! `via` must be a role ARN, or a table with `arn`",
        "[role]\nexternal_id = {} #! missing key `env` in `external_id`",
        "[role]\nexternal_id = { env = \"ROLECALL_NOT_SET\" } #! `ROLECALL_NOT_SET` is unset or empty",
        "[[account]]\nid = \"111122223333\" #! missing role for account 111122223333 and 1 other\n[[account]]\nid = \"222233334444\"",
        "[role]\nname = \"a\"\n[scan]\nregions = [\"eu-west-1\"]\n[[account]]\nid = \"111122223333\" #! region `eu-west-1` in [scan] is not in `aws-us-gov`, the partition of account 111122223333\nrole = \"arn:aws-us-gov:iam::111122223333:role/a\"",
        "[scan.timeouts]\nattempt = 10\ncall = 5 #! calls time out during the first attempt",
        "[scan.timeouts] #! calls time out during the first attempt\nattempt = 300",
        "[scan.timeouts]\naccount = 60 #! `account` must be at least `call`, or calls end before their own timeout",
        "[scan.timeouts]\nrun = 60 #! `run` must be at least `call`, or calls end before their own timeout",
        "account = \"111122223333\" #! `account` must be a list of [[account]] tables",
        "[account] #! `account` must be a list of [[account]] tables\nid = \"111122223333\"",
    ] {
        check(source);
    }
}

#[test]
fn broken_syntax_does_not_hide_the_rest() {
    for source in [
        "[role]\nname = #! string\n[scan]\nfail_on = \"hihg\" #! did you mean `high`?",
        "[role]\nname = \"a\"\nname = \"b\" #! duplicate key\n[scna] #! did you mean `scan`?",
        "[role]\nname = \"a\"\n[[account]]\nid = 012345678901 #! write account ids as strings\n[scan]\nregions = 5 #! a list of regions",
        "[scan]\nfail_on = 5 #! `fail_on` must be a string, not an integer\nregions = [\"eu-west-1\",\n\"eu-west-2\"\n[role] #! above is not closed\nname = \"x\"\n[[account]]\nid = \"1\"",
        "name = rolecall #! string values must be quoted",
        "[role #! unclosed table\nname = \"rolecall\"\n[scan]\nfail_on = \"hihg\" #! did you mean `high`?",
        "[role]\nname = \"a\"\n[[account] #! unclosed array table\nid = \"111122223333\"",
        "= 5 #! key\n[scan]\nx = 1 #! unknown key `x`",
    ] {
        check(source);
    }
}

#[test]
fn positions_are_lines_and_columns() {
    let errors = parse("[role]\nname = \"ä\"\n[scan]\n  fail_on  = \"x\"\n").unwrap_err();
    let shown: Vec<String> = errors.all().iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "acme/rolecall.toml:2:8: `ä` is not a valid role name",
            "acme/rolecall.toml:4:14: `x` is not a valid severity"
        ]
    );
    let rendered = errors.render(false);
    assert!(
        rendered.contains("  fail_on  = \"x\"")
            && rendered.contains("2 errors in acme/rolecall.toml"),
        "{rendered}"
    );
}

#[test]
fn only_the_first_of_many_errors_are_shown() {
    let source: String = (0..5000).map(|n| format!("[[account]]\nid = \"{n}\"\n")).collect();
    let errors = parse(&source).unwrap_err();
    assert_eq!(errors.all().len(), 5000);
    let rendered = errors.render(false);
    assert!(
        rendered.ends_with("5000 errors in acme/rolecall.toml; showing the first 50"),
        "{}",
        &rendered[rendered.len() - 100..]
    );
    assert_eq!(rendered.matches("is not a valid account id").count(), 50);
}

#[test]
fn targets_have_their_effective_role_external_id_and_regions() {
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
external_id = "override"
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
                Role::Own => "base credentials".to_owned(),
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
            "111122223333 aws-us-gov arn:aws-us-gov:iam::111122223333:role/audit/rolecall s3cret-external-id us-gov-west-1",
            "222233334444 aws-us-gov arn:aws-us-gov:iam::222233334444:role/audit/other override us-gov-east-1",
            "333344445555 aws-us-gov arn:aws-us-gov:iam::333344445555:role/x s3cret-external-id us-gov-west-1",
            "444455556666 aws-us-gov base credentials us-gov-west-1",
        ]
    );
    assert_eq!(config.targets()[0].labels["team"], "payments");
    assert!(config.uses_external_id() && !config.lists_regions());
    let debug = format!("{config:?}");
    assert!(!debug.contains(EXTERNAL) && !debug.contains("override"), "{debug}");
}

#[test]
fn errors_found_later_point_into_the_file() {
    let config = parse(
        "[scan]\nrule_folders = [\"rules\", \"/abs\"]\nselection = { rules = [\"s3-*\", \"ec3-*\"], exclude = \"x\" }\n\
         [rules.\"s3-a\"]\nparams = { ports = [1], nested = { day = 1979-05-27 } }\n",
    )
    .unwrap();
    assert_eq!(config.scan.rule_folders, [Path::new("acme/rules"), Path::new("/abs")]);
    assert_eq!(config.rules["s3-a"].params["nested"]["day"], "1979-05-27");
    for (diagnostic, position) in [
        (config.rule_diagnostic("s3-a", None, None, "m", None), (4, 8)),
        (config.rule_diagnostic("s3-a", Some("ports"), None, "m", None), (5, 12)),
        (config.rule_diagnostic("s3-a", Some("missing"), None, "m", None), (4, 8)),
        (config.selection_diagnostic("ec3-*", "m", None), (3, 32)),
        (config.selection_diagnostic("x", "m", None), (3, 52)),
        (config.folder_diagnostic(1, "m", None), (2, 26)),
    ] {
        assert_eq!(diagnostic.position(), position, "{diagnostic}");
    }
}

#[test]
fn places_in_s3_are_not_relative_to_the_config() {
    let files = "[scan]\nrule_folders = [\"own\", \"s3://bucket/rules\"]\nrules_sha256 = \"";
    let config = parse(&format!("{files}{}\"", "AB".repeat(32))).unwrap();
    let folders: Vec<_> = config.scan.rule_folders.iter().map(|path| path.display()).collect();
    assert_eq!(folders.len(), 2);
    assert!(
        folders[0].to_string().ends_with("own") && folders[1].to_string() == "s3://bucket/rules"
    );
    assert_eq!(config.scan.rules_sha256, Some("ab".repeat(32)));
    let error = parse(&format!("{files}abc\"")).unwrap_err().render(false);
    assert!(error.contains("`abc` is not a valid SHA-256 hash"), "{error}");
    let error = config.wrong_rules("cd").unwrap().to_string();
    assert!(error.contains("another hash: cd"), "{error}");
}

#[test]
fn errors_in_sources_are_reported() {
    check(
        r#"
[scan]
repository = "" #! `repository` is empty
[[source]] #! this [[source]] does not name any code
accounts = ["111122223333"]
[[source]]
terraform = "../prod" #! `../prod` is not a path in the repository
state = ["a.json", "a.json"] #! duplicate file `a.json`
stack = "data-*" #! `stack` applies only to sources with `cloudformation`
[[source]]
terraform = "/srv/prod" #! `/srv/prod` is not a path in the repository
[[source]]
terraform = "envs/prod"
cdk = "cdk.out" #! `cdk` cannot be combined with `terraform`
[[source]]
cloudformation = ["cfn/[", "../x"] #! invalid pattern #! `../x` is not a path in the repository
state = "-" #! `state` applies only to sources with `terraform`
resources = []  #! `resources` is empty
[[source]]
cdk = 5 #! `cdk` must be a string, not an integer
accounts = [111122223333, "1"] #! write account ids as strings #! `1` is not a valid account id
[[source]]
tags = "your" #! did you mean `yor`?
acounts = ["111122223333"] #! did you mean `accounts`?
[[source]]
terraform = "a"
state = "-"
[[source]]
terraform = "b"
state = ["-"] #! only one state can be read from stdin
"#,
    );
    let config = parse(
        "[scan]\nrepository = \"..\"\n[[source]]\nterraform = \"envs/prod\"\naccounts = [\"111122223333\"]\n[[source]]\ncloudformation = \"cfn/**/*.yaml\"\nstack = \"data-*\"\n",
    )
    .unwrap();
    assert_eq!(config.scan.repository.as_deref(), Some(Path::new("acme/..")));
    let [terraform, cloudformation] = config.sources.as_slice() else { panic!() };
    match &terraform.code {
        CodeSettings::Terraform { root, states } => {
            assert_eq!(root, Path::new("envs/prod"));
            assert_eq!(*states, [Path::new("envs/prod/terraform.tfstate")]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(terraform.accounts.len(), 1);
    assert!(cloudformation.code.reads_tags() && !terraform.code.reads_tags());
}

#[test]
fn the_template_is_valid_with_and_without_its_examples() {
    let config = parse(TEMPLATE).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    assert!(config.targets().is_empty() && config.lists_regions() && !config.uses_external_id());
    // Uncomment all examples: the documented defaults must be the actual defaults.
    let examples: String = TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with([' ', '#']) && !setting.is_empty() => {
                format!("{setting}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let config = parse(&examples).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    assert_eq!(config.targets().len(), 3);
    assert_eq!(config.accepted_gaps.len(), 1);
    assert_eq!(config.sources.len(), 4);
    assert_eq!(config.outputs.len(), 1);
    assert!(config.storage.role.is_some() && config.storage.bucket_owner.is_some());
    assert!(config.via.is_some() && config.rules.len() == 3 && config.organization.is_some());
    let default = Scan::default();
    assert_eq!(config.scan.concurrency, default.concurrency);
    let without_limit = Timeouts { account: None, run: None, ..config.scan.timeouts };
    assert_eq!(without_limit, default.timeouts);
    assert_eq!(config.scan.max_attempts, default.max_attempts);
    assert_eq!(config.scan.fail_on, default.fail_on);
    let (remediation, defaults) = (&config.remediation, RemediationSettings::default());
    assert_eq!(remediation.expires_days, defaults.expires_days);
    assert_eq!(remediation.max_changes, defaults.max_changes);
    assert_eq!(remediation.max_errors, defaults.max_errors);
    assert!(
        config.rules["s3-bucket-public-read"].fix.allows_unsafe() && config.hands_off.len() == 1
    );
    let role = remediation.role_in(&"111122223333".parse().unwrap()).unwrap();
    assert_eq!(role.0.to_string(), "arn:aws:iam::111122223333:role/rolecall-remediate");
    assert!(role.1.is_some());
    let arn = TEMPLATE.lines().find_map(|line| line.strip_prefix("#   arn = ")).unwrap();
    parse(&format!("[role]\narn = {arn}")).unwrap();
}

#[test]
fn the_role_that_changes_resources_is_not_the_one_that_reads_them() {
    let write = "[remediation]\nrole = \"arn:aws:iam::{account}:role/x\"\n";
    for (read, is_same) in [
        ("[role]\nname = \"x\"\n", true),
        ("[role]\nname = \"y\"\n", false),
        ("[role]\nname = \"x\"\npath = \"/a/\"\n", false),
        ("[role]\nname = \"y\"\n[[account]]\nid = \"111122223333\"\nrole = \"x\"\n", true),
    ] {
        let error = parse(&format!("{read}{write}")).err().map(|errors| errors.render(false));
        let found =
            error.is_some_and(|error| error.contains("is also the role that reads accounts"));
        assert_eq!(found, is_same, "{read}");
    }
}

#[test]
fn files_must_exist_be_small_and_be_utf8() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    let load = || Config::load(Some(&path), &env, &|path, _| Ok(path.to_owned()));
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

    /// Fragments of TOML and of almost-TOML.
    fn fragment() -> impl Strategy<Value = String> {
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
        fn parsing_never_panics(fragments in prop::collection::vec(fragment(), 0..40)) {
            if let Err(errors) = parse(&fragments.concat()) {
                prop_assert!(!errors.all().is_empty());
                errors.render(true);
            }
        }

        #[test]
        fn external_ids_are_never_shown(before in prop::collection::vec(fragment(), 0..8), after in prop::collection::vec(fragment(), 0..8)) {
            let source = format!("{}\n[role]\nexternal_id = \"{EXTERNAL}\"\n{}", before.concat(), after.concat());
            let shown = match parse(&source) {
                Ok(config) => format!("{config:?}"),
                Err(errors) => format!("{}{errors:?}", errors.render(false)),
            };
            prop_assert!(!shown.contains(EXTERNAL), "{}", shown);
        }
    }
}
