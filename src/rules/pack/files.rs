//! The files of packs: built-in and in folders, with limits on their size and number.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::rule::LoadError;
use super::templates;
use crate::model::{counted, text};

/// The text of all built-in files, one after the other, as the build script wrote it.
static BUILT_IN: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.txt"));
/// Path, start and end of each file in that text.
static BUILT_IN_FILES: &[(&str, usize, usize)] = &include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Maximum size of a rule file.
pub(crate) const MAX_SOURCE: u64 = 64 << 10;
/// Maximum size of a test case or framework file.
pub(crate) const MAX_DATA: u64 = 1 << 20;
/// Maximum folder depth and number of files in a pack.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 20_000;
/// Maximum number of notes about files that are not read.
const MAX_NOTES: usize = 20;
const MAX_MISNAMED: usize = 10_000;

/// Whether a file name is that of a rule. `.d.rhai` files are type definitions for editors.
pub(crate) fn is_rule(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".rhai") && !name.ends_with(b".d.rhai")
}

/// Path within the pack and text of each built-in file, without generated ones.
pub(crate) fn built_in() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN_FILES.iter().map(|(path, start, end)| (*path, &BUILT_IN[*start..*end]))
}

/// The text of a built-in file.
pub(crate) fn built_in_text(path: &str) -> Option<&'static str> {
    let file = built_in().find(|(name, _)| *name == path);
    file.map(|(_, text)| text).or_else(|| templates::text(path))
}

/// Hash of all built-in files: that of the list that `sha256sum` prints for them, sorted by path. The
/// build script calculates it.
pub fn built_in_sha256() -> &'static str {
    env!("ROLECALL_RULES_SHA256")
}

pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> LoadError {
    let path = path.to_owned();
    move |error| LoadError::Io { path, error }
}

/// Reads a text file of at most `max` bytes.
pub(crate) fn read_text(path: &Path, max: u64) -> Result<String, LoadError> {
    let other = |problem: String| failed(path)(io::Error::other(problem));
    // To read a pipe waits for someone to write to it.
    let found = fs::metadata(path).map_err(failed(path))?;
    if !found.is_file() && !found.is_dir() {
        return Err(other(
            "it is not a regular file, but for example a pipe: move it out of the folder"
                .to_owned(),
        ));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed(path))?;
    file.take(max + 1).read_to_end(&mut bytes).map_err(failed(path))?;
    if bytes.len() as u64 > max {
        return Err(other(format!("the file is larger than {max} bytes")));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count();
        other(format!("line {line} is not UTF-8 text: save the file as UTF-8"))
    })?;
    // Some editors write a byte order mark at the start of the file, which is not part of the text.
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// Path within the pack and text.
pub(crate) type File = (String, String);

/// Selects files of a folder by their relative paths.
pub(crate) type FileFilter<'a> = &'a dyn Fn(&Path) -> bool;

/// The selected files of the built-in pack, including generated ones, sorted by path.
pub(crate) fn built_in_files(wanted: FileFilter<'_>) -> Vec<File> {
    let wanted_ones = built_in().filter(|(path, _)| wanted(Path::new(path)));
    let mut files: Vec<File> =
        wanted_ones.map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    files.extend(templates::files(wanted));
    files.sort();
    files
}

/// The selected files of a folder, sorted by path.
pub(crate) fn folder_files(folder: &Path, wanted: FileFilter<'_>) -> Result<Vec<File>, LoadError> {
    let mut files = Vec::new();
    walk(folder, folder, 0, wanted, &mut files)?;
    files.sort();
    Ok(files)
}

/// Files in rule folders whose names look like those of rules, test cases or frameworks, but are not:
/// one note for each, with the name that would be read.
pub fn misnamed(folders: &[PathBuf]) -> Vec<String> {
    let found = RefCell::new(Vec::new());
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let note = |inner: &Path| {
            if let Some(right) = right_name(inner)
                && found.borrow().len() < MAX_MISNAMED
            {
                let path = text::one_line(&folder.join(inner).display().to_string(), 300);
                let note = format!("`{path}` is not read: rename it to `{right}`");
                found.borrow_mut().push(note);
            }
            false
        };
        // Errors are reported when the folder is loaded.
        walk(folder, folder, 0, &note, &mut Vec::new()).ok();
    }
    let mut found = found.into_inner();
    found.sort();
    if let Some(more) = found.len().checked_sub(MAX_NOTES).filter(|more| *more > 0) {
        found.truncate(MAX_NOTES);
        found.push(format!("and {} not read either", counted(more, "more file")));
    }
    found
}

