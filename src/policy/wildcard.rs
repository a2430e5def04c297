//! IAM's wildcards: `*` for any characters, `?` for one character.

/// Whether `pattern` matches everything that `target` matches. Both may have IAM's wildcards: `*`
/// for any characters, `?` for one character; only a `*` matches a `*` in the target. The names of
/// actions and objects have at least one character: `s3:?*` matches everything that `s3:*` does.
pub fn covers(pattern: &str, target: &str) -> bool {
    matches_all(pattern, target)
        || (target.ends_with(":*") || target.ends_with("/*"))
            && any_name(pattern).is_some_and(|pattern| matches_all(&pattern, target))
}

/// A pattern that ends with any name, written as one with at least one character, with `*` instead.
fn any_name(pattern: &str) -> Option<String> {
    let before = pattern.strip_suffix("?*").or_else(|| pattern.strip_suffix("*?"))?;
    before.ends_with([':', '/']).then(|| format!("{before}*"))
}

fn matches_all(pattern: &str, target: &str) -> bool {
    let (pattern, target): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), target.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < target.len() {
        let one = pattern
            .get(p)
            .is_some_and(|c| *c != '*' && (*c == target[t] || (*c == '?' && target[t] != '*')));
        if one {
            (p, t) = (p + 1, t + 1);
        } else if pattern.get(p) == Some(&'*') {
            retry = Some((p, t));
            p += 1;
        } else if let Some((star, from)) = retry {
            // Let the star match one more character.
            retry = Some((star, from + 1));
            (p, t) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// A pattern with `*` for each policy variable, such as `${aws:username}`: what it can mean in any
/// request.
pub fn any_variables(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// Patterns whose lengths multiply to more than this are assumed to overlap; real actions are tens
/// of characters long.
const MAX_WORK: usize = 4 << 20;

/// Whether any string matches both patterns.
pub fn overlaps(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().saturating_mul(b.len()) > MAX_WORK {
        return true;
    }
    // below[j]: whether the rest of `a` after the current position and the rest of `b` from j on
    // have a string in common.
    let mut below = vec![false; b.len() + 1];
    for i in (0..=a.len()).rev() {
        let mut row = vec![false; b.len() + 1];
        for j in (0..=b.len()).rev() {
            row[j] = match (a.get(i), b.get(j)) {
                (None, None) => true,
                (Some('*'), other) => below[j] || (other.is_some() && row[j + 1]),
                (other, Some('*')) => row[j + 1] || (other.is_some() && below[j]),
                (Some(x), Some(y)) => (x == y || *x == '?' || *y == '?') && below[j + 1],
                _ => false,
            };
        }
        below = row;
    }
    below[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, target, expected) in [
            ("*", "anything", true),
            ("s3:*", "s3:*", true),
            ("s3:Get*", "s3:*", false),
            ("s3:?et", "s3:Get", true),
            ("s3:?", "s3:*", false),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*", true),
            ("arn:aws:s3:::b*", "arn:aws:s3:::b/*", true),
            ("arn:aws:s3:::b/a*", "arn:aws:s3:::b/*", false),
            ("arn:aws:s3:::b", "arn:aws:s3:::b/*", false),
            ("arn:*:s3:::b/*", "arn:aws-cn:s3:::b/*", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("s3:?*", "s3:*", true),
            ("s3:*?", "s3:*", true),
            ("s3:??*", "s3:*", false),
            ("s?*", "s*", false),
            ("arn:aws:s3:::b/?*", "arn:aws:s3:::b/*", true),
            ("arn:aws:s3:::b/?*", "arn:aws:s3:::b/", false),
            ("arn:aws:s3:::b/?*", "arn:aws:s3:::b/a/*", true),
            ("arn:aws:s3:::b/a?*", "arn:aws:s3:::b/*", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(covers(pattern, target), expected, "{pattern} {target}");
        }
    }

    #[test]
    fn variables_can_be_anything() {
        for (pattern, expected) in [
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*"),
            ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/*/*"),
            ("${a}-${b, 'default'}", "*-*"),
            ("b/${*}", "b/*"),
            ("b/${unclosed", "b/*"),
            ("b/$x{}", "b/$x{}"),
        ] {
            assert_eq!(any_variables(pattern), expected, "{pattern}");
        }
    }

    /// Every string of `a` and `b` of up to four characters.
    fn texts() -> Vec<String> {
        let mut all = vec![String::new()];
        for length in 0..4 {
            let longer: Vec<String> = all
                .iter()
                .filter(|text| text.len() == length)
                .flat_map(|text| [format!("{text}a"), format!("{text}b")])
                .collect();
            all.extend(longer);
        }
        all
    }

    proptest! {
        #[test]
        fn covers_and_overlaps_agree_with_the_matched_strings(p in "[ab?*]{0,3}", q in "[ab?*]{0,3}") {
            let (mut covered, mut common) = (true, false);
            for text in texts() {
                let (by_p, by_q) = (covers(&p, &text), covers(&q, &text));
                covered &= by_p || !by_q;
                common |= by_p && by_q;
            }
            // Strings of four characters show every difference between patterns of three, with one
            // exception: a function that only compares patterns may miss that several parts
            // together cover. It must never claim too much.
            prop_assert!(covered || !covers(&p, &q), "{} does not cover {}", p, q);
            prop_assert_eq!(overlaps(&p, &q), common, "{} {}", p, q);
            prop_assert!(covers(&p, &p));
        }

        #[test]
        fn any_string_is_safe(p in any::<String>(), q in any::<String>()) {
            prop_assert!(!covers(&p, &q) || overlaps(&p, &q), "{} {}", p, q);
        }
    }
}
