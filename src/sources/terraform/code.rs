//! The files of module folders.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::address::{Address, MAX_MODULES};
use super::files::{MAX_FILES, in_order};
use super::hcl::{self, Attribute, Block, Expr};
use crate::sources::{Repository, SourceError};

/// The data source of policies.
const POLICY: &str = "aws_iam_policy_document";
/// The same among the types of resources.
pub const DATA_POLICY: &str = "data.aws_iam_policy_document";

/// How many folders are read.
const MAX_FOLDERS: usize = 2_000;
/// How many bytes are read.
const MAX_TOTAL: usize = 256 * 1024 * 1024;

/// The file that configures a unit of Terragrunt.
pub const TERRAGRUNT: &str = "terragrunt.hcl";
/// The file that configures several units of Terragrunt.
const TERRAGRUNT_STACK: &str = "terragrunt.stack.hcl";
/// What to do if the module of a unit is not known.
pub const OF_MODULE: &str =
    "if a file that it includes does, use the folder with the `*.tf` files of the module";

/// A file of code.
#[derive(Debug)]
pub struct CodeFile {
    /// Its path relative to the repository, if git tracks it.
    pub tracked: Option<String>,
    /// The text, without a byte order mark.
    text: String,
    /// How many bytes the byte order mark has.
    mark: usize,
    /// Where each line starts.
    lines: Vec<usize>,
}

/// Where a range of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The first column, from 1, in characters.
    pub column: u32,
    /// The column after the last one on that line.
    pub end_column: u32,
}

impl CodeFile {
    fn new(tracked: Option<String>, text: String) -> Self {
        let (mark, text) = match text.strip_prefix('\u{feff}') {
            Some(rest) => (text.len() - rest.len(), rest.to_owned()),
            None => (0, text),
        };
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { tracked, text, mark, lines }
    }

    /// Where a range starts, and where it ends on that line.
    pub fn position(&self, range: &Range<usize>) -> Position {
        let line = self.lines.partition_point(|start| *start <= range.start).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let next = self.lines.get(line).copied().unwrap_or(self.text.len());
        let whole = self.text.get(start..next).unwrap_or_default();
        let end = range.end.min(start + whole.trim_end_matches(['\r', '\n']).len());
        let characters = |to: usize| {
            let count = self.text.get(start..to).map_or(0, |text| text.chars().count());
            u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
        };
        let column = characters(range.start);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        Position { line, column, end_column: characters(end).max(column) }
    }

    /// The text in a range.
    pub fn text(&self, range: &Range<usize>) -> Option<&str> {
        self.text.get(range.clone())
    }

    /// A range of the text as a range of bytes of the file.
    pub fn bytes(&self, range: &Range<usize>) -> Range<usize> {
        range.start + self.mark..range.end + self.mark
    }
}

/// A `resource` or `module` block, with the blocks that override it.
#[derive(Debug)]
pub struct Declared {
    /// The number of its file.
    pub file: usize,
    /// The block.
    pub block: Block,
    /// Blocks of override files, with their files; later ones have precedence.
    pub overrides: Vec<(usize, Block)>,
}

impl Declared {
    /// The block and its overrides, the one with the highest precedence first.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, &Block)> {
        let overrides = self.overrides.iter().rev().map(|(file, block)| (*file, block));
        overrides.chain(std::iter::once((self.file, &self.block)))
    }

    /// An attribute, with its file.
    pub fn attribute(&self, name: &str) -> Option<(usize, &Attribute)> {
        self.blocks().find_map(|(file, block)| Some((file, block.attribute(name)?)))
    }
}

/// An expression of a module folder.
#[derive(Debug)]
pub struct Written {
    /// The number of its file.
    pub file: usize,
    /// The expression.
    pub value: Expr,
}

/// An output.
#[derive(Debug, Default)]
struct Output {
    value: Option<Written>,
    /// Whether it is sensitive, or not stored.
    is_hidden: bool,
}

/// A `variable` block, with the blocks that override it.
#[derive(Debug, Default)]
pub struct Variable {
    /// Its default.
    pub default: Option<Written>,
    /// Its type.
    pub type_: Option<Written>,
    /// Whether it can be null.
    pub nullable: Option<Written>,
}

/// The number of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FolderId(usize);

