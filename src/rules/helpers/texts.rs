//! Patterns over texts, and tags. All matching is linear in the text, whatever the pattern.

use std::cell::RefCell;
use std::collections::HashMap;

use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};
use rhai::{Array, Dynamic};
use serde_json::{Map, Value};

use super::policy;
use super::table::topic;
use crate::model::text;
use crate::rules::helpers::arguments::{Scripted, optional_text};
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::to_json;

topic! {
    /// Patterns, lists as text, and tags. A pattern that cannot be read makes the rule an error.
    /// Matching takes no longer for odd patterns than for plain ones.
    "Texts and tags";

    /// Whether a glob matches the whole text: `*` any text, `?` one character, `[a-z]` one of them,
    /// `{a,b}` one or the other. Case counts. `()` matches nothing.
    fn glob_matches(pattern: "string", text: "string?") -> "bool";
    "glob_matches(\"prod-*\", \"prod-web\")" => "true";
    "glob_matches(\"{dev,test}-?\", \"test-12\")" => "false";
    |engine, _| engine.register_fn("glob_matches", |pattern: &str, text: Dynamic| -> Scripted<bool> {
        let text = optional_text("glob_matches", &text)?;
        glob("glob_matches", pattern, |glob| text.is_some_and(|text| glob.is_match(text.as_str())))
    });

    /// Whether a regular expression matches somewhere in the text; `^` and `$` bind it to the ends.
    /// There are no look-around and no back-references. A pattern has at most 1,000 bytes. `()`
    /// matches nothing.
    fn regex_matches(pattern: "string", text: "string?") -> "bool";
    "regex_matches(\"^ami-[0-9a-f]{17}$\", \"ami-0123456789abcdef0\")" => "true";
    "regex_matches(\"(?i)PROD\", \"my-prod-bucket\")" => "true";
    |engine, _| engine.register_fn("regex_matches", |pattern: &str, text: Dynamic| -> Scripted<bool> {
        let text = optional_text("regex_matches", &text)?;
        regex("regex_matches", pattern, |regex| text.is_some_and(|text| regex.is_match(&text)))
    });

    /// The items of a list as one text, with another text between each two: `ports.join(", ")`.
    /// Items are texts, numbers or booleans.
    fn join(list: "list", separator: "string") -> "string";
    "[22, 3389].join(\", \")" => "\"22, 3389\"";
    "[].join(\", \")" => "\"\"";
    |engine, _| engine.register_fn("join", |list: &mut Array, separator: &str| -> Scripted<String> {
        let items: Scripted<Vec<String>> = list.iter().map(item).collect();
        let items = items?;
        let length = items.iter().map(|item| item.len() + separator.len()).sum::<usize>();
        if length > MAX_JOINED {
            return Interrupt::Broken(format!("`join` makes texts of at most {MAX_JOINED} bytes, this one has {length}")).raise();
        }
        Ok(items.join(separator))
    });

    /// Whether there is a tag with that key, whatever its value. `()`, as an untagged bucket has
    /// it, has no tags.
    fn has_tag(tags: "map?", key: "string") -> "bool";
    "has_tag(#{ Owner: \"\" }, \"Owner\")" => "true";
    "has_tag((), \"Owner\")" => "false";
    |engine, _| engine.register_fn("has_tag", |tags: Dynamic, key: &str| -> Scripted<bool> {
        tag("has_tag", &tags, key).map(|value| value.is_some())
    });

    /// Whether a pattern covers one of the tags, each written as `Key=Value`; `*` and `?` are
    /// wildcards. It is what a parameter such as `exempt_tags` asks.
    fn has_matching_tag(tags: "map?", patterns: "list of string") -> "bool";
    "has_matching_tag(#{ Env: \"test-7\" }, [\"Owner=*\", \"Env=test-?\"])" => "true";
    "has_matching_tag(#{ Env: \"prod\" }, [\"Env=test*\"])" => "false";
    "has_matching_tag((), [\"*\"])" => "false";
    |engine, _| engine.register_fn("has_matching_tag", |tags: Dynamic, patterns: Array| -> Scripted<bool> {
        matching_tag("has_matching_tag", &tags, &patterns)
    });

    /// Whether there is a tag with that key and a value that the glob matches.
    fn tag_matches(tags: "map?", key: "string", pattern: "string") -> "bool";
    "tag_matches(#{ Env: \"prod-eu\" }, \"Env\", \"prod*\")" => "true";
    "tag_matches(#{ Env: \"prod-eu\" }, \"env\", \"prod*\")" => "false";
    |engine, _| engine.register_fn("tag_matches", |tags: Dynamic, key: &str, pattern: &str| -> Scripted<bool> {
        let value = tag("tag_matches", &tags, key)?;
        glob("tag_matches", pattern, |glob| value.is_some_and(|value| glob.is_match(value)))
    });
}

