//! The repository that contains the code: its root, and the files that git tracks.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::git_index;
use super::source::SourceError;

/// The largest file of code that is read.
pub const MAX_FILE: u64 = 4 * 1024 * 1024;
/// The largest index of git: several million files.
const MAX_INDEX: u64 = 1024 * 1024 * 1024;
/// How many files are listed if there is no git.
const MAX_FILES: usize = 200_000;
/// How deep folders are listed if there is no git.
const MAX_DEPTH: usize = 64;

/// Folders of downloaded or generated files, which nobody tracks: without git, their files are not
/// part of the repository.
const UNTRACKED: [&str; 6] =
    [".git", ".terraform", ".terragrunt-cache", ".aws-sam", "node_modules", "cdk.out"];

/// A repository.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
    /// The tracked files, sorted; `None` without git.
    tracked: Option<Vec<Box<str>>>,
}

impl Repository {
    /// The repository at `configured`, or else the one that contains the folder `start`: the nearest
    /// folder that has `.git`, or `start` itself if none has. Without git, every file in the folder
    /// counts as tracked, except downloaded and generated ones.
    pub fn open(start: &Path, configured: Option<&Path>) -> Result<Self, SourceError> {
        let folder = configured.unwrap_or(start);
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let folder = canonical(folder)?;
        if !folder.is_dir() {
            let message = "the repository is not a folder".to_owned();
            return Err(SourceError::Invalid { path: folder, message });
        }
        let root = match configured {
            Some(_) => folder,
            None => {
                let found = folder.ancestors().find(|parent| parent.join(".git").exists());
                found.map(Path::to_owned).unwrap_or(folder)
            }
        };
        let tracked = tracked_files(&root)?;
        Ok(Self { root, tracked })
    }

    /// The root, without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a tracked file relative to the root, with `/` as separator and without symbolic
    /// links. `file` is relative to the root or absolute. `None` if it does not exist, is outside of
    /// the repository, or is not tracked.
    pub fn tracked(&self, file: &Path) -> Option<String> {
        let path = fs::canonicalize(self.root.join(file)).ok()?;
        let name = relative(&self.root, &path)?;
        let is_tracked = match &self.tracked {
            Some(files) => files.binary_search_by(|known| (**known).cmp(name.as_str())).is_ok(),
            None => !name.split('/').any(|part| UNTRACKED.contains(&part)),
        };
        (is_tracked && path.is_file()).then_some(name)
    }

    /// All tracked files that exist, sorted.
    pub fn files(&self) -> Vec<String> {
        match &self.tracked {
            Some(files) => {
                let files = files.iter().filter(|file| self.root.join(&***file).is_file());
                files.map(|file| file.to_string()).collect()
            }
            None => {
                let mut files = Vec::new();
                list(&self.root, &self.root, MAX_DEPTH, &mut files);
                files.sort_unstable();
                files
            }
        }
    }

    /// The text of a file in the repository, tracked or not.
    pub fn read(&self, file: &Path) -> Result<String, SourceError> {
        let wanted = self.root.join(file);
        let path = canonical(&wanted)?;
        if !path.starts_with(&self.root) {
            return Err(SourceError::Outside { path: wanted, root: self.root.clone() });
        }
        let bytes = read_bounded(&path, MAX_FILE)?;
        String::from_utf8(bytes).map_err(|_| SourceError::NotText { path })
    }
}

fn canonical(path: &Path) -> Result<PathBuf, SourceError> {
    fs::canonicalize(path).map_err(|error| SourceError::Io { path: path.to_owned(), error })
}

/// The path of `path` relative to `root`.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let mut name = String::new();
    for part in path.strip_prefix(root).ok()?.components() {
        let Component::Normal(part) = part else { return None };
        if !name.is_empty() {
            name.push('/');
        }
        name.push_str(part.to_str()?);
    }
    Some(name)
}

/// Opens a regular file: opening a pipe waits until something writes to it, and reading a device may
/// never end.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    let is_file = |found: fs::Metadata| match found.is_file() {
        true => Ok(()),
        false => Err(io::Error::other("not a regular file")),
    };
    is_file(fs::metadata(path)?)?;
    let file = File::open(path)?;
    // It may have been replaced since.
    is_file(file.metadata()?)?;
    Ok(file)
}