/// The name that a file was probably meant to have, if it has another one.
fn right_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let lower = name.to_ascii_lowercase();
    let plain = lower.strip_suffix(".txt").unwrap_or(&lower);
    let within = path.parent().and_then(Path::file_name);
    let of_frameworks = within.is_some_and(|folder| folder.eq_ignore_ascii_case("frameworks"));
    let endings: &[(&str, &str)] = match of_frameworks {
        true => &[(".toml", ".toml"), (".tml", ".toml")],
        false => &[
            (".rhai", ".rhai"),
            (".rhia", ".rhai"),
            (".cases.json", ".cases.json"),
            (".case.json", ".cases.json"),
        ],
    };
    let (stem, ending) =
        endings.iter().find_map(|(ending, right)| Some((plain.strip_suffix(ending)?, right)))?;
    // Definitions for editors, and names that are right.
    if stem.is_empty() || stem.ends_with(".d") || name.ends_with(ending) {
        return None;
    }
    Some(format!("{stem}{ending}"))
}

fn inner(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The type of what a symbolic link in a pack leads to. Links within the folder are followed, as
/// they occur in mounted Kubernetes volumes; a pack contains only the files in its folder, so others
/// are errors.
pub(crate) fn linked(root: &Path, path: &Path) -> Result<fs::FileType, LoadError> {
    let target = fs::canonicalize(path).map_err(failed(path))?;
    if !target.starts_with(fs::canonicalize(root).map_err(failed(root))?) {
        let message = "the symbolic link leads outside of the rule folder; copy the file instead";
        return Err(failed(path)(io::Error::other(message)));
    }
    Ok(fs::metadata(&target).map_err(failed(path))?.file_type())
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
        if hidden {
            continue;
        }
        let mut kind = entry.file_type().map_err(failed(&path))?;
        if kind.is_symlink() {
            // Files that are not part of the pack can lead anywhere.
            let within = path.strip_prefix(root).unwrap_or(&path);
            if !wanted(within) && !path.is_dir() {
                continue;
            }
            kind = linked(root, &path)?;
        }
        if kind.is_dir() {
            if depth >= MAX_DEPTH {
                return Err(failed(&path)(io::Error::other(format!(
                    "rule folders can be nested at most {MAX_DEPTH} levels deep"
                ))));
            }
            walk(root, &path, depth + 1, wanted, files)?;
            continue;
        }
        let within = path.strip_prefix(root).unwrap_or(&path);
        if wanted(within) {
            if files.len() >= MAX_FILES {
                return Err(failed(root)(io::Error::other(format!(
                    "the folder contains more than {MAX_FILES} files"
                ))));
            }
            let max = if is_rule(&path) { MAX_SOURCE } else { MAX_DATA };
            files.push((inner(within), read_text(&path, max)?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sha256_hex;

    #[test]
    fn the_hash_of_the_build_script_is_that_of_the_files() {
        let mut files: Vec<_> = built_in().collect();
        files.sort();
        assert!(files.len() > 100);
        let line =
            |(path, text): (&str, &str)| format!("{}  {path}\n", sha256_hex(text.as_bytes()));
        let list: String = files.into_iter().map(line).collect();
        assert_eq!(built_in_sha256(), sha256_hex(list.as_bytes()));
    }

    #[test]
    fn only_text_of_regular_files_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own.rhai");
        let read = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            read_text(&path, 20).map_err(|error| error.to_string())
        };
        assert_eq!(read(b"\xef\xbb\xbftext").unwrap(), "text");
        let error = read(b"//! \xc3\xa9\n//! \xe9\n").unwrap_err();
        assert!(error.contains("line 2 is not UTF-8 text: save the file as UTF-8"), "{error}");
        assert!(read(&[b'x'; 21]).unwrap_err().contains("larger than 20 bytes"));
        #[cfg(unix)]
        {
            let socket = dir.path().join("socket.rhai");
            let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
            let error = read_text(&socket, 20).unwrap_err().to_string();
            assert!(error.contains("it is not a regular file"), "{error}");
        }
    }

    #[test]
    fn files_that_look_like_rules_have_a_right_name() {
        for (name, right) in [
            ("X.RHAI", Some("x.rhai")),
            ("open.Rhai", Some("open.rhai")),
            ("open.rhai.txt", Some("open.rhai")),
            ("open.rhia", Some("open.rhai")),
            ("open.Cases.json", Some("open.cases.json")),
            ("open.case.json", Some("open.cases.json")),
            ("frameworks/cis.tml", Some("cis.toml")),
            ("frameworks/cis.TOML", Some("cis.toml")),
            ("frameworks/cis.toml.txt", Some("cis.toml")),
            ("frameworks/cis.toml", None),
            ("open.rhai", None),
            ("open.cases.json", None),
            ("rolecall.d.rhai", None),
            ("ROLECALL.D.RHAI", None),
            ("README.md", None),
            ("profiles.toml", None),
            (".rhai", None),
        ] {
            assert_eq!(right_name(Path::new(name)).as_deref(), right, "{name}");
        }
    }
}
