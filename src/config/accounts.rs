//! The accounts of an organization that a config scans.

use super::settings::Config;
use std::collections::BTreeMap;

use crate::diagnostics::Diagnostic;
use crate::model::{DiscoveredAccount, Organization, SkippedAccount, Target};

impl Config {
    /// The accounts to scan, sorted by id: those of the organization and those with an
    /// `[[account]]`. Also the accounts of the organization that are skipped. An `[[account]]`
    /// overrides the settings of the organization, and an account that has one is never skipped.
    /// Returns diagnostics for patterns of `[organization]` that match nothing.
    pub fn accounts_of(
        &self,
        organization: &Organization,
    ) -> Result<(Vec<Target>, Vec<SkippedAccount>), Vec<Diagnostic>> {
        let Some(settings) = &self.organization else { return Ok((self.targets(), Vec::new())) };
        let (mut discovered, mut skipped) =
            organization.select(&settings.filter).map_err(|unmatched| {
                let mut diagnostics: Vec<Diagnostic> = unmatched
                    .into_iter()
                    .map(|pattern| {
                        let span = settings
                            .spans
                            .get(&(pattern.list, pattern.index))
                            .cloned()
                            .unwrap_or(0..0);
                        let diagnostic = Diagnostic::new(
                            &self.origin.file,
                            &self.origin.source,
                            span,
                            pattern.message,
                        );
                        Diagnostic { help: pattern.help, ..diagnostic }
                    })
                    .collect();
                diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
                diagnostics
            })?;
        let mut targets = BTreeMap::new();
        for mut target in self.targets() {
            if let Some(member) = organization.member(&target.account) {
                target.name = target.name.or_else(|| member.name.clone());
                if !settings.with_regions.contains(&target.account) {
                    target.regions.clone_from(&settings.regions);
                }
                if let Some(path) = organization.path(&member.unit) {
                    target
                        .labels
                        .entry(DiscoveredAccount::LABEL.to_owned())
                        .or_insert_with(|| path.to_owned());
                }
            }
            targets.insert(target.account.clone(), target);
        }
        discovered.retain(|found| !targets.contains_key(&found.account));
        skipped.retain(|skipped| !targets.contains_key(&skipped.account));
        targets.extend(
            discovered.into_iter().map(|found| (found.account.clone(), settings.target(found))),
        );
        Ok((targets.into_values().collect(), skipped))
    }
}
