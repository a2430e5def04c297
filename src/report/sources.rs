//! How many failures have a place in code.

use crate::model::{AccountId, Finding, Placing, ResourceRef, Verdict, text};

/// Resources that are listed; the others are counted.
const LISTED: usize = 1_000;

/// The failures of a run by what is known about the code of their resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceCoverage {
    /// Failures whose place is known.
    pub placed: usize,
    /// Failures of resources that no code declares.
    pub not_declared: usize,
    /// Failures of resources that are declared, but were not found in the code.
    pub not_found: usize,
    /// What was not found, by resource and address: the first ones.
    pub missing: Vec<MissingCode>,
    /// What could not be read of the sources.
    pub problems: Vec<String>,
}

/// A resource that is declared, but was not found in the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingCode {
    /// The account of the resource.
    pub account: AccountId,
    /// The resource.
    pub resource: ResourceRef,
    /// Its address.
    pub address: String,
    /// Why it was not found.
    pub reason: String,
    /// How many failures it has.
    pub findings: usize,
}

impl SourceCoverage {
    /// Counts the findings of an account.
    pub(super) fn add(&mut self, account: &AccountId, findings: &[Finding]) {
        let first = self.missing.len();
        for finding in findings {
            if finding.verdict != Verdict::Fail || finding.resource.id.is_none() {
                continue;
            }
            match finding.placing.as_deref() {
                Some(Placing::Placed(_)) => self.placed += 1,
                None | Some(Placing::NotDeclared) => self.not_declared += 1,
                Some(Placing::NotFound { address, reason }) => {
                    self.not_found += 1;
                    let of_account = self.missing.get_mut(first..).unwrap_or_default();
                    // The findings on a resource follow each other.
                    let known = of_account.iter_mut().rev().find(|known| {
                        known.resource == *finding.resource && known.address == *address
                    });
                    if let Some(known) = known {
                        known.findings += 1;
                    } else if self.missing.len() < LISTED {
                        self.missing.push(MissingCode {
                            account: account.clone(),
                            resource: (*finding.resource).clone(),
                            address: text::one_line(address, 500),
                            reason: text::one_line(reason, 500),
                            findings: 1,
                        });
                    }
                }
            }
        }
    }

    /// The failures of resources.
    pub fn failures(&self) -> usize {
        self.placed + self.not_declared + self.not_found
    }
}
