//! Enforces the order of the layers, the order within `rules` and `aws`, and that no files of
//! `src/` import each other in a cycle. Imports are read from the syntax tree: `use` declarations,
//! paths in code, and paths in macro calls. Unit tests may import anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// Module → what it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("diagnostics", &["model"]),
    ("facts", &["model"]),
    ("snapshot", &["model", "facts"]),
    ("import", &["model", "diagnostics", "facts", "snapshot"]),
    ("preview", &["model", "facts", "snapshot", "policy"]),
    ("fixes", &["model", "facts"]),
    ("exposure", &["model", "facts"]),
    ("policy", &["model", "exposure"]),
    ("access", &["model", "facts", "exposure", "policy"]),
    ("rules", &["model", "diagnostics", "facts", "fixes", "exposure", "policy"]),
    ("sources", &["model", "facts"]),
    ("waivers", &["model", "diagnostics"]),
    ("report", &["model", "facts", "waivers"]),
    ("permissions", &["model", "facts", "fixes", "snapshot", "rules"]),
    ("plan", &["model", "facts", "snapshot"]),
    (
        "evaluate",
        &["model", "facts", "snapshot", "diagnostics", "sources", "rules", "report", "waivers"],
    ),
    ("baseline", &["model", "report"]),
    (
        "remediation",
        &[
            "model", "facts", "fixes", "snapshot", "sources", "rules", "report", "waivers",
            "evaluate",
        ],
    ),
    ("inventory", &["model", "facts", "snapshot"]),
    ("paths", &["model", "facts", "snapshot", "exposure"]),
    ("who_can", &["model", "facts", "snapshot", "access"]),
    (
        "output",
        &[
            "model",
            "fixes",
            "report",
            "waivers",
            "inventory",
            "exposure",
            "paths",
            "access",
            "who_can",
            "remediation",
        ],
    ),
    ("http", &["model"]),
    ("sinks", &["model", "http"]),
    ("aws", &["model", "facts", "fixes", "snapshot", "http"]),
];

/// The program itself: these modules may import every layer, and those listed before them.
const PROGRAM: &[&str] = &[
    "exit",
    "logging",
    "interrupts",
    "progress",
    "config",
    "staging",
    "cli",
    "run",
    "lambda",
    "commands",
    "lib",
    "main",
];

/// The order within a layer: each part may import those before it.
const PARTS: &[(&str, &[&str])] = &[
    ("rules", &["language", "pack", "values", "helpers", "sandbox", "cases", "lint"]),
    (
        "aws",
        &[
            "failure",
            "timing",
            "turns",
            "credentials",
            "meter",
            "response",
            "elements",
            "descriptors",
            "unreachable",
            "connections",
            "http",
            "session",
            "identity",
            "call_region",
            "clients",
            "limits",
            "assume",
            "paging",
            "mirror",
            "due",
            "collector",
            "collect",
            "collectors",
            "list",
            "storage",
            "account",
            "organization",
            "run",
            "write",
            "doctor",
        ],
    ),
];

/// The source files, and the module that each file defines.
struct Sources {
    root: PathBuf,
    /// Module path, such as `rules::pack::load` → file, relative to the root.
    files: BTreeMap<Vec<String>, String>,
}

/// File → files that it imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

impl Sources {
    fn at(root: &Path) -> Self {
        let mut sources = Self { root: root.to_owned(), files: BTreeMap::new() };
        sources.add(root);
        sources
    }

