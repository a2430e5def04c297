//! Frames of stack traces, and which files of the repository they mean. Their paths are those of the
//! machine that synthesized the app.

use std::collections::HashMap;
use std::path::Path;

use crate::sources::Repository;

/// Parts of paths of code that does not belong to the app.
const LIBRARIES: [&str; 6] = [
    "/node_modules/",
    "/site-packages/",
    "/dist-packages/",
    "/jsii-kernel-",
    "/jsii-runtime",
    "/.yarn/",
];
/// The parts of a path that are compared with files of the repository.
const MAX_PARTS: usize = 64;

/// A line of a program.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Frame<'a> {
    /// What runs: `new AppStack`, `com.example.AppStack.<init>`.
    function: &'a str,
    /// The file, with `/` as separator.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: u32,
    /// The column, from 1, if the language reports it.
    pub(super) column: Option<u32>,
}

impl<'a> Frame<'a> {
    /// Parses a line of a stack trace; `None` for what is left out there, and for libraries.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("at ").unwrap_or(text);
        let (function, place) = match text.strip_suffix(')') {
            Some(inner) => inner.rsplit_once('(')?,
            None => ("", text),
        };
        let (rest, last) = number(place)?;
        let (file, line, column) = match number(rest) {
            Some((file, line)) => (file, line, Some(last)),
            None => (rest, last, None),
        };
        let file = file.strip_prefix("file://").unwrap_or(file).replace('\\', "/");
        let is_library = LIBRARIES.iter().any(|library| file.contains(library))
            || file.starts_with("node:")
            || file.starts_with("internal/");
        let column = column.filter(|column| *column > 0);
        (!is_library && !file.is_empty() && line > 0).then_some(Self {
            function: function.trim(),
            file,
            line,
            column,
        })
    }

    /// For languages that report only the name of a file: its path below a folder of sources, from
    /// the package in the name of the function.
    fn package_path(&self) -> Option<String> {
        let (stem, _) = self.file.split_once('.')?;
        let mut path = String::new();
        for part in self.function.split(['.', '$']) {
            if part == stem {
                return Some(format!("{path}{}", self.file));
            }
            path.push_str(part);
            path.push('/');
        }
        None
    }
}

/// A text and the number after its last colon.
fn number(text: &str) -> Option<(&str, u32)> {
    let (rest, number) = text.rsplit_once(':')?;
    Some((rest, number.parse().ok()?))
}

/// How paths of the machine that synthesized the app become files of the repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mapping {
    /// The folder there, ending with `/`, and the folder here, which is empty or ends with `/`.
    folders: Option<(String, String)>,
}

impl Mapping {
    /// The mapping under which most files exist. `home` is the folder of the app in the repository.
    pub(super) fn new<'f>(
        files: impl Iterator<Item = &'f str>,
        repository: &Repository,
        home: &str,
    ) -> Self {
        let mut votes: HashMap<(&str, &str), usize> = HashMap::new();
        let folders = folders(home);
        for file in files.filter(|file| file.contains('/')) {
            let starts = file.match_indices('/').map(|(at, _)| at + 1).take(MAX_PARTS);
            let starts = (!file.starts_with('/')).then_some(0).into_iter().chain(starts);
            for start in starts {
                let (before, rest) = file.split_at(start);
                for folder in &folders {
                    if repository.tracked(Path::new(&format!("{folder}{rest}"))).is_some() {
                        *votes.entry((before, *folder)).or_default() += 1;
                    }
                }
            }
        }
        // Of equal ones the one with the longest path in the repository: `lib/app.ts` rather than
        // an `app.ts` somewhere else. Then the folder that is the closest to the app.
        let best = votes.into_iter().max_by(|((a, here_a), n), ((b, here_b), m)| {
            let shorter = b.len().cmp(&a.len());
            n.cmp(m).then(shorter).then(here_a.len().cmp(&here_b.len()))
        });
        Self { folders: best.map(|((there, here), _)| (there.to_owned(), here.to_owned())) }
    }

    /// The tracked file of a frame.
    pub(super) fn file(
        &self,
        frame: &Frame<'_>,
        repository: &Repository,
        tracked: &[String],
    ) -> Option<String> {
        if !frame.file.contains('/')
            && let Some(path) = frame.package_path()
        {
            let end = format!("/{path}");
            let mut same = tracked.iter().filter(|file| **file == path || file.ends_with(&end));
            return same.next().filter(|_| same.next().is_none()).cloned();
        }
        let (there, here) = self.folders.as_ref()?;
        let rest = frame.file.strip_prefix(there.as_str())?;
        repository.tracked(Path::new(&format!("{here}{rest}")))
    }
}

