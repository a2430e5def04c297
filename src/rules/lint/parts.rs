//! What is known of values and of their parts: which cannot be `()`, and which may be.
//!
//! Parts are written as ends of paths: `.from_port`, `[]` for every item of a list, `[].from_port`.
//! `*` at the end means everything below. What cannot be followed counts as checked.

use std::collections::BTreeSet;
use std::ops::Bound;

pub(super) type Paths = BTreeSet<String>;

/// A value of which more than this is known counts as checked.
pub(super) const MAX_FACTS: usize = 256;

/// The same for parts that are nested deeper than any fact.
const MAX_LENGTH: usize = 300;

/// Every item of a list.
pub(super) const ITEMS: &str = "[]";

/// The first item, which a list that may be empty does not have.
pub(super) const FIRST: &str = "[0]";

/// Of an absent value: that AWS always sends it, so that it is unreadable instead.
pub(super) const SENT: &str = ".!";

/// Adds what contains each path: a value with a field is not `()` either.
pub(super) fn with_containers(paths: Paths) -> Paths {
    let mut all = paths.clone();
    for path in paths.iter().filter(|path| path.len() <= MAX_LENGTH) {
        let (mut depth, mut is_quoted) = (0_usize, false);
        for (at, c) in path.char_indices() {
            match c {
                '"' => is_quoted = !is_quoted,
                _ if is_quoted => {}
                '.' | '[' if depth == 0 && at > 0 => {
                    all.extend(path.get(..at).map(str::to_owned));
                }
                _ => {}
            }
            match c {
                '(' | '[' if !is_quoted => depth += 1,
                ')' | ']' if !is_quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    all
}

/// What is known of a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// The parts that cannot be `()`; the empty path is the value itself.
    pub(super) checked: Paths,
    /// The parts that may be `()` for another reason than their field.
    pub(super) absent: Paths,
}

/// Whether a path is the other one or a part of it.
fn is_within(path: &str, other: &str) -> bool {
    path.strip_prefix(other)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '(', '*']))
}

/// Whether a path is in the set, or below one that ends with `*`.
pub(super) fn covers(set: &Paths, path: &str) -> bool {
    set.contains(path) || is_below_all(set, path)
}

/// Whether a path is below one that ends with `*`.
fn is_below_all(set: &Paths, path: &str) -> bool {
    let mut start = String::with_capacity(path.len() + 1);
    let ends = path.match_indices(['.', '[', '(']).flat_map(|(at, _)| [at, at + 1]);
    for end in ends.chain([path.len()]) {
        start.clear();
        start.push_str(path.get(..end).unwrap_or_default());
        start.push('*');
        if set.contains(&start) {
            return true;
        }
    }
    false
}

/// What both sets cover.
pub(super) fn meet(a: &Paths, b: &Paths) -> Paths {
    let of_both = |a: &Paths, b: &Paths| -> Paths {
        a.iter().filter(|path| covers(b, path.trim_end_matches('*'))).cloned().collect()
    };
    let mut both: Paths = of_both(a, b);
    both.extend(of_both(b, a));
    // `a*` is covered by `a`, but what is below it is not.
    both.retain(|path| {
        let all = path.strip_suffix('*');
        all.is_none_or(|all| is_below_all(a, all) && is_below_all(b, all))
    });
    both
}

/// The ends of the paths that go on after `start`.
pub(super) fn ends_after(known: &Paths, start: &str) -> Paths {
    let after = known.range::<str, _>((Bound::Included(start), Bound::Unbounded));
    let mut ends: Paths = after
        .take_while(|path| path.starts_with(start))
        .filter(|path| is_within(path, start))
        .filter_map(|path| path.get(start.len()..))
        .map(str::to_owned)
        .collect();
    if is_below_all(known, start) {
        ends.insert("*".to_owned());
    }
    ends
}

pub(super) fn prefixed<'p>(part: &str, ends: impl IntoIterator<Item = &'p String>) -> Paths {
    ends.into_iter().map(|end| format!("{part}{end}")).collect()
}

