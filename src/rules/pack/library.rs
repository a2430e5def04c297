//! The contents of packs.

use std::path::PathBuf;

use super::framework::{Frameworks, frameworks};
use super::load::load;
use super::profile::{Profile, profiles};
use super::rule::{LoadError, Pack};

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
        let pack = load(folders)?;
        let frameworks = frameworks(folders, &pack)?;
        let profiles = profiles(&pack)?;
        Ok(Self { pack, frameworks, profiles })
    }
}
