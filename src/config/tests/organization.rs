//! Tests of `[organization]`: its errors, and the resolved targets.

use super::*;
use crate::model::{Member, Organization, OrganizationalUnit};

#[test]
fn errors_of_the_section_are_reported() {
    for source in [
        "[role]\nname = \"a\"\n[organization] #! set `role` to a role that can read the organization\ninclude_units = [] #! `include_units` is empty",
        "[organization] #! missing role for the accounts of the organization\nrole = \"none\"",
        "[role]\nname = \"a\"\n[organization]\nrole = 5 #! `role` must be a role name, a role ARN, a table with `arn`, or \"none\"",
        "[role]\nname = \"a\"\n[organization]\nrole = \"a/b\" #! `a/b` is not a valid role name",
        "[role]\nname = \"a\"\n[organization]\nrole = {} #! set the role: role = { arn",
        "[role]\nname = \"a\"\n[organization]\nrole = { arn = \"arn:aws:iam::111122223333:user/a\", external = \"s3cret-external-id\" } #! is not a valid role ARN #! unknown key",
        "[role]\nname = \"a\"\n[organization]\nrole = { arn = \"reader\", external_id = { env = \"ROLECALL_BAD\" } } #! contains a character that AWS does not allow",
        "[role]\nname = \"a\"\n[organization]\nrole = \"arn:aws-cn:iam::111122223333:role/a\" #! an organization cannot span partitions",
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\nincldue_units = \"Root\" #! did you mean `include_units`?",
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\ninclude_units = [\"ou-1\", \"Root/\", \"Root/*\", \"Root\", \"Root\", 5] #! `ou-1` is not a valid OU #! `Root/` is not a valid OU #! `Root/*` is not a valid OU #! duplicate pattern `Root` #! each item of `include_units` must be a string, not an integer",
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\nexclude_accounts = [111122223333, \"a[\", \" \"] #! write account ids as strings #! invalid pattern #! empty string in `exclude_accounts`",
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\nregions = [\"cn-north-1\"] #! region `cn-north-1` is not in `aws`, the partition of the accounts",
        "[role]\nname = \"a\"\n[scan]\nregions = [\"cn-north-1\"]\n[organization] #! region `cn-north-1` in [scan] is not in `aws`, the partition of the accounts\nrole = \"none\"",
        "[role]\nname = \"a b\" #! `a b` is not a valid role name\n[organization]\nrole = \"none\"",
        "[role]\nname = \"arn:aws:iam::111122223333:role/a\" #! replace `name` and `path` with arn = \"arn:aws:iam::{account}:role/a\"\n[organization]\nrole = \"none\"",
        "organization = \"o-1\" #! must be a table",
    ] {
        check(source);
    }
}

fn organization() -> Organization {
    let unit = |id: &str, name: &str, parent: Option<&str>| OrganizationalUnit {
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
fn accounts_of_the_organization_use_role_unless_overridden() {
    let config = parse(
        r#"
[role]
name = "rolecall"
path = "/audit/"
external_id = { env = "ROLECALL_EXTERNAL_ID" }
[scan]
regions = ["eu-west-1"]
[organization]
role = { arn = "arn:aws:iam::999999999999:role/reader", external_id = "reader-id" }
regions = ["us-east-1"]
[[account]]
id = "222233334444"
name = "science"
role = "other"
external_id = "override"
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
                Role::Own => "base credentials".to_owned(),
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
    let role = |account: &str| format!("arn:aws:iam::{account}:role/audit/rolecall {EXTERNAL}");
    assert_eq!(
        shown,
        [
            format!(
                "payments {} us-east-1 {{\"organization_unit\":\"Root/Workloads\"}}",
                role("111122223333")
            ),
            "science arn:aws:iam::222233334444:role/audit/other override eu-north-1 \
             {\"organization_unit\":\"mine\",\"team\":\"research\"}"
                .to_owned(),
            // An account with an `[[account]]` is scanned regardless of its state.
            format!(
                "closed-but-named {} us-east-1 {{\"organization_unit\":\"Root\"}}",
                role("444455556666")
            ),
            // An account in no OU is not in the organization.
            format!("- {} eu-west-1 {{}}", role("555566667777")),
            "management base credentials us-east-1 {\"organization_unit\":\"Root\"}".to_owned(),
        ]
    );
    let skipped: Vec<String> = skipped.iter().map(ToString::to_string).collect();
    assert_eq!(skipped, ["333344445555 (closed) is skipped: account state is SUSPENDED"]);

    let settings = config.organization.as_ref().unwrap();
    assert_eq!(settings.role_pattern(), "arn:aws:iam::*:role/audit/rolecall");
    let hop = settings.access.hop(&"111111111111".parse().unwrap()).unwrap();
    assert_eq!(hop.role_arn.to_string(), "arn:aws:iam::999999999999:role/reader");
    assert_eq!(hop.external_id.unwrap().expose(), "reader-id");
    assert!(!format!("{config:?}").contains("reader-id"));
    assert!(config.uses_external_id() && !config.lists_regions());
}

#[test]
fn the_organization_is_read_by_a_named_role_an_arn_or_the_base_credentials() {
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
    // Regions are listed if none are configured.
    assert!(
        parse("[role]\nname = \"a\"\n[organization]\nrole = \"none\"").unwrap().lists_regions()
    );
}

#[test]
fn errors_for_patterns_without_match_point_into_the_file() {
    let config = parse(
        "[role]\nname = \"a\"\n[organization]\nrole = \"none\"\ninclude_units = [\"Root\", \"Root/Worklods\"]\nexclude_accounts = \"paiments\"",
    )
    .unwrap();
    let errors = config.accounts_of(&organization()).unwrap_err();
    let shown: Vec<String> = errors
        .iter()
        .map(|error| format!("{error} | {}", error.help.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        shown,
        [
            "acme/rolecall.toml:5:26: unknown OU `Root/Worklods` | did you mean `Root/Workloads`?",
            "acme/rolecall.toml:6:20: no account of the organization matches `paiments` | did you mean `payments`?",
        ]
    );
}

#[test]
fn a_role_by_name_needs_no_role_section() {
    let config = parse("[[account]]\nid = \"111122223333\"\nrole = \"audit\"").unwrap();
    let Role::Assume(hop) = &config.targets()[0].role else { panic!("the account has a role") };
    assert_eq!(hop.role_arn.to_string(), "arn:aws:iam::111122223333:role/audit");
}