/// The bytes of a file of at most `limit` bytes.
pub(super) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, SourceError> {
    let io = |error| SourceError::Io { path: path.to_owned(), error };
    let file = open_file(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit {
        return Err(SourceError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// What git tracks in the repository with this root; `None` if it has no `.git`.
fn tracked_files(root: &Path) -> Result<Option<Vec<Box<str>>>, SourceError> {
    let git = root.join(".git");
    if !git.exists() {
        return Ok(None);
    }
    let folder = if git.is_dir() {
        git
    } else {
        // A worktree or a submodule: the file names the folder.
        let text = read_text(&git)?;
        let Some(folder) = text.trim_end().strip_prefix("gitdir: ") else {
            let message = "not a folder of git, and does not name one".to_owned();
            return Err(SourceError::Invalid { path: git, message });
        };
        root.join(folder)
    };
    let common = match read_text(&folder.join("commondir")) {
        Ok(common) => folder.join(common.trim_end()),
        Err(_) => folder.clone(),
    };
    let config = read_text(&common.join("config")).unwrap_or_default();
    let index = folder.join("index");
    let bytes = match read_bounded(&index, MAX_INDEX) {
        // Nothing was ever added.
        Err(SourceError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some(Vec::new()));
        }
        other => other?,
    };
    let files = git_index::files(&bytes, uses_sha256(&config));
    files.map(Some).map_err(|message| SourceError::Invalid { path: index, message: message.into() })
}

fn read_text(path: &Path) -> Result<String, SourceError> {
    const MAX: u64 = 1024 * 1024;
    let bytes = read_bounded(path, MAX)?;
    String::from_utf8(bytes).map_err(|_| SourceError::NotText { path: path.to_owned() })
}

/// Whether `extensions.objectFormat` of a config of git is `sha256`.
fn uses_sha256(config: &str) -> bool {
    let mut in_extensions = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            in_extensions = line.eq_ignore_ascii_case("[extensions]");
        } else if let Some((key, value)) = line.split_once('=').filter(|_| in_extensions)
            && key.trim().eq_ignore_ascii_case("objectformat")
        {
            return value.trim().eq_ignore_ascii_case("sha256");
        }
    }
    false
}

/// Adds the files of a folder. Symbolic links are not followed: what they point to is listed itself.
fn list(root: &Path, folder: &Path, depth: usize, files: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if files.len() >= MAX_FILES {
            return;
        }
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() && depth > 0 {
            let is_skipped =
                entry.file_name().to_str().is_some_and(|name| UNTRACKED.contains(&name));
            if !is_skipped {
                list(root, &path, depth - 1, files);
            }
        } else if kind.is_file() {
            files.extend(relative(root, &path));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(folder: &Path, args: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
            .args(args)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn write(folder: &Path, name: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    /// A repository with two tracked files, an untracked one and a symbolic link.
    fn repository(format: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &[&["init"], format].concat());
        for name in ["envs/prod/main.tf", "envs/prod/main.tfvars", "modules/größe/a b.tf", "new.tf"]
        {
            write(folder.path(), name);
        }
        fs::remove_file(folder.path().join("envs/prod/main.tfvars")).unwrap();
        std::os::unix::fs::symlink("../modules/größe", folder.path().join("envs/linked")).unwrap();
        git(folder.path(), &["add", "envs", "modules"]);
        folder
    }

    #[test]
    fn tracked_files_are_read_from_every_version_of_the_index() {
        let ways: [(&[&str], &[&str]); 4] = [
            (&[], &["update-index", "--index-version", "2"]),
            (&[], &["update-index", "--index-version", "4"]),
            // Version 3, because of extended flags.
            (&[], &["add", "--intent-to-add", "new.tf"]),
            (&["--object-format=sha256"], &["status"]),
        ];
        for (format, command) in ways {
            let folder = repository(format);
            git(folder.path(), command);
            let has_new = command[0] == "add";
            let repository = Repository::open(&folder.path().join("envs"), None).unwrap();
            assert_eq!(repository.root(), fs::canonicalize(folder.path()).unwrap());
            let mut wanted = vec!["envs/prod/main.tf", "modules/größe/a b.tf"];
            wanted.extend(has_new.then_some("new.tf"));
            assert_eq!(repository.files(), wanted, "{command:?}");
            for (file, wanted) in [
                ("envs/prod/main.tf", Some("envs/prod/main.tf")),
                ("envs/linked/a b.tf", Some("modules/größe/a b.tf")),
                ("new.tf", has_new.then_some("new.tf")),
                ("envs/prod/main.tfvars", None),
                ("envs/prod", None),
                ("../../etc/passwd", None),
                ("/etc/passwd", None),
                (".git/config", None),
            ] {
                assert_eq!(repository.tracked(Path::new(file)).as_deref(), wanted, "{file}");
            }
        }
    }

    #[test]
    fn worktrees_and_submodules_have_their_own_files() {
        let main = repository(&[]);
        git(main.path(), &["commit", "-m", "a"]);
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        git(main.path(), &["worktree", "add", tree.to_str().unwrap()]);
        let outer = folder.path().join("outer");
        fs::create_dir(&outer).unwrap();
        git(&outer, &["init"]);
        git(&outer, &["submodule", "add", main.path().to_str().unwrap(), "sub"]);
        for root in [tree, outer.join("sub")] {
            let repository = Repository::open(&root, None).unwrap();
            assert_eq!(repository.files(), ["envs/prod/main.tf", "modules/größe/a b.tf"]);
        }
        let outer = Repository::open(&outer, None).unwrap();
        assert_eq!(outer.files(), [".gitmodules"]);
        assert_eq!(outer.tracked(Path::new("sub/envs/prod/main.tf")), None);
    }

    #[test]
    fn without_git_all_files_but_downloaded_ones_count_as_tracked() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "main.tf");
        write(folder.path(), ".terraform/modules/vpc/main.tf");
        write(folder.path(), "a/node_modules/b.ts");
        let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
        assert_eq!(repository.files(), ["main.tf"]);
        assert_eq!(repository.tracked(Path::new("main.tf")).as_deref(), Some("main.tf"));
        assert_eq!(repository.tracked(Path::new(".terraform/modules/vpc/main.tf")), None);
        // It can still be read, to find the module that a state refers to.
        assert_eq!(repository.read(Path::new(".terraform/modules/vpc/main.tf")).unwrap(), "x");
    }

    #[test]
    fn nothing_outside_and_nothing_large_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        write(&root, "main.tf");
        write(folder.path(), "secret.tf");
        std::os::unix::fs::symlink("../secret.tf", root.join("linked.tf")).unwrap();
        fs::write(root.join("large.tf"), vec![b' '; MAX_FILE as usize + 1]).unwrap();
        fs::write(root.join("binary.tf"), [0xff]).unwrap();
        let repository = Repository::open(&root, Some(&root)).unwrap();
        let error = |file: &str| repository.read(Path::new(file)).unwrap_err().to_string();
        assert!(error("linked.tf").contains("outside of the repository"));
        assert!(error("../secret.tf").contains("outside of the repository"));
        assert!(error("large.tf").contains("larger than"));
        assert!(error("binary.tf").contains("not valid UTF-8"));
        assert!(error("missing.tf").contains("cannot read"));
    }

    #[test]
    fn damaged_indexes_are_rejected() {
        let folder = repository(&[]);
        let path = folder.path().join(".git/index");
        let whole = fs::read(&path).unwrap();
        assert_eq!(git_index::files(&whole, false).unwrap().len(), 2);
        // The entries end after these.
        for length in 0..180 {
            assert!(git_index::files(&whole[..length], false).is_err(), "{length} bytes");
        }
        fs::write(&path, b"DIRC\0\0\0\x09\0\0\0\0").unwrap();
        let error = Repository::open(folder.path(), None).unwrap_err().to_string();
        assert!(error.contains("unknown version"), "{error}");
        fs::remove_file(&path).unwrap();
        git(folder.path(), &["add", "envs", "modules"]);
        git(folder.path(), &["update-index", "--split-index"]);
        let error = Repository::open(folder.path(), None).unwrap_err().to_string();
        assert!(error.contains("--no-split-index"), "{error}");
    }
}
