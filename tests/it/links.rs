//! Links between files are valid: relative ones in every Markdown file, including anchors, and
//! links to files of this repository by its public address. The documentation site includes every
//! page of `docs/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use regex::Regex;

use crate::address::files_of_repository;

/// A page without code blocks, whose text is not Markdown.
fn without_blocks(markdown: &str) -> String {
    let mut fence = None;
    let mut text = String::new();
    for line in markdown.lines() {
        let body = line.trim_start();
        let opens = ["```", "~~~"].into_iter().find(|mark| body.starts_with(mark));
        match (fence, opens) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => text += line,
            _ => {}
        }
        text.push('\n');
    }
    text
}

/// The anchors of a page's headings, as GitHub and mdBook generate them.
fn anchors(markdown: &str) -> BTreeSet<String> {
    let link = Regex::new(r"\[([^\]]*)\]\([^)]*\)").unwrap();
    let mut times = BTreeMap::<String, usize>::new();
    let mut anchors = BTreeSet::new();
    for line in without_blocks(markdown).lines() {
        let title = line.trim_start_matches('#');
        if title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let slug: String = link
            .replace_all(title.trim(), "$1")
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let seen = times.entry(slug.clone()).or_default();
        anchors.insert(if *seen == 0 { slug } else { format!("{slug}-{seen}") });
        *seen += 1;
    }
    anchors
}

/// Normalizes `a/../b` to `b`, without accessing the disk.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, part| {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            other => path.push(other),
        }
        path
    })
}

#[test]
fn every_link_points_to_an_existing_file_and_anchor() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = Regex::new("`[^`\n]*`").unwrap();
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let by_address = Regex::new(r"/rolecall/(?:blob|edit|tree)/main/([\w./-]+)(#[\w-]+)?").unwrap();
    let mut wrong = Vec::new();
    let mut found = 0;
    for file in files_of_repository() {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let addressed = if text.contains("/rolecall/") { text.as_str() } else { "" };
        let mut targets: Vec<(PathBuf, String)> = by_address
            .captures_iter(addressed)
            .map(|to| {
                let anchor = to.get(2).map_or("", |anchor| anchor.as_str());
                (root.join(to[1].trim_end_matches('.')), anchor.trim_start_matches('#').to_owned())
            })
            .collect();
        if file.extension().is_some_and(|ending| ending == "md") {
            let text = without_blocks(&text);
            for to in link.captures_iter(&code.replace_all(&text, "")) {
                if to[1].contains("://") || to[1].starts_with("mailto:") {
                    continue;
                }
                let (path, anchor) = to[1].split_once('#').unwrap_or((&to[1], ""));
                let path = match path {
                    "" => file.clone(),
                    path => normal(&file.parent().unwrap().join(path)),
                };
                targets.push((path, anchor.to_owned()));
            }
        }
        for (path, anchor) in targets {
            found += 1;
            let there = path.starts_with(root) && path.exists();
            let page = there.then(|| fs::read_to_string(&path).unwrap_or_default());
            if page.is_none_or(|page| !anchor.is_empty() && !anchors(&page).contains(&anchor)) {
                let from = file.strip_prefix(root).unwrap().display();
                let to = path.strip_prefix(root).unwrap_or(&path).display();
                wrong.push(format!("{from}: {to} {anchor}"));
            }
        }
    }
    assert!(wrong.is_empty(), "broken links:\n{}", wrong.join("\n"));
    assert!(found >= 100, "only {found} links: does the pattern still match them?");
}

#[test]
fn the_site_includes_every_page() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let contents = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut listed: Vec<PathBuf> =
        link.captures_iter(&contents).map(|to| docs.join(&to[1])).collect();
    listed.sort();
    let pages: Vec<PathBuf> = files_of_repository()
        .into_iter()
        .filter(|file| {
            file.starts_with(&docs)
                && file.extension().is_some_and(|ending| ending == "md")
                && !file.ends_with("SUMMARY.md")
        })
        .collect();
    let left_out: Vec<_> = pages
        .iter()
        .filter(|page| !listed.contains(page))
        .map(|page| page.strip_prefix(&docs).unwrap())
        .collect();
    assert!(
        left_out.is_empty(),
        "add to docs/SUMMARY.md (for rules, run `cargo xtask generate`): {left_out:?}"
    );
    assert_eq!(listed, pages, "docs/SUMMARY.md lists a page twice, or one that does not exist");
}

#[test]
fn anchors_match_those_of_github() {
    let page =
        "# A `code` title\n\n## Use it: now!\n```sh\n# not a heading\n```\n## Use it: now!\n";
    let expected = ["a-code-title", "use-it-now", "use-it-now-1"].map(str::to_owned);
    assert_eq!(anchors(page), BTreeSet::from(expected));
}