impl Facts {
    /// Of a value that cannot be followed, or that has no parts that may be `()`.
    pub(super) fn checked() -> Self {
        Self { checked: Paths::from(["*".to_owned()]), absent: Paths::new() }
    }

    /// Of `()`: its parts are never read.
    pub(super) fn nil() -> Self {
        let parts = [".*", "[*"].map(str::to_owned);
        Self { checked: Paths::from(parts), absent: Paths::from([String::new()]) }
    }

    pub(super) fn is_absent(&self) -> bool {
        self.absent.contains("")
    }

    /// Whether it can be `()` for a resource in an account, not only in a test case.
    pub(super) fn is_really_absent(&self) -> bool {
        self.is_absent() && !self.absent.contains(SENT)
    }

    /// Of a part of the value.
    pub(super) fn part(&self, part: &str) -> Self {
        Self { checked: ends_after(&self.checked, part), absent: ends_after(&self.absent, part) }
    }

    /// Of the items, if the value is a list.
    pub(super) fn item(&self) -> Self {
        self.part(ITEMS)
    }

    /// Of a value with this part.
    pub(super) fn inside(&self, part: &str) -> Self {
        Self { checked: prefixed(part, &self.checked), absent: prefixed(part, &self.absent) }
    }

    /// Of one of two values.
    pub(super) fn either(&self, other: &Self) -> Self {
        Self {
            checked: meet(&self.checked, &other.checked),
            absent: self.absent.union(&other.absent).cloned().collect(),
        }
    }

    /// Of a list with this item added.
    pub(super) fn with_item(&self, item: &Self) -> Self {
        self.item().either(item).inside(ITEMS)
    }

    /// After these parts were checked.
    pub(super) fn check(mut self, more: Paths) -> Self {
        self.checked.extend(more);
        let checked = &self.checked;
        self.absent.retain(|path| !covers(checked, path));
        self
    }

    /// The same, unless there is too much of it.
    pub(super) fn bounded(mut self) -> Self {
        self.checked.retain(|path| path.len() <= MAX_LENGTH);
        self.absent.retain(|path| path.len() <= MAX_LENGTH);
        if self.checked.len() + self.absent.len() > MAX_FACTS { Self::checked() } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Paths {
        text.split_whitespace().map(|path| path.trim_matches('\'').to_owned()).collect()
    }

    #[test]
    fn paths_are_covered_by_themselves_and_by_all_below_another() {
        for (set, path, expected) in [
            ("a.b", "a.b", true),
            ("a.b", "a.b.c", false),
            ("a.b", "a", false),
            ("a*", "a.b", true),
            ("a*", "a", true),
            ("a*", "a[].b", true),
            ("a*", "ab", false),
            ("a[]*", "a[].b", true),
            ("a[]*", "a", false),
            (".*", ".b", true),
            (".*", "", false),
            ("*", "", true),
            ("*", "[].b", true),
        ] {
            assert_eq!(covers(&paths(set), path), expected, "{set} {path}");
        }
    }

    #[test]
    fn what_two_paths_know_is_what_both_cover() {
        for (a, b, expected) in [
            ("a.b a.c", "a.c a.d", "a.c"),
            ("a*", "a.c", "a.c"),
            ("a*", "a", "a"),
            ("a*", "a*", "a*"),
            ("a* b", "a.c.d b*", "a.c.d b"),
            ("[]*", "[].n []", "[].n []"),
            ("a*", "a.b*", "a.b*"),
            ("a*", "b*", ""),
        ] {
            assert_eq!(meet(&paths(a), &paths(b)), paths(expected), "{a} | {b}");
            assert_eq!(meet(&paths(b), &paths(a)), paths(expected), "{b} | {a}");
        }
    }

    #[test]
    fn parts_of_a_value_keep_what_is_known_of_them() {
        for (known, start, expected) in [
            (".n .m.o", ".m", ".o"),
            ("[].n [] [0].k", "[]", ".n ''"),
            ("*", ".n", "*"),
            (".*", ".n", "*"),
            ("[]*", "[]", "*"),
            (".names", ".name", ""),
        ] {
            assert_eq!(ends_after(&paths(known), start), paths(expected), "{known} {start}");
        }
    }
}
