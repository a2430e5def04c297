//! Reads a cloud assembly: the folder `cdk.out` with its manifest, templates and metadata.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{AccountId, Region};
use crate::sources::SourceError;
use crate::sources::cloudformation::Template;
use crate::sources::repository::read_bounded;

/// The largest file.
const MAX_FILE: u64 = 256 * 1024 * 1024;
/// Assemblies (stages) within one another.
const MAX_DEPTH: usize = 8;
/// Nested stacks within one another.
const MAX_NESTED: usize = 16;
/// How many stacks there can be, with nested ones.
const MAX_STACKS: usize = 10_000;
/// How much is read in total.
const MAX_TOTAL: usize = 2 * 1024 * 1024 * 1024;
/// The metadata of a nested stack with the file of its template.
const ASSET_PATH: &str = "aws:asset:path";
const NESTED: &str = "AWS::CloudFormation::Stack";

/// A stack of an assembly.
#[derive(Debug)]
pub(super) struct AssemblyStack {
    pub(super) name: String,
    /// Where it is deployed; `None` if the app leaves it open.
    pub(super) account: Option<AccountId>,
    pub(super) region: Option<Region>,
    /// The template of the stack, followed by those of the stacks nested in it.
    pub(super) templates: Vec<NestedTemplate>,
    /// The path of a construct → what the assembly has about it.
    pub(super) metadata: HashMap<String, Vec<Metadata>>,
}

/// The template of a stack or nested stack.
#[derive(Debug)]
pub(super) struct NestedTemplate {
    pub(super) template: Template,
    /// The position of the template around it, and the logical id there.
    pub(super) parent: Option<(usize, String)>,
}

/// An entry of metadata.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) data: Option<Data>,
    /// The stack trace of the entry.
    pub(super) trace: Option<Vec<String>>,
}

/// The data of an entry of metadata.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Data {
    Text(String),
    Frames(Vec<String>),
    Assignment {
        #[serde(rename = "propertyName")]
        property: String,
        #[serde(rename = "stackTrace")]
        trace: Vec<String>,
    },
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    #[serde(rename = "type")]
    kind: String,
    environment: Option<String>,
    #[serde(default)]
    properties: Properties,
    metadata: Option<HashMap<String, Vec<Metadata>>>,
    additional_metadata_file: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    template_file: Option<String>,
    stack_name: Option<String>,
    directory_name: Option<String>,
    additional_metadata_file: Option<String>,
}

/// Reads the stacks of an assembly. What cannot be read beside the manifest is a problem.
pub(super) struct Reader<'p> {
    pub(super) stacks: Vec<AssemblyStack>,
    pub(super) problems: &'p mut Vec<String>,
    /// The folders of assemblies that were read.
    folders: HashSet<PathBuf>,
    templates: usize,
    /// How many bytes may still be read.
    left: usize,
}

impl<'p> Reader<'p> {
    pub(super) fn new(problems: &'p mut Vec<String>) -> Self {
        Self {
            stacks: Vec::new(),
            problems,
            folders: HashSet::new(),
            templates: 0,
            left: MAX_TOTAL,
        }
    }

    /// Reads the assembly in a folder, which has no symbolic links.
    pub(super) fn assembly(&mut self, folder: &Path) -> Result<(), SourceError> {
        self.nested_assembly(folder, MAX_DEPTH)
    }