    fn add(&mut self, dir: &Path) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                let is_crate_of_its_own = path.join("Cargo.toml").exists();
                if !is_crate_of_its_own {
                    self.add(&path);
                }
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let inner = path.strip_prefix(&self.root).unwrap();
                let mut module: Vec<String> = inner
                    .with_extension("")
                    .iter()
                    .map(|part| part.to_str().unwrap().to_owned())
                    .collect();
                if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
                    module.pop();
                }
                self.files.insert(module, inner.to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    /// The file of the module that a path refers to; `None` for a path outside of the crate.
    fn file_of(&self, path: &[String]) -> Option<&str> {
        (0..=path.len())
            .rev()
            .find_map(|length| self.files.get(&path[..length]))
            .map(String::as_str)
    }

    fn imports(&self) -> Imports {
        let parsed: BTreeMap<&Vec<String>, syn::File> = self
            .files
            .iter()
            .map(|(module, file)| {
                let text = fs::read_to_string(self.root.join(file)).unwrap();
                let syntax =
                    syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
                (module, syntax)
            })
            .collect();
        let tests: BTreeSet<Vec<String>> = parsed
            .iter()
            .flat_map(|(module, syntax)| {
                let declared = modules(syntax).filter(|child| child.attrs.iter().any(is_test_only));
                declared.map(|child| [&module[..], &[child.ident.to_string()]].concat())
            })
            .collect();
        let is_test = |module: &[String]| (0..=module.len()).any(|n| tests.contains(&module[..n]));
        let test_files: BTreeSet<&str> = self
            .files
            .iter()
            .filter(|(module, _)| is_test(module))
            .map(|(_, file)| file.as_str())
            .collect();
        let mut imports = Imports::new();
        for (module, syntax) in parsed.iter().filter(|(module, _)| !is_test(module)) {
            let file = &self.files[*module];
            let children = modules(syntax).map(|child| child.ident.to_string()).collect();
            let mut paths = Paths { module, children, found: Vec::new() };
            paths.visit_file(syntax);
            let targets = paths.found.iter().filter_map(|path| self.file_of(path));
            let others = targets.filter(|target| target != file && !test_files.contains(target));
            imports.insert(file.clone(), others.map(str::to_owned).collect());
        }
        imports
    }
}

/// The modules in files of their own that a file declares.
fn modules(syntax: &syn::File) -> impl Iterator<Item = &syn::ItemMod> {
    syntax.items.iter().filter_map(|item| match item {
        syn::Item::Mod(child) if child.content.is_none() => Some(child),
        _ => None,
    })
}

fn is_test_only(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg")
        && list.tokens.to_string().split(['(', ')', ',', ' ']).any(|word| word == "test")
}

/// Collects the paths of a file that start in the crate.
struct Paths<'a> {
    module: &'a [String],
    /// Modules that the file declares.
    children: BTreeSet<String>,
    found: Vec<Vec<String>>,
}

impl Paths<'_> {
    fn add(&mut self, segments: &[String]) {
        let Some((first, mut rest)) = segments.split_first() else { return };
        // `pub(crate)` in a macro, or `$crate` on its own.
        if rest.is_empty() {
            return;
        }
        let mut path = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.module.to_vec(),
            "super" => self.module[..self.module.len().saturating_sub(1)].to_vec(),
            child if self.children.contains(child) && segments.len() > 1 => {
                rest = segments;
                self.module.to_vec()
            }
            _ => return,
        };
        while let Some((_, more)) = rest.split_first().filter(|(next, _)| *next == "super") {
            path.pop();
            rest = more;
        }
        path.extend(rest.iter().filter(|segment| *segment != "self" && *segment != "*").cloned());
        self.found.push(path);
    }

    fn add_tree(&mut self, before: &mut Vec<String>, tree: &syn::UseTree) {
        let with = |paths: &mut Self, before: &[String], name: String| {
            paths.add(&[before, &[name]].concat());
        };
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.add_tree(before, &path.tree);
                before.pop();
            }
            syn::UseTree::Name(name) => with(self, before, name.ident.to_string()),
            syn::UseTree::Rename(name) => with(self, before, name.ident.to_string()),
            syn::UseTree::Glob(_) => with(self, before, "*".to_owned()),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.add_tree(before, tree))
            }
        }
    }

    /// Paths in the arguments of a macro: identifiers with `::` between them.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.add(&std::mem::take(&mut path));
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                other => {
                    self.add(&std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
        }
        self.add(&path);
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !attributes.iter().any(is_test_only) {
            visit::visit_item(self, item);
        }
    }

    /// `pub(crate)` and `pub(super)` import nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&mut Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.add_tokens(call.tokens.clone());
    }
}

