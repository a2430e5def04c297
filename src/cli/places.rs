//! Where commands read and write files, so that each path can also be a place in S3.

use std::path::{Path, PathBuf};

use super::args::{Outputs, RuleSource};
use super::commands::Command;
use super::remediate::RemediateCommand;
use super::sinks::UploadCommand;
use crate::staging::PathUse;

/// A path of the command line, and what it is for.
pub type Place<'a> = (&'a mut PathBuf, PathUse);

impl Command {
    /// The paths of the command, apart from the config and the outputs.
    pub fn places(&mut self) -> Vec<Place<'_>> {
        let snapshot = |resume| PathUse::Snapshot { resume };
        let mut places: Vec<Place<'_>> = Vec::new();
        match self {
            Self::Scan(args) => {
                let resume = args.resume;
                places.extend(args.snapshot.iter_mut().map(|path| (path, snapshot(resume))));
                places.extend(source(&mut args.rules));
                places.extend(baseline(&mut args.outputs));
            }
            Self::Collect(args) => {
                let resume = args.resume;
                places.push((&mut args.snapshot, snapshot(resume)));
                places.extend(source(&mut args.rules));
                let named = PathUse::Named(crate::snapshot::TargetsFile::NAME);
                places.extend(args.part.targets.iter_mut().map(|path| (path, named)));
            }
            Self::Targets(args) => {
                let name = crate::snapshot::TargetsFile::NAME;
                places.push((&mut args.to, PathUse::NewFile(name)));
                // Only the durations are read.
                let named = PathUse::Named("run.json");
                places.extend(args.previous.iter_mut().map(|path| (path, named)));
                places.extend(source(&mut args.rules));
            }
            Self::Merge(args) => {
                places.extend(args.shards.iter_mut().map(|path| (path, PathUse::Folder)));
                let named = PathUse::Named(crate::snapshot::TargetsFile::NAME);
                places.push((&mut args.targets, named));
                places.push((&mut args.into, PathUse::NewFolder));
            }
            Self::Doctor(args) => {
                let check = PathUse::CheckSnapshot { resume: args.resume };
                places.extend(args.snapshot.iter_mut().map(|path| (path, check)));
                places.extend(source(&mut args.rules));
                places.extend(baseline(&mut args.outputs));
            }
            Self::Evaluate(args) => {
                places.push((&mut args.snapshot, PathUse::Folder));
                places.extend(source(&mut args.rules));
                places.extend(baseline(&mut args.outputs));
            }
            Self::Inventory(args) => {
                places.push((&mut args.snapshot, PathUse::Folder));
                places.extend(args.to.iter_mut().map(|path| (path, PathUse::NewFolder)));
            }
            Self::WhoCan(args) => places.push((&mut args.snapshot, PathUse::Folder)),
            Self::Paths(args) => places.push((&mut args.snapshot, PathUse::Folder)),
            Self::Preview(args) => {
                places.extend(args.snapshot.iter_mut().map(|path| (path, PathUse::Folder)));
                places.extend(args.to.iter_mut().map(|path| (path, PathUse::NewFolder)));
                let files = args.plan.iter_mut().chain(args.change_set.iter_mut());
                places.extend(
                    files.filter(|path| path.as_os_str() != "-").map(|path| (path, PathUse::File)),
                );
                places.extend(source(&mut args.rules));
            }
            Self::Diff(args) => {
                places.push((&mut args.old, PathUse::File));
                places.push((&mut args.new, PathUse::File));
            }
            Self::History(args) => places.push((&mut args.dir, PathUse::Folder)),
            Self::Index(args) => places.push((&mut args.dir, PathUse::Names("index.html"))),
            Self::Notify(args) => places.push((&mut args.report, PathUse::File)),
            Self::Upload(args) => match &mut args.to {
                UploadCommand::Github(args) => {
                    places.extend(args.files.iter_mut().map(|path| (path, PathUse::File)));
                    places.extend(args.report.iter_mut().map(|path| (path, PathUse::File)));
                }
            },
            Self::Rules(args) => places.extend(source(&mut args.rules)),
            Self::Permissions(args) => places.extend(source(&mut args.rules)),
            Self::Test(args) => places.extend(trees(&mut args.paths)),
            Self::Lint(args) => places.extend(trees(&mut args.paths)),
            Self::Frameworks(args) => places.extend(trees(&mut args.rules)),
            Self::Explain(args) => places.extend(trees(&mut args.rules)),
            Self::Plan(args) => {
                places.extend(args.snapshot.iter_mut().map(|path| (path, PathUse::Folder)));
                places.extend(source(&mut args.rules));
            }
            Self::Waive(args) => {
                places.extend(args.report.iter_mut().map(|path| (path, PathUse::File)));
                places.extend(args.file.iter_mut().map(|path| (path, PathUse::Local)));
            }
            Self::Remediate(args) => match &mut args.step {
                RemediateCommand::Plan(args) => {
                    places.extend(args.snapshot.iter_mut().map(|path| (path, PathUse::Folder)));
                    places.extend(source(&mut args.rules));
                    if args.output != Path::new("-") {
                        places.push((&mut args.output, PathUse::NewFile("plan.json")));
                    }
                }
                RemediateCommand::Show(args) => {
                    if args.plan != Path::new("-") {
                        places.push((&mut args.plan, PathUse::File));
                    }
                }
                RemediateCommand::Apply(args) => {
                    places.push((&mut args.plan, PathUse::Local));
                    places.extend(args.journal.iter_mut().map(|path| (path, PathUse::Local)));
                    places.extend(source(&mut args.rules));
                }
                RemediateCommand::Verify(args) => {
                    places.push((&mut args.file, PathUse::Local));
                    places.extend(source(&mut args.rules));
                }
                RemediateCommand::Undo(args) => {
                    places.push((&mut args.journal, PathUse::Local));
                    if args.output != Path::new("-") {
                        places.push((&mut args.output, PathUse::Local));
                    }
                }
            },
            Self::Import(args) => places.push((&mut args.snapshot, PathUse::Update)),
            Self::Record(args) => {
                places.push((&mut args.snapshot, PathUse::Folder));
                places.extend(args.cases.iter_mut().map(|path| (path, PathUse::Local)));
                places.extend(trees(&mut args.rules));
            }
            Self::New(args) => {
                places.extend(args.dir.iter_mut().map(|path| (path, PathUse::Local)))
            }
            Self::Definitions(args) => places.push((&mut args.dir, PathUse::Local)),
            Self::Manuals(args) => places.push((&mut args.dir, PathUse::Local)),
            Self::Facts(_)
            | Self::Helpers(_)
            | Self::Init(_)
            | Self::Lambda(_)
            | Self::Completions(_) => {}
        }
        places
    }

    /// The profile of the base credentials, if the command line names one.
    pub fn profile(&self) -> Option<&str> {
        let aws = match self {
            Self::Scan(args) => &args.aws,
            Self::Collect(args) => &args.aws,
            Self::Targets(args) => &args.aws,
            Self::Doctor(args) => &args.aws,
            Self::Remediate(args) => match &args.step {
                RemediateCommand::Plan(args) => &args.aws,
                RemediateCommand::Apply(args) => &args.aws,
                RemediateCommand::Verify(args) => &args.aws,
                RemediateCommand::Undo(args) => &args.aws,
                RemediateCommand::Show(_) => return None,
            },
            _ => return None,
        };
        aws.profile.as_deref()
    }

    /// The rule files among `--rule`.
    pub fn rule_files(&mut self) -> impl Iterator<Item = &mut String> {
        let source = match self {
            Self::Scan(args) => Some(&mut args.rules),
            Self::Collect(args) => Some(&mut args.rules),
            Self::Targets(args) => Some(&mut args.rules),
            Self::Doctor(args) => Some(&mut args.rules),
            Self::Evaluate(args) => Some(&mut args.rules),
            Self::Rules(args) => Some(&mut args.rules),
            Self::Permissions(args) => Some(&mut args.rules),
            Self::Plan(args) => Some(&mut args.rules),
            Self::Remediate(args) => match &mut args.step {
                RemediateCommand::Plan(args) => Some(&mut args.rules),
                RemediateCommand::Apply(args) => Some(&mut args.rules),
                RemediateCommand::Verify(args) => Some(&mut args.rules),
                RemediateCommand::Show(_) | RemediateCommand::Undo(_) => None,
            },
            _ => None,
        };
        source.into_iter().flat_map(|source| &mut source.rule)
    }
}

fn source(source: &mut RuleSource) -> impl Iterator<Item = Place<'_>> {
    trees(&mut source.rules)
}

fn trees(paths: &mut [PathBuf]) -> impl Iterator<Item = Place<'_>> {
    paths.iter_mut().map(|path| (path, PathUse::Tree))
}

fn baseline(outputs: &mut Outputs) -> Option<Place<'_>> {
    outputs.baseline.as_mut().map(|path| (path, PathUse::File))
}
