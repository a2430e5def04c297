//! The engine's own functions on strings, with the work counted: most look at every character, and a
//! string can have 64 KB. Those that make a longer string are refused before they make it, because the
//! engine checks the size of a string only afterwards.

use std::any::TypeId;
use std::cell::RefCell;
use std::iter;

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Module, NativeCallContext, Position};

use super::arguments::Scripted;
use crate::rules::language::engine::bare;
use crate::rules::values::budget::{charge, charge_items};
use crate::rules::values::interrupt::broken;

/// How many bytes a function reads or copies in the time of one operation.
const BYTES_PER_OPERATION: usize = 64;

thread_local! {
    /// The engine whose functions do the work.
    static PLAIN: RefCell<Engine> = RefCell::new(bare());
}

/// The type of a parameter.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Int,
    Char,
    Range,
    RangeTo,
}
use Type::{Char, Int, Range, RangeTo, Text};

impl Type {
    fn id(self) -> TypeId {
        match self {
            Text => TypeId::of::<ImmutableString>(),
            Int => TypeId::of::<i64>(),
            Char => TypeId::of::<char>(),
            Range => TypeId::of::<std::ops::Range<i64>>(),
            RangeTo => TypeId::of::<std::ops::RangeInclusive<i64>>(),
        }
    }
}

/// Functions that return or leave at most what they get, with the types of their parameters.
const READERS: &[(&str, &[&[Type]])] = &[
    ("-", &[&[Text, Text], &[Text, Char]]),
    ("chars", PARTS_OR_ALL),
    ("crop", PARTS),
    ("index_of", &[&[Text, Text], &[Text, Char], &[Text, Text, Int], &[Text, Char, Int]]),
    ("make_lower", &[&[Text]]),
    ("make_upper", &[&[Text]]),
    ("pop", &[&[Text, Int]]),
    ("remove", &[&[Text, Text], &[Text, Char]]),
    ("set", &[&[Text, Int, Char]]),
    ("split", SPLITS),
    ("split_rev", &[&[Text, Text], &[Text, Char], &[Text, Text, Int], &[Text, Char, Int]]),
    ("sub_string", PARTS),
    ("to_debug", &[&[Text]]),
    ("to_lower", &[&[Text]]),
    ("to_upper", &[&[Text]]),
    ("truncate", &[&[Text, Int]]),
];
const PARTS: &[&[Type]] = &[&[Text, Int], &[Text, Int, Int], &[Text, Range], &[Text, RangeTo]];
const PARTS_OR_ALL: &[&[Type]] =
    &[&[Text], &[Text, Int], &[Text, Int, Int], &[Text, Range], &[Text, RangeTo]];
const SPLITS: &[&[Type]] =
    &[&[Text], &[Text, Int], &[Text, Text], &[Text, Char], &[Text, Text, Int], &[Text, Char, Int]];

/// Registers them with an engine, which prefers them to those of its packages.
pub(super) fn register(engine: &mut Engine) {
    for (name, signatures) in READERS {
        for signature in *signatures {
            add(engine, name, signature, |_, _| Ok(()));
        }
    }
    for signature in
        [[Text, Text, Text], [Text, Text, Char], [Text, Char, Text], [Text, Char, Char]]
    {
        add(engine, "replace", &signature, check_replaced);
    }
    for signature in [[Text, Int, Char], [Text, Int, Text]] {
        add(engine, "pad", &signature, check_padded);
    }
    let mut module = Module::new();
    module.set_iter_result(TypeId::of::<ImmutableString>(), |text| {
        let text = text.cast::<ImmutableString>();
        match charge_text(text.len()) {
            Err(error) => Box::new(iter::once(Err(error))),
            Ok(()) => {
                let chars: Vec<char> = text.chars().collect();
                Box::new(chars.into_iter().map(|c| Ok(Dynamic::from(c))))
            }
        }
    });
    engine.register_global_module(module.into());
}

/// Registers a function that charges the length of its strings, checks its arguments, and does what the
/// engine's own does.
fn add(
    engine: &mut Engine,
    name: &'static str,
    signature: &[Type],
    check: fn(&NativeCallContext, &[&mut Dynamic]) -> Scripted<()>,
) {
    let types: Vec<TypeId> = signature.iter().map(|param| param.id()).collect();
    engine.register_raw_fn(name, types, move |cx: NativeCallContext, args: &mut [&mut Dynamic]| {
        charge_text(args.iter().map(|arg| length(arg)).sum())?;
        check(&cx, args)?;
        call_plain(&cx, name, args)
    });
}

