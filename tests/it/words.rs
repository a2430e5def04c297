//! Phrases that no text for users may contain: not in string literals and documentation comments of
//! `src/`, not in rules, documentation or templates. `ALLOWED` lists the justified uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use syn::visit::{self, Visit};

/// Regular expressions, and what to write instead. Case is ignored.
const BANNED: &[(&str, &str)] = &[
    (r"\bis no \w", "is not a valid …"),
    (r"\bin the place of\b", "instead of, or replaces"),
    (r"\bwhoever\b", "anyone who"),
    (
        r"\b(?:is|are|was|were|not|be) told\b|\btells (?:of|that|whether|what|how|since)\b",
        "reports, returns",
    ),
    (r"\b(?:stands|standing) (?:here|there|in|before|behind|beside|twice|outside|for)\b", "is"),
    (r"\bjudg(?:e|es|ed|ing|ement|ements)\b", "evaluate"),
    (r"\bmistakes?\b|\bfaults?\b", "error"),
    (r"\bthe slip\b|\bslips\b", "error"),
    (
        r"\bof its own accord\b|\bby way of\b|\bhangs by\b|\bcomes to nothing\b|\bas often as wanted\b",
        "plain words",
    ),
    (r"\bthe site(?:'s)?\b", "you, your organization, the configuration"),
    (
        r"\b(?:colour|behaviour|neighbour|organisation|normalis|recognis|serialis|sanitis|authoris)\w*",
        "American spelling",
    ),
];

/// Ordinary English that contains one of them, and names.
const ORDINARY: &[&str] =
    &["there is no", "is no longer", "by mistake", "Site-to-Site", "support/fault.rs"];

/// A part of a file's path, a part of the text, and why it stays.
const ALLOWED: &[(&str, &str, &str)] = &[];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if path.is_dir() {
            files(&path, endings, found);
        } else if endings.contains(&ending) {
            found.push(path);
        }
    }
}

/// The texts of a Rust file, without its unit tests.
#[derive(Default)]
struct Texts(Vec<String>);

impl<'ast> Visit<'ast> for Texts {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = |attribute: &syn::Attribute| matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string().contains("test"));
        if !module.attrs.iter().any(is_test) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.0.push(text.value());
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.add(call.tokens.clone());
    }
}

impl Texts {
    fn add(&mut self, tokens: proc_macro2::TokenStream) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => self.add(group.stream()),
                proc_macro2::TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                        self.0.push(text.value());
                    }
                }
                _ => {}
            }
        }
    }
}

fn texts_of(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "rs") {
        let mut texts = Texts::default();
        texts.visit_file(&syn::parse_file(&text).unwrap());
        texts.0
    } else {
        text.lines().map(str::to_owned).collect()
    }
}

static ORDINARY_PHRASES: LazyLock<Regex> = LazyLock::new(|| {
    let phrases: Vec<String> = ORDINARY.iter().map(|phrase| regex::escape(phrase)).collect();
    RegexBuilder::new(&phrases.join("|")).case_insensitive(true).build().unwrap()
});

static BANNED_PHRASES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let build = |(pattern, instead): &(&str, &'static str)| {
        (RegexBuilder::new(pattern).case_insensitive(true).build().unwrap(), *instead)
    };
    BANNED.iter().map(build).collect()
});

/// The banned phrases in a text, with what to write instead.
fn banned_in(text: &str) -> Vec<(String, &'static str)> {
    let text = ORDINARY_PHRASES.replace_all(text, "…");
    let found = BANNED_PHRASES
        .iter()
        .filter_map(|(phrase, instead)| Some((phrase.find(&text)?.as_str().to_owned(), *instead)));
    found.collect()
}

#[test]
fn texts_for_users_contain_no_banned_phrase() {
    let mut found = Vec::new();
    files(&root().join("src"), &["rs", "toml"], &mut found);
    found.retain(|path| !path.iter().any(|part| part.to_string_lossy().starts_with("tests")));
    for dir in ["rules", "docs", "deploy", ".github", "fixtures"] {
        files(&root().join(dir), &["rhai", "md", "toml", "yml", "yaml"], &mut found);
    }
    for name in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "SUPPORT.md", "CHANGELOG.md"] {
        found.push(root().join(name));
    }
    let mut used = vec![false; ALLOWED.len()];
    let mut wrong = Vec::new();
    for path in &found {
        let name = path.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
        for text in texts_of(path) {
            for (phrase, instead) in banned_in(&text) {
                let allowed = ALLOWED
                    .iter()
                    .position(|(file, part, _)| name.contains(file) && text.contains(part));
                match allowed {
                    Some(position) => used[position] = true,
                    None => wrong.push(format!(
                        "{name}: `{}` in: {}\n  write: {instead}",
                        phrase,
                        text.trim()
                    )),
                }
            }
        }
    }
    assert!(found.len() > 300, "only {} files were read", found.len());
    assert!(wrong.is_empty(), "{} banned phrases:\n{}", wrong.len(), wrong.join("\n"));
    for ((file, part, _), used) in ALLOWED.iter().zip(used) {
        assert!(used, "nothing in {file} needs the exception for `{part}` any more");
    }
}

#[test]
fn banned_phrases_are_found() {
    let finds = |text: &str| !banned_in(text).is_empty();
    for text in [
        "`a/b` is no role name",
        "Whoever reads this",
        "it replaces nothing in the place of",
        "AWS tells of no tunnel",
        "region eu-west-1 stands here twice",
        "5 faults",
        "the rule judges buckets",
        "colours",
    ] {
        assert!(finds(text), "{text}");
    }
    for text in [
        "is no longer read",
        "There is no policy",
        "default",
        "`evaluate` evaluates",
        "an AWS Organizations trail",
    ] {
        assert!(!finds(text), "{text}");
    }
}