/// `moved {}`: the addresses are relative to the module that contains it.
#[derive(Debug)]
pub struct Moved {
    /// The old address.
    pub from: Address,
    /// The new address.
    pub to: Address,
}

/// A folder of a module.
#[derive(Debug, Default)]
pub struct Folder {
    /// `resource` blocks by type and name.
    resources: HashMap<String, HashMap<String, Declared>>,
    /// `module` blocks by name.
    pub calls: HashMap<String, Declared>,
    /// `locals`.
    pub locals: HashMap<String, Written>,
    /// `variable` blocks by name.
    pub variables: HashMap<String, Variable>,
    /// The values of outputs, and those that are not shown.
    outputs: HashMap<String, Output>,
    /// `moved` blocks.
    pub moved: Vec<Moved>,
    /// The literal regions of the provider `aws`, by alias; that without an alias is empty.
    pub regions: HashMap<String, String>,
    /// The folders of calls with a local source, by the name of the call.
    local: HashMap<String, FolderId>,
}

impl Folder {
    /// A `resource` block.
    pub fn resource(&self, resource_type: &str, name: &str) -> Option<&Declared> {
        self.resources.get(resource_type)?.get(name)
    }

    /// The addresses of all resources, without modules and keys, with their blocks.
    #[cfg(any(test, fuzzing))]
    pub fn addresses(&self) -> impl Iterator<Item = (String, &Declared)> {
        self.resources.iter().flat_map(|(of, named)| {
            named.iter().map(move |(name, declared)| (format!("{of}.{name}"), declared))
        })
    }

    /// The value of an output, unless it is sensitive.
    pub fn output(&self, name: &str) -> Option<&Written> {
        self.outputs.get(name).filter(|output| !output.is_hidden)?.value.as_ref()
    }
}

/// The code of a root module and of all modules that it calls, as far as their folders are there.
#[derive(Debug, Default)]
pub struct Code {
    files: Vec<CodeFile>,
    folders: Vec<Folder>,
    by_path: HashMap<PathBuf, FolderId>,
    /// The folder of the root module, if its code is in the repository.
    pub root: Option<FolderId>,
    /// For a folder with `terragrunt.hcl`: its `terraform` block, as a call of the module with the inputs
    /// as arguments.
    pub wrapper: Option<Declared>,
    /// Whether the module of `wrapper` is not in the repository: the root is then what is beside it.
    pub wraps_elsewhere: bool,
    /// Whether `terragrunt.hcl` does not name its module, which a file that it includes can do.
    pub is_included: bool,
    /// The folders of `.terraform/modules/modules.json`, by the names of the calls: `vpc.subnets`. With
    /// the source from which each was installed.
    installed: HashMap<String, (FolderId, Option<String>)>,
    /// What could not be read.
    pub problems: Vec<String>,
    /// How many files were read with the tolerant reader.
    pub tolerated: usize,
    /// Those of them that have a name.
    pub unparsed: Vec<String>,
    size: usize,
}

impl Code {
    /// Reads the folder of a root module, and those of the modules that it calls.
    pub fn open(repository: &Repository, root: &Path) -> Result<Self, SourceError> {
        let path = repository.root().join(root);
        let folder = fs::canonicalize(&path)
            .map_err(|error| SourceError::Io { path: path.clone(), error })?;
        if !folder.starts_with(repository.root()) {
            return Err(SourceError::Outside { path, root: repository.root().to_owned() });
        }
        let mut code = Self::default();
        code.root = code.add(repository, &folder, 0);
        if code.files.is_empty() {
            code.root = None;
        }
        let has_unit = folder.join(TERRAGRUNT).is_file();
        if has_unit {
            code.add_wrapper(repository, &folder);
        }
        code.is_included = has_unit && code.wrapper.is_none();
        if code.root.is_none() && code.wrapper.is_none() {
            let message = match code.problems.as_slice() {
                [] if has_unit => {
                    format!("`{TERRAGRUNT}` does not name its module with `source`; {OF_MODULE}")
                }
                [] if folder.join(TERRAGRUNT_STACK).is_file() => format!(
                    "the folder has only `{TERRAGRUNT_STACK}`: use the folders of the units, each in a source of its own"
                ),
                [] => {
                    "the folder has no Terraform files (`*.tf`, `*.tofu`, `*.tf.json`)".to_owned()
                }
                problems => format!("no Terraform file can be read: {}", problems.join("; ")),
            };
            return Err(SourceError::Invalid { path, message });
        }
        code.add_installed(repository, &folder);
        Ok(code)
    }

