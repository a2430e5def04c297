//! Paged lists: every page of a list or a failure.

use std::collections::HashSet;

use super::failure::Failure;
use crate::facts::ApiCall;

/// Follows the tokens of a paged list. A service that gives the same token twice would be listed
/// for ever, or cut short in silence.
#[derive(Debug)]
pub(super) struct Pages {
    call: &'static str,
    seen: HashSet<String>,
}

impl Pages {
    /// Far above what any quota allows: a million resources at 100 a page.
    const MAX: usize = 10_000;

    pub(super) fn of(call: &ApiCall) -> Self {
        Self::named(call.name)
    }

    /// For a call that supplies no facts.
    pub(super) fn named(call: &'static str) -> Self {
        Self { call, seen: HashSet::new() }
    }

    /// The token of the next page, if there is one.
    pub(super) fn next(&mut self, token: Option<String>) -> Result<Option<String>, Failure> {
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
        if self.seen.len() >= Self::MAX || !self.seen.insert(token.clone()) {
            return Err(Failure::invalid(
                self.call,
                "the list does not end: a page token came twice, or there are too many pages",
            ));
        }
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_goes_in_circles_is_no_list() {
        let mut pages = Pages::of(&ApiCall::new("ec2:DescribeVolumes"));
        assert_eq!(pages.next(Some("a".into())).unwrap().as_deref(), Some("a"));
        assert_eq!(pages.next(Some("b".into())).unwrap().as_deref(), Some("b"));
        assert_eq!(pages.next(Some("a".into())).unwrap_err().cause.code, "InvalidResponse");
        assert_eq!(pages.next(Some(String::new())).unwrap(), None);
        assert_eq!(pages.next(None).unwrap(), None);
    }
}
