//! Every error that a rule can cause at run time, through the sandbox, with its message.

use crate::model::Verdict;
use crate::rules::helpers::examples::evaluate_all;

/// Words and type names of the engine, which no message contains.
const FOREIGN: [&str; 16] = [
    "Data type",
    "Function not found",
    "getter",
    "Variable not found",
    "Runtime error",
    "out of bounds",
    "rolecall::",
    "rhai::",
    "core::",
    "ImmutableString",
    "i64",
    "f64",
    "overflow:",
    "Unknown property",
    "Indexer",
    "(line ",
];

/// Bodies of `check`, each with its message after `line 4:`.
const TABLE: &[(&str, &str)] = &[
    (
        r##"let r = 5; for x in r { return fail("") } pass()"##,
        r##"21: cannot iterate over `r`: use a list, a range or a string; if the value may be absent, write `for x in list ?? []`"##,
    ),
    (
        r##"let x = if group.description < 3 { 1 } else { 2 }; fail(`${x}`)"##,
        r##"30: cannot apply `<` to `()` and int: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"if [1, 2].some(|x| x < "a") { fail("") } else { pass() }"##,
        r##"22: cannot apply `<` to int and string: both must be numbers, or both strings"##,
    ),
    (
        r##"let l = [3, "a"]; l.sort(); fail("")"##,
        r##"21: `sort` cannot sort a list of int and string: pass a closure that compares two items"##,
    ),
    (
        r##"let text = "abc"; if text[group.description] == "a" { fail("") } else { pass() }"##,
        r##"27: expected int, found `()`: `group.description` is absent, so check `is_configured(group.description)` first"##,
    ),
    (
        r##"let list = [1]; if list[group.description] == 1 { fail("") } else { pass() }"##,
        r##"25: expected int, found `()`: `group.description` is absent, so check `is_configured(group.description)` first"##,
    ),
    (
        r##"if group.group_name <= 22 { fail("") } else { pass() }"##,
        r##"21: cannot apply `<=` to `()` and int: `group.group_name` is absent, so check `is_configured(group.group_name)` first, or use a default (`group.group_name ?? 0`)"##,
    ),
    (
        r##"if 22 > group.description { fail("") } else { pass() }"##,
        r##"7: cannot apply `>` to int and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"let p = group.description; if p >= p { fail("") } else { pass() }"##,
        r##"33: cannot apply `>=` to `()` and `()`: `p` is absent, so check `is_configured(p)` first, or use a default (`p ?? 0`)"##,
    ),
    (
        r##"if group.tags.Owner < "a" { fail("") } else { pass() }"##,
        r##"21: cannot apply `<` to `()` and string: `group.tags.Owner` is absent, so check `is_configured(group.tags.Owner)` first, or use a default (`group.tags.Owner ?? ""`)"##,
    ),
    (
        r##"if "a" < 1 { fail("") } else { pass() }"##,
        r##"8: cannot apply `<` to string and int: both must be numbers, or both strings"##,
    ),
    (
        r##"if [1] < [2] { fail("") } else { pass() }"##,
        r##"8: cannot apply `<` to list and list: both must be numbers, or both strings"##,
    ),
    (
        r##"if true < 1 { fail("") } else { pass() }"##,
        r##"9: cannot apply `<` to bool and int: both must be numbers, or both strings"##,
    ),
    (
        r##"fail("a" + group.description)"##,
        r##"10: cannot apply `+` to string and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? ""`)"##,
    ),
    (
        r##"fail(group.description + "a")"##,
        r##"24: cannot apply `+` to `()` and string: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? ""`)"##,
    ),
    (
        r##"let text = "a"; text += group.description; fail(text)"##,
        r##"22: cannot apply `+=` to string and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? ""`)"##,
    ),
    (
        r##"let number = 1; number -= group.description; fail(`${number}`)"##,
        r##"24: cannot apply `-=` to int and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"let number = group.description + 1; fail(`${number}`)"##,
        r##"32: cannot apply `+` to `()` and int: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"let number = 1 * group.description; fail(`${number}`)"##,
        r##"16: cannot apply `*` to int and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"let number = -group.description; fail(`${number}`)"##,
        r##"14: cannot apply `-` to `()`: `group.description` is absent, so check `is_configured(group.description)` first"##,
    ),
    (
        r##"if 3 in 1..group.description { fail("") } else { pass() }"##,
        r##"10: cannot apply `..` to int and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"if 3 in group.description..=5 { fail("") } else { pass() }"##,
        r##"26: cannot apply `..=` to `()` and int: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"for n in 0..group.description { return fail("") } pass()"##,
        r##"11: cannot apply `..` to int and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"if group.description { fail("") } else { pass() }"##,
        r##"9: expected bool, found `()`: `group.description` is absent, so write `group.description == true`, or check `is_configured(group.description)` first"##,
    ),
    (
        r##"if !group.description { fail("") } else { pass() }"##,
        r##"4: cannot apply `!` to `()`: `group.description` is absent, so write `group.description != true`, which is also `true` if the value is absent"##,
    ),
    (
        r##"if group.ip_permissions { fail("") } else { pass() }"##,
        r##"9: expected bool, found list: use `!list.is_empty()` or `list.some(|x| …)`"##,
    ),
    (
        r##"if group.group_id { fail("") } else { pass() }"##,
        r##"9: expected bool, found string: compare it (`string == "…"`); to check whether it is set, use `is_configured(x)`"##,
    ),
    (
        r##"if group.group_id && true { fail("") } else { pass() }"##,
        r##"9: expected bool, found string: compare it (`string == "…"`); to check whether it is set, use `is_configured(x)`"##,
    ),
    (
        r##"if group.description || true { fail("") } else { pass() }"##,
        r##"9: expected bool, found `()`: `group.description` is absent, so write `group.description == true`, or check `is_configured(group.description)` first"##,
    ),
    (
        r##"if group.description.len() > 0 { fail("") } else { pass() }"##,
        r##"22: `len` does not accept `(())`: see `rolecall helpers len`; the value may be missing, so check `is_configured(…)` first"##,
    ),
    (
        r##"if group.description.name == 1 { fail("") } else { pass() }"##,
        r##"22: cannot read `name` of `()`: `group.description` is absent, so check `is_configured(group.description)` first"##,
    ),
    (
        r##"if group.description["x"] == 1 { fail("") } else { pass() }"##,
        r##"21: cannot index `()` with string: the value is absent, so check `is_configured(x)` first"##,
    ),
    (
        r##"if group.description[0] == 1 { fail("") } else { pass() }"##,
        r##"21: cannot index `()` with int: the value is absent, so check `is_configured(x)` first"##,
    ),
    (
        r##"if group.ip_permissions["x"] == 1 { fail("") } else { pass() }"##,
        r##"25: expected int, found string: convert the value, or use a different one"##,
    ),
    (
        r##"if group.ip_permissions[true] == 1 { fail("") } else { pass() }"##,
        r##"25: expected int, found bool: convert the value, or use a different one"##,
    ),
    (
        r##"if group.ip_permissions[0] == 1 { fail("") } else { pass() }"##,
        r##"25: the list has 0 items, so index 0 does not exist: check `len()` first"##,
    ),
    (
        r##"if [1, 2][5] == 1 { fail("") } else { pass() }"##,
        r##"11: the list has 2 items, so index 5 does not exist: check `len()` first"##,
    ),
    (
        r##"if group.group_id[50] == "a" { fail("") } else { pass() }"##,
        r##"19: the string has 4 characters, so index 50 does not exist: check `len()` first"##,
    ),
    (
        r##"if 5[70] { fail("") } else { pass() }"##,
        r##"6: cannot index int with 70: only lists, maps, objects and strings have indexes"##,
    ),
    (
        r##"for x in group.description { return fail("") } pass()"##,
        r##"10: cannot iterate over `group.description`: use a list, a range or a string; if the value may be absent, write `for x in list ?? []`"##,
    ),
    (
        r##"for x in group { return fail("") } pass()"##,
        r##"10: cannot iterate over `group`: use a list, a range or a string; if the value may be absent, write `for x in list ?? []`"##,
    ),
    (
        r##"if 1 / 0 == 1 { fail("") } else { pass() }"##,
        r##"6: division by zero in `1 / 0`: check that the divisor is not 0"##,
    ),
    (
        r##"if 1 % 0 == 1 { fail("") } else { pass() }"##,
        r##"6: cannot calculate the remainder in `1 % 0`: check that the divisor is not 0"##,
    ),
    (
        r##"if 9223372036854775807 + 1 == 1 { fail("") } else { pass() }"##,
        r##"24: the result is too large for an int in `9223372036854775807 + 1`: use smaller numbers, or floats"##,
    ),
    (
        r##"if -9223372036854775807 - 3 == 1 { fail("") } else { pass() }"##,
        r##"25: the result is too large for an int in `-9223372036854775807 - 3`: use smaller numbers, or floats"##,
    ),
    (
        r##"if 9223372036854775807 * 2 == 1 { fail("") } else { pass() }"##,
        r##"24: the result is too large for an int in `9223372036854775807 * 2`: use smaller numbers, or floats"##,
    ),
    (
        r##"if 10 ** 100 == 1 { fail("") } else { pass() }"##,
        r##"7: the result is too large for an int in `10 ** 100`: use smaller numbers, or floats"##,
    ),
    (
        r##"if 2 ** -1 == 1 { fail("") } else { pass() }"##,
        r##"6: negative exponent of an int in `2 ** -1`: use a float, such as `2.0`"##,
    ),
    (
        r##"if parse_int("x") == 1 { fail("") } else { pass() }"##,
        r##"4: `x` is not a valid int: check that the string is a number before you convert it"##,
    ),
    (
        r##"if parse_int("1", 99) == 1 { fail("") } else { pass() }"##,
        r##"4: `99` is not a valid number base: use a base from 2 to 36"##,
    ),
    (
        r##"if parse_float("x") == 1.0 { fail("") } else { pass() }"##,
        r##"4: `x` is not a valid number: check the string first"##,
    ),
    (
        r##"if parse_int(group.description) == 1 { fail("") } else { pass() }"##,
        r##"4: `parse_int` does not accept `(())`: the value may be missing, so check `is_configured(…)` first"##,
    ),
    (
        r##"if to_int(1.0e30) == 1 { fail("") } else { pass() }"##,
        r##"4: the result is too large for an int in `to_int(1000000000000000000000000000000)`: use smaller numbers, or floats"##,
    ),
    (
        r##"for n in range(0, 5, 0) { return fail("") } pass()"##,
        r##"10: the step of a range cannot be 0: use a different step"##,
    ),
    (
        r##"if pass() == pass() { fail("") } else { pass() }"##,
        r##"11: cannot apply `==` to verdict and verdict: compare values that are numbers, strings, lists or maps"##,
    ),
    (
        r##"if group < group { fail("") } else { pass() }"##,
        r##"10: cannot apply `<` to object and object: both must be numbers, or both strings"##,
    ),
    (
        r##"if 1 in group.description { fail("") } else { pass() }"##,
        r##"6: cannot search in `()`: `in` and `contains` need a list, a map, a string or a range; the value is absent, so write `x in (list ?? [])`"##,
    ),
    (
        r##"if 1 in 5 { fail("") } else { pass() }"##,
        r##"6: cannot search in int: `in` and `contains` need a list, a map, a string or a range"##,
    ),
    (
        r##"if 1 in "text" { fail("") } else { pass() }"##,
        r##"6: cannot apply `in` to int and string: a string can contain only strings"##,
    ),
    (
        r##"if group.description in "text" { fail("") } else { pass() }"##,
        r##"22: cannot apply `in` to `()` and string: `group.description` is absent, so check `is_configured(group.description)` first"##,
    ),
    (
        r##"if "x" in group { fail("") } else { pass() }"##,
        r##"8: cannot search in object: `in` and `contains` need a list, a map, a string or a range"##,
    ),
    (
        r##"if group.description in 1..5 { fail("") } else { pass() }"##,
        r##"22: cannot apply `in` to `()` and range: `group.description` is absent, so check `is_configured(group.description)` first"##,
    ),
    (
        r##"if max(group.description, 1) == 1 { fail("") } else { pass() }"##,
        r##"4: `max` does not accept `((), int)`: the value may be missing, so check `is_configured(…)` first"##,
    ),
    (
        r##"if [1, ()].reduce(|a, b| a + b) == 1 { fail("") } else { pass() }"##,
        r##"28: cannot apply `+` to `()` and int: `a` is absent, so check `is_configured(a)` first, or use a default (`a ?? 0`)"##,
    ),
    (
        r##"if [1, 2].filter(|x| x.name).is_empty() { fail("") } else { pass() }"##,
        r##"24: int has no field `name`: values of this type have no fields"##,
    ),
    (
        r##"if [1, 2].filter(|x| group.description).is_empty() { fail("") } else { pass() }"##,
        r##"11: the closure passed to `filter` must return a bool, got ()"##,
    ),
    (
        r##"if [1, 2].map(|x| x < group.description).is_empty() { fail("") } else { pass() }"##,
        r##"21: cannot apply `<` to int and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"let l = [2, 1]; l.sort(|a, b| if a < group.description { 1 } else { -1 }); fail("")"##,
        r##"36: cannot apply `<` to int and `()`: `group.description` is absent, so check `is_configured(group.description)` first, or use a default (`group.description ?? 0`)"##,
    ),
    (
        r##"let l = [2, 1]; l.sort(|a, b| a.x - b.x); fail("")"##,
        r##"33: int has no field `x`: values of this type have no fields"##,
    ),
    (
        r##"let l = [2, ()]; l.sort(); fail("")"##,
        r##"20: `sort` cannot sort absent items (`()`): remove them with `filter(|x| is_configured(x))`"##,
    ),
    (
        r##"let l = [2, "a"]; l.sort_desc(); fail("")"##,
        r##"21: `sort_desc` cannot sort a list of int and string: use `sort` with a closure that compares two items"##,
    ),
    (
        r##"let l = ["a", 3].order(); fail("")"##,
        r##"18: `order` cannot sort a list of string and int: use `sort` with a closure that compares two items"##,
    ),
    (
        r##"let l = [3, group.description].order(); fail("")"##,
        r##"32: `order` cannot sort absent items (`()`): remove them with `filter(|x| is_configured(x))`"##,
    ),
    (
        r##"let l = [group.description].order_desc(); fail("")"##,
        r##"29: `order_desc` cannot sort absent items (`()`): remove them with `filter(|x| is_configured(x))`"##,
    ),
    (
        r##"let l = [#{ a: 1 }].order_desc(); fail("")"##,
        r##"21: `order_desc` cannot compare items of type map: use `sort` with a closure that compares two items"##,
    ),
    (
        r##"let m = #{ a: 1 }; m += group.tags; fail("")"##,
        r##"22: cannot apply `+=` to map and tag map: `+` cannot be used with maps returned by AWS: use the keys (`group.tags.keys()`) or individual values (`group.tags.Name`)"##,
    ),
    (
        r##"let m = group.tags + #{ a: 1 }; fail("")"##,
        r##"20: cannot apply `+` to tag map and map: `+` cannot be used with maps returned by AWS: use the keys (`group.tags.keys()`) or individual values (`group.tags.Name`)"##,
    ),
    (
        r##"let m = group.tags + group.tags; fail("")"##,
        r##"20: cannot apply `+` to tag map and tag map: `+` cannot be used with maps returned by AWS: use the keys (`group.tags.keys()`) or individual values (`group.tags.Name`)"##,
    ),
    (
        r##"let m = #{ a: 1 }; m += 1; fail("")"##,
        r##"22: cannot apply `+=` to map and int: only a map can be added to a map: write `map + #{ key: value }`"##,
    ),
    (
        r##"let x = 1; x *= "a"; fail("")"##,
        r##"14: cannot apply `*=` to int and string: convert a string with `parse_int(string)`"##,
    ),
    (
        r##"if 3 in group.tags { fail("") } else { pass() }"##,
        r##"6: cannot apply `in` to int and tag map: the keys of a map are strings"##,
    ),
    (
        r##"if "a" in 1..5 { fail("") } else { pass() }"##,
        r##"8: cannot apply `in` to string and range: a range can contain only ints"##,
    ),
    (
        r##"if !((1..5).contains(group.description)) { fail("") } else { pass() }"##,
        r##"13: `contains` does not accept `(range, ())`: see `rolecall helpers contains`; the value may be missing, so check `is_configured(…)` first"##,
    ),
    (
        r##"if sqrt(-1.0) > 1.0 { fail("") } else { pass() }"##,
        r##"4: undefined result in `sqrt(-1.0)`: check the numbers first"##,
    ),
    (
        r##"if 10.0 ** 400.0 > 1.0 { fail("") } else { pass() }"##,
        r##"9: the result is too large for a float in `10.0 ** 400.0`: use smaller numbers"##,
    ),
    (
        r##"if parse_float("NaN") > 1.0 { fail("") } else { pass() }"##,
        r##"4: `NaN` is not a valid number: check the string first"##,
    ),
    (
        r##"let l = [2, 1]; l.sort("x"); fail("")"##,
        r##"19: `sort` expects a closure, got the name of a function"##,
    ),
    (
        r##"let m = #{ a: 1 }; if m.b == 1 { fail("") } else { pass() }"##,
        r##"25: this map has no key `b`: check `"b" in map` first"##,
    ),
    (
        r##"let m = #{ a: 1 }; if m["b"] == 1 { fail("") } else { pass() }"##,
        r##"25: this map has no key `b`: check `"b" in map` first"##,
    ),
    (
        r##"let m = #{ a: 1 }; if m[1] == 1 { fail("") } else { pass() }"##,
        r##"25: expected string, found int: convert the value, or use a different one"##,
    ),
    (
        r##"const L = [1]; L.push(2); fail("")"##,
        r##"18: `push` cannot change a constant: declare the variable with `let` instead of `const`"##,
    ),
    (
        r##"let x = this; fail("")"##,
        r##"9: `this` is not available here: pass the value as a parameter"##,
    ),
    (
        r##"let x = 1; x.y(2); fail("")"##,
        r##"14: unknown function `y`: `rolecall helpers` lists all helpers"##,
    ),
    (r##"pass(1)"##, r##"1: `pass` takes 0 arguments, not 1"##),
    (r##"fail()"##, r##"1: `fail` takes 1 or 2 arguments, not 0"##),
    (r##"fail(1)"##, r##"1: `fail` does not accept `(int)`: see `rolecall helpers fail`"##),
    (
        r##"fail(group.description)"##,
        r##"1: `fail` does not accept `(())`: see `rolecall helpers fail`; the value may be missing, so check `is_configured(…)` first"##,
    ),
    (
        r##"skip(())"##,
        r##"1: `skip` does not accept `(())`: `skip(reason: string) -> verdict`; the value may be missing, so check `is_configured(…)` first"##,
    ),
    (
        r##"age_days("x"); pass()"##,
        r##"1: `age_days` expects an RFC 3339 time, such as `2027-01-31T00:00:00Z`, got `x`"##,
    ),
    (
        r##"is_open_to_internet(group.ip_permissions, "tcp", "22"); pass()"##,
        r##"1: `is_open_to_internet` does not accept `(list, string, string)`: see `rolecall helpers is_open_to_internet`"##,
    ),
    (
        r##"is_open_to_internet(group.ip_permissions, "tcp", 99999); pass()"##,
        r##"1: `is_open_to_internet` expects ports from 0 to 65535, got 99999"##,
    ),
    (
        r##"is_open_to_internet((), "tcp", 22); pass()"##,
        r##"1: `is_open_to_internet` expects a list of permissions, such as `group.ip_permissions`, got ()"##,
    ),
    (r##"join([()], ","); pass()"##, r##"1: `join` expects strings, numbers or booleans, got ()"##),
    (
        r##"join([pass()], ","); pass()"##,
        r##"1: `join` expects strings, numbers or booleans, got verdict"##,
    ),
    (
        r##"related("ec2.customer_gateway"); pass()"##,
        r##"1: kind `ec2.customer_gateway` is not declared: add `"ec2.customer_gateway"` to `needs`"##,
    ),
    (
        r##"related("ec2.nothing"); pass()"##,
        r##"1: unknown kind `ec2.nothing`: did you mean `ec2.dhcp_options`?"##,
    ),
    (
        r##"let x = "a"; for i in 0..40 { x += x; } fail(x)"##,
        r##"33: the strings are too large: at most 66560 bytes are allowed; keep only what the verdict needs"##,
    ),
    (
        r##"let x = [1]; for i in 0..40 { x += x; } fail("")"##,
        r##"33: the list is too large: at most 10016 items are allowed; keep only what the verdict needs"##,
    ),
    (
        r##"let x = []; for i in 0..100000 { x.push(i); } fail("")"##,
        r##"36: the list is too large: at most 10016 items are allowed; keep only what the verdict needs"##,
    ),
    (
        r##"check(group, params)"##,
        r##"1: exceeded the call depth limit of 12: use `for` or array functions instead of recursion"##,
    ),
    (
        r##"for i in 0..10000000 { if i == -1 { return pass() } } pass()"##,
        r##"29: exceeded the limit of 250850 operations: look up resources by a field (`related(kind, field, value)`) instead of searching in loops"##,
    ),
    (
        r##"5"##,
        r##"`check` returned int: every code path must end with `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`"##,
    ),
    (
        r##"()"##,
        r##"`check` returned (): every code path must end with `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`"##,
    ),
    (
        r##""text""##,
        r##"`check` returned string: every code path must end with `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`"##,
    ),
    (
        r##"group"##,
        r##"`check` returned object: every code path must end with `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`"##,
    ),
    (
        r##"group.group_nme"##,
        r##"7: `ec2.security_group` has no field `group_nme`: did you mean `group_name`?"##,
    ),
    (r##"params.x"##, r##"8: `params` has no field `x`"##),
    (
        r##"let x = group.tags; x.push(1); fail("")"##,
        r##"23: `push` does not accept `(tag map, int)`: convert the value, or use a different function"##,
    ),
    (
        r##"nothing(1); pass()"##,
        r##"1: unknown function `nothing`: `rolecall helpers` lists all helpers"##,
    ),
    (r##"lenght([]); pass()"##, r##"1: unknown function `lenght`: did you mean `len`?"##),
    (
        r##"let x = 1; x.len(); fail("")"##,
        r##"14: `len` does not accept `(int)`: see `rolecall helpers len`"##,
    ),
    (
        r##"let s = switch group.description { 1 => 2, _ => 3 }; if s.a == 1 { pass() } else { fail("") }"##,
        r##"59: int has no field `a`: values of this type have no fields"##,
    ),
    (
        r##"fail("x".sub_string(()))"##,
        r##"10: `sub_string` does not accept `(string, ())`: the value may be missing, so check `is_configured(…)` first"##,
    ),
    (
        r##"fail("x".pad(1000000, "y"))"##,
        r##"10: the strings are too large: at most 66560 bytes are allowed; keep only what the verdict needs"##,
    ),
    (r##"pass().len()"##, r##"8: `len` does not accept `(verdict)`: see `rolecall helpers len`"##),
    (
        r##"related("ec2.volume")[0].tags.Owner.Name; pass()"##,
        r##"37: string has no field `Name`: values of this type have no fields"##,
    ),
    (
        r##"related("ec2.volume").size; pass()"##,
        r##"23: list has no field `size`: access its items: `for x in list`, `list.filter(|x| …)` or `list[0]`"##,
    ),
    (
        r##"if related("ec2.volume")[0].size < related("ec2.volume")[0].kms_key_id { pass() } else { fail("") }"##,
        r##"34: cannot apply `<` to int and `()`: a value is absent, so check `is_configured(x)` first, or use a default (`x ?? 0`)"##,
    ),
];

#[test]
fn every_error_is_explained_in_our_words() {
    let bodies: Vec<String> = TABLE.iter().map(|(body, _)| (*body).to_owned()).collect();
    let mut wrong = Vec::new();
    for (outcome, (body, expected)) in evaluate_all(&bodies).iter().zip(TABLE) {
        let message = outcome.message.strip_prefix("line 4:").unwrap_or(&outcome.message);
        if outcome.verdict != Verdict::Error || message != *expected {
            wrong.push(format!("{body:?}, {message:?} ({})", outcome.verdict));
        }
        for foreign in FOREIGN {
            assert!(!message.contains(foreign), "{body}: {message}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn operators_on_values_of_an_order_have_their_results() {
    let results = [
        ("1 < 2", true),
        ("2 <= 2", true),
        ("3 > 3.5", false),
        ("2.5 >= 2", true),
        ("0.1 + 0.2 <= 0.3", true),
        ("0.1 + 0.2 > 0.3", false),
        ("\"a\" < \"b\"", true),
        ("\"a\" >= \"ab\"", false),
        ("'a' < \"b\"", true),
        ("'a' <= 'a'", true),
        ("true > false", true),
        ("() == ()", true),
        ("() != 1", true),
        ("1 == \"1\"", false),
        ("\"abc\"[0] in [\"a\"]", true),
        ("[\"a\"].contains('a')", true),
        ("[\"a\", 1] == ['a', 1.0]", true),
        ("[1, ()].index_of(()) == 1", true),
        ("[()] == [1]", false),
        ("[[\"a\"]].contains([1])", false),
        ("[#{ a: 1 }].contains(1)", false),
        ("\"abc\"[1..] == \"bc\"", true),
        ("[1, 2, 3].extract(1..) == [2, 3]", true),
        ("[1, 2, 3].extract(1..=2) == [2, 3]", true),
        ("3 in 1..=3", true),
        ("(group.description ?? 0) < 1", true),
        ("`${group.description}` == \"\"", true),
    ];
    let body =
        |(script, _): &(&str, bool)| format!("if {script} {{ fail(\"\") }} else {{ pass() }}");
    let bodies: Vec<String> = results.iter().map(body).collect();
    for (outcome, (script, holds)) in evaluate_all(&bodies).iter().zip(results) {
        let verdict = if holds { Verdict::Fail } else { Verdict::Pass };
        assert_eq!((outcome.verdict, outcome.message.as_str()), (verdict, ""), "{script}");
    }
}
