//! The contents of packs.

use std::path::PathBuf;

use super::framework::{Frameworks, frameworks};
use super::load::{load, load_required};
use super::profile::{Profile, profiles};
use super::rule::{LoadError, Pack};
use super::templates::keep_required;
use crate::model::TagRequirements;

/// The rules, frameworks and profiles of packs.
#[derive(Debug)]
pub struct Library {
    /// The rules.
    pub pack: Pack,
    /// The frameworks.
    pub frameworks: Frameworks,
    /// The profiles, each a subset of the next.
    pub profiles: Vec<Profile>,
}

impl Library {
    /// Loads the built-in pack, then the folders.
    pub fn load(folders: &[PathBuf]) -> Result<Self, LoadError> {
        Self::of(load(folders)?, folders)
    }

    /// The same for runs with these required tags: without the rules on tags of other kinds.
    pub fn load_required(
        folders: &[PathBuf],
        required: &TagRequirements,
    ) -> Result<Self, LoadError> {
        let mut library = Self::of(load_required(folders, required)?, folders)?;
        keep_required(&mut library.pack, required);
        Ok(library)
    }

    fn of(pack: Pack, folders: &[PathBuf]) -> Result<Self, LoadError> {
        let frameworks = frameworks(folders, &pack)?;
        let profiles = profiles(&pack)?;
        Ok(Self { pack, frameworks, profiles })
    }
}
