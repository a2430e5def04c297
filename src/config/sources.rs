//! `[[source]]`: the code that declares resources.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use super::targets::account_id;
use crate::diagnostics::toml_reader::{Item, Table};
use crate::model::{AccountId, Globs, code_series, text};

/// One `[[source]]`.
#[derive(Debug, Clone)]
pub struct SourceSettings {
    /// The code.
    pub code: CodeSettings,
    /// The accounts whose resources it declares; empty: all.
    pub accounts: Vec<AccountId>,
}

/// The code of a `[[source]]`. Paths are relative to the repository.
#[derive(Debug, Clone)]
pub enum CodeSettings {
    /// A Terraform root.
    Terraform {
        /// Its folder.
        root: PathBuf,
        /// Its states; `-` is stdin.
        states: Vec<PathBuf>,
    },
    /// CloudFormation templates.
    CloudFormation {
        /// Patterns for their paths.
        templates: Vec<String>,
        /// Patterns for the names of their stacks; `None`: found by the logical ids.
        stacks: Option<Globs>,
        /// Files with saved answers of `aws cloudformation list-stack-resources`.
        resources: Vec<PathBuf>,
    },
    /// The output of `cdk synth`.
    Cdk {
        /// Its folder.
        folder: PathBuf,
        /// Files with saved answers of `aws cloudformation list-stack-resources`.
        resources: Vec<PathBuf>,
    },
    /// The tags of Yor.
    YorTags,
}

impl CodeSettings {
    /// Whether the tags of resources are needed to find their code.
    pub fn reads_tags(&self) -> bool {
        match self {
            Self::Terraform { .. } => false,
            Self::CloudFormation { .. } | Self::Cdk { .. } | Self::YorTags => true,
        }
    }
}

/// The state of a Terraform root with a local backend.
pub const DEFAULT_STATE: &str = "terraform.tfstate";

/// The keys of which each source has one.
const CODES: [&str; 4] = ["terraform", "cloudformation", "cdk", "tags"];

type Spans = BTreeMap<String, Range<usize>>;

/// Reads the tables. `key`: that of the position of each.
pub(super) fn sources(
    item: Item<'_>,
    spans: &mut Spans,
    key: fn(usize) -> String,
) -> Vec<SourceSettings> {
    let mut sources: Vec<SourceSettings> = Vec::new();
    let mut stdin: Option<usize> = None;
    for item in item.list("[[source]] tables") {
        let Some(table) = item.table("[[source]]") else { continue };
        let Some((code, span)) = code(&table, &mut stdin) else { continue };
        let accounts = table.get("accounts").map(accounts).unwrap_or_default();
        table.finish();
        if let Some(code) = code {
            spans.insert(key(sources.len()), span);
            sources.push(SourceSettings { code, accounts });
        }
    }
    sources
}

/// The code of a source, with its position; `None` if the table does not say what it is.
fn code(
    table: &Table<'_>,
    stdin: &mut Option<usize>,
) -> Option<(Option<CodeSettings>, Range<usize>)> {
    let [terraform, cloudformation, cdk, tags] = CODES.map(|key| table.get(key));
    let [state, stack, resources] = ["state", "stack", "resources"].map(|key| table.get(key));
    let mut given = [terraform, cloudformation, cdk, tags].into_iter().flatten();
    let Some(first) = given.next() else {
        table.report_error(
            "this [[source]] does not name any code",
            format!("set one of {}", code_series(CODES, "and")),
        );
        return None;
    };
    if let Some(second) = given.next() {
        second.report_error_with_help(
            format!("`{}` cannot be combined with `{}`", second.key, first.key),
            "use a [[source]] for each of them",
        );
        return None;
    }
    let only = [
        (state, &["terraform"][..]),
        (stack, &["cloudformation"]),
        (resources, &["cloudformation", "cdk"]),
    ];
    for (item, keys) in only {
        if let Some(item) = item.filter(|_| !keys.contains(&first.key)) {
            let keys = code_series(keys, "or");
            item.report_error_with_help(
                format!("`{}` applies only to sources with {keys}", item.key),
                format!("remove it, or use a [[source]] with {keys}"),
            );
        }
    }
    let code = if terraform.is_some() {
        let root = inside(first);
        let states = state.map(|item| states(item, stdin));
        root.map(|root| CodeSettings::Terraform {
            states: states.unwrap_or_else(|| vec![root.join(DEFAULT_STATE)]),
            root,
        })
    } else if cloudformation.is_some() {
        Some(CodeSettings::CloudFormation {
            templates: first.one_or_many("patterns").into_iter().filter_map(template).collect(),
            stacks: stack.and_then(|item| item.globs()),
            resources: resources.map(files).unwrap_or_default(),
        })
    } else if cdk.is_some() {
        let resources = resources.map(files).unwrap_or_default();
        inside(first).map(|folder| CodeSettings::Cdk { folder, resources })
    } else {
        first.one_of("kind of tags", &[("yor", ())]).map(|()| CodeSettings::YorTags)
    };
    Some((code, first.span()))
}

/// The path of a folder in the repository.
fn inside(item: Item<'_>) -> Option<PathBuf> {
    let written = item.text()?;
    check_inside(item, written).then(|| PathBuf::from(written))
}

/// Whether a path is relative and stays in the repository, else reports it.
fn check_inside(item: Item<'_>, written: &str) -> bool {
    let is_inside = Path::new(written)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !is_inside {
        item.report_error_with_help(
            format!("`{}` is not a path in the repository", text::one_line(written, 80)),
            "use a path relative to the root of the repository, without `..`",
        );
    }
    is_inside
}

/// A pattern for the paths of templates.
fn template(item: Item<'_>) -> Option<String> {
    let written = item.text()?;
    if !check_inside(item, written) {
        return None;
    }
    if let Err(error) = Globs::new(&[written]) {
        item.report_error(error.to_string());
        return None;
    }
    Some(written.to_owned())
}

/// Files inside or outside of the repository.
fn files(item: Item<'_>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for item in item.one_or_many("files") {
        let Some(written) = item.text() else { continue };
        let path = PathBuf::from(written);
        if found.contains(&path) {
            item.report_error(format!("duplicate file `{}`", text::one_line(written, 80)));
        } else {
            found.push(path);
        }
    }
    found
}

/// The states of a root. Only one of all can be stdin, whose line is kept.
fn states(item: Item<'_>, stdin: &mut Option<usize>) -> Vec<PathBuf> {
    let found = files(item);
    if found.iter().any(|path| path.as_os_str() == "-") {
        let line = item.reader.line(item.span().start);
        match stdin {
            Some(first) => item.report_error_with_help(
                "only one state can be read from stdin",
                format!("line {first} reads another one: save one of them to a file"),
            ),
            None => *stdin = Some(line),
        }
    }
    found
}

fn accounts(item: Item<'_>) -> Vec<AccountId> {
    let mut found: Vec<AccountId> = Vec::new();
    for item in item.list("account ids") {
        let Some(id) = account_id(item) else { continue };
        if found.contains(&id) {
            item.report_error(format!("duplicate account `{id}`"));
        } else {
            found.push(id);
        }
    }
    found
}
