//! The reports that the config adds to those of every run.

use super::failure::Failure;
use crate::cli::OutputSpec;
use crate::model::S3Place;
use crate::output::check_sarif;
use crate::run::error::CommandError;
use crate::run::setup::Setup;

/// Rejects a config with which no report can be written: before accounts are collected, not after.
pub(super) fn check(setup: &Setup) -> Result<(), Failure> {
    configured(setup)?;
    check_sarif(&setup.selection).map_err(|error| CommandError::Output(error).into())
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