    /// One file, which is the code of the root module and of all modules that it calls.
    #[cfg(any(test, fuzzing))]
    pub fn of_text(text: &str) -> Self {
        let mut code = Self::default();
        let file = CodeFile::new(None, text.to_owned());
        let (block, _) = hcl::read(&file.text, false);
        code.files.push(file);
        let mut folder = Folder::default();
        code.fill(&mut folder, 0, block, false);
        let id = FolderId(0);
        folder.local = folder.calls.keys().map(|name| (name.clone(), id)).collect();
        code.folders.push(folder);
        code.root = Some(id);
        code
    }

    /// Reads `terragrunt.hcl`, which names the root module and its inputs. Terragrunt copies the files
    /// beside it into the folder of the module.
    fn add_wrapper(&mut self, repository: &Repository, folder: &Path) {
        let path = folder.join(TERRAGRUNT);
        let Some((file, hcl)) = self.read(repository, &path) else { return };
        let terraform = hcl.of_kind("terraform").find_map(|block| block.attribute("source"));
        let Some(source) = terraform.cloned() else { return };
        let text = self.file(file).and_then(|file| file.text.get(source.value.span.clone()));
        let text = text.unwrap_or_default().trim_matches('"');
        let starts = [
            ("${get_repo_root()}/", repository.root()),
            ("${get_path_to_repo_root()}/", repository.root()),
            ("${get_terragrunt_dir()}/", folder),
        ];
        // Two slashes only say which part of the source is copied.
        let root = starts
            .iter()
            .find_map(|(prefix, from)| Some((from, text.strip_prefix(prefix)?)))
            .map(|(from, inner)| from.join(inner.trim_start_matches('/')))
            .or_else(|| is_local_source(text).then(|| folder.join(text)));
        let root = root.and_then(|root| fs::canonicalize(root).ok());
        if let Some(root) = root.filter(|root| root.starts_with(repository.root())) {
            let beside = self.root;
            self.root = self.add(repository, &root, 0).or(beside);
            self.merge(beside, self.root);
        } else {
            self.wraps_elsewhere = true;
        }
        let inputs = hcl.attribute("inputs").map(|inputs| &inputs.value.value);
        let mut attributes = match inputs {
            Some(hcl::Value::Object(items)) => items.clone(),
            _ => Vec::new(),
        };
        attributes.retain(|input| input.name != "source");
        let header = source.key.start..source.value.span.end;
        attributes.push(source);
        let block = Block { kind: "terraform".to_owned(), header, attributes, ..Block::default() };
        self.wrapper = Some(Declared { file, block, overrides: Vec::new() });
    }

    /// Moves what a folder has into another one.
    fn merge(&mut self, from: Option<FolderId>, into: Option<FolderId>) {
        let (Some(from), Some(into)) = (from, into) else { return };
        if from == into {
            return;
        }
        let added = self.folders.get_mut(from.0).map(std::mem::take).unwrap_or_default();
        let Some(folder) = self.folders.get_mut(into.0) else { return };
        for (resource_type, named) in added.resources {
            folder.resources.entry(resource_type).or_default().extend(named);
        }
        folder.calls.extend(added.calls);
        folder.locals.extend(added.locals);
        folder.variables.extend(added.variables);
        folder.outputs.extend(added.outputs);
        folder.moved.extend(added.moved);
        folder.regions.extend(added.regions);
        folder.local.extend(added.local);
    }

    /// A file.
    pub fn file(&self, file: usize) -> Option<&CodeFile> {
        self.files.get(file)
    }

    /// A folder.
    pub fn folder(&self, id: FolderId) -> Option<&Folder> {
        self.folders.get(id.0)
    }

    /// The folder of a module that is called in `folder`; `names` are those of all calls up to it.
    pub fn called(&self, folder: FolderId, names: &[&str]) -> Option<FolderId> {
        let name = *names.last()?;
        let folder = self.folder(folder)?;
        let local = folder.local.get(name);
        local.copied().or_else(|| {
            let (installed, source) = self.installed.get(&names.join("."))?;
            // What was installed before the source of the call changed is the code of something else.
            let called = folder.calls.get(name).and_then(|call| call.attribute("source"));
            let called = called.and_then(|(_, called)| called.value.literal());
            let is_stale = called.zip(source.as_deref()).is_some_and(is_other_source);
            (!is_stale).then_some(*installed)
        })
    }

