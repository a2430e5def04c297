//! Helpers as users meet them: in the program, in their editor, and with the `[trust]` settings of
//! their config.

use std::fs;

use serde_json::json;

use super::program::{root, run, snapshot, text};

#[test]
fn helpers_are_listed_shown_and_looked_up() {
    let all = run(&["helpers"]);
    assert_eq!(all.code, 0, "{}", all.stderr);
    assert!(
        all.stdout.contains("external_grants") && all.stdout.contains("POLICIES"),
        "{}",
        all.stdout
    );
    let wrong = run(&["helpers", "internet_opening"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""));
    assert!(wrong.stderr.contains("did you mean `internet_openings`?"), "{}", wrong.stderr);
}

#[test]
fn evaluate_and_test_report_the_new_name_of_a_renamed_helper() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("ours");
    fs::create_dir(&rules).unwrap();
    for ending in ["rhai", "cases.json"] {
        let from = root().join("tests/broken_rules/renamed-function").with_extension(ending);
        fs::copy(from, rules.join("sg-open").with_extension(ending)).unwrap();
    }
    let rules = text(&rules);
    for args in [
        &["evaluate", "--snapshot", "fixtures/acme", "--rules", rules, "--rule", "sg-open"][..],
        &["test", rules],
    ] {
        let ended = run(args);
        assert_ne!(ended.code, 0, "{args:?}: {}", ended.stdout);
        let help = "`opens_to_world` was renamed to `is_open_to_internet`";
        assert!(ended.stdout.contains(help), "{args:?}: {}{}", ended.stdout, ended.stderr);
    }
}

#[test]
fn definitions_are_written_but_do_not_overwrite_other_files() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["definitions", text(dir.path())];
    let ran = run(&args);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let path = dir.path().join("rolecall.d.rhai");
    assert!(fs::read_to_string(&path).unwrap().contains("fn is_trusted_account("));
    fs::write(&path, "module static;\n").unwrap();
    let ran = run(&args);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("was not written by rolecall"), "{}", ran.stderr);
}

#[test]
fn definitions_parse_as_the_language_server_expects() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(run(&["definitions", text(dir.path())]).code, 0);
    let mut names: Vec<String> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["rhai.d.rhai", "rolecall-kinds.d.rhai", "rolecall.d.rhai"]);
    for name in names {
        let read = fs::read_to_string(dir.path().join(&name)).unwrap();
        let items =
            Definitions::new(&read).file().unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert!(items > 40, "{name}: only {items} items");
    }
    for wrong in [
        "module static;\nfn a(x: range=);",
        "module static;\ntype a = #{ public: bool };",
        "fn a();",
        "module static;\nfn a()",
    ] {
        assert!(Definitions::new(wrong).file().is_err(), "{wrong}");
    }
}

/// The grammar of definition files, as defined by <https://github.com/rhaiscript/lsp> in
/// crates/rowan, as far as the generated files use it.
struct Definitions<'a> {
    /// Tokens with their lines; comments are left out.
    tokens: Vec<(usize, &'a str)>,
    at: usize,
}

type Read = Result<(), String>;

