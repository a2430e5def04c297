use std::sync::LazyLock;

use super::*;
use crate::rules::pack::load::load;

const HEAD: &str = "id = \"acme\"\nname = \"Acme\"\nversion = \"1\"\nurl = \"https://acme.example\"\nscope = \"all\"\n";

fn parse(source: &str) -> Result<Framework, Vec<String>> {
    let file = SourceFile { name: "policy/frameworks/acme.toml".to_owned(), text: source.into() };
    static PACK: LazyLock<Pack> = LazyLock::new(|| load(&[]).unwrap());
    let diagnostics = |diagnostics: Vec<Diagnostic>| {
        diagnostics
            .iter()
            .map(|diagnostic| {
                format!("{diagnostic} ({})", diagnostic.help.as_deref().unwrap_or("-"))
            })
            .collect()
    };
    Framework::parse(&file, &KnownRules::from(&*PACK)).map_err(diagnostics)
}

#[test]
fn a_requirement_has_rules_or_a_reason() {
    let good = parse(&format!(
        "{HEAD}[[requirement]]\nid = \"1\"\ntitle = \"a\"\nrules = [\"sg-default-closed\"]\nnote = \"n\"\nlevel = 2\nseverity = \"low\"\n\
         [[requirement]]\nid = \"2\"\ntitle = \"b\"\nundecidable = \"needs Macie\"\n\
         [[requirement]]\nid = \"3\"\ntitle = \"c\"\nrules = []\nnot_covered = \"not yet\"\n"
    ))
    .unwrap();
    assert_eq!(good.rules(), BTreeSet::from(["sg-default-closed".to_owned()]));
    assert_eq!(good.requirements[1].coverage, Coverage::Undecidable("needs Macie".to_owned()));
    assert_eq!(good.requirements[2].coverage, Coverage::NotCovered("not yet".to_owned()));
    let all = Frameworks::from([("acme".to_owned(), Arc::new(good))]);
    assert_eq!(tags(&all, "sg-default-closed"), ["acme/1"]);
    assert!(tags(&all, "s3-bucket-tls-only").is_empty());
}

#[test]
fn errors_have_positions_and_help() {
    let one = |keys: &str| format!("{HEAD}[[requirement]]\nid = \"1\"\ntitle = \"a\"\n{keys}");
    let rules = "rules = [\"sg-default-closed\"]\n";
    for (source, expected) in [
        (
            one("rules = [\"sg-default-closd\"]\n"),
            "acme.toml:9:10: unknown rule `sg-default-closd` (did you mean `sg-default-closed`?)",
        ),
        (
            one("rules = [\"sg-default-closed\", \"sg-default-closed\"]\n"),
            ":9:31: duplicate rule `sg-default-closed`",
        ),
        (one(""), ":6:1: the requirement has neither rules nor a reason"),
        (one("rules = []\n"), ":6:1: the requirement has neither rules nor a reason"),
        (
            one(&format!("{rules}not_covered = \"x\"\n")),
            ":6:1: the requirement has more than one of",
        ),
        (
            one("undecidable = \"x\"\nnot_covered = \"x\"\n"),
            ":6:1: the requirement has more than one of",
        ),
        (
            one(&format!("{rules}titel = \"x\"\n")),
            ":10:1: unknown key `titel` in [[requirement]] (did you mean `title`?)",
        ),
        (one(&format!("{rules}severity = \"hihg\"\n")), "(did you mean `high`?)"),
        (one(&format!("{rules}level = 0\n")), ":10:9: `level` must be from 1 to 9"),
        (
            one(&format!("{rules}[[requirement]]\nid = \"1\"\ntitle = \"b\"\n{rules}")),
            ":11:6: duplicate requirement `1` (the first is on line 7)",
        ),
        (
            one(&format!("{rules}[[requirement]]\nid = \"a/b\"\ntitle = \"b\"\n{rules}")),
            ":11:6: `a/b` is not a valid requirement id",
        ),
        (
            one(&format!("{rules}[[requirement]]\ntitle = \"b\"\n{rules}")),
            ":10:1: missing key `id` in [[requirement]]",
        ),
        (
            one(rules).replace("\"acme\"", "\"acne\""),
            ":1:6: `id` is `acne`, but the file is named `acme.toml`",
        ),
        (one(rules).replace("\"acme\"", "\"Acme!\""), ":1:6: `Acme!` is not a valid framework id"),
        (one(rules).replace("https:", "http:"), ":4:7: `http://acme.example` is not a valid URL"),
        (one(rules).replace("scope = \"all\"\n", ""), "missing key `scope` in the framework"),
        (HEAD.to_owned(), "missing key `requirement` in the framework"),
        (format!("{HEAD}requirement = []\n"), ":6:15: `requirement` is empty"),
        (one("rules = [\"sg-default-closed\"\n"), "acme.toml:9:"),
        (
            one(rules).replace("name = \"Acme\"", "name = \"Acme\"\nname = \"Acme\""),
            "duplicate key",
        ),
    ] {
        let diagnostics = parse(&source).expect_err(expected);
        assert!(
            diagnostics.iter().any(|diagnostic| diagnostic.contains(expected)),
            "{expected} is missing in {diagnostics:#?}"
        );
        assert_eq!(diagnostics.len(), 1, "{expected}: {diagnostics:#?}");
    }
    let many =
        parse("idd = \"x\"\n[[requirement]]\nrules = [\"nothing-like-it\", 5]\n").unwrap_err();
    assert!(many.len() >= 8, "not all errors are reported: {many:#?}");
}

#[test]
fn reading_never_panics() {
    let good = format!(
        "{HEAD}[[requirement]]\nid = \"1\"\ntitle = \"ä\"\nrules = [\"sg-default-closed\"]\n"
    );
    for (at, _) in good.char_indices() {
        for odd in ["", "\"", "[", "{", "=", "\n", "\u{0}", "'''"] {
            parse(&format!(
                "{}{odd}{}",
                &good[..at],
                good[at..].chars().skip(1).collect::<String>()
            ))
            .ok();
        }
        parse(&good[..at]).ok();
    }
}
