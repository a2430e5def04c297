//! Paged lists: all pages, or a failure.

use std::collections::HashSet;
use std::future::Future;

use super::failure::Failure;

/// The most pages of one list: far above any quota, a million resources at 100 a page.
const MAX_PAGES: usize = 10_000;

/// Which pages of a list are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    All,
    First,
}

/// The items of all pages of a list. `page` requests the page of a token, and returns its items and
/// the next token; a page may be empty, and only the token says whether the list goes on. One page
/// that fails fails the list.
pub(super) async fn all_pages<T, F>(
    call: &'static str,
    page: impl FnMut(Option<String>) -> F,
) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<(Option<Vec<T>>, Option<String>), Failure>>,
{
    pages(call, Pages::All, page).await
}

/// The items of these pages of a list.
pub(super) async fn pages<T, F>(
    call: &'static str,
    wanted: Pages,
    mut page: impl FnMut(Option<String>) -> F,
) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<(Option<Vec<T>>, Option<String>), Failure>>,
{
    let mut tokens = PageTokens { call, seen: HashSet::new() };
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let (items, next) = page(token).await?;
        all.extend(items.unwrap_or_default());
        token = tokens.next(next)?;
        if token.is_none() || wanted == Pages::First {
            return Ok(all);
        }
    }
}

/// Follows the tokens of a list. A service that returns the same token twice would otherwise be
/// listed forever, or cut short without notice.
#[derive(Debug)]
struct PageTokens {
    call: &'static str,
    seen: HashSet<String>,
}

impl PageTokens {
    /// The token of the next page, if there is one.
    fn next(&mut self, token: Option<String>) -> Result<Option<String>, Failure> {
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
        if self.seen.len() >= MAX_PAGES || !self.seen.insert(token.clone()) {
            return Err(Failure::invalid(
                self.call,
                "the list does not end: a page token was repeated, or there are too many pages",
            ));
        }
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sample_ends_with_the_first_page() {
        for (wanted, expected) in [(Pages::First, vec![0]), (Pages::All, vec![0, 1, 2])] {
            let numbers = pages("ec2:DescribeVolumes", wanted, |token| async move {
                let number = token.map_or(0, |token| token.parse::<u8>().unwrap());
                Ok((Some(vec![number]), (number < 2).then(|| (number + 1).to_string())))
            });
            assert_eq!(numbers.await.unwrap(), expected);
        }
    }

    #[test]
    fn a_repeated_page_token_fails_the_list() {
        let mut tokens = PageTokens { call: "ec2:DescribeVolumes", seen: HashSet::new() };
        assert_eq!(tokens.next(Some("a".into())).unwrap().as_deref(), Some("a"));
        assert_eq!(tokens.next(Some("b".into())).unwrap().as_deref(), Some("b"));
        assert_eq!(tokens.next(Some("a".into())).unwrap_err().cause.code, "InvalidResponse");
        assert_eq!(tokens.next(Some(String::new())).unwrap(), None);
        assert_eq!(tokens.next(None).unwrap(), None);
    }
}