    /// Reads a folder, and those of its local calls.
    fn add(&mut self, repository: &Repository, path: &Path, depth: usize) -> Option<FolderId> {
        if let Some(known) = self.by_path.get(path) {
            return Some(*known);
        }
        if self.folders.len() >= MAX_FOLDERS {
            self.problem(format!("more than {MAX_FOLDERS} module folders; the rest is not read"));
            return None;
        }
        if depth > MAX_MODULES {
            self.problem(format!("modules call each other more than {MAX_MODULES} levels deep"));
            return None;
        }
        let names = self.names(path)?;
        let id = FolderId(self.folders.len());
        self.by_path.insert(path.to_owned(), id);
        self.folders.push(Folder::default());
        let mut folder = Folder::default();
        for (name, is_override) in names {
            let Some((file, block)) = self.read(repository, &path.join(&name)) else { continue };
            self.fill(&mut folder, file, block, is_override);
        }
        let sources: Vec<(String, PathBuf)> = folder
            .calls
            .iter()
            .filter_map(|(name, call)| {
                let (_, source) = call.attribute("source")?;
                let source = source.value.literal()?;
                is_local_source(source).then(|| (name.clone(), path.join(source)))
            })
            .collect();
        for (name, source) in sources {
            // A missing folder: the reason is given for the resources that are declared in it.
            let Ok(source) = fs::canonicalize(&source) else { continue };
            if source.starts_with(repository.root())
                && let Some(called) = self.add(repository, &source, depth + 1)
            {
                folder.local.insert(name, called);
            }
        }
        if let Some(place) = self.folders.get_mut(id.0) {
            *place = folder;
        }
        Some(id)
    }

    /// Adds the modules that `terraform init` installed. A missing or damaged list only means that
    /// calls of modules outside of the repository are named instead of their arguments.
    fn add_installed(&mut self, repository: &Repository, root: &Path) {
        #[derive(serde::Deserialize)]
        struct Installed {
            #[serde(rename = "Modules")]
            modules: Vec<Module>,
        }
        #[derive(serde::Deserialize)]
        struct Module {
            #[serde(rename = "Key")]
            key: String,
            #[serde(rename = "Source")]
            source: Option<String>,
            #[serde(rename = "Dir")]
            dir: String,
        }
        let Ok(text) = repository.read(&root.join(".terraform/modules/modules.json")) else {
            return;
        };
        let Ok(installed) = serde_json::from_str::<Installed>(&text) else {
            self.problem(
                "`.terraform/modules/modules.json` is damaged; run `terraform init`".to_owned(),
            );
            return;
        };
        for module in installed.modules.into_iter().filter(|module| !module.key.is_empty()) {
            let Ok(path) = fs::canonicalize(root.join(&module.dir)) else { continue };
            if path.starts_with(repository.root())
                && let Some(folder) = self.add(repository, &path, 0)
            {
                self.installed.insert(module.key, (folder, module.source));
            }
        }
    }