/// Groups of files that import each other in a cycle.
fn cycles(imports: &Imports) -> Vec<Vec<&str>> {
    let reached = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&str> = vec![start];
        while let Some(file) = waiting.pop() {
            for target in imports.get(file).into_iter().flatten() {
                if seen.insert(target.as_str()) {
                    waiting.push(target);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (file.as_str(), reached(file))).collect();
    let mut groups: BTreeSet<Vec<&str>> = BTreeSet::new();
    for (file, seen) in reach.iter().filter(|(file, seen)| seen.contains(*file)) {
        let group =
            seen.iter().filter(|other| reach.get(**other).is_some_and(|back| back.contains(file)));
        groups.insert(group.copied().collect());
    }
    groups.into_iter().collect()
}

fn shown(imports: &Imports, group: &[&str]) -> String {
    let mut text = format!("import cycle of {} files:\n", group.len());
    for file in group {
        let within = imports[*file].iter().filter(|target| group.contains(&target.as_str()));
        writeln!(text, "  {file} → {}", within.map(String::as_str).collect::<Vec<_>>().join(", "))
            .unwrap();
    }
    text + "  import from the file that defines a thing, or move what both need into a lower layer"
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The first parts of a file's path: `rules` and `pack` of `rules/pack/load.rs`.
fn parts(file: &str) -> (&str, Option<&str>) {
    let (first, rest) = file.split_once('/').unwrap_or((file, ""));
    let plain = |part: &'_ str| part.strip_suffix(".rs").unwrap_or(part).len();
    let second = rest.split('/').next().filter(|part| !part.is_empty() && *part != "mod.rs");
    (&first[..plain(first)], second.map(|second| &second[..plain(second)]))
}

#[test]
fn each_layer_imports_only_those_above_it() {
    let imports = Sources::at(&src()).imports();
    for name in LAYERS.iter().map(|(name, _)| name).chain(PROGRAM) {
        assert!(imports.keys().any(|file| parts(file).0 == *name), "there is no module `{name}`");
    }
    for (layer, order) in PARTS {
        let known: BTreeSet<&str> = imports
            .keys()
            .filter(|file| parts(file).0 == *layer)
            .filter_map(|file| parts(file).1)
            .collect();
        assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), known, "the parts of {layer}");
    }
    let mut wrong = Vec::new();
    for (file, targets) in imports {
        let (module, part) = parts(&file);
        let layer = LAYERS.iter().find(|(name, _)| *name == module);
        let program = PROGRAM.iter().position(|name| *name == module);
        if layer.is_none() && program.is_none() {
            wrong.push(format!("{file}: module `{module}` is not in a layer; add it to the table"));
        }
        for target in &targets {
            let (other, other_part) = parts(target);
            let fine = match (layer, program) {
                _ if other == module => true,
                (Some((_, allowed)), _) => allowed.contains(&other),
                (None, Some(own)) => PROGRAM
                    .iter()
                    .position(|name| *name == other)
                    .is_none_or(|position| position < own),
                (None, None) => true,
            };
            let order = PARTS.iter().find(|(name, _)| *name == module && other == module);
            let fine_within = order.is_none_or(|(_, order)| {
                let place = |part: Option<&str>| order.iter().position(|name| Some(*name) == part);
                match (place(part), place(other_part)) {
                    (Some(own), Some(other)) => other <= own,
                    // The facade may import every part, but no part may import the facade.
                    (None, _) => true,
                    (Some(_), None) => false,
                }
            });
            if !fine || !fine_within {
                wrong.push(format!("{file} imports {target}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports that violate the order of the layers:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn only_aws_uses_the_sdk_crates() {
    // The client that the SDK uses; nothing else of it.
    let client = ["aws_smithy_http_client", "aws_smithy_runtime_api", "aws_smithy_types"];
    let sources = Sources::at(&src());
    let names = ["aws_sdk_", "aws_config", "aws_smithy_", "aws_types", "aws_credential_types"];
    for file in sources.files.values().filter(|file| parts(file).0 != "aws") {
        let text = fs::read_to_string(sources.root.join(file)).unwrap();
        let is_client =
            |line: &str| parts(file).0 == "http" && client.iter().any(|name| line.contains(name));
        let mut used = text.lines().filter(|line| names.iter().any(|name| line.contains(name)));
        let line = used.find(|line| !is_client(line));
        assert_eq!(line, None, "src/{file} uses the SDK; only src/aws may");
    }
}

#[test]
fn there_are_no_import_cycles() {
    let imports = Sources::at(&src()).imports();
    assert!(imports.len() > 250, "only {} files were read", imports.len());
    let found: Vec<String> = cycles(&imports).iter().map(|group| shown(&imports, group)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn import_cycles_are_found_in_every_syntax() {
    for (first, second) in [
        ("use crate::b::B;", "use super::a::A;"),
        ("use crate::{b, c};", "fn f() { crate::a::f() }"),
        ("use super::b::{self, B};", "macro_call!(x, { crate::a::A });"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("lib.rs", "mod a;\nmod b;\nmod c;");
        write("a.rs", first);
        write("b.rs", second);
        write("c.rs", "#[cfg(test)]\nmod tests { use crate::a::A; }\nuse std::fmt;");
        let imports = Sources::at(dir.path()).imports();
        assert_eq!(cycles(&imports), [["a.rs", "b.rs"]], "{first} {second}: {imports:?}");
    }
}
