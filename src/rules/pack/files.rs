//! The files of packs: the built-in ones, and those of folders, with bounds on what is read.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::rule::LoadError;

pub(crate) static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// A rule larger than this is refused.
pub(crate) const MAX_SOURCE: u64 = 64 << 10;
/// Cases and frameworks larger than this are refused.
pub(crate) const MAX_DATA: u64 = 1 << 20;
/// Folders deeper than this below the pack, and more files than that, are refused.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 20_000;

/// Whether a file is a rule by its name. `.d.rhai` are definitions for editors.
pub(crate) fn is_rule(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".rhai") && !name.ends_with(b".d.rhai")
}

/// The text of a file that is built in beside the rules.
pub(crate) fn built_in_text(path: &str) -> Option<&'static str> {
    BUILT_IN.get_file(path)?.contents_utf8()
}

pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> LoadError {
    let path = path.to_owned();
    move |error| LoadError::Io { path, error }
}

/// The text of a file of at most `max` bytes.
pub(crate) fn read_text(path: &Path, max: u64) -> Result<String, LoadError> {
    let mut text = String::new();
    let file = fs::File::open(path).map_err(failed(path))?;
    file.take(max + 1).read_to_string(&mut text).map_err(failed(path))?;
    if text.len() as u64 > max {
        return Err(failed(path)(io::Error::other(format!("it has more than {max} bytes"))));
    }
    // Some editors begin a file with a byte order mark, which is no part of its text.
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// Path within the pack, and text.
pub(crate) type File = (String, String);

/// Which files of a folder are wanted, by their paths within it.
pub(crate) type FileFilter<'a> = &'a dyn Fn(&Path) -> bool;

/// The wanted files of the built-in pack, sorted by path.
pub(crate) fn built_in_files(wanted: FileFilter<'_>) -> Vec<File> {
    let mut files = Vec::new();
    built_in(&BUILT_IN, wanted, &mut files);
    files.sort();
    files
}

/// The wanted files of a folder, sorted by path.
pub(crate) fn folder_files(folder: &Path, wanted: FileFilter<'_>) -> Result<Vec<File>, LoadError> {
    let mut files = Vec::new();
    walk(folder, folder, 0, wanted, &mut files)?;
    files.sort();
    Ok(files)
}

fn inner(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

pub(crate) fn built_in(dir: &Dir<'_>, wanted: FileFilter<'_>, files: &mut Vec<File>) {
    for file in dir.files().filter(|file| wanted(file.path())) {
        files.push((inner(file.path()), file.contents_utf8().unwrap_or_default().to_owned()));
    }
    dir.dirs().for_each(|dir| built_in(dir, wanted, files));
}

pub(crate) fn walk(
    root: &Path,
    dir: &Path,
    depth: usize,
    wanted: FileFilter<'_>,
    files: &mut Vec<File>,
) -> Result<(), LoadError> {
    for entry in fs::read_dir(dir).map_err(failed(dir))? {
        let entry = entry.map_err(failed(dir))?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // Links are not followed: a pack is what stands in its folder.
        let kind = entry.file_type().map_err(failed(&path))?;
        if hidden || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            if depth >= MAX_DEPTH {
                return Err(failed(&path)(io::Error::other(format!(
                    "folders of rules are at most {MAX_DEPTH} deep"
                ))));
            }
            walk(root, &path, depth + 1, wanted, files)?;
            continue;
        }
        let within = path.strip_prefix(root).unwrap_or(&path);
        if wanted(within) {
            if files.len() >= MAX_FILES {
                return Err(failed(root)(io::Error::other(format!("more than {MAX_FILES} rules"))));
            }
            let max = if is_rule(&path) { MAX_SOURCE } else { MAX_DATA };
            files.push((inner(within), read_text(&path, max)?));
        }
    }
    Ok(())
}
