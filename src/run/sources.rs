//! Opens the code that declares resources: `[[source]]` of the config and `--source`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::CommandError;
use crate::config::{CodeSettings, Config, DEFAULT_STATE, SourceSettings};
use crate::diagnostics::Diagnostic;
use crate::model::AccountId;
use crate::model::text::one_line;
use crate::sources::terraform::{self, StateInput};
use crate::sources::{Repository, Source, SourceError, SourceKind, Sources};
use crate::sources::{cdk, cloudformation, yor};

/// All sources; `None` if there are none. `typed`: Terraform roots of the command line, relative to
/// the working directory. What cannot be read now may be readable in the next run, so it does not end
/// this one: the source is incomplete.
pub(crate) fn open(
    config: &Config,
    typed: &[PathBuf],
) -> Result<Option<Arc<Sources>>, CommandError> {
    Ok(open_all(config, typed, None, None)?.0)
}

/// The same, with a plan instead of the states of its Terraform root. If it is not known which root
/// that is, the text says so.
pub(crate) fn open_for_plan(
    config: &Config,
    typed: &[PathBuf],
    file: &Path,
    plan: terraform::Plan,
) -> Result<(Option<Arc<Sources>>, Option<String>), CommandError> {
    open_all(config, typed, Some((file, plan)), None)
}

/// The same for a change set: `response` has the resources of its stack, like a saved response of
/// `describe-stack-resources`.
pub(crate) fn open_for_change_set(
    config: &Config,
    response: &str,
) -> Result<Option<Arc<Sources>>, CommandError> {
    Ok(open_all(config, &[], None, Some(response))?.0)
}

fn open_all(
    config: &Config,
    typed: &[PathBuf],
    mut plan: Option<(&Path, terraform::Plan)>,
    change_set: Option<&str>,
) -> Result<(Option<Arc<Sources>>, Option<String>), CommandError> {
    let Some(start) = config.sources.first().map(|_| folder(config)).or(typed.first().cloned())
    else {
        return Ok((None, None));
    };
    for root in typed {
        check_typed(root)?;
    }
    let repository = Repository::open(&start, config.scan.repository.as_deref());
    let repository =
        repository.map_err(|error| match (&config.scan.repository, config.sources.is_empty()) {
            (None, true) => CommandError::Usage(format!("invalid --source: {error}")),
            _ => {
                let help = "set `repository` in [scan] to the root of the repository with the code";
                let error = config.repository_diagnostic(error.to_string(), Some(help.to_owned()));
                CommandError::Diagnostics(vec![error])
            }
        })?;
    let mut errors: Vec<Diagnostic> = Vec::new();
    for (index, settings) in config.sources.iter().enumerate() {
        if let Some(message) = missing_folder(&repository, &settings.code) {
            let help = "use a path relative to the root of the repository";
            errors.push(config.source_diagnostic(index, message, Some(help.to_owned())));
        }
    }
    if !errors.is_empty() {
        return Err(CommandError::Diagnostics(errors));
    }
    let roots = typed.iter().map(|root| typed_root(&repository, root));
    let roots = roots.collect::<Result<Vec<_>, _>>()?;
    let (mut of_plan, mut notice) = (None, None);
    if let Some((file, plan)) = &plan {
        let candidates = if roots.is_empty() { &config.sources[..] } else { &roots };
        match root_of_plan(&repository, candidates, !roots.is_empty(), file, plan) {
            Ok(found) => of_plan = found,
            Err(why) => notice = Some(why),
        }
    }
    let opened: Vec<Opened> = config
        .sources
        .iter()
        .chain(&roots)
        .map(|settings| Opened {
            kind: kind(&settings.code),
            name: name(&settings.code),
            accounts: settings.accounts.clone(),
            source: match (&settings.code, of_plan.is_some_and(|one| std::ptr::eq(one, settings))) {
                (CodeSettings::Terraform { root, .. }, true) => {
                    let root =
                        terraform::Root::open(&repository, root, Vec::new(), &settings.accounts);
                    root.map(|mut root| {
                        if let Some((_, plan)) = plan.take() {
                            root.add_plan(plan);
                        }
                        Box::new(root) as Box<dyn Source>
                    })
                }
                _ => source(&repository, &settings.code, &settings.accounts, change_set),
            },
        })
        .collect();
    let mut sources = Sources::new(repository);
    for Opened { kind, name, accounts, source } in opened {
        sources.add(kind, name, accounts, source);
    }
    Ok((Some(Arc::new(sources)), notice))
}

