//! String patterns, and tags. All matching is linear in the length of the string, whatever the
//! pattern.

use std::cell::RefCell;
use std::collections::HashMap;

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;
use rhai::{Array, Dynamic};
use serde_json::{Map, Value};

use super::strings::charge_text;
use super::table::topic;
use crate::model::{MAX_PATTERN, compile_regex, text};
use crate::policy::covers;
use crate::rules::helpers::arguments::{Scripted, optional_text};
use crate::rules::values::budget::charge;
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::{to_json, type_name};

topic! {
    /// These functions match patterns, join strings and evaluate tags. An invalid pattern makes the
    /// verdict `error`. Matching time is linear in the length of the string, whatever the pattern.
    "Strings and tags";

    /// Returns whether a glob matches the whole string: `*` matches any characters, `?` matches one
    /// character, `[a-z]` matches one character of the set, and `{a,b}` matches either alternative.
    /// Matching is case-sensitive. If the string is `()`, the result is `false`.
    fn glob_matches(pattern: "string", text: "string?") -> "bool";
    "glob_matches(\"prod-*\", \"prod-web\")" => "true";
    "glob_matches(\"{dev,test}-?\", \"test-12\")" => "false";
    |engine, _| engine.register_fn("glob_matches", |pattern: &str, text: Dynamic| -> Scripted<bool> {
        let text = optional_text("glob_matches", &text)?;
        charge_text(text.as_ref().map_or(0, |text| text.len()))?;
        glob("glob_matches", pattern, |glob| text.is_some_and(|text| glob.is_match(text.as_str())))
    });

    /// Returns whether a regular expression matches anywhere in the string; anchor it with `^` and
    /// `$` to match the whole string. Look-around and backreferences are not supported. Patterns
    /// can be up to 1,000 bytes long. If the string is `()`, the result is `false`.
    fn regex_matches(pattern: "string", text: "string?") -> "bool";
    "regex_matches(\"^ami-[0-9a-f]{17}$\", \"ami-0123456789abcdef0\")" => "true";
    "regex_matches(\"(?i)PROD\", \"my-prod-bucket\")" => "true";
    |engine, _| engine.register_fn("regex_matches", |pattern: &str, text: Dynamic| -> Scripted<bool> {
        let text = optional_text("regex_matches", &text)?;
        charge_text(text.as_ref().map_or(0, |text| text.len()))?;
        regex("regex_matches", pattern, |regex| text.is_some_and(|text| regex.is_match(&text)))
    });

    /// Joins the items of a list into one string with a separator: `ports.join(", ")`. Items must
    /// be strings, numbers or booleans.
    fn join(list: "list", separator: "string") -> "string";
    "[22, 3389].join(\", \")" => "\"22, 3389\"";
    "[].join(\", \")" => "\"\"";
    |engine, _| engine.register_fn("join", |list: &mut Array, separator: &str| join("join", list, separator));

    /// Joins the first items of a list with commas and says how many more there are. Use it for
    /// reasons and messages, which should fit on one line: `names.join_first(3)`. Items must be
    /// strings, numbers or booleans.
    fn join_first(list: "list", count: "int") -> "string";
    "[\"a\", \"b\", \"c\", \"d\", \"e\"].join_first(3)" => "\"a, b, c and 2 more\"";
    "[22, 3389].join_first(3)" => "\"22, 3389\"";
    |engine, _| engine.register_fn("join_first", |list: &mut Array, count: i64| -> Scripted<String> {
        let shown = usize::try_from(count).unwrap_or(0);
        if shown == 0 {
            return Interrupt::Broken(format!("`join_first` needs a count of at least 1, got {count}")).raise();
        }
        let first = list.get(..shown).unwrap_or(list.as_slice());
        let joined = join("join_first", first, ", ")?;
        Ok(match list.len() - first.len() {
            0 => joined,
            more => format!("{joined} and {more} more"),
        })
    });

    /// Returns whether a tag with this key exists, whatever its value. `()`, which is the
    /// value of `tags` for an untagged bucket, contains no tags.
    fn has_tag(tags: "map?", key: "string") -> "bool";
    "has_tag(#{ Owner: \"\" }, \"Owner\")" => "true";
    "has_tag((), \"Owner\")" => "false";
    |engine, _| engine.register_fn("has_tag", |tags: Dynamic, key: &str| -> Scripted<bool> {
        tag("has_tag", &tags, key).map(|value| value.is_some())
    });

    /// Returns whether any tag, written as `Key=Value`, matches one of the patterns, in which `*`
    /// and `?` are wildcards. Use it for parameters such as `exempt_tags`.
    fn has_matching_tag(tags: "map?", patterns: "list of string") -> "bool";
    "has_matching_tag(#{ Env: \"test-7\" }, [\"Owner=*\", \"Env=test-?\"])" => "true";
    "has_matching_tag(#{ Env: \"prod\" }, [\"Env=test*\"])" => "false";
    "has_matching_tag((), [\"*\"])" => "false";
    |engine, _| engine.register_fn("has_matching_tag", |tags: Dynamic, patterns: Array| -> Scripted<bool> {
        matching_tag("has_matching_tag", &tags, &patterns)
    });

    /// Returns whether a tag with this key exists and its value matches the glob.
    fn tag_matches(tags: "map?", key: "string", pattern: "string") -> "bool";
    "tag_matches(#{ Env: \"prod-eu\" }, \"Env\", \"prod*\")" => "true";
    "tag_matches(#{ Env: \"prod-eu\" }, \"env\", \"prod*\")" => "false";
    |engine, _| engine.register_fn("tag_matches", |tags: Dynamic, key: &str, pattern: &str| -> Scripted<bool> {
        let value = tag("tag_matches", &tags, key)?;
        glob("tag_matches", pattern, |glob| value.is_some_and(|value| glob.is_match(value)))
    });
}

