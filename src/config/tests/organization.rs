//! `[organization]`: its faults, and the targets that it makes.

use super::*;
use crate::model::{Member, Organization, Unit};

#[test]
fn every_fault_of_the_section_is_found() {
    for source in [
        "[role]\nname = \"a\"\n[organization] #! [organization] has no `role`\ninclude_units = [] #! `include_units` is empty",
        "[organization] #! the accounts of the organization have no role\nrole = \"none\"",
        "[role]\nname = \"a\"\n[organization]\nrole = 5 #! the name or ARN of a role",
        "[role]\nname = \"a\"\n[organization]\nrole = \"a/b\" #! is no role name",
        "[role]\nname = \"a\"\n[organization]\nrole = {} #! `role` of [organization] has no `arn`",
        "[role]\nname = \"a\"\n[organization]\nrole = { arn = \"arn:aws:iam::111122223333:user/a\", external = \"s3cret-of-the-site\" } #! not the ARN of a role #! unknown key",
        "[role]\nname = \"a\"\n[organization]\nrole = { arn = \"reader\", external_id = { env = \"ROLECALL_BAD\" } } #! a character that AWS does not take",
        "[role]\nname = \"a\"\n[organization]\nrole = \"arn:aws-cn:iam::111122223333:role/a\" #! an organization lies in one partition",
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\nincldue_units = \"Root\" #! did you mean `include_units`?",
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\ninclude_units = [\"ou-1\", \"Root/\", \"Root/*\", \"Root\", \"Root\", 5] #! `ou-1` is no unit #! `Root/` is no unit #! `Root/*` is no unit #! twice #! must be text",
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\nexclude_accounts = [111122223333, \"a[\", \" \"] #! write account ids as text #! invalid pattern #! is empty",
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\nregions = [\"cn-north-1\"] #! correct the regions",
        "[role]\nname = \"a\"\n[scan]\nregions = [\"cn-north-1\"]\n[organization] #! [scan] names it\nrole = \"none\"",
        "[role]\nname = \"a b\" #! is no role name\n[organization]\nrole = \"none\"",
        "organization = \"o-1\" #! must be a table",
    ] {
        check(source);
    }
}

fn organization() -> Organization {
    let unit = |id: &str, name: &str, parent: Option<&str>| Unit {
        id: id.parse().unwrap(),
        name: name.to_owned(),
        parent: parent.map(|id| id.parse().unwrap()),
    };
    let member = |account: &str, name: &str, state: &str, unit: &str| Member {
        account: account.parse().unwrap(),
        name: Some(name.to_owned()),
        state: state.to_owned(),
        unit: unit.parse().unwrap(),
    };
    let units =
        vec![unit("r-root", "Root", None), unit("ou-root-workload", "Workloads", Some("r-root"))];
    let accounts = vec![
        member("111122223333", "payments", "ACTIVE", "ou-root-workload"),
        member("222233334444", "research", "ACTIVE", "ou-root-workload"),
        member("333344445555", "closed", "SUSPENDED", "ou-root-workload"),
        member("444455556666", "closed-but-named", "SUSPENDED", "r-root"),
        member("999999999999", "management", "ACTIVE", "r-root"),
    ];
    Organization::new(units, accounts).unwrap()
}

#[test]
fn accounts_of_the_organization_are_entered_by_the_role_of_all_unless_they_say_otherwise() {
    let config = parse(
        r#"
[role]
name = "rolecall"
path = "/audit/"
external_id = { env = "ROLECALL_EXTERNAL_ID" }
[scan]
regions = ["eu-west-1"]
[organization]
role = { arn = "arn:aws:iam::999999999999:role/reader", external_id = "of-the-reader" }
regions = ["us-east-1"]
[[account]]
id = "222233334444"
name = "science"
role = "other"
external_id = "its-own"
labels = { organization_unit = "mine", team = "research" }
regions = ["eu-north-1"]
[[account]]
id = "444455556666"
[[account]]
id = "555566667777"
[[account]]
id = "999999999999"
role = "none"
"#,
    )
    .unwrap();
    let (targets, skipped) = config.accounts_of(&organization()).unwrap();
    let shown: Vec<String> = targets
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
            let name = target.name.as_deref().unwrap_or("-");
            format!(
                "{name} {role} {} {}",
                target.regions[0],
                serde_json::to_string(&target.labels).unwrap()
            )
        })
        .collect();
    let site = |account: &str| format!("arn:aws:iam::{account}:role/audit/rolecall {EXTERNAL}");
    assert_eq!(
        shown,
        [
            format!(
                "payments {} us-east-1 {{\"organization_unit\":\"Root/Workloads\"}}",
                site("111122223333")
            ),
            "science arn:aws:iam::222233334444:role/audit/other its-own eu-north-1 \
             {\"organization_unit\":\"mine\",\"team\":\"research\"}"
                .to_owned(),
            // An account that is named is scanned, whatever its state.
            format!(
                "closed-but-named {} us-east-1 {{\"organization_unit\":\"Root\"}}",
                site("444455556666")
            ),
            // One that is in no unit is no account of the organization.
            format!("- {} eu-west-1 {{}}", site("555566667777")),
            "management own us-east-1 {\"organization_unit\":\"Root\"}".to_owned(),
        ]
    );
    let skipped: Vec<String> = skipped.iter().map(ToString::to_string).collect();
    assert_eq!(skipped, ["333344445555 (closed) is left out: its state is SUSPENDED"]);

    let settings = config.organization.as_ref().unwrap();
    assert_eq!(settings.role_pattern(), "arn:aws:iam::*:role/audit/rolecall");
    let hop = settings.access.hop(&"111111111111".parse().unwrap()).unwrap();
    assert_eq!(hop.role_arn.to_string(), "arn:aws:iam::999999999999:role/reader");
    assert_eq!(hop.external_id.unwrap().expose(), "of-the-reader");
    assert!(!format!("{config:?}").contains("of-the-reader"));
    assert!(config.uses_external_id() && !config.lists_regions());
}

#[test]
fn the_reader_is_a_role_by_name_or_arn_or_nobody() {
    for (written, arn) in [
        ("\"none\"", None),
        ("\"reader\"", Some("arn:aws-cn:iam::111111111111:role/x/reader")),
        (
            "\"arn:aws-cn:iam::222222222222:role/y/reader\"",
            Some("arn:aws-cn:iam::222222222222:role/y/reader"),
        ),
        ("{ arn = \"reader\" }", Some("arn:aws-cn:iam::111111111111:role/x/reader")),
    ] {
        let source = format!(
            "[role]\nname = \"a\"\npath = \"/x/\"\npartition = \"aws-cn\"\n[organization]\nrole = {written}"
        );
        let access = parse(&source).unwrap().organization.unwrap().access;
        assert_eq!(access.partition.as_str(), "aws-cn");
        assert_eq!(
            access
                .hop(&"111111111111".parse().unwrap())
                .map(|hop| hop.role_arn.to_string())
                .as_deref(),
            arn,
            "{written}"
        );
    }
    // Regions are asked for where nothing names them.
    assert!(
        parse("[role]\nname = \"a\"\n[organization]\nrole = \"none\"").unwrap().lists_regions()
    );
}

#[test]
fn patterns_that_mean_nothing_in_this_organization_point_into_the_file() {
    let config = parse(
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\ninclude_units = [\"Root\", \"Root/Worklods\"]\nexclude_accounts = \"paiments\"",
    )
    .unwrap();
    let faults = config.accounts_of(&organization()).unwrap_err();
    let shown: Vec<String> = faults
        .iter()
        .map(|fault| format!("{fault} | {}", fault.help.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        shown,
        [
            "site/rolecall.toml:5:26: no unit is `Root/Worklods` | did you mean `Root/Workloads`?",
            "site/rolecall.toml:6:20: no account of the organization matches `paiments` | did you mean `payments`?",
        ]
    );
}

#[test]
fn a_role_by_name_needs_no_section_for_its_path() {
    let config = parse("[[account]]\nid = \"111122223333\"\nrole = \"audit\"").unwrap();
    let Role::Assume(hop) = &config.targets()[0].role else { panic!("it has a role") };
    assert_eq!(hop.role_arn.to_string(), "arn:aws:iam::111122223333:role/audit");
}
