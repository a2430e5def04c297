//! Compares SARIF files with the JSON report of the same run: what the run withheld, and files of
//! other runs, must not be uploaded.

use super::file::{SarifFile, SarifFileError, SarifRun};
use crate::model::text::one_line;
use crate::sinks::report_file::ReportFile;

/// Refuses files that do not belong to the run of a report, or that contain what it withheld.
pub fn check_report(files: &[SarifFile], report: &ReportFile) -> Result<(), SarifFileError> {
    for file in files {
        for run in &file.runs {
            if let Err(reason) = check(run, report) {
                return Err(SarifFileError::Unusable { path: file.path.clone(), reason });
            }
        }
    }
    Ok(())
}

fn check(run: &SarifRun, report: &ReportFile) -> Result<(), String> {
    let shown = one_line(&run.category, 120);
    // `…/<account>`, or `…/<account>/<region>`.
    let mut parts = run.category.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let (account, region) = match parts.next() {
        _ if is_account(last) => (last, None),
        Some(account) if is_account(account) => (account, Some(last)),
        _ => return Err(format!("its category `{shown}` has no account")),
    };
    let found = report.accounts.iter().find(|one| one.account.as_str() == account);
    let Some(found) = found else {
        if run.time == "retired" {
            return Ok(());
        }
        return Err(format!("account {account} is not in the report: it is a file of another run"));
    };
    if run.time == "retired" {
        return Err(format!(
            "it closes the alerts of account {account}, which is in the report: it is a file of another run"
        ));
    }
    let withheld = found.code_scanning.iter().find(|category| {
        let is_here = category.region.is_none() || category.region.as_deref() == region;
        category.withheld.is_some() && is_here
    });
    if let Some(category) = withheld {
        let why = one_line(category.withheld.as_deref().unwrap_or_default(), 200);
        return Err(format!(
            "the report withholds category `{shown}`, so that its alerts stay open ({why}): it is a file of another run"
        ));
    }
    let collected = found.collected_at.as_deref().unwrap_or("not-collected");
    if run.time != collected {
        return Err(format!(
            "account {account} was collected at {}, and in the report at {}: it is a file of another run",
            run.time,
            one_line(collected, 60)
        ));
    }
    Ok(())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TIME: &str = "2026-06-01T00:00:00Z";

    fn report() -> ReportFile {
        let account = |id: &str, categories: serde_json::Value| {
            json!({ "account": id, "entered": true, "complete": true, "collected_at": TIME,
                "code_scanning": categories, "findings": [] })
        };
        let withheld = json!([{ "region": null, "withheld": "role denied", "not_written": [] }]);
        let one_region = json!([{ "region": "eu-west-1", "withheld": "no list" }]);
        let text = json!({
            "version": "1", "selection": {}, "rules": [],
            "accounts": [account("111122223333", json!([])), account("222233334444", withheld),
                account("333344445555", one_region)],
            "summary": { "accounts": 3, "gaps": 0, "incomplete": false,
                "verdicts": { "unknown": 0, "error": 0 }, "states": null },
        });
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        std::fs::write(&path, text.to_string()).unwrap();
        ReportFile::read(&path).unwrap()
    }

    #[test]
    fn only_what_the_run_wrote_is_uploaded() {
        let report = report();
        for (category, time, wrong) in [
            ("rolecall/x/aws/111122223333", TIME, ""),
            ("rolecall/x/aws/111122223333/eu-west-1", TIME, ""),
            ("rolecall/x/aws/111122223333", "2026-05-31T00:00:00Z", "was collected at 2026-05-31"),
            ("rolecall/x/aws/222233334444", TIME, "withholds category"),
            ("rolecall/x/aws/222233334444/eu-west-1", TIME, "withholds category"),
            ("rolecall/x/aws/333344445555/eu-west-1", TIME, "withholds category"),
            ("rolecall/x/aws/333344445555/us-east-1", TIME, ""),
            ("rolecall/x/aws/444455556666", TIME, "is not in the report"),
            ("rolecall/x/aws/444455556666", "retired", ""),
            ("rolecall/x/aws/111122223333", "retired", "closes the alerts"),
            ("rolecall", TIME, "has no account"),
        ] {
            let run = SarifRun { category: category.into(), time: time.into(), results: 0 };
            let file = SarifFile { path: "x.sarif".into(), runs: vec![run] };
            let result = check_report(&[file], &report).map_err(|error| error.to_string());
            match wrong {
                "" => assert_eq!(result, Ok(()), "{category} {time}"),
                wrong => assert!(result.unwrap_err().contains(wrong), "{category} {time}"),
            }
        }
    }
}