impl<'a> Definitions<'a> {
    fn new(text: &'a str) -> Self {
        let mut tokens = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let mut rest = line.trim();
            while !rest.is_empty() && !rest.starts_with("//") {
                let word = rest
                    .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                    .unwrap_or(rest.len());
                let length = match rest {
                    _ if word > 0 => word,
                    _ if rest.starts_with('"') => rest[1..].find('"').unwrap() + 2,
                    _ if rest.starts_with("#{") || rest.starts_with("->") => 2,
                    _ => 1,
                };
                tokens.push((number + 1, &rest[..length]));
                rest = rest[length..].trim_start();
            }
        }
        Self { tokens, at: 0 }
    }

    fn next(&self) -> &'a str {
        self.tokens.get(self.at).map_or("", |token| token.1)
    }

    fn fault(&self) -> String {
        format!(
            "line {}: `{}` is unexpected",
            self.tokens.get(self.at).map_or(0, |token| token.0),
            self.next()
        )
    }

    fn takes(&mut self, token: &str) -> bool {
        let is = self.next() == token;
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, token: &str) -> Read {
        if self.takes(token) { Ok(()) } else { Err(self.fault()) }
    }

    fn is_name(&self) -> bool {
        let keyword = "let const for do until while in loop break continue if else switch fn private return throw try catch import export \
            as var static goto exit match case public protected new use with module package super spawn thread go sync async await yield \
            default void null nil true false";
        self.next().starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && keyword.split_whitespace().all(|word| word != self.next())
    }

    fn name(&mut self) -> Read {
        if !self.is_name() {
            return Err(self.fault());
        }
        self.at += 1;
        Ok(())
    }

    /// Items separated by commas, up to the token that ends them.
    fn list(&mut self, end: &str, item: fn(&mut Self) -> Read) -> Read {
        while !self.takes(end) {
            item(self)?;
            if self.next() != end {
                self.expect(",")?;
            }
        }
        Ok(())
    }

    fn named(&mut self) -> Read {
        if self.next().starts_with('"') {
            self.at += 1
        } else {
            self.name()?
        }
        self.expect(":")?;
        self.kind()
    }

    fn kind(&mut self) -> Read {
        for (start, end) in [("[", "]"), ("(", ")")] {
            if self.takes(start) {
                return self.list(end, Self::kind);
            }
        }
        if self.takes("?") {
            return Ok(());
        }
        if self.takes("#{") {
            return self.list("}", Self::named);
        }
        self.name()?;
        if self.takes("<") { self.list(">", Self::kind) } else { Ok(()) }
    }

    fn item(&mut self) -> Read {
        if self.takes("type") {
            self.name()?;
            self.expect("=")?;
            self.kind()?;
        } else {
            if self.takes("op") {
                while !["(", ""].contains(&self.next()) {
                    self.at += 1;
                }
                self.expect("(")?;
                self.list(")", Self::kind)?;
            } else {
                self.expect("fn")?;
                let accessor = ["get", "set"].contains(&self.next());
                self.name()?;
                if accessor && self.next() != "(" {
                    self.name()?;
                }
                self.expect("(")?;
                self.list(")", Self::named)?;
            }
            if self.takes("->") {
                self.kind()?;
            }
        }
        self.expect(";")
    }

    /// The number of items in the file.
    fn file(mut self) -> Result<usize, String> {
        for token in ["module", "static", ";"] {
            self.expect(token)?;
        }
        let mut items = 0;
        while self.at < self.tokens.len() {
            self.item()?;
            items += 1;
        }
        Ok(items)
    }
}

#[test]
fn the_trust_settings_of_the_config_reach_rules() {
    let dir = tempfile::tempdir().unwrap();
    let stored = dir.path().join("snapshot");
    fs::create_dir(&stored).unwrap();
    let group = json!({ "group_id": "sg-1", "group_name": "web", "owner_id": "222233334444" });
    snapshot(&stored, "111122223333", &[("ec2.security_group", "sg-1", "eu-west-1", group)]);
    let rules = dir.path().join("rules");
    fs::create_dir(&rules).unwrap();
    let rule = "//! Test.\nconst RULE = #{ title: \"t\", resource: \"ec2.security_group\", severity: \"high\" };\n\
        fn check(group, params) { if is_trusted_account(group.owner_id) { pass() } else { fail(`${trusted_accounts()}`) } }\n";
    fs::write(rules.join("owner.rhai"), rule).unwrap();
    let config = dir.path().join("rolecall.toml");
    let evaluate = |toml: &str| {
        fs::write(&config, toml).unwrap();
        let args = [
            "evaluate",
            "--snapshot",
            text(&stored),
            "--rules",
            text(&rules),
            "--rule",
            "owner",
            "--config",
            text(&config),
        ];
        let ran = run(&args);
        (ran.code, format!("{}{}", ran.stdout, ran.stderr))
    };
    let account = "[[account]]\nid = \"222233334444\"\n[role]\nname = \"r\"\n";
    let (code, output) = evaluate("");
    assert_eq!(code, 1, "{output}");
    assert!(output.contains("111122223333") && !output.contains("222233334444, "), "{output}");
    assert_eq!(evaluate("[trust]\naccounts = [\"222233334444\"]\n").0, 0, "named");
    assert_eq!(evaluate(account).0, 0, "scanned accounts are trusted");
    assert_eq!(
        evaluate(&format!("{account}[trust]\norganization_accounts = false\n")).0,
        1,
        "unless the config says otherwise"
    );
    let (code, output) = evaluate("[trust]\naccounts = [\"2222\"]\n");
    assert!(code == 2 && output.contains("rolecall.toml:2:13"), "{output}");
}