/// Whether any tag, written as `Key=Value`, matches one of the patterns.
pub(super) fn matching_tag(helper: &str, tags: &Dynamic, patterns: &Array) -> Scripted<bool> {
    let tags = tags_of(helper, tags)?;
    for pattern in patterns {
        let pattern = optional_text(helper, pattern)?.unwrap_or_default();
        let covers = |(key, value): (&String, &Value)| {
            let tag = format!("{key}={}", value.as_str().unwrap_or_default());
            covers(&pattern, &tag)
        };
        if tags.iter().any(covers) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Longer strings are refused here, because the engine checks the size of a string only after a
/// function has created it.
const MAX_JOINED: usize = 64 << 10;

fn join(helper: &str, list: &[Dynamic], separator: &str) -> Scripted<String> {
    let items: Scripted<Vec<String>> = list.iter().map(|value| item(helper, value)).collect();
    let items = items?;
    let length = items.iter().map(|item| item.len() + separator.len()).sum::<usize>();
    if length > MAX_JOINED {
        let message = format!(
            "`{helper}` returns at most {MAX_JOINED} bytes, but this string would have {length} bytes"
        );
        return Interrupt::Broken(message).raise();
    }
    Ok(items.join(separator))
}

fn item(helper: &str, value: &Dynamic) -> Scripted<String> {
    if let Ok(text) = value.as_immutable_string_ref() {
        return Ok(text.to_string());
    }
    if value.is_int() || value.is_float() || value.is_bool() {
        return Ok(value.to_string());
    }
    let got = type_name(value);
    Interrupt::Broken(format!("`{helper}` expects strings, numbers or booleans, got {got}")).raise()
}

/// How many compiled patterns a thread caches. Patterns come from rules and parameters; if there
/// are more than this, they come from facts and are not worth caching.
const MAX_KEPT: usize = 128;
/// How many operations it takes to compile a pattern.
const COMPILATION: u64 = 100;

thread_local! {
    static GLOBS: RefCell<HashMap<String, GlobMatcher>> = RefCell::default();
    static REGEXES: RefCell<HashMap<String, Regex>> = RefCell::default();
}

fn tag(helper: &str, tags: &Dynamic, key: &str) -> Scripted<Option<String>> {
    Ok(tags_of(helper, tags)?.get(key).and_then(Value::as_str).map(str::to_owned))
}

fn tags_of(helper: &str, tags: &Dynamic) -> Scripted<Map<String, Value>> {
    match to_json(tags)? {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map),
        _ => {
            let got = type_name(tags);
            Interrupt::Broken(format!("`{helper}` expects a tag map, got {got}")).raise()
        }
    }
}

/// Applies a compiled pattern, which is cached for the next call.
fn kept<P, T>(
    kept: &mut HashMap<String, P>,
    helper: &str,
    pattern: &str,
    compile: impl Fn(&str) -> Result<P, String>,
    with: impl FnOnce(&P) -> T,
) -> Scripted<T> {
    if let Some(compiled) = kept.get(pattern) {
        return Ok(with(compiled));
    }
    charge(COMPILATION)?;
    let compiled = if pattern.len() > MAX_PATTERN {
        Err(format!("patterns are limited to {MAX_PATTERN} bytes"))
    } else {
        compile(pattern)
    };
    match compiled {
        Ok(compiled) => {
            let answer = with(&compiled);
            if kept.len() >= MAX_KEPT {
                kept.clear();
            }
            kept.insert(pattern.to_owned(), compiled);
            Ok(answer)
        }
        Err(reason) => {
            let (shown, reason) = (text::one_line(pattern, 80), text::one_line(&reason, 300));
            Interrupt::Broken(format!("`{helper}` got an invalid pattern `{shown}`: {reason}"))
                .raise()
        }
    }
}

fn glob<T>(helper: &str, pattern: &str, with: impl FnOnce(&GlobMatcher) -> T) -> Scripted<T> {
    GLOBS.with_borrow_mut(|globs| kept(globs, helper, pattern, compile_glob, with))
}

pub(super) fn compile_glob(pattern: &str) -> Result<GlobMatcher, String> {
    // With more alternatives than this, the compiled pattern grows too large.
    if pattern.bytes().filter(|byte| matches!(byte, b'{' | b',')).count() > 64 {
        return Err("too many alternatives".to_owned());
    }
    GlobBuilder::new(pattern)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| error.kind().to_string())
}