    fn nested_assembly(&mut self, folder: &Path, depth: usize) -> Result<(), SourceError> {
        if !self.folders.insert(folder.to_owned()) {
            return Ok(());
        }
        let path = folder.join("manifest.json");
        let text = self.read(folder, "manifest.json")?;
        let manifest: Manifest = serde_json::from_str(&text).map_err(|error| {
            let message = format!(
                "not the manifest of a cloud assembly (line {}, column {}): run `cdk synth` again",
                error.line(),
                error.column()
            );
            SourceError::Invalid { path, message }
        })?;
        for (id, artifact) in manifest.artifacts {
            match artifact.kind.as_str() {
                "aws:cloudformation:stack" => self.stack(folder, id, artifact),
                "cdk:cloud-assembly" => {
                    let Some(name) = artifact.properties.directory_name else { continue };
                    let read = match depth.checked_sub(1) {
                        Some(depth) => inside(folder, &name)
                            .and_then(|nested| self.nested_assembly(&nested, depth)),
                        None => continue,
                    };
                    self.note(read);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn note(&mut self, read: Result<(), SourceError>) {
        self.problems.extend(read.err().map(|error| error.to_string()));
    }

    fn stack(&mut self, folder: &Path, id: String, artifact: Artifact) {
        let properties = artifact.properties;
        let Some(file) = properties.template_file else { return };
        if self.stacks.len() >= MAX_STACKS {
            return;
        }
        let mut templates = Vec::new();
        let read = self.template(folder, &file, None, &mut templates, MAX_NESTED);
        self.note(read);
        let mut metadata = artifact.metadata.unwrap_or_default();
        let named = artifact.additional_metadata_file.or(properties.additional_metadata_file);
        if let Some(file) = named {
            match self.metadata(folder, &file) {
                Ok(more) => more.into_iter().for_each(|(path, entries)| {
                    metadata.entry(path).or_default().extend(entries);
                }),
                Err(error) => self.problems.push(error.to_string()),
            }
        }
        let (account, region) = environment(artifact.environment.as_deref().unwrap_or_default());
        let name = properties.stack_name.unwrap_or(id);
        self.stacks.push(AssemblyStack { name, account, region, templates, metadata });
    }

    fn template(
        &mut self,
        folder: &Path,
        file: &str,
        parent: Option<(usize, String)>,
        templates: &mut Vec<NestedTemplate>,
        depth: usize,
    ) -> Result<(), SourceError> {
        self.templates += 1;
        if self.templates > MAX_STACKS {
            return Ok(());
        }
        let text = self.read(folder, file)?;
        let path = folder.join(file);
        let template = Template::parse(file, text).map_err(|error| SourceError::Invalid {
            path,
            message: format!("not a template: {error}"),
        })?;
        // A stack without resources.
        let Some(template) = template else { return Ok(()) };
        let nested: Vec<(String, String)> = template
            .of_type(NESTED)
            .filter_map(|stack| {
                Some((stack.id().to_owned(), stack.metadata(ASSET_PATH)?.to_owned()))
            })
            .collect();
        let position = templates.len();
        templates.push(NestedTemplate { template, parent });
        for (id, file) in nested {
            let Some(depth) = depth.checked_sub(1) else { break };
            let read = self.template(folder, &file, Some((position, id)), templates, depth);
            self.note(read);
        }
        Ok(())
    }

    fn metadata(
        &mut self,
        folder: &Path,
        file: &str,
    ) -> Result<HashMap<String, Vec<Metadata>>, SourceError> {
        let text = self.read(folder, file)?;
        serde_json::from_str(&text).map_err(|error| SourceError::Invalid {
            path: folder.join(file),
            message: format!(
                "not metadata of a stack (line {}, column {})",
                error.line(),
                error.column()
            ),
        })
    }

    fn read(&mut self, folder: &Path, name: &str) -> Result<String, SourceError> {
        let path = inside(folder, name)?;
        let bytes = read_bounded(&path, MAX_FILE.min(self.left as u64))?;
        self.left = self.left.saturating_sub(bytes.len());
        String::from_utf8(bytes).map_err(|_| SourceError::NotText { path })
    }
}

/// A file or folder that an assembly names, without symbolic links. It must be in the folder.
fn inside(folder: &Path, name: &str) -> Result<PathBuf, SourceError> {
    let wanted = folder.join(name);
    let path = fs::canonicalize(&wanted)
        .map_err(|error| SourceError::Io { path: wanted.clone(), error })?;
    match path.starts_with(folder) {
        true => Ok(path),
        false => Err(SourceError::Invalid {
            path: wanted,
            message: "the assembly names a file outside of its folder".to_owned(),
        }),
    }
}

/// The account and region of `aws://123456789012/eu-west-1`; `unknown-account` and `unknown-region`
/// mean any.
fn environment(text: &str) -> (Option<AccountId>, Option<Region>) {
    let mut parts = text.strip_prefix("aws://").unwrap_or_default().split('/');
    let account = parts.next().and_then(|account| account.parse().ok());
    (account, parts.next().and_then(|region| region.parse().ok()))
}