/// Whether a pattern for `Key=Value` covers one of the tags.
pub(super) fn matching_tag(helper: &str, tags: &Dynamic, patterns: &Array) -> Scripted<bool> {
    let tags = tags_of(helper, tags)?;
    for pattern in patterns {
        let pattern = optional_text(helper, pattern)?.unwrap_or_default();
        let covers = |(key, value): (&String, &Value)| {
            let tag = format!("{key}={}", value.as_str().unwrap_or_default());
            policy::wildcard::covers(&pattern, &tag)
        };
        if tags.iter().any(covers) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Longer texts are not made: the engine looks at the size of a text only after a function has made
/// it.
const MAX_JOINED: usize = 64 << 10;

fn item(value: &Dynamic) -> Scripted<String> {
    if let Ok(text) = value.as_immutable_string_ref() {
        return Ok(text.to_string());
    }
    if value.is_int() || value.is_float() || value.is_bool() {
        return Ok(value.to_string());
    }
    let got = if value.is_unit() { "()" } else { value.type_name() };
    Interrupt::Broken(format!("`join` wants texts, numbers or booleans, got {got}")).raise()
}

/// Patterns longer than this are refused.
pub(super) const MAX_PATTERN: usize = 1_000;
/// What a compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 1 << 18;
/// Compiled patterns that a thread keeps. Patterns stand in rules and parameters; more than this
/// many come from facts, and are not worth keeping.
const MAX_KEPT: usize = 128;

thread_local! {
    static GLOBS: RefCell<HashMap<String, GlobMatcher>> = RefCell::default();
    static REGEXES: RefCell<HashMap<String, Regex>> = RefCell::default();
}

fn tag(helper: &str, tags: &Dynamic, key: &str) -> Scripted<Option<String>> {
    Ok(tags_of(helper, tags)?.get(key).and_then(Value::as_str).map(str::to_owned))
}

fn tags_of(helper: &str, tags: &Dynamic) -> Scripted<Map<String, Value>> {
    match to_json(tags, 0) {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map),
        _ => {
            let got = tags.type_name();
            Interrupt::Broken(format!("`{helper}` wants tags, a map of keys and values, got {got}"))
                .raise()
        }
    }
}

/// Uses a compiled pattern, which is kept for the next time.
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
    let compiled = if pattern.len() > MAX_PATTERN {
        Err(format!("patterns have at most {MAX_PATTERN} bytes"))
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
            Interrupt::Broken(format!("`{helper}` cannot read the pattern `{shown}`: {reason}"))
                .raise()
        }
    }
}

fn glob<T>(helper: &str, pattern: &str, with: impl FnOnce(&GlobMatcher) -> T) -> Scripted<T> {
    GLOBS.with_borrow_mut(|globs| kept(globs, helper, pattern, compile_glob, with))
}

pub(super) fn compile_glob(pattern: &str) -> Result<GlobMatcher, String> {
    // Beyond that many alternatives the compiled form grows without measure.
    if pattern.bytes().filter(|byte| matches!(byte, b'{' | b',')).count() > 64 {
        return Err("too many alternatives".to_owned());
    }
    GlobBuilder::new(pattern)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| error.kind().to_string())
}

fn regex<T>(helper: &str, pattern: &str, with: impl FnOnce(&Regex) -> T) -> Scripted<T> {
    let compile = |pattern: &str| {
        let built = RegexBuilder::new(pattern)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .nest_limit(32)
            .build();
        // The last line of the engine's picture of the mistake says what it is.
        built.map_err(|error| {
            error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned()
        })
    };
    REGEXES.with_borrow_mut(|regexes| kept(regexes, helper, pattern, compile, with))
}

/// Whether a glob of `*`, `?` and plain characters matches, by the definition: for tests.
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
    fn bad_patterns_are_errors_of_the_rule() {
        for (call, expected) in [
            ("regex_matches(\"(\", \"x\")", "unclosed group"),
            ("regex_matches(\"(?=a)\", \"x\")", "look-around"),
            ("regex_matches(\"(a{1000}){1000}\", \"x\")", "exceeds size limit"),
            ("glob_matches(\"[\", \"x\")", "cannot read the pattern `[`"),
            ("glob_matches(\"a\", 1)", "wants a text or ()"),
            ("has_tag([], \"x\")", "wants tags"),
            ("[()].join(\", \") == \"\"", "`join` wants texts, numbers or booleans, got ()"),
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
        assert!(outcome.message.contains("at most 1000 bytes"), "{outcome:?}");
    }

    #[test]
    fn more_patterns_than_are_kept_work_all_the_same() {
        for number in 0..3 * MAX_KEPT {
            let pattern = format!("a{number}*");
            assert!(glob("test", &pattern, |glob| glob.is_match(format!("a{number}b"))).unwrap());
        }
        assert!(GLOBS.with_borrow(HashMap::len) <= MAX_KEPT);
    }

    proptest! {
        #[test]
        fn globs_match_as_defined(pattern in "[ab/?*]{0,8}", text in "[ab/]{0,8}") {
            // globset reads `**` in its own way; elsewhere the definition holds, slashes included.
            prop_assume!(!pattern.contains("**"));
            let glob = compile_glob(&pattern).unwrap();
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(glob.is_match(&text), by_definition(&chars(&pattern), &chars(&text)), "{} {}", pattern, text);
        }
    }
}