/// Why a pattern is not a valid regular expression.
pub(super) fn regex_error(pattern: &str) -> Option<String> {
    compile_regex(pattern).err()
}

fn regex<T>(helper: &str, pattern: &str, with: impl FnOnce(&Regex) -> T) -> Scripted<T> {
    REGEXES.with_borrow_mut(|regexes| kept(regexes, helper, pattern, compile_regex, with))
}

/// Whether a glob of `*`, `?` and plain characters matches, as a reference implementation for
/// tests.
#[cfg(test)]
fn by_definition(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => {
            by_definition(rest, text) || (!text.is_empty() && by_definition(pattern, &text[1..]))
        }
        (Some(('?', rest)), Some((_, text))) => by_definition(rest, text),
        (Some((p, rest)), Some((t, text))) => p == t && by_definition(rest, text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Verdict;
    use crate::rules::helpers::examples::evaluate;

    #[test]
    fn invalid_patterns_are_rule_errors() {
        for (call, expected) in [
            ("regex_matches(\"(\", \"x\")", "unclosed group"),
            ("regex_matches(\"(?=a)\", \"x\")", "look-around"),
            ("regex_matches(\"(a{1000}){1000}\", \"x\")", "exceeds size limit"),
            ("glob_matches(\"[\", \"x\")", "got an invalid pattern `[`"),
            ("glob_matches(\"a\", 1)", "expects a string or `()`"),
            ("has_tag([], \"x\")", "expects a tag map"),
            ("[()].join(\", \") == \"\"", "`join` expects strings, numbers or booleans, got ()"),
        ] {
            let outcome = evaluate(&format!("if {call} {{ pass() }} else {{ skip(\"no\") }}"));
            assert_eq!(outcome.verdict, Verdict::Error, "{call}: {outcome:?}");
            assert!(outcome.message.contains(expected), "{call}: {}", outcome.message);
        }
    }

    #[test]
    fn long_patterns_are_refused() {
        let outcome = evaluate(
            "let p = \"a\"; p.pad(1001, \"a\"); if regex_matches(p, \"x\") { pass() } else { skip(\"no\") }",
        );
        assert!(outcome.message.contains("limited to 1000 bytes"), "{outcome:?}");
    }

    #[test]
    fn more_patterns_than_are_cached_still_work() {
        for number in 0..3 * MAX_KEPT {
            let pattern = format!("a{number}*");
            assert!(glob("test", &pattern, |glob| glob.is_match(format!("a{number}b"))).unwrap());
        }
        assert!(GLOBS.with_borrow(HashMap::len) <= MAX_KEPT);
    }

    proptest! {
        #[test]
        fn globs_match_as_defined(pattern in "[ab/?*]{0,8}", text in "[ab/]{0,8}") {
            // globset gives `**` a special meaning; elsewhere the reference holds, slashes
            // included.
            prop_assume!(!pattern.contains("**"));
            let glob = compile_glob(&pattern).unwrap();
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(glob.is_match(&text), by_definition(&chars(&pattern), &chars(&text)), "{} {}", pattern, text);
        }
    }
}