/// Calls the function of the engine's packages.
fn call_plain(cx: &NativeCallContext, name: &str, args: &mut [&mut Dynamic]) -> Scripted<Dynamic> {
    PLAIN.with_borrow_mut(|engine| {
        // An account with many resources has a higher limit.
        engine.set_max_string_size(cx.engine().max_string_size());
        engine.set_max_array_size(cx.engine().max_array_size());
        let state = engine.new_global_runtime_state();
        let plain =
            NativeCallContext::new_with_all_fields(engine, name, None, &state, cx.call_position());
        plain.call_native_fn_raw(name, true, args)
    })
}

/// Charges the work on strings of this length together, in bytes.
pub(super) fn charge_text(bytes: usize) -> Scripted<()> {
    charge(1 + (bytes / BYTES_PER_OPERATION) as u64)
}

fn length(value: &Dynamic) -> usize {
    value.as_immutable_string_ref().map_or(0, |text| text.len())
}

/// The length of a string or character, in bytes.
fn bytes(value: &Dynamic) -> usize {
    value.as_char().map_or_else(|_| length(value), char::len_utf8)
}

/// Refuses a replacement whose result would be too long.
fn check_replaced(cx: &NativeCallContext, args: &[&mut Dynamic]) -> Scripted<()> {
    let [text, find, substitute] = args else { return Ok(()) };
    let (Ok(text), more) = (text.as_immutable_string_ref(), bytes(substitute)) else {
        return Ok(());
    };
    let count = match find.as_char() {
        Ok(find) => text.matches(find).count(),
        Err(_) => {
            find.as_immutable_string_ref().map_or(0, |find| text.matches(find.as_str()).count())
        }
    };
    let less = count.saturating_mul(bytes(find));
    let length = text.len().saturating_sub(less).saturating_add(count.saturating_mul(more));
    check_length(cx, length)?;
    charge_text(length)
}

/// Refuses what would be too long, and an empty string, with which the engine would never end.
fn check_padded(cx: &NativeCallContext, args: &[&mut Dynamic]) -> Scripted<()> {
    let [text, length, with] = args else { return Ok(()) };
    let wanted = length.as_int().ok().and_then(|length| usize::try_from(length).ok());
    let wanted = wanted.unwrap_or_default();
    let present = text.as_immutable_string_ref().map_or(0, |text| text.chars().count());
    if wanted <= present {
        return Ok(());
    }
    if bytes(with) == 0 {
        return broken("`pad` needs a string that is not empty".to_owned());
    }
    check_length(cx, wanted)?;
    charge_items(wanted)
}

