//! Credentials, clock and organization, against moto behind a proxy that injects faults.

use super::{Checks, assert_says};
use crate::support::fault::{Fault, Proxy, when};
use crate::support::moto::{IRELAND, OWN, RESEARCH};
use crate::support::rolecall::{Rolecall, SECRET, SELECTION};

#[track_caller]
fn doctor(program: &Rolecall, code: i32) -> Checks {
    let ended = program.run(&["doctor", "--format", "json", "--rule", "s3-account-*"]);
    ended.assert_code(code);
    Checks::of(&ended.stdout)
}

fn with_fault(fault: Fault) -> (Proxy, Rolecall) {
    let proxy = Proxy::start(vec![fault]);
    let program = Rolecall::at(&proxy).scan_config("");
    (proxy, program)
}

#[test]
fn credentials_are_named_with_their_source() {
    let proxy = Proxy::start(vec![]);
    let program = Rolecall::at(&proxy).scan_config("");
    let checks = doctor(&program, 0);
    assert_says(checks.only("credentials", "ok"), &["arn:aws:", OWN, "environment variables"]);

    let soon = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + 600).unwrap();
    let later = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + 36_000).unwrap();
    for (expiration, status, words) in [
        (Some(soon.to_string()), "warning", "not renewed automatically"),
        (Some(later.to_string()), "ok", "they expire at"),
        (None, "ok", "the expiration time is unknown"),
    ] {
        let mut program = Rolecall::at(&proxy).scan_config("").env("AWS_SESSION_TOKEN", "token");
        if let Some(expiration) = expiration {
            program = program.env("AWS_CREDENTIAL_EXPIRATION", &expiration);
        }
        let checks = doctor(&program, 0);
        assert_says(checks.only("credentials", status), &[words]);
    }
}

#[test]
fn a_scan_without_valid_credentials_cannot_start() {
    let proxy = Proxy::start(vec![]);
    let none = Rolecall::new()
        .env("AWS_REGION", IRELAND)
        .env("AWS_ENDPOINT_URL", &proxy.url())
        .scan_config("");
    let checks = doctor(&none, 2);
    assert_says(checks.only("credentials", "failed"), &["no AWS credentials", "AWS_PROFILE"]);
    assert_eq!(proxy.requests().len(), 0);

    for (code, message, words) in [
        ("ExpiredToken", "The security token included in the request is expired", "log in again"),
        ("InvalidClientTokenId", "The security token is invalid", "does not know the access key"),
        ("SignatureDoesNotMatch", "The request signature we calculated", "secret access key"),
    ] {
        let (proxy, program) = with_fault(
            when(|request| request.call == "sts:GetCallerIdentity").error(403, code, message),
        );
        let checks = doctor(&program, 2);
        let failed = checks.only("credentials", "failed");
        assert_says(failed, &[words, message]);
        assert_eq!(failed["code"], code);
        assert!(!checks.with("accounts", "not_checked").is_empty());
        assert_eq!(proxy.calls().into_keys().collect::<Vec<_>>(), ["sts:GetCallerIdentity"]);
    }
}

#[test]
fn a_wrong_clock_is_found() {
    for (ahead, code, status, words) in [
        (0, 0, "ok", "within 60 s"),
        (-90, 0, "warning", "ahead of the AWS clock"),
        (90, 0, "warning", "behind the AWS clock"),
        (900, 2, "failed", "synchronize the clock"),
        (-900, 2, "failed", "synchronize the clock"),
    ] {
        let (_proxy, program) = with_fault(
            when(|request| request.call == "sts:GetCallerIdentity" && request.account == OWN)
                .dated(ahead),
        );
        let checks = doctor(&program, code);
        assert_says(checks.only("clock", status), &[words]);
    }
    // The errors of the proxy have no date, but the message of AWS has.
    let message = "Signature expired: 20261126T120000Z is now earlier than 20261126T121500Z (20261126T123000Z - 15 min.)";
    let (_proxy, program) =
        with_fault(when(|request| request.call == "sts:GetCallerIdentity").error(
            403,
            "SignatureDoesNotMatch",
            message,
        ));
    let checks = doctor(&program, 2);
    assert_says(checks.only("clock", "failed"), &["1800 s behind"]);
    assert_says(checks.only("credentials", "failed"), &["correct the clock"]);
}

fn organization(organization: &str) -> String {
    format!(
        r#"
[role]
name = "audit"
path = "/security/"
external_id = {{ env = "ROLECALL_EXTERNAL_ID" }}
[scan]
regions = ["eu-west-1", "us-east-1"]
[organization]
role = "arn:aws:iam::{OWN}:role/reader"
{organization}
{SELECTION}
"#
    )
}

#[test]
fn the_organization_is_read_and_its_patterns_are_checked() {
    let program = |proxy: &Proxy, config: &str| {
        Rolecall::at(proxy).config(&organization(config)).env("ROLECALL_EXTERNAL_ID", SECRET)
    };
    let proxy = Proxy::start(vec![]);
    let gap = "exclude_accounts = [\"master\"]\n[[accepted_gap]]\naccount = \"nobody\"\ncall = \"s3:*\"\nreason = \"old\"";
    let checks = doctor(&program(&proxy, gap), 0);
    assert_says(
        checks.only("organization", "ok"),
        &["5 accounts in 4 OUs", "3 to scan", "2 skipped"],
    );
    assert_says(checks.only("config", "warning"), &["nobody"]);

    let checks = doctor(&program(&proxy, "include_units = [\"Root/Sanbox\"]"), 2);
    let failed = checks.only("organization", "failed");
    assert_says(failed, &["unknown OU `Root/Sanbox`", "did you mean `Root/Sandbox`?"]);
    assert_eq!((&failed["file"], &failed["line"]), (&"rolecall.toml".into(), &10.into()));
    assert!(!checks.with("accounts", "not_checked").is_empty());

    let proxy = Proxy::start(vec![
        when(|request| request.call == "organizations:ListAccountsForParent").denied("no"),
    ]);
    let checks = doctor(&program(&proxy, ""), 2);
    assert_says(
        checks.only("organization", "failed"),
        &["organizations:ListAccountsForParent", "permissions organization"],
    );
    assert!(proxy.requests().iter().all(|request| request.role_account() != RESEARCH));
}