/// A folder and those around it, each ending with `/`, and the root, which is empty.
fn folders(home: &str) -> Vec<&str> {
    let mut folders = vec![""];
    folders.extend(home.match_indices('/').filter_map(|(at, _)| home.get(..=at)));
    folders
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn frames_of_several_languages_are_parsed() {
        let frame = |function, file: &str, line, column| {
            Some(Frame { function, file: file.to_owned(), line, column })
        };
        for (text, wanted) in [
            (
                "new AppStack (/app/lib/stack.ts:13:16)",
                frame("new AppStack", "/app/lib/stack.ts", 13, Some(16)),
            ),
            (
                "    at Object.<anonymous> (/app/bin/app.ts:8:1)",
                frame("Object.<anonymous>", "/app/bin/app.ts", 8, Some(1)),
            ),
            ("at file:///app/bin/app.mjs:8:1", frame("", "/app/bin/app.mjs", 8, Some(1))),
            (
                r"<anonymous> (C:\work\app\lib\stack.ts:3:5)",
                frame("<anonymous>", "C:/work/app/lib/stack.ts", 3, Some(5)),
            ),
            (
                "__init__ (/app/stacks/network.py:42)",
                frame("__init__", "/app/stacks/network.py", 42, None),
            ),
            ("f (/app/stacks/network.py:42:0)", frame("f", "/app/stacks/network.py", 42, None)),
            (
                "com.example.ApiStack.<init> (ApiStack.java:42)",
                frame("com.example.ApiStack.<init>", "ApiStack.java", 42, None),
            ),
            ("...new Bucket in aws-cdk-lib, node internals...", None),
            ("(no user code in 10 frames, use --stack-trace-limit to capture more)", None),
            ("new Bucket (/app/node_modules/aws-cdk-lib/aws-s3/lib/bucket.js:1:2)", None),
            ("node:internal/modules/cjs/loader:1105:14", None),
            ("Module._compile (node:internal/modules/cjs/loader:1105:14)", None),
            ("stack traces disabled", None),
            ("x (/a:1:99999999999)", None),
            ("", None),
            (")", None),
            ("(:1:2)", None),
        ] {
            assert_eq!(Frame::parse(text), wanted, "{text}");
        }
    }

    fn repository(files: &[&str]) -> (tempfile::TempDir, Repository) {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
        (folder, repository)
    }

    #[test]
    fn files_are_found_however_the_repository_was_checked_out() {
        let (_folder, repository) = repository(&[
            "infra/bin/app.ts",
            "infra/lib/stack.ts",
            "lib/stack.ts",
            "stack.ts",
            "java/src/main/java/com/example/ApiStack.java",
            "Other.java",
            "a/Twice.java",
            "b/Twice.java",
        ]);
        let tracked = repository.files();
        for (frames, wanted) in [
            // The whole repository.
            (
                vec![
                    "f (/ci/repo/infra/lib/stack.ts:1:1)",
                    "g (/ci/repo/infra/bin/app.ts:1:1)",
                    "h (/ci/repo/lib/stack.ts:1:1)",
                ],
                vec![Some("infra/lib/stack.ts"), Some("infra/bin/app.ts"), Some("lib/stack.ts")],
            ),
            // The folder of the app alone.
            (
                vec!["f (/app/lib/stack.ts:1:1)", "g (/app/bin/app.ts:1:1)"],
                vec![Some("infra/lib/stack.ts"), Some("infra/bin/app.ts")],
            ),
            // A file elsewhere with the name of one here.
            (
                vec![
                    "f (/app/lib/stack.ts:1:1)",
                    "g (/app/bin/app.ts:1:1)",
                    "h (/opt/stack.ts:1:1)",
                ],
                vec![Some("infra/lib/stack.ts"), Some("infra/bin/app.ts"), None],
            ),
            (
                vec![
                    "com.example.ApiStack.<init> (ApiStack.java:1)",
                    "com.example.ApiStack$Builder.build (ApiStack.java:1)",
                    "other.ApiStack.<init> (ApiStack.java:1)",
                    "Other.main (Other.java:1)",
                    "Twice.main (Twice.java:1)",
                ],
                vec![
                    Some("java/src/main/java/com/example/ApiStack.java"),
                    Some("java/src/main/java/com/example/ApiStack.java"),
                    None,
                    Some("Other.java"),
                    None,
                ],
            ),
            (vec!["f (/etc/passwd:1:1)", "f (../../etc/passwd:1:1)"], vec![None, None]),
        ] {
            let frames: Vec<Frame<'_>> = frames.into_iter().filter_map(Frame::parse).collect();
            let files = frames.iter().map(|frame| frame.file.as_str());
            let mapping = Mapping::new(files, &repository, "infra/");
            let found: Vec<Option<String>> =
                frames.iter().map(|frame| mapping.file(frame, &repository, &tracked)).collect();
            let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
            assert_eq!(found, wanted, "{frames:?}");
        }
    }
}