/// The Terraform root that a plan is of: the only one of the command line, or the only one that
/// declares all that the plan has. Of several, it is the one that contains the file.
fn root_of_plan<'c>(
    repository: &Repository,
    candidates: &'c [SourceSettings],
    is_typed: bool,
    file: &Path,
    plan: &terraform::Plan,
) -> Result<Option<&'c SourceSettings>, String> {
    let folder = |settings: &'c SourceSettings| match &settings.code {
        CodeSettings::Terraform { root, .. } => Some(root.as_path()),
        _ => None,
    };
    let roots: Vec<(&SourceSettings, &Path)> =
        candidates.iter().filter_map(|one| Some((one, folder(one)?))).collect();
    match roots.as_slice() {
        [] => return Ok(None),
        [(only, _)] if is_typed => return Ok(Some(only)),
        _ => {}
    }
    let declares_all = |(settings, folder): &&(&SourceSettings, &Path)| {
        let root = terraform::Root::open(repository, folder, Vec::new(), &settings.accounts);
        let mut addresses = plan.resources.iter().flat_map(|resource| &resource.addresses);
        root.is_ok_and(|root| addresses.all(|address| root.declares(address)))
    };
    let fitting: Vec<&(&SourceSettings, &Path)> = roots.iter().filter(declares_all).collect();
    let file = std::fs::canonicalize(file).ok();
    let contains = |(_, folder): &&&(&SourceSettings, &Path)| {
        file.as_deref().is_some_and(|file| file.starts_with(repository.root().join(folder)))
    };
    let nearest =
        || fitting.iter().filter(contains).max_by_key(|(_, folder)| folder.as_os_str().len());
    let found = match fitting.as_slice() {
        [only] => Some(only),
        _ => nearest(),
    };
    found.map(|(settings, _)| Some(*settings)).ok_or_else(|| {
        let fits = match fitting.len() {
            0 => "no Terraform root declares all resources of the plan".to_owned(),
            number => format!("{number} Terraform roots declare all resources of the plan"),
        };
        format!("{fits}, so its code is not named: pass the root of the plan with --source DIR")
    })
}

struct Opened {
    kind: SourceKind,
    name: String,
    accounts: Vec<AccountId>,
    source: Result<Box<dyn Source>, SourceError>,
}

/// The folder of the config.
fn folder(config: &Config) -> PathBuf {
    let parent = config.path.as_deref().and_then(Path::parent);
    parent.map(Path::to_owned).unwrap_or_default()
}

/// What is wrong with the folder of a source: code is checked out, unlike states, which may be saved
/// later.
fn missing_folder(repository: &Repository, code: &CodeSettings) -> Option<String> {
    let (folder, what) = match code {
        CodeSettings::Terraform { root, .. } => (root, "Terraform root"),
        // Its folder is written by `cdk synth`, which may have failed.
        CodeSettings::Cdk { .. } | CodeSettings::CloudFormation { .. } | CodeSettings::YorTags => {
            return None;
        }
    };
    let is_folder = repository.root().join(folder).is_dir();
    let shown = |path: &Path| one_line(&path.display().to_string(), 200);
    (!is_folder)
        .then(|| format!("there is no {what} `{}` in {}", shown(folder), shown(repository.root())))
}

fn invalid_source(root: &Path, why: &str) -> CommandError {
    let shown = one_line(&root.display().to_string(), 200);
    CommandError::Usage(format!("invalid --source `{shown}`: {why}"))
}

