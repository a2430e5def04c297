//! The table of mistakes. A code never changes its meaning and is never used again for another one.

/// What a wrong and a right example show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// A whole rule file.
    File,
    /// `const RULE` and functions, without the prose.
    Rule,
    /// Statements of `check(group, params)` of a rule on `ec2.security_group`.
    Body,
    /// The file's name.
    Name,
    /// A `.cases.json` file.
    Cases,
    /// A file of `frameworks/`.
    Framework,
}

macro_rules! codes {
    ($($variant:ident = $id:literal, $title:literal, $text:literal, $shows:ident { $wrong:literal } { $right:literal })+) => {
        /// A mistake of a rule file, a cases file or a framework.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)+
        }

        impl Code {
            /// All codes, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// `R001`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// What is wrong, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// Why it is a mistake and what to do, in Markdown.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// What the examples show.
            pub const fn shows(self) -> Shows {
                match self { $(Self::$variant => Shows::$shows),+ }
            }

            /// An example with the mistake.
            pub const fn wrong(self) -> &'static str {
                match self { $(Self::$variant => $wrong),+ }
            }

            /// The same without it.
            pub const fn right(self) -> &'static str {
                match self { $(Self::$variant => $right),+ }
            }
        }
    };
}

impl Code {
    /// The code of that id, in upper or lower case.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
    }
}

