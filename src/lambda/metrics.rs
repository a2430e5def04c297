//! Metrics of a run, as a log line in CloudWatch's embedded metric format. It needs no permission and
//! no call: CloudWatch reads it from the function's log.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::exit::Exit;

/// Prints the metrics of a report.
pub(super) fn print(exit: Exit, accounts: usize, missing: usize) {
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    let line = line(&function, Timestamp::now(), exit, accounts, missing);
    writeln!(std::io::stdout(), "{line}").ok();
}

fn line(function: &str, at: Timestamp, exit: Exit, accounts: usize, missing: usize) -> Value {
    let metric = |name: &str| json!({"Name": name, "Unit": "Count"});
    json!({
        "_aws": {
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "rolecall",
                "Dimensions": [["FunctionName"]],
                "Metrics": [metric("Runs"), metric("IncompleteRuns"), metric("Accounts"), metric("MissingAccounts")],
            }],
        },
        "FunctionName": function,
        "Runs": 1,
        "IncompleteRuns": u8::from(exit == Exit::Incomplete),
        "Accounts": accounts,
        "MissingAccounts": missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_value() {
        let line = line("f", Timestamp::UNIX_EPOCH, Exit::Incomplete, 3, 1);
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_u64(), "{name}");
        }
        assert_eq!((&line["IncompleteRuns"], &line["MissingAccounts"]), (&json!(1), &json!(1)));
    }
}
