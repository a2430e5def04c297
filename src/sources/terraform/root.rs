//! A root module: its code and its states.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::code::Code;
use super::links::Links;
use super::state::{self, Instance, StateError};
use super::{modules, relations};
use crate::model::AccountId;
use crate::sources::repository::open_file;
use crate::sources::{Repository, SourceError};

/// A state to read.
pub enum StateInput {
    /// A file.
    File(PathBuf),
    /// Something that is open, such as the standard input.
    Open {
        /// Its name in messages.
        name: String,
        /// The content.
        content: Box<dyn Read + Send>,
    },
}

/// A state that was read.
#[derive(Debug)]
pub(super) struct StateFile {
    /// Its name in messages.
    pub name: String,
    /// Its lineage, which its copies have as well.
    pub lineage: Option<String>,
}

/// A root module with its states.
#[derive(Debug)]
pub struct Root {
    pub(super) accounts: Vec<AccountId>,
    pub(super) states: Vec<StateFile>,
    pub(super) links: Links,
    pub(super) code: Code,
    pub(super) problems: Vec<String>,
    /// Whether the code is that of a plan.
    pub(super) has_plan: bool,
}

impl Root {
    /// Reads the code of the root module in the folder `root` of a repository, and its states. With
    /// `accounts`, it declares nothing in other accounts.
    ///
    /// A state that cannot be read is not an error, but a problem: what other states declare is still
    /// found.
    pub fn open(
        repository: &Repository,
        root: &Path,
        states: Vec<StateInput>,
        accounts: &[AccountId],
    ) -> Result<Self, SourceError> {
        let code = Code::open(repository, root)?;
        let mut opened = Self {
            accounts: accounts.to_vec(),
            states: Vec::new(),
            links: Links::default(),
            problems: code.problems.clone(),
            has_plan: false,
            code,
        };
        for input in states {
            opened.add(input);
        }
        Ok(opened)
    }

    /// Adds a state.
    pub fn add(&mut self, input: StateInput) {
        let (name, content) = match input {
            StateInput::File(path) => {
                let content = open_file(&path).map(|file| Box::new(file) as Box<dyn Read + Send>);
                (path.display().to_string(), content)
            }
            StateInput::Open { name, content } => (name, Ok(content)),
        };
        match content.map_err(StateError::Io).and_then(state::read) {
            Ok(mut state) => {
                for instance in &mut state.instances {
                    self.add_account(instance);
                    self.add_region(instance);
                }
                self.links.add(self.states.len(), state.instances);
                self.states.push(StateFile { name, lineage: state.lineage });
            }
            Err(error) => self.problems.push(format!("the state {name} is not used: {error}")),
        }
    }

    /// If there is only one account, it is that of everything whose account the state does not have.
    fn add_account(&self, instance: &mut Instance) {
        if let ([account], None) = (self.accounts.as_slice(), &instance.scope.account) {
            instance.scope.account = Some(account.as_str().into());
        }
    }

    /// Settings of a region have it in the state only since version 6 of the provider; before, it is
    /// known from the provider configuration.
    fn add_region(&self, instance: &mut Instance) {
        let entry = relations::INDEX.entry(&instance.resource_type);
        let rows = entry.map_or(&[][..], |entry| entry.rows.as_slice());
        let is_setting = rows.iter().any(|row| row.id == relations::Id::Region);
        if is_setting && instance.scope.region.is_none() {
            let found = modules::find(&self.code, instance.address());
            let region = found.and_then(|found| modules::region(&self.code, &found));
            instance.scope.region = region.map(std::sync::Arc::from);
        }
    }
}