codes! {
    Syntax = "R001", "The file is no Rhai script",
        "The parser does not understand the file. The place is where it gave up, which can be a little behind the slip: a missing `;` or \
         bracket is most often at the end of the line before. Nothing else of the script is checked until it parses.",
        Body { "let name = group.group_name\nif name == \"default\" { fail(\"default\") } else { pass() }" }
             { "let name = group.group_name;\nif name == \"default\" { fail(\"default\") } else { pass() }" }
    NotAvailable = "R002", "Not available in rules",
        "Rules are decisions, not programs: what could run for long, reach outside, hide a failure or keep a value for the next rule is \
         refused. Loop with `for`, end with a verdict, pass closures straight to array functions, build new values in the place of \
         changing old ones.",
        Body { "let n = 0;\nwhile n < group.ip_permissions.len() { n += 1; }\nif n > 9 { fail(`${n} rules`) } else { pass() }" }
             { "let n = group.ip_permissions.len();\nif n > 9 { fail(`${n} rules`) } else { pass() }" }
    NoMetadata = "R003", "No metadata",
        "A rule says what it is in `const RULE = #{ … }`, a map of literals at the top of the file, which is read without running the \
         script. There is one of it in a file.",
        Rule { "fn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    NoCheck = "R004", "No function `check`",
        "The verdict comes from `fn check(resource, params)`. It has exactly two parameters, whatever they are called.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    BadId = "R005", "Not a rule id",
        "A rule's id is the name of its file. It is lower-case words with hyphens between them, at most 100 characters; reports, \
         settings and fingerprints carry it. The same holds for `aliases`.",
        Name { "Bucket_Versioning.rhai" } { "s3-bucket-versioning.rhai" }
    TwoRules = "R006", "An id is taken",
        "Two rules of one folder have the same id, or an alias is the id or the alias of another rule. Findings are told apart by these \
         ids, so the alerts of the two would be mixed. (A rule of your own folder may have the id of a built-in one: it takes its place.)",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\", aliases: [\"old-id\", \"old-id\"] };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\", aliases: [\"old-id\"] };\n\nfn check(group, params) { pass() }" }
    UnknownKey = "R007", "Unknown metadata key",
        "`RULE` has a key that means nothing. The keys are `title`, `resource`, `needs`, `used_by`, `severity`, `params` and `aliases`.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severty: \"high\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    MissingKey = "R008", "Missing metadata",
        "`title`, `resource` and `severity` are required.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    BadValue = "R009", "A metadata value of the wrong form",
        "Metadata is literals: numbers, texts, `true`, `false`, `()`, lists and maps of those. A title has 1 to 255 characters, a severity \
         is `critical`, `high`, `medium`, `low` or `info`, `needs`, `used_by` and `aliases` are lists of texts, `params` is a map, and only kinds whose resources hold \
         the id of the resource can use it.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"severe\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"critical\" };\n\nfn check(group, params) { pass() }" }
    UnknownKind = "R010", "Unknown kind",
        "A kind of resource that rolecall does not know, in `resource`, in `needs`, in a call of `related` or in the cases. `rolecall facts` lists them all.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.securitygroup\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    UnknownFact = "R011", "Unknown fact in `needs`",
        "`needs` names facts that cost a call of their own: `\"policy\"` for the resource itself, `\"s3.account/public_access_block\"` for \
         another kind. A field that the list of the kind returns is always there and does not belong into `needs`. `rolecall facts KIND` \
         shows which is which.",
        Rule { "const RULE = #{ title: \"No versions\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versionig\"] };\n\nfn check(bucket, params) {\n    if is_configured(bucket.versioning) { pass() } else { fail(\"none\") }\n}" }
             { "const RULE = #{ title: \"No versions\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versioning\"] };\n\nfn check(bucket, params) {\n    if is_configured(bucket.versioning) { pass() } else { fail(\"none\") }\n}" }

    UnknownFunction = "R020", "Unknown function",
        "No function of that name exists: neither one of the helpers, nor one of the language, nor one of this file. \
         `docs/writing-rules.md` lists the helpers.",
        Body { "if is_open_to_intrenet(group.ip_permissions, \"tcp\", 22) { fail(\"open\") } else { pass() }" }
             { "if is_open_to_internet(group.ip_permissions, \"tcp\", 22) { fail(\"open\") } else { pass() }" }
    WrongArguments = "R021", "Wrong number of arguments",
        "The function exists, but not with that many arguments. The value in front of the dot counts as the first one.",
        Body { "if is_open_to_internet(group.ip_permissions, 22) { fail(\"open\") } else { pass() }" }
             { "if is_open_to_internet(group.ip_permissions, \"tcp\", 22) { fail(\"open\") } else { pass() }" }
    UnknownVariable = "R022", "Unknown variable",
        "Nothing of that name is in sight. A function sees its parameters and its own variables; constants outside of functions cannot be \
         read.",
        Body { "let ports = [22, 3389];\nif prts.some(|port| is_open_to_internet(group.ip_permissions, \"tcp\", port)) { fail(\"open\") } else { pass() }" }
             { "let ports = [22, 3389];\nif ports.some(|port| is_open_to_internet(group.ip_permissions, \"tcp\", port)) { fail(\"open\") } else { pass() }" }
    UnusedVariable = "R023", "Variable is never read",
        "A value is worked out and then forgotten, which often means that another variable was read in its place. Remove it, or begin its \
         name with `_`.",
        Body { "let name = group.group_name;\nif group.group_id == \"default\" { fail(\"default\") } else { pass() }" }
             { "let name = group.group_name;\nif name == \"default\" { fail(\"default\") } else { pass() }" }
    DeadFunction = "R024", "Function is never called",
        "No way leads from `check` to this function.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n\nfn is_open(group) { is_open_to_internet(group.ip_permissions, \"tcp\", 22) }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { if is_open(group) { fail(\"open\") } else { pass() } }\n\nfn is_open(group) { is_open_to_internet(group.ip_permissions, \"tcp\", 22) }" }
    WrongType = "R025", "A value of a type that does not fit",
        "The function or the operator takes values of another type, so the verdict would be `error`. `rolecall helpers NAME` shows what a \
         helper takes.",
        Body { "if is_open_to_internet(group.ip_permissions, 22, \"tcp\") { fail(\"open\") } else { pass() }" }
             { "if is_open_to_internet(group.ip_permissions, \"tcp\", 22) { fail(\"open\") } else { pass() }" }
    NoCondition = "R026", "A condition that is neither true nor false",
        "What stands behind `if`, `!`, `&&` and `||`, and what a closure of `filter`, `some`, `all`, `none` or `find` gives, must be true or \
         false. Lists, texts and objects are not true by being there.",
        Body { "if group.ip_permissions { fail(\"rules\") } else { pass() }" }
             { "if !group.ip_permissions.is_empty() { fail(\"rules\") } else { pass() }" }
    Entangled = "R027", "A closure reads what it is called on",
        "While a chain is worked out, the variable in front of it is held, and a closure in the chain cannot read it. Called as a function, \
         the same does: `some(list, |x| …)` in the place of `list.some(|x| …)`.",
        Body { "if group.ip_permissions.some(|p| p.ip_protocol == group.group_name) { fail(\"odd\") } else { pass() }" }
             { "if some(group.ip_permissions, |p| p.ip_protocol == group.group_name) { fail(\"odd\") } else { pass() }" }
    NotFilledIn = "R028", "A value that is not filled in",
        "`${x}` becomes a value in texts between backticks only. Between double quotes it stays as it is written, and whoever gets the \
         finding reads `${x}`.",
        Body { "if group.ip_permissions.is_empty() { pass() } else { fail(\"${group.group_name} has rules\") }" }
             { "if group.ip_permissions.is_empty() { pass() } else { fail(`${group.group_name} has rules`) }" }
    Hiding = "R029", "A function hides one that is there",
        "The rule defines a function with the name, and as many parameters, as one of the helpers or of the language has. Its own is called \
         from then on, which whoever reads the rule does not expect.",
        Rule { "const RULE = #{ title: \"Group has no owner\", resource: \"ec2.security_group\", severity: \"low\" };\n\nfn check(group, params) { if has_tag(group.tags, \"Owner\") { pass() } else { fail(\"no owner\") } }\n\nfn has_tag(tags, key) { key in tags }" }
             { "const RULE = #{ title: \"Group has no owner\", resource: \"ec2.security_group\", severity: \"low\" };\n\nfn check(group, params) { if has_tag(group.tags, \"Owner\") { pass() } else { fail(\"no owner\") } }" }

    UnknownField = "R030", "Unknown field",
        "The value has no such field. When it is read, the verdict is `error`. `rolecall facts KIND` shows all fields; a list has none of its \
         own: take its items by `for` or by an array function.",
        Body { "if group.grup_name == \"default\" { fail(\"default\") } else { pass() }" }
             { "if group.group_name == \"default\" { fail(\"default\") } else { pass() }" }
    UnknownParam = "R031", "Undeclared parameter",
        "`check` reads a parameter that `params` of `RULE` does not declare, so nobody can set it and it has no default.",
        Body { "if group.ip_permissions.len() > params.most { fail(\"many\") } else { pass() }" }
             { "if group.ip_permissions.len() > 50 { fail(\"many\") } else { pass() }" }
    UnusedParam = "R032", "Parameter is never read",
        "`params` declares it, so a site can set it, but it changes nothing.",
        Rule { "const RULE = #{ title: \"Many rules\", resource: \"ec2.security_group\", severity: \"low\", params: #{ most: 50 } };\n\nfn check(group, params) {\n    if group.ip_permissions.len() > 50 { fail(\"many\") } else { pass() }\n}" }
             { "const RULE = #{ title: \"Many rules\", resource: \"ec2.security_group\", severity: \"low\", params: #{ most: 50 } };\n\nfn check(group, params) {\n    if group.ip_permissions.len() > params.most { fail(\"many\") } else { pass() }\n}" }
    UndeclaredFact = "R033", "Fact is read but not declared",
        "The fact costs a call of its own, and only what `needs` names is collected and permitted. Without the declaration the verdict \
         is `error`.",
        Rule { "const RULE = #{ title: \"No versions\", resource: \"s3.bucket\", severity: \"low\" };\n\nfn check(bucket, params) {\n    if is_configured(bucket.versioning) { pass() } else { fail(\"none\") }\n}" }
             { "const RULE = #{ title: \"No versions\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versioning\"] };\n\nfn check(bucket, params) {\n    if is_configured(bucket.versioning) { pass() } else { fail(\"none\") }\n}" }
    UndeclaredKind = "R034", "Kind is looked up but not declared",
        "Resources of another kind are collected only when `needs` names the kind.",
        Body { "if related(\"ec2.network_interface\").is_empty() { fail(\"unused\") } else { pass() }" }
             { "if group.ip_permissions.is_empty() { fail(\"unused\") } else { pass() }" }
    UnusedNeed = "R035", "Declared but never read",
        "The rule declares something that it never reads. Every scan pays a call for each resource for it, the role needs a permission \
         for it, and where it is unreadable the verdict is `unknown` for nothing.",
        Rule { "const RULE = #{ title: \"Group has rules\", resource: \"ec2.security_group\", severity: \"low\", needs: [\"ec2.vpc\"] };\n\nfn check(group, params) {\n    if group.ip_permissions.is_empty() { pass() } else { fail(\"some\") }\n}" }
             { "const RULE = #{ title: \"Group has rules\", resource: \"ec2.security_group\", severity: \"low\" };\n\nfn check(group, params) {\n    if group.ip_permissions.is_empty() { pass() } else { fail(\"some\") }\n}" }

    NeverEqual = "R040", "Values of types that can never be equal",
        "Values of different types are simply unequal: `==`, `<` and the like answer `false`, `!=` answers `true`, and no error says so. \
         Numbers are compared with numbers, texts with texts. Tags are a map; one tag is `tags.Name`.",
        Body { "if group.ip_permissions.some(|p| p.from_port == \"22\") { fail(\"open\") } else { pass() }" }
             { "if group.ip_permissions.some(|p| p.from_port == 22) { fail(\"open\") } else { pass() }" }
    NeverContains = "R041", "Can never contain that",
        "The list holds values of another type, or the text or map is asked for something that is no text.",
        Body { "if group.ip_permissions.some(|p| p.from_port in [\"22\", \"3389\"]) { fail(\"open\") } else { pass() }" }
             { "if group.ip_permissions.some(|p| p.from_port in [22, 3389]) { fail(\"open\") } else { pass() }" }
    NeverSent = "R042", "A value that AWS never sends",
        "The field is compared with a text that is nearly one of its values, and not one: another case, or a slip. The comparison never \
         holds. `rolecall facts KIND` lists the values of a field.",
        Rule { "const RULE = #{ title: \"Instance runs\", resource: \"ec2.instance\", severity: \"low\" };\n\nfn check(instance, params) {\n    if instance.state.name == \"Running\" { fail(\"it runs\") } else { pass() }\n}" }
             { "const RULE = #{ title: \"Instance runs\", resource: \"ec2.instance\", severity: \"low\" };\n\nfn check(instance, params) {\n    if instance.state.name == \"running\" { fail(\"it runs\") } else { pass() }\n}" }

    NoVerdict = "R050", "A way through `check` without a verdict",
        "Every way must end in `pass()`, `fail(…)` or `skip(…)`; else the verdict is `error`. The usual case is an `if` without `else` at the \
         end.",
        Body { "if group.group_name == \"default\" { fail(\"default\") }" }
             { "if group.group_name == \"default\" { fail(\"default\") } else { pass() }" }
    NotAVerdict = "R051", "Ends in something that is no verdict",
        "The last value of `check` must come from `pass()`, `fail(…)` or `skip(…)`. A condition alone is not one.",
        Body { "group.group_name == \"default\"" }
             { "if group.group_name == \"default\" { fail(\"default\") } else { pass() }" }
    Unreachable = "R052", "Code that is never reached",
        "The statement before it always returns, or goes on with the next item.",
        Body { "return pass();\nfail(\"default\")" }
             { "if group.group_name != \"default\" { return pass(); }\nfail(\"default\")" }
    DroppedVerdict = "R053", "A verdict that comes to nothing",
        "`pass()`, `fail(…)` and `skip(…)` make a verdict, they do not end the rule: one that stands in the middle is forgotten, and the rule \
         goes on to the next statement. So a resource that should fail would pass.",
        Body { "if group.group_name == \"default\" { fail(\"default\"); }\npass()" }
             { "if group.group_name == \"default\" { return fail(\"default\"); }\npass()" }

    NoCases = "R060", "No cases",
        "Beside each rule stands `<id>.cases.json`: what it must say of which facts. Without it nobody knows whether the rule does what it \
         says.",
        Name { "s3-bucket-versioning.rhai" } { "s3-bucket-versioning.rhai, s3-bucket-versioning.cases.json" }
    BadCases = "R061", "The cases cannot be read",
        "The file is a JSON list of cases, each with `name`, `expect` and `facts`, and a few more keys that `docs/writing-rules.md` lists; or an \
         object with that list as `cases`, and with `defaults` from which each case starts. No object has a key twice.",
        Cases { "[\n  { \"name\": \"default\", \"expct\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"own\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"own\" } }\n]" }
              { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"own\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"own\" } }\n]" }
    MissingCase = "R062", "No passing or no failing case",
        "At least one case must expect `pass` and one `fail`: a rule that always says the same would satisfy the others.",
        Cases { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } }\n]" }
              { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"own\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"own\" } }\n]" }
    UnknownInCase = "R063", "A case names what does not exist",
        "A field, a fact or a parameter of a case does not exist, so the rule never reads it and the case shows nothing.",
        Cases { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_nme\": \"default\" } },\n  { \"name\": \"own\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"own\" } }\n]" }
              { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"own\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"own\" } }\n]" }
    SameName = "R064", "Two cases of one name",
        "A difference is reported by the name of its case.",
        Cases { "[\n  { \"name\": \"one\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"one\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"own\" } }\n]" }
              { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"own\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"own\" } }\n]" }
    UnusedDefault = "R065", "Unused default",
        "Every case replaces a value in the `defaults` of its file, so no case starts from it. Remove the default, or remove from the cases \
         what is equal to it.",
        Cases { "{\n  \"defaults\": { \"facts\": { \"group_name\": \"web\" } },\n  \"cases\": [\n    { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n    { \"name\": \"own\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"web\" } }\n  ]\n}" }
              { "{\n  \"defaults\": { \"facts\": { \"group_name\": \"web\" } },\n  \"cases\": [\n    { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n    { \"name\": \"own\", \"expect\": \"pass\" }\n  ]\n}" }

    NoSummary = "R070", "No first paragraph",
        "The file begins with `//!` lines. Their first paragraph says in a sentence what is wrong when the rule fails; reports and code \
         scanning show it.",
        File { "//! ## Why it matters\n//! Everybody can log in.\n//!\n//! ## How to fix it\n//! Close it.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
             { "//! The group lets everybody in.\n//!\n//! ## Why it matters\n//! Everybody can log in.\n//!\n//! ## How to fix it\n//! Close it.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
    MissingSection = "R071", "Prose without a section",
        "The prose has the sections `## Why it matters`, `## How to fix it` and `## References`, each with something in it, and the \
         references an `https://` address. Whoever gets the finding has nothing else to go by.",
        File { "//! The group lets everybody in.\n//!\n//! ## Why it matters\n//! Everybody can log in.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
             { "//! The group lets everybody in.\n//!\n//! ## Why it matters\n//! Everybody can log in.\n//!\n//! ## How to fix it\n//! Close it.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
    WishfulTitle = "R072", "The title says what should be",
        "A title stands in lists of findings, where it must say what is wrong: \"Bucket accepts plain HTTP\", not \"Ensure that buckets \
         refuse plain HTTP\", which reads like the opposite there.",
        Rule { "const RULE = #{ title: \"Ensure that groups are closed\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }

    BadFramework = "R080", "The framework cannot be read",
        "A file of `frameworks/` is TOML, and each `rules` in it is a list of rule ids.",
        Framework { "[[requirement]]\nid = \"5.2\"\nrules = \"group-is-open\"\n" } { "[[requirement]]\nid = \"5.2\"\nrules = [\"group-is-open\"]\n" }
    UnknownRule = "R081", "A framework names a rule that does not exist",
        "A requirement would count as covered by nothing. Rules are named by their ids, not by their aliases.",
        Framework { "[[requirement]]\nid = \"5.2\"\nrules = [\"group-is-opn\"]\n" } { "[[requirement]]\nid = \"5.2\"\nrules = [\"group-is-open\"]\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
        for code in Code::ALL {
            assert_eq!(Code::find(&code.id().to_lowercase()), Some(*code));
            assert_ne!(code.wrong(), code.right(), "{code:?}");
        }
        assert_eq!(Code::find("R999"), None);
    }
}
