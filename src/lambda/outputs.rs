//! The reports that the config adds to those of every run.

use super::failure::Failure;
use crate::cli::OutputSpec;
use crate::config::Config;
use crate::model::{AlertLocation, S3Place};
use crate::output::check_sarif;
use crate::run::error::CommandError;
use crate::run::setup::Setup;

/// Rejects a config with which no report can be written: before accounts are collected, not after.
pub(super) fn check(setup: &Setup) -> Result<(), Failure> {
    configured(setup)?;
    check_code(&setup.config)?;
    check_sarif(&setup.selection).map_err(|error| CommandError::Output(error).into())
}

/// Rejects reports that need the code, which a function does not have: without it, the alerts that are
/// placed at lines of code would be closed.
fn check_code(config: &Config) -> Result<(), Failure> {
    let location = config.alert_location();
    if location == AlertLocation::Resource {
        return Ok(());
    }
    let name = AlertLocation::ALL.iter().find(|(_, known)| *known == location);
    Err(Failure::config(format!(
        "an [[output]] has `location = \"{}\"`, but a function has no checkout of the code: remove `location`, and write the SARIF report with `rolecall merge` and `rolecall evaluate` where the code is checked out",
        name.map_or("", |(name, _)| name)
    )))
}

/// The reports of the config.
pub(super) fn configured(setup: &Setup) -> Result<Vec<OutputSpec>, Failure> {
    let mut outputs = Vec::new();
    for configured in &setup.config.outputs {
        match &configured.path {
            // Nothing reads the standard output of a function.
            None => {}
            Some(path) if S3Place::of_path(path).is_some() => outputs
                .push(OutputSpec { format: configured.format.clone(), path: Some(path.clone()) }),
            Some(path) => {
                return Err(Failure::config(format!(
                    "the path of an [[output]] is `{}`, but a function keeps no files: use a path such as s3://my-bucket/rolecall/report.json",
                    path.display()
                )));
            }
        }
    }
    Ok(outputs)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn checked(output: &str) -> Result<(), String> {
        let text =
            format!("[[output]]\nformat = \"sarif\"\npath = \"s3://bucket/a.sarif\"\n{output}");
        let config = Config::parse(Path::new("rolecall.toml"), &text, &|_| None).unwrap();
        check_code(&config).map_err(|failure| format!("{}: {failure}", failure.kind()))
    }

    #[test]
    fn reports_that_need_the_code_are_rejected() {
        for output in ["", "location = \"resource\""] {
            assert_eq!(checked(output), Ok(()), "{output}");
        }
        for location in ["code", "related"] {
            let error = checked(&format!("location = \"{location}\"")).unwrap_err();
            let expected =
                format!("Rolecall.Config: an [[output]] has `location = \"{location}\"`");
            assert!(error.starts_with(&expected), "{error}");
        }
    }
}