/// Rejects what cannot be a Terraform root.
fn check_typed(root: &Path) -> Result<(), CommandError> {
    const HELP: &str = "use the folder with the `*.tf` files of a Terraform root";
    let found = std::fs::metadata(root).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            invalid_source(root, &format!("the folder does not exist: {HELP}"))
        }
        _ => invalid_source(root, &format!("cannot read it: {error}")),
    })?;
    if !found.is_dir() {
        return Err(invalid_source(root, &format!("it is a file, not a folder: {HELP}")));
    }
    let files = std::fs::read_dir(root)
        .map_err(|error| invalid_source(root, &format!("cannot read it: {error}")))?;
    for file in files {
        let file =
            file.map_err(|error| invalid_source(root, &format!("cannot read it: {error}")))?;
        let name = file.file_name();
        if terraform::is_code(&name.to_string_lossy()) || name == terraform::TERRAGRUNT {
            return Ok(());
        }
    }
    Err(invalid_source(
        root,
        &format!(
            "the folder has no Terraform files: {HELP}, or add a [[source]] to the config for CloudFormation or CDK"
        ),
    ))
}

/// A Terraform root of the command line.
fn typed_root(repository: &Repository, root: &Path) -> Result<SourceSettings, CommandError> {
    let path = std::fs::canonicalize(root)
        .map_err(|error| invalid_source(root, &format!("cannot read it: {error}")))?;
    let inside = path.strip_prefix(repository.root()).map_err(|_| {
        let repository = one_line(&repository.root().display().to_string(), 200);
        invalid_source(root, &format!(
            "it is outside of the repository {repository}: set `repository` in [scan], or scan each repository on its own"
        ))
    })?;
    let root = inside.to_owned();
    let states = vec![root.join(DEFAULT_STATE)];
    Ok(SourceSettings { code: CodeSettings::Terraform { root, states }, accounts: Vec::new() })
}

fn kind(code: &CodeSettings) -> SourceKind {
    match code {
        CodeSettings::Terraform { .. } => SourceKind::Terraform,
        CodeSettings::CloudFormation { .. } => SourceKind::CloudFormation,
        CodeSettings::Cdk { .. } => SourceKind::Cdk,
        CodeSettings::YorTags => SourceKind::Tags,
    }
}

/// What the user calls a source.
fn name(code: &CodeSettings) -> String {
    let path = |path: &Path| match path.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => path.display().to_string(),
    };
    match code {
        CodeSettings::Terraform { root: folder, .. } | CodeSettings::Cdk { folder, .. } => {
            path(folder)
        }
        CodeSettings::CloudFormation { templates, .. } => templates.join(", "),
        CodeSettings::YorTags => "yor".to_owned(),
    }
}

/// Reads a source.
fn source(
    repository: &Repository,
    code: &CodeSettings,
    accounts: &[AccountId],
    change_set: Option<&str>,
) -> Result<Box<dyn Source>, SourceError> {
    Ok(match code {
        CodeSettings::Terraform { root, states } => {
            let states = states.iter().map(|path| state(repository, path)).collect();
            Box::new(terraform::Root::open(repository, root, states, accounts)?)
        }
        CodeSettings::CloudFormation { templates, stacks, resources } => {
            let resources = in_repository(repository, resources);
            let templates = cloudformation::Templates::open(
                repository,
                templates,
                stacks.as_ref(),
                &resources,
                accounts,
            );
            let mut templates = templates?;
            change_set.into_iter().for_each(|response| templates.add_change_set(response));
            Box::new(templates)
        }
        CodeSettings::Cdk { folder, resources } => {
            let resources = in_repository(repository, resources);
            let mut assembly = cdk::Assembly::open(repository, folder, &resources, accounts)?;
            change_set.into_iter().for_each(|response| assembly.add_change_set(response));
            Box::new(assembly)
        }
        CodeSettings::YorTags => Box::new(yor::Tags::open(repository, accounts)?),
    })
}

/// Paths that are relative to the repository.
fn in_repository(repository: &Repository, paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().map(|path| repository.root().join(path)).collect()
}

fn state(repository: &Repository, path: &Path) -> StateInput {
    match path.as_os_str() == "-" {
        true => StateInput::Open {
            name: "the standard input".to_owned(),
            content: Box::new(std::io::stdin()),
        },
        false => StateInput::File(repository.root().join(path)),
    }
}
