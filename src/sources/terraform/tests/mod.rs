//! Placing findings of a small stack: `tests/sources/terraform`.

mod arguments;
mod doubt;
mod files;
mod kinds;
mod properties;
mod stack;
mod terragrunt;
mod traps;
mod values;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::model::{AccountId, PlaceReason, Placing, Region, ResourceRef};
use crate::sources::{Repository, Source, Subject};

const ACCOUNT: &str = "111122223333";

/// A copy of the stack, or another repository without git.
struct Stack {
    folder: tempfile::TempDir,
}

/// What is asked.
#[derive(Clone)]
struct Asked {
    account: &'static str,
    region: &'static str,
    kind: &'static str,
    id: String,
    arn: Option<String>,
    tags: BTreeMap<String, String>,
    terraform: Vec<String>,
    evidence: Vec<Value>,
}

fn asked(kind: &'static str, id: &str, terraform: &[&str], evidence: &[Value]) -> Asked {
    Asked {
        account: ACCOUNT,
        region: "eu-west-1",
        kind,
        id: id.to_owned(),
        arn: None,
        tags: BTreeMap::new(),
        terraform: terraform.iter().map(|entry| (*entry).to_owned()).collect(),
        evidence: evidence.to_vec(),
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources/terraform")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

impl Stack {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&fixtures(), folder.path());
        Self { folder }
    }

    /// A repository of these files.
    fn of(files: &[(&str, &str)]) -> Self {
        let stack = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            stack.write(name, text);
        }
        stack
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Opens a root module with states.
    fn open(&self, root: &str, states: &[&str]) -> Root {
        let repository = Repository::open(self.folder.path(), Some(self.folder.path())).unwrap();
        let states = states.iter().map(|name| StateInput::File(self.path(name))).collect();
        Root::open(&repository, Path::new(root), states, &[]).unwrap()
    }

    /// A place in words: what, the file and the text of the line, the address, why, and the call.
    fn describe(&self, root: &Root, asked: &Asked) -> String {
        let account = asked.account.parse().unwrap();
        let region: Region = asked.region.parse().unwrap();
        let resource = ResourceRef {
            kind: asked.kind.to_owned().into(),
            region: region.clone(),
            id: Some(asked.id.as_str().into()),
            arn: asked.arn.as_deref().map(Into::into),
            name: None,
        };
        let subject = Subject {
            account: &account,
            region: &region,
            resource: &resource,
            tags: Some(&asked.tags),
            terraform: &asked.terraform,
            evidence: &asked.evidence,
        };
        match root.place(&subject) {
            Placing::NotDeclared => "not declared".to_owned(),
            Placing::NotFound { address, reason } => format!("not found `{address}`: {reason}"),
            Placing::Placed(place) => {
                let text = self.read(&place.file);
                let line = |number: u32| text.lines().nth(number as usize - 1).unwrap().to_owned();
                // Columns do not count a byte order mark, which editors hide.
                let whole = line(place.line).trim_start_matches('\u{feff}').to_owned();
                let columns = place.column as usize - 1..place.end_column as usize - 1;
                let marked: String =
                    whole.chars().skip(columns.start).take(columns.len()).collect();
                assert!(!marked.is_empty(), "{place:?}");
                if let Some(value) = &place.value {
                    assert!(text.get(value.clone()).is_some(), "{place:?}");
                }
                let because = match place.because {
                    Some(PlaceReason::Satellite) => ", satellite",
                    Some(PlaceReason::BroughtAlong) => ", brought along",
                    Some(PlaceReason::Missing) => ", missing",
                    None => "",
                };
                let call = place.call.map_or(String::new(), |call| {
                    let text = self.read(&call.file);
                    let line = text.lines().nth(call.line as usize - 1).unwrap_or_default();
                    format!(", called at {} `{}`", call.file, line.trim())
                });
                let what = place.what.as_str();
                format!("{what} {} `{marked}` of {}{because}{call}", place.file, place.address)
            }
        }
    }
}
