use crate::generated;
use crate::model::text::is_unprintable;
use crate::output::TextOptions;
use crate::report::{Access, Area, Check, CheckStatus, CheckedIn, Doctor, Place};

#[test]
fn the_schema_is_current() {
    generated::check("src/output/doctor/v1.schema.json", &format!("{:#}\n", super::schema()));
}

fn text(checks: Vec<Check>, exit_code: u8) -> String {
    let doctor = Doctor { tool: "rolecall 0".to_owned(), checks, api_calls: 7 };
    let mut out = Vec::new();
    let options = TextOptions { width: 100, ..TextOptions::default() };
    super::write_text(&mut out, &doctor, exit_code, options).unwrap();
    String::from_utf8(out).unwrap()
}

/// A check of an account.
fn of(account: u64, access: Access, status: CheckStatus, subject: &str) -> Check {
    let account = CheckedIn {
        account: format!("{account:012}").parse().unwrap(),
        name: Some(format!("team-{account}")),
        access,
        region: None,
        accepted: false,
    };
    Check { account: Some(account), ..Check::new(Area::Accounts, status, subject) }
}

#[test]
fn accounts_in_order_are_one_line_and_failed_checks_come_first() {
    let mut checks = vec![Check::new(Area::Config, CheckStatus::Ok, "rolecall.toml")];
    for account in 1..=200 {
        checks
            .push(of(account, Access::Role, CheckStatus::Ok, "role/audit").message("role assumed"));
        checks.push(of(account, Access::Identity, CheckStatus::Ok, "account"));
        for action in ["ec2:DescribeVpcs", "s3:GetBucketPolicy"] {
            checks.push(of(account, Access::Action, CheckStatus::Ok, action));
        }
    }
    let denied = of(7, Access::Action, CheckStatus::Failed, "ec2:DescribeVolumes");
    checks.push(denied.message("denied: allow it"));
    let none = of(8, Access::Action, CheckStatus::NotChecked, "s3:GetBucketAcl");
    checks.push(none.message("no bucket"));
    insta::assert_snapshot!(text(checks, 3));
}

#[test]
fn a_failed_check_of_an_account_names_its_line_in_the_config() {
    let place = Place { file: "rolecall.toml".to_owned(), line: 12, column: 6 };
    let denied = of(7, Access::Action, CheckStatus::Failed, "ec2:DescribeVolumes");
    let denied = Check { place: Some(place), ..denied.message("denied: allow it") };
    let shown = text(vec![denied.clone()], 3);
    let expected = "team-7 (000000000007), rolecall.toml:12: ec2:DescribeVolumes: denied: allow it";
    assert!(shown.contains(expected), "{shown}");
    let json = super::v1::Check::from(&denied);
    assert_eq!((json.file.as_deref(), json.line), (Some("rolecall.toml"), Some(12)));
}

#[test]
fn untrusted_text_stays_on_its_line() {
    let hostile = "x\u{1b}[31m\n::error::y\u{202e}";
    let mut check = of(1, Access::Action, CheckStatus::Failed, hostile).message(hostile);
    if let Some(at) = &mut check.account {
        at.name = Some(hostile.to_owned());
    }
    let place = Place { file: hostile.to_owned(), line: 1, column: 2 };
    let placed = Check {
        place: Some(place),
        ..Check::new(Area::Config, CheckStatus::Warning, hostile).message(hostile)
    };
    let shown = text(vec![check, placed], 3);
    for line in shown.lines() {
        assert!(!line.chars().any(is_unprintable), "{line:?}");
        assert!(!line.starts_with("::"), "{line:?}");
    }
}