    /// The names of the files that Terraform reads in a folder, in its order, and whether they
    /// override others. `None` if the folder cannot be listed.
    fn names(&mut self, path: &Path) -> Option<Vec<(String, bool)>> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.problem(format!("cannot list {}: {error}", path.display()));
                return None;
            }
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut names = in_order(names.collect());
        if names.len() > MAX_FILES {
            self.problem(format!(
                "{} has more than {MAX_FILES} files; the rest is not read",
                path.display()
            ));
            names.truncate(MAX_FILES);
        }
        Some(names)
    }

    fn read(&mut self, repository: &Repository, path: &Path) -> Option<(usize, Block)> {
        if self.size >= MAX_TOTAL {
            self.problem(format!("more than {MAX_TOTAL} bytes of code; the rest is not read"));
            return None;
        }
        let text = match repository.read(path) {
            Ok(text) => text,
            // A broken or foreign link is not a file of the repository.
            Err(SourceError::Outside { .. }) => return None,
            Err(error) => {
                self.problem(error.to_string());
                return None;
            }
        };
        self.size += text.len();
        let file = CodeFile::new(repository.tracked(path), text);
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        let (block, is_valid) = hcl::read(&file.text, is_json);
        if !is_valid && is_json {
            self.problem(format!("{} is not valid JSON", path.display()));
        }
        self.tolerated += usize::from(!is_valid);
        self.unparsed.extend((!is_valid && !is_json).then(|| path.display().to_string()));
        self.files.push(file);
        Some((self.files.len() - 1, block))
    }

    fn fill(&self, folder: &mut Folder, file: usize, block: Block, is_override: bool) {
        for block in block.blocks {
            let labels: Vec<&str> = block.labels.iter().map(String::as_str).collect();
            let home = match (block.kind.as_str(), labels.as_slice()) {
                ("resource", [resource_type, name]) => folder
                    .resources
                    .entry((*resource_type).to_owned())
                    .or_default()
                    .entry((*name).to_owned()),
                // Policies that are made during apply are not in plans.
                ("data", [POLICY, name]) => folder
                    .resources
                    .entry(DATA_POLICY.to_owned())
                    .or_default()
                    .entry((*name).to_owned()),
                ("module", [name]) => folder.calls.entry((*name).to_owned()),
                ("locals", []) => {
                    let locals = block.attributes.into_iter();
                    folder.locals.extend(
                        locals.map(|local| (local.name, Written { file, value: local.value })),
                    );
                    continue;
                }
                ("variable", [name]) => {
                    let of = |name: &str| {
                        let value = block.attribute(name)?.value.clone();
                        Some(Written { file, value })
                    };
                    let variable = folder.variables.entry((*name).to_owned()).or_default();
                    variable.default = of("default").or(variable.default.take());
                    variable.type_ = of("type").or(variable.type_.take());
                    variable.nullable = of("nullable").or(variable.nullable.take());
                    continue;
                }
                ("output", [name]) => {
                    let output = folder.outputs.entry((*name).to_owned()).or_default();
                    let hiding = ["sensitive", "ephemeral"];
                    output.is_hidden |= hiding.iter().any(|name| block.attribute(name).is_some());
                    if let Some(value) = block.attribute("value") {
                        output.value = Some(Written { file, value: value.value.clone() });
                    }
                    continue;
                }
                ("provider", ["aws"]) => {
                    let alias = block.literal("alias").unwrap_or_default().to_owned();
                    let region = block.literal("region").map(str::to_owned);
                    folder.regions.extend(region.map(|region| (alias, region)));
                    continue;
                }
                ("moved", []) => {
                    folder.moved.extend(self.moved(file, &block));
                    continue;
                }
                _ => continue,
            };
            match home {
                std::collections::hash_map::Entry::Occupied(mut known) if is_override => {
                    known.get_mut().overrides.push((file, block));
                }
                // Declared twice: Terraform rejects it, and the first one is as good as the second.
                std::collections::hash_map::Entry::Occupied(_) => {}
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(Declared { file, block, overrides: Vec::new() });
                }
            }
        }
    }

    fn moved(&self, file: usize, block: &Block) -> Option<Moved> {
        let address = |name: &str| {
            let value = &block.attribute(name)?.value;
            let text = match value.literal() {
                Some(text) => text,
                None => self.file(file)?.text.get(value.span.clone())?,
            };
            Address::parse(text)
        };
        Some(Moved { from: address("from")?, to: address("to")? })
    }

    fn problem(&mut self, problem: String) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Whether the source of a module is a folder beside the caller.
pub fn is_local_source(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../")
}

/// Whether the source of a call is not the one from which a module was installed. Terraform writes addresses
/// of registries with the host, and those of repositories in several forms, which are not compared.
fn is_other_source((called, installed): (&str, &str)) -> bool {
    let registry = |source: &str| {
        let hosts = ["registry.terraform.io/", "registry.opentofu.org/"];
        let source = hosts.iter().find_map(|host| source.strip_prefix(host)).unwrap_or(source);
        let (source, _) = source.split_once("//").unwrap_or((source, ""));
        let is_address = source.split('/').count() == 3 && !source.contains([':', '?', '.']);
        is_address.then(|| source.to_owned())
    };
    is_local_source(called) != is_local_source(installed)
        || registry(called).zip(registry(installed)).is_some_and(|(called, other)| called != other)
}