fn check_length(cx: &NativeCallContext, length: usize) -> Scripted<()> {
    let most = cx.engine().max_string_size();
    if most > 0 && length > most {
        let what = "Length of string".to_owned();
        return Err(Box::new(EvalAltResult::ErrorDataTooLarge(what, Position::NONE)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::model::Verdict;
    use crate::rules::helpers::examples::evaluate_all;

    /// Calls that look at each character of `s`.
    const CALLS: [&str; 32] = [
        "let x = s - \"b\"",
        "let x = s - 'b'",
        "for c in s { break; }",
        "for c in s.chars() { break; }",
        "for c in s.chars(1) { break; }",
        "for c in s.chars(1, 2) { break; }",
        "for c in s.chars(1..3) { break; }",
        "let t = s; t.crop(1)",
        "let t = s; t.crop(1, 2)",
        "let t = s; t.crop(1..3)",
        "let x = s.index_of(\"b\")",
        "let x = s.index_of('b', 1)",
        "let t = s; t.make_lower()",
        "let t = s; t.make_upper()",
        "let t = s; let x = t.pop(2)",
        "let t = s; t.remove(\"b\")",
        "let t = s; t.remove('b')",
        "let t = s; t.replace(\"b\", \"c\")",
        "let t = s; t.replace('b', 'c')",
        "let t = s; t.set(1, 'x')",
        "let x = s.split()",
        "let x = s.split(\",\")",
        "let x = s.split(',', 2)",
        "let x = s.split(1)",
        "let x = s.split_rev(\",\")",
        "let x = s.sub_string(1)",
        "let x = s.sub_string(1, 2)",
        "let x = s.to_debug()",
        "let x = s.to_lower()",
        "let t = s; t.truncate(3)",
        "let x = glob_matches(\"*b*\", s)",
        "let x = regex_matches(\"b\", s)",
    ];

    #[test]
    fn work_on_long_strings_uses_up_the_operations() {
        let body = |rounds: usize, call: &str| {
            format!(
                "let s = \"aaaa\"; for i in 0..{rounds} {{ s += s; }} for i in 0..1000 {{ {call}; }} pass()"
            )
        };
        let short: Vec<String> = CALLS.iter().map(|call| body(0, call)).collect();
        for (outcome, call) in evaluate_all(&short).iter().zip(CALLS) {
            assert_eq!(outcome.verdict, Verdict::Pass, "{call}: {}", outcome.message);
        }
        let long: Vec<String> = CALLS.iter().map(|call| body(13, call)).collect();
        for (outcome, call) in evaluate_all(&long).iter().zip(CALLS) {
            let message = &outcome.message;
            assert!(message.contains("exceeded the limit of "), "{call}: {message}");
        }
    }

    #[test]
    fn what_would_be_too_long_is_refused_before_it_is_made() {
        let grown = |from: &str, rounds: usize| {
            format!("let s = {from}; for i in 0..{rounds} {{ s += s; }}")
        };
        let cases = [
            // 64 KB in place of each character of 64 KB.
            (grown("\"a\"", 15), "s.replace(\"a\", s)", "the strings are too large"),
            (grown("\"a\"", 15), "s.replace('a', s)", "the strings are too large"),
            (grown("\"a\"", 15), "s.replace(\"\", s)", "the strings are too large"),
            (
                String::new(),
                "let s = \"a\"; s.pad(9223372036854775807, \"b\")",
                "the strings are too large",
            ),
            (String::new(), "let s = \"a\"; s.pad(100000, 'b')", "the strings are too large"),
            (
                String::new(),
                "let s = \"a\"; s.pad(10, \"\")",
                "`pad` needs a string that is not empty",
            ),
            (
                "let l = []; for i in 0..9000 { l += [i]; }".to_owned(),
                "let k = l; let x = l.map(|i| k)",
                "exceeded the limit of ",
            ),
        ];
        let bodies: Vec<String> =
            cases.iter().map(|(before, call, _)| format!("{before} {call}; pass()")).collect();
        for (outcome, (_, call, expected)) in evaluate_all(&bodies).iter().zip(&cases) {
            let message = &outcome.message;
            assert!(message.contains(expected), "{call}: {message}");
        }
    }

    #[test]
    fn results_are_those_of_the_engine() {
        let expressions = [
            ("{ let s = \"abcabc\"; s.replace(\"bc\", \"-\"); s }", "a-a-"),
            ("{ let s = \"abcabc\"; s.replace('c', \"\"); s }", "abab"),
            ("{ let s = \"äöü\"; s.replace(\"ö\", 'o'); s }", "äoü"),
            ("{ let s = \"äöü\"; s.set(1, 'o'); s }", "äoü"),
            ("{ let s = \"äöü\"; s.pad(5, '.'); s }", "äöü.."),
            ("{ let s = \"äöü\"; s.pad(6, \"ab\"); s }", "äöüaba"),
            ("{ let s = \"äöü\"; s.pad(2, \"\"); s }", "äöü"),
            ("{ let s = \"äöü\"; s.crop(1, 1); s }", "ö"),
            ("\"äöü\".sub_string(1..=2)", "öü"),
            ("\"a,b\".split(\",\").join(\"+\")", "a+b"),
            ("\"a b\".split().join(\"+\")", "a+b"),
            ("\"a,b,c\".split_rev(',', 2).join(\"+\")", "c+a,b"),
            ("\"äöü\"[1..2]", "ö"),
            ("\"aXb\".to_lower()", "axb"),
            ("\"abcb\" - \"b\"", "ac"),
            ("{ let s = \"\"; for c in \"äö\" { s += `${c}.`; } s }", "ä.ö."),
            ("{ let s = \"\"; for c in \"äöü\".chars(1) { s += `${c}.`; } s }", "ö.ü."),
            ("`${\"äöü\".index_of(\"ü\")}`", "2"),
            ("\"a\\\"b\".to_debug()", "\"a\\\"b\""),
        ];
        let bodies: Vec<String> =
            expressions.iter().map(|(code, _)| format!("fail({code})")).collect();
        for (outcome, (code, expected)) in evaluate_all(&bodies).iter().zip(expressions) {
            assert_eq!(outcome.message, expected, "{code}");
        }
    }
}
