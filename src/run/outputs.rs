//! The outputs of a run: which reports are written, where, and how.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::error::CommandError;
use super::placeholders;
use super::setup::Setup;
use super::terminal;
use crate::baseline::{Before, CodeScanning, EarlierAccount, history};
use crate::cli::{self, OutputSpec, Outputs};
use crate::config::Config;
use crate::model::AccountId;
use crate::output::{
    Asff, Csv, Destination, Document, DocumentOutput, FileMode, Format, GitHub, GitLab, Html, Json,
    Junit, Markdown, Ocsf, Output, OutputError, PerAccount, Retired, SarifFull, SarifOptions,
    SarifOutput, TextOptions, TextOutput, check_sarif,
};
use crate::report::{History, RunInfo};

/// The outputs: from the command line, else from the config, else text on stdout.
pub(crate) fn planned(
    setup: &Setup,
    outputs: &Outputs,
) -> Result<Vec<(Format, Destination)>, CommandError> {
    let configured =
        setup.config.outputs.iter().map(|output| (output.format.as_str(), output.path.as_ref()));
    let typed =
        outputs.output.iter().map(|OutputSpec { format, path }| (format.as_str(), path.as_ref()));
    let mut wanted: Vec<(&str, Option<&PathBuf>)> = typed.collect();
    if wanted.is_empty() {
        wanted = configured.collect();
    }
    if wanted.is_empty() {
        wanted.push(("text", None));
    }
    let mut planned = Vec::new();
    for (format, path) in wanted {
        let format: Format = format.parse().map_err(|error: crate::output::UnknownFormat| {
            CommandError::Usage(error.to_string())
        })?;
        let to = match path {
            None => Destination::Stdout,
            Some(path) => {
                let path = placeholders::expand(path)?;
                let has_parts = format == Format::Sarif;
                Destination::File(setup.staging.report(&path, &setup.config.storage, has_parts)?)
            }
        };
        planned.push((format, to));
    }
    Ok(planned)
}

/// How a report is written, wherever it goes.
pub(super) struct OutputPlan {
    pub(super) format: Format,
    pub(super) mode: FileMode,
    pub(super) color: cli::Color,
    /// Whether the text report has a table of what each API took.
    pub(super) has_usage: bool,
    pub(super) sarif: SarifOptions,
    /// Earlier reports, for HTML and Markdown.
    pub(super) history: Option<Arc<History>>,
}

impl OutputPlan {
    /// The output for a destination, of which a path with `{account}` is one for each account.
    pub(super) fn open(self, to: Destination, setup: &Setup) -> Box<dyn Output> {
        let path = match &to {
            Destination::File(path) if to.is_per_account() => path.clone(),
            _ => return self.create(to),
        };
        let (staging, access) = (setup.staging.clone(), setup.config.storage.clone());
        let has_parts = self.format == Format::Sarif;
        let check: fn(&RunInfo) -> Result<(), OutputError> = match has_parts {
            true => |run| check_sarif(&run.selection),
            false => |_| Ok(()),
        };
        Box::new(PerAccount::new(check, move |account| {
            let path = Destination::path_for(&path, account);
            let to = Destination::File(path.clone());
            let path = staging
                .account_report(&path, &access, has_parts)
                .map_err(|error| OutputError::Io { to, error })?;
            Ok(self.create(Destination::File(path)))
        }))
    }

    fn document(&self, to: Destination, document: impl Document + 'static) -> Box<dyn Output> {
        Box::new(DocumentOutput::new(to, self.mode, Box::new(document)))
    }

    fn create(&self, to: Destination) -> Box<dyn Output> {
        match self.format {
            Format::Text => {
                let on_stdout = to == Destination::Stdout;
                let color = if on_stdout {
                    terminal::stdout_color(self.color)
                } else {
                    self.color == cli::Color::Always
                };
                let width =
                    if on_stdout { terminal::width() } else { TextOptions::default().width };
                let text = TextOutput::new(to, TextOptions { color, width });
                Box::new(text.with_usage(self.has_usage).mode(self.mode))
            }
            Format::Json => self.document(to, Json::default()),
            Format::Html => self.document(to, Html::new(self.history.clone())),
            Format::Sarif => Box::new(SarifOutput::new(to, self.sarif.clone()).mode(self.mode)),
            Format::Junit => self.document(to, Junit),
            Format::Csv => self.document(to, Csv),
            Format::GitLab => self.document(to, GitLab::default()),
            Format::GitHub => self.document(to, GitHub::default()),
            Format::Markdown => self.document(to, Markdown::new(self.history.clone())),
            Format::SarifFull => self.document(to, SarifFull::default()),
            Format::Ocsf => self.document(to, Ocsf::new(Timestamp::now())),
            Format::Asff => self.document(to, Asff::new(Timestamp::now())),
        }
    }
}

/// Reads the earlier reports that HTML shows as charts, and Markdown as numbers.
pub(super) fn earlier_reports(
    outputs: &Outputs,
    is_shown: bool,
) -> Result<Option<Arc<History>>, CommandError> {
    let Some(dir) = &outputs.history else { return Ok(None) };
    if !is_shown {
        return Err(CommandError::Usage(
            "--history requires HTML or Markdown output: add --output html=FILE".to_owned(),
        ));
    }
    let history = history(dir).map_err(|error| CommandError::Command(Box::new(error)))?;
    Ok(Some(Arc::new(history)))
}

/// Rejects an output that a part of a SARIF report (`report-001.sarif`) would replace.
pub(super) fn check_parts(planned: &[(Format, Destination)]) -> Result<(), OutputError> {
    let sarif = planned.iter().filter(|(format, _)| *format == Format::Sarif);
    for (_, whole) in sarif {
        if let Some((_, to)) = planned.iter().find(|(_, to)| to.is_part_of(whole)) {
            return Err(OutputError::SameDestination { to: to.clone() });
        }
    }
    Ok(())
}

/// The settings of SARIF reports.
pub(super) fn sarif_options(
    outputs: &Outputs,
    before: &Before,
    scanning: CodeScanning,
    config: &Config,
) -> SarifOptions {
    let retired = |account: &AccountId| {
        let earlier = before.report().and_then(|baseline| baseline.account(account));
        Retired {
            account: account.clone(),
            partition: earlier.map(|earlier| earlier.partition.clone()),
            regions: earlier.map(EarlierAccount::regions_with_alerts).unwrap_or_default(),
        }
    };
    SarifOptions {
        retire: outputs.retire.iter().map(retired).collect(),
        per_region: scanning.per_region,
        // These also apply to the reports that the command line names.
        numbered: config.outputs.iter().any(|output| output.numbered),
        location: config.alert_location(),
        ..SarifOptions::default()
    }
}
