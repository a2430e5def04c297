//! The table of lint codes. The meaning of a code never changes, and codes are never reused.

/// What the examples of a code contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleKind {
    /// A whole rule file.
    File,
    /// `const RULE` and functions, without the documentation.
    Rule,
    /// The body of `check(group, params)` in a rule for `ec2.security_group`.
    Body,
    /// A file name.
    Name,
    /// A `.cases.json` file.
    Cases,
    /// A `.cases.json` file of a rule whose `fix` returns `by_hand(…)`.
    FixCases,
    /// A file in `frameworks/`.
    Framework,
}

macro_rules! codes {
    ($($variant:ident = $id:literal, $title:literal, $text:literal, $kind:ident { $wrong:literal } { $right:literal })+) => {
        /// An error in a rule file, its test cases or a framework.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)+
        }

        impl Code {
            /// All codes, sorted by number.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// `R001`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// What is wrong, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// Why this is an error and how to fix it, in Markdown.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// What the examples contain.
            pub const fn example_kind(self) -> ExampleKind {
                match self { $(Self::$variant => ExampleKind::$kind),+ }
            }

            /// An example with the error.
            pub const fn wrong(self) -> &'static str {
                match self { $(Self::$variant => $wrong),+ }
            }

            /// The corrected example.
            pub const fn right(self) -> &'static str {
                match self { $(Self::$variant => $right),+ }
            }
        }
    };
}

impl Code {
    /// The code with this id, ignoring case.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
    }
}

codes! {
    Syntax = "R001", "Syntax error",
        "The parser cannot read the file. The reported position is where parsing stopped, which can be after the actual error: a missing `;` \
         or bracket is usually at the end of the previous line. Nothing else in the script is checked until it parses.",
        Body { "let name = group.group_name\nif name == \"default\" { fail(\"default\") } else { pass() }" }
             { "let name = group.group_name;\nif name == \"default\" { fail(\"default\") } else { pass() }" }
    UnavailableFeature = "R002", "Language feature not supported in rules",
        "Rules cannot use language features that would let them run for a long time, access anything outside the rule, hide an error, or \
         keep state for the next rule. Loop with `for`, return a verdict, pass closures directly to array functions, and build new values instead of \
         changing existing ones.",
        Body { "let n = 0;\nwhile n < group.ip_permissions.len() { n += 1; }\nif n > 9 { fail(`${n} rules`) } else { pass() }" }
             { "let n = group.ip_permissions.len();\nif n > 9 { fail(`${n} rules`) } else { pass() }" }
    MissingMetadata = "R003", "Missing `const RULE`",
        "A rule declares its metadata in `const RULE = #{ … }` at the top of the file. The map must contain only literals, so that it \
         can be read without running the script. A file must contain exactly one `RULE`.",
        Rule { "fn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    MissingCheck = "R004", "Missing function `check`",
        "Every rule must define `fn check(resource, params)`, which returns the verdict. The function must have exactly two parameters; their names do not matter.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    InvalidRuleId = "R005", "Invalid rule id",
        "A rule's id is its file name without `.rhai`. It consists of lowercase words separated by hyphens and can be up to 100 characters \
         long. Reports, `rolecall.toml` and fingerprints identify the rule by its id. The same format applies to `aliases` and to the ids \
         in `variants`.",
        Name { "Bucket_Versioning.rhai" } { "s3-bucket-versioning.rhai" }
    DuplicateId = "R006", "Duplicate rule id",
        "Two rules in one folder have the same id, or an entry in `aliases` is already in use: as an alias of the same rule, or as the id \
         or an alias of another rule. Findings are identified by rule ids, so ids and aliases must be unique. The same applies to the ids in \
         `variants`, and the id of a script with variants cannot be that of a rule. (A rule in your own folder can have the same id as a \
         built-in rule; if it does, it replaces the built-in rule.)",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\", aliases: [\"old-id\", \"old-id\"] };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\", aliases: [\"old-id\"] };\n\nfn check(group, params) { pass() }" }
    UnknownMetadataKey = "R007", "Unknown metadata key",
        "`RULE` contains an unknown key. Valid keys are `title`, `resource`, `needs`, `used_by`, `severity`, `params`, `limits`, `aliases`, \
         `terraform`, `fix` and `variants`. A variant can contain `id`, `title`, `summary`, `severity`, `params`, `aliases` and `terraform`.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severty: \"high\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    MissingMetadataKey = "R008", "Missing metadata key",
        "`title`, `resource` and `severity` are required, and so are `id` and `title` of each variant.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    InvalidMetadataValue = "R009", "Invalid metadata value",
        "Metadata consists of literals: numbers, strings, `true`, `false`, `()`, and lists and maps of these. `title` is a single line of \
         1 to 255 characters; `severity` is `critical`, `high`, `medium`, `low` or `info`; `needs`, `used_by`, `aliases` and `terraform` are lists of \
         strings; `params` is a map. `variants` is a list of up to 100 maps; the parameters of a variant are parameters of the script, \
         with values of the same type and within the same limits, and no two variants have the same values. An entry of `terraform` is a resource type such as `aws_instance`, \
         or one with the path of an attribute such as `aws_instance.metadata_options.http_tokens`. `used_by` accepts only kinds whose resources can refer to resources of the rule's kind.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"severe\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"critical\" };\n\nfn check(group, params) { pass() }" }
    UnknownKind = "R010", "Unknown kind",
        "`resource`, `needs`, a call to `related` or a test case names a kind (resource type) that does not exist. `rolecall facts` lists all \
         kinds.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.securitygroup\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    UnknownFact = "R011", "Unknown fact in `needs`",
        "`needs` lists facts that require an additional API call: `\"policy\"` for a fact of the resource itself, \
         `\"s3.account/public_access_block\"` for a fact of another kind. Fields returned by the kind's list call are always available \
         and must not be in `needs`. `rolecall facts KIND` shows the fields and the facts of a kind.",
        Rule { "const RULE = #{ title: \"Bucket is not versioned\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versionig\"] };\n\nfn check(bucket, params) {\n    if bucket.versioning.status == \"Enabled\" { pass() } else { fail(\"not versioned\") }\n}" }
             { "const RULE = #{ title: \"Bucket is not versioned\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versioning\"] };\n\nfn check(bucket, params) {\n    if bucket.versioning.status == \"Enabled\" { pass() } else { fail(\"not versioned\") }\n}" }

    UnknownFunction = "R020", "Unknown function",
        "No helper, built-in function or function in this file has this name. `rolecall helpers` lists all helpers.",
        Body { "if is_open_to_intrenet(group.ip_permissions, \"tcp\", 22) { fail(\"open\") } else { pass() }" }
             { "if is_open_to_internet(group.ip_permissions, \"tcp\", 22) { fail(\"open\") } else { pass() }" }
    WrongArgumentCount = "R021", "Wrong number of arguments",
        "The function exists, but does not accept this number of arguments. In a method call, the value before the dot is the first argument.",
        Body { "if is_open_to_internet(group.ip_permissions, 22) { fail(\"open\") } else { pass() }" }
             { "if is_open_to_internet(group.ip_permissions, \"tcp\", 22) { fail(\"open\") } else { pass() }" }
    UnknownVariable = "R022", "Unknown variable",
        "No variable with this name is in scope. A function can access only its parameters and its own variables; constants defined outside \
         functions cannot be read.",
        Body { "let ports = [22, 3389];\nif prts.some(|port| is_open_to_internet(group.ip_permissions, \"tcp\", port)) { fail(\"open\") } else { pass() }" }
             { "let ports = [22, 3389];\nif ports.some(|port| is_open_to_internet(group.ip_permissions, \"tcp\", port)) { fail(\"open\") } else { pass() }" }
    UnusedVariable = "R023", "Unused variable",
        "The variable is assigned but never read, which often means that a different variable is read by mistake. Loop variables and the \
         parameters of functions and closures are checked, too: if they are not read, the result is the same for every value. Remove the \
         variable, or prefix its name with `_` if it is unused on purpose. The parameters of `check` and `fix` may be unused.",
        Body { "let name = group.group_name;\nif group.group_id == \"default\" { fail(\"default\") } else { pass() }" }
             { "let name = group.group_name;\nif name == \"default\" { fail(\"default\") } else { pass() }" }
    UnusedFunction = "R024", "Unused function",
        "The function is never called, directly or indirectly, from `check` or `fix`.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n\nfn is_open(group) { is_open_to_internet(group.ip_permissions, \"tcp\", 22) }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { if is_open(group) { fail(\"open\") } else { pass() } }\n\nfn is_open(group) { is_open_to_internet(group.ip_permissions, \"tcp\", 22) }" }
    TypeMismatch = "R025", "Type mismatch",
        "The function or operator does not accept a value of this type, so the verdict would be `error`. `rolecall helpers NAME` shows the \
         parameter types of a helper.",
        Body { "if is_open_to_internet(group.ip_permissions, 22, \"tcp\") { fail(\"open\") } else { pass() }" }
             { "if is_open_to_internet(group.ip_permissions, \"tcp\", 22) { fail(\"open\") } else { pass() }" }
    ConditionNotBool = "R026", "Condition is not a bool",
        "The condition of `if`, the operands of `!`, `&&` and `||`, and the return value of a closure passed to `filter`, `some`, `all`, \
         `none` or `find` must be `true` or `false`. Lists, strings and objects are not converted to bool.",
        Body { "if group.ip_permissions { fail(\"rules\") } else { pass() }" }
             { "if !group.ip_permissions.is_empty() { fail(\"rules\") } else { pass() }" }
    ReceiverInClosure = "R027", "Closure uses the list that the method is called on",
        "While a method such as `list.some(…)` runs, the closure passed to it cannot read `list`. Pass the list as the first argument: \
         `some(list, |x| …)`.",
        Body { "if group.ip_permissions.some(|p| p.ip_protocol == group.group_name) { fail(\"same\") } else { pass() }" }
             { "if some(group.ip_permissions, |p| p.ip_protocol == group.group_name) { fail(\"same\") } else { pass() }" }
    MissingInterpolation = "R028", "Placeholder in a double-quoted string",
        "`${x}` is interpolated only in strings in backticks. In double quotes it is literal text, so the finding would show `${x}` instead \
         of the value.",
        Body { "if group.ip_permissions.is_empty() { pass() } else { fail(\"${group.group_name} has rules\") }" }
             { "if group.ip_permissions.is_empty() { pass() } else { fail(`${group.group_name} has rules`) }" }
    ShadowsBuiltin = "R029", "Function shadows a built-in",
        "The rule defines a function with the same name and number of parameters as a helper or a built-in function. The rule's \
         function is called instead, which may surprise readers of the rule.",
        Rule { "const RULE = #{ title: \"Group has no owner\", resource: \"ec2.security_group\", severity: \"low\" };\n\nfn check(group, params) { if has_tag(group.tags, \"Owner\") { pass() } else { fail(\"no owner\") } }\n\nfn has_tag(tags, key) { key in tags }" }
             { "const RULE = #{ title: \"Group has no owner\", resource: \"ec2.security_group\", severity: \"low\" };\n\nfn check(group, params) { if has_tag(group.tags, \"Owner\") { pass() } else { fail(\"no owner\") } }" }

    UnknownField = "R030", "Unknown field",
        "The value has no field with this name; reading it makes the verdict `error`. `rolecall facts KIND` lists all fields. A list has no \
         fields of its own: access its items with `for` or an array function.",
        Body { "if group.grup_name == \"default\" { fail(\"default\") } else { pass() }" }
             { "if group.group_name == \"default\" { fail(\"default\") } else { pass() }" }
    UndeclaredParam = "R031", "Undeclared parameter",
        "`check` reads a parameter that is not declared in `params` of `RULE`, so it has no default and cannot be configured. `fix` can also read the \
         parameters in `fix.params`; `check` cannot.",
        Rule { "const RULE = #{ title: \"Group has too many rules\", resource: \"ec2.security_group\", severity: \"low\" };\n\nfn check(group, params) {\n    if group.ip_permissions.len() > params.max_rules { fail(\"too many rules\") } else { pass() }\n}" }
             { "const RULE = #{ title: \"Group has too many rules\", resource: \"ec2.security_group\", severity: \"low\", params: #{ max_rules: 50 } };\n\nfn check(group, params) {\n    if group.ip_permissions.len() > params.max_rules { fail(\"too many rules\") } else { pass() }\n}" }
    UnusedParam = "R032", "Unused parameter",
        "The parameter is declared in `params` and can be configured, but `check` never reads it, or it is declared in `fix.params` and `fix` never reads it. \
         A parameter that only `fix` reads must be in `fix.params`.",
        Rule { "const RULE = #{ title: \"Group has too many rules\", resource: \"ec2.security_group\", severity: \"low\", params: #{ max_rules: 50 } };\n\nfn check(group, params) {\n    if group.ip_permissions.len() > 50 { fail(\"too many rules\") } else { pass() }\n}" }
             { "const RULE = #{ title: \"Group has too many rules\", resource: \"ec2.security_group\", severity: \"low\", params: #{ max_rules: 50 } };\n\nfn check(group, params) {\n    if group.ip_permissions.len() > params.max_rules { fail(\"too many rules\") } else { pass() }\n}" }
    UndeclaredFact = "R033", "Fact is not declared in `needs`",
        "The fact requires an additional API call. rolecall makes such a call, and includes its action in the IAM policy, only if the fact is \
         listed in `needs`. Reading an undeclared fact makes the verdict `error`. What only `fix` or one of its actions reads must be listed in `fix.needs`, \
         so that scans do not collect it; `check` cannot read it.",
        Rule { "const RULE = #{ title: \"Bucket is not versioned\", resource: \"s3.bucket\", severity: \"low\" };\n\nfn check(bucket, params) {\n    if bucket.versioning.status == \"Enabled\" { pass() } else { fail(\"not versioned\") }\n}" }
             { "const RULE = #{ title: \"Bucket is not versioned\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versioning\"] };\n\nfn check(bucket, params) {\n    if bucket.versioning.status == \"Enabled\" { pass() } else { fail(\"not versioned\") }\n}" }
    UndeclaredKind = "R034", "Kind is not declared in `needs`",
        "Resources of another kind are collected only if the kind is listed in `needs`, or in `fix.needs` if only `fix` looks them up.",
        Rule { "const RULE = #{ title: \"Group is unused\", resource: \"ec2.security_group\", severity: \"low\" };\n\nfn check(group, params) {\n    if related(\"ec2.network_interface\").is_empty() { fail(\"unused\") } else { pass() }\n}" }
             { "const RULE = #{ title: \"Group is unused\", resource: \"ec2.security_group\", severity: \"low\", needs: [\"ec2.network_interface\"] };\n\nfn check(group, params) {\n    if related(\"ec2.network_interface\").is_empty() { fail(\"unused\") } else { pass() }\n}" }
    UnusedNeed = "R035", "Unused entry in `needs`",
        "The rule declares a fact or kind that it never reads. The entry still costs API calls in every scan, requires IAM permissions \
         for them, and makes the verdict `unknown` whenever the fact or kind cannot be read. What only `fix` reads must be in `fix.needs` instead of \
         `needs`.",
        Rule { "const RULE = #{ title: \"Group has rules\", resource: \"ec2.security_group\", severity: \"low\", needs: [\"ec2.vpc\"] };\n\nfn check(group, params) {\n    if group.ip_permissions.is_empty() { pass() } else { fail(\"has rules\") }\n}" }
             { "const RULE = #{ title: \"Group has rules\", resource: \"ec2.security_group\", severity: \"low\" };\n\nfn check(group, params) {\n    if group.ip_permissions.is_empty() { pass() } else { fail(\"has rules\") }\n}" }

    NeverEqual = "R040", "Comparison of different types",
        "Values of different types are never equal: `==` returns `false` and `!=` returns `true`, without an error; `<` and similar operators \
         end the evaluation with an error. Compare numbers with numbers and strings with strings. `tags` is a map: read a single tag with, for example, `tags.Name`. \
         Ids are compared in the same way: a snapshot id never equals a volume id, and an ARN never equals a name.",
        Body { "if group.ip_permissions.some(|p| p.from_port == \"22\") { fail(\"open\") } else { pass() }" }
             { "if group.ip_permissions.some(|p| p.from_port == 22) { fail(\"open\") } else { pass() }" }
    NeverContains = "R041", "Membership test with the wrong type",
        "A list never contains a value whose type differs from the type of the list's items. A string contains only strings, and the keys \
         of a map are strings.",
        Body { "if group.ip_permissions.some(|p| p.from_port in [\"22\", \"3389\"]) { fail(\"open\") } else { pass() }" }
             { "if group.ip_permissions.some(|p| p.from_port in [22, 3389]) { fail(\"open\") } else { pass() }" }
    NeverReturned = "R042", "Value that AWS never returns",
        "The field is compared with a string that AWS never returns for it, for example because of a typo or different capitalization, \
         or because it is not a valid region, Availability Zone, account id or principal. The two are then never equal. \
         Parameter defaults and test cases are checked in the same way. `rolecall facts KIND` lists the possible values of the kind's fields; \
         `rolecall helpers NAME` lists the possible values of the fields that the helper returns.",
        Rule { "const RULE = #{ title: \"Instance is running\", resource: \"ec2.instance\", severity: \"low\" };\n\nfn check(instance, params) {\n    if instance.state.name == \"Running\" { fail(\"it is running\") } else { pass() }\n}" }
             { "const RULE = #{ title: \"Instance is running\", resource: \"ec2.instance\", severity: \"low\" };\n\nfn check(instance, params) {\n    if instance.state.name == \"running\" { fail(\"it is running\") } else { pass() }\n}" }
    AlwaysThere = "R044", "Check for a value that is always there",
        "`is_configured(x)`, `x == ()` or `x != ()` checks a fact, field, list, parameter or function result that always has a value, so the check has the same \
         result for every resource. For some calls, AWS returns a response for every resource, whether or not the feature is in use. In \
         that case, check the field of the response that shows whether the feature is in use. In the output of `rolecall facts KIND`, a \
         `?` marks each field that can be absent; the output also states which facts can be absent.",
        Rule { "const RULE = #{ title: \"Bucket is not versioned\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versioning\"] };\n\nfn check(bucket, params) {\n    if is_configured(bucket.versioning) { pass() } else { fail(\"not versioned\") }\n}" }
             { "const RULE = #{ title: \"Bucket is not versioned\", resource: \"s3.bucket\", severity: \"low\", needs: [\"versioning\"] };\n\nfn check(bucket, params) {\n    if bucket.versioning.status == \"Enabled\" { pass() } else { fail(\"not versioned\") }\n}" }
    ConstantComparison = "R045", "Condition that is always true or always false",
        "The condition has the same result for every resource. Either it compares two literals, compares a value with itself, checks whether \
         a length is negative, or has `true` or `false` as an operand (`x || true`); or its comparisons can never all be true (`n > 100 && n < \
         10`) or never all be false (`x != \"a\" || x != \"b\"`).",
        Body { "if group.ip_permissions.len() >= 0 { fail(\"has rules\") } else { pass() }" }
             { "if group.ip_permissions.len() > 0 { fail(\"has rules\") } else { pass() }" }
    UnsuitableLiteral = "R046", "Value that cannot work as this argument",
        "The string or number is not what the helper expects: for example, an IAM action without a service prefix, a range without a \
         prefix length, a regular expression instead of a glob or vice versa, a pattern instead of the string to match, an unknown \
         protocol or one in capitals, an unknown action or parameter of an action, a port outside the range 0 to 65535, an unknown unit or kind, an empty message, or an id that is not that of \
         an account. The call would always return `false`, or the verdict would \
         be `error`. If a parameter is passed to the helper, the parameter's default in `params` is checked in the same way.",
        Body { "if glob_matches(\"^prod-.*$\", group.group_name) { fail(\"production\") } else { pass() }" }
             { "if glob_matches(\"prod-*\", group.group_name) { fail(\"production\") } else { pass() }" }
    IntegerDivision = "R047", "Integer division compared with a fraction",
        "The quotient of two integers is an integer, rounded toward zero: `1 / 2` is `0`. Multiply instead of dividing, or convert one \
         of the integers with `to_float()`.",
        Body { "let open = group.ip_permissions.filter(|p| p.ip_protocol == \"-1\").len();\nif open / group.ip_permissions.len() > 0.5 { fail(\"mostly open\") } else { pass() }" }
             { "let open = group.ip_permissions.filter(|p| p.ip_protocol == \"-1\").len();\nif 2 * open > group.ip_permissions.len() { fail(\"mostly open\") } else { pass() }" }
    MayBeAbsent = "R048", "Value may be absent",
        "The field can be absent (`?` in `rolecall facts`), which makes its value `()`. The evaluation ends with an error if a rule reads \
         a field of `()` (`bucket.tags.Owner`), uses `()` in an ordering comparison (`<`, `<=`, `>`, `>=`), in a calculation or as a condition, \
         passes `()` to a function that requires a value (`x.to_lower()`), or reads the first item of an empty list. A `switch` with ranges \
         takes its default case for `()`. Check the value first, in the same condition or with an early `return`, or use a default: `x ?? 0`. To \
         read a field of a value that can be absent, use `x?.field`, which is `()` if `x` is `()`.",
        Body { "if group.ip_permissions.some(|p| p.from_port <= 22) { fail(\"open\") } else { pass() }" }
             { "if group.ip_permissions.some(|p| p.from_port == () || p.from_port <= 22) { fail(\"open\") } else { pass() }" }
    DivisionByZero = "R049", "Division by zero",
        "The divisor is the literal zero, so the verdict is always `error`.",
        Body { "if group.ip_permissions.len() % 0 == 1 { fail(\"odd\") } else { pass() }" }
             { "if group.ip_permissions.len() % 2 == 1 { fail(\"odd\") } else { pass() }" }

    MissingVerdict = "R050", "Not all code paths return a verdict or a fix",
        "Every code path of `check` must end with `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`; otherwise, the verdict is `error`. In the same way, \
         every code path of `fix` must end with `safe_fix(…)`, `unsafe_fix(…)` or `by_hand(…)`. The most common cause is a final `if` without `else`.",
        Body { "if group.group_name == \"default\" { fail(\"default\") }" }
             { "if group.group_name == \"default\" { fail(\"default\") } else { pass() }" }
    NotAVerdict = "R051", "Return value is not a verdict or a fix",
        "The return value of `check` must be created by `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`, and that of `fix` by `safe_fix(…)`, `unsafe_fix(…)` or \
         `by_hand(…)`. A condition is not a verdict, and an action alone is not a fix.",
        Body { "group.group_name == \"default\"" }
             { "if group.group_name == \"default\" { fail(\"default\") } else { pass() }" }
    Unreachable = "R052", "Unreachable code",
        "The code is never executed. Either the preceding statement always returns, exits the loop or skips to the next \
         iteration, or an earlier branch already checks the same condition or `switch` value.",
        Body { "return pass();\nfail(\"default\")" }
             { "if group.group_name != \"default\" { return pass(); }\nfail(\"default\")" }
    DiscardedVerdict = "R053", "Verdict or fix is discarded",
        "`pass()`, `fail(…)`, `skip(…)` and `unknown(…)` create a verdict but do not end the rule. A verdict that is not returned is \
         discarded, and the rule continues with the next statement, so a resource that should fail can pass. The same is true of `safe_fix(…)`, \
         `unsafe_fix(…)` and `by_hand(…)` in `fix`.",
        Body { "if group.group_name == \"default\" { fail(\"default\"); }\npass()" }
             { "if group.group_name == \"default\" { return fail(\"default\"); }\npass()" }
    SingleRound = "R054", "Loop that ends in its first iteration",
        "Every path through the loop body returns or exits the loop, so only the first item is checked: a resource can pass although \
         its second item is a problem. Return inside the loop only if the item determines the verdict, and return the other verdict \
         after the loop.",
        Body { "for p in group.ip_permissions {\n    if p.ip_protocol == \"-1\" { return fail(\"all protocols\"); } else { return pass(); }\n}\npass()" }
             { "for p in group.ip_permissions {\n    if p.ip_protocol == \"-1\" { return fail(\"all protocols\"); }\n}\npass()" }
    UnusedResult = "R055", "Result is not used",
        "The statement computes a value and discards it, so it has no effect. `list + [item]`, `list.filter(…)` and `list.distinct()` \
         return a new list; they do not change the old one. Assign the value, return it or check it in a condition. Nor does it have an \
         effect to change a copy, such as a fact or what a call returns: `group.ip_permissions.push(x)`.",
        Body { "let open = [];\nfor p in group.ip_permissions {\n    if p.ip_protocol == \"-1\" { open + [p]; }\n}\nif open.is_empty() { pass() } else { fail(\"open\") }" }
             { "let open = [];\nfor p in group.ip_permissions {\n    if p.ip_protocol == \"-1\" { open += [p]; }\n}\nif open.is_empty() { pass() } else { fail(\"open\") }" }
    LastRound = "R056", "Loop in which only the last item counts",
        "Each iteration of the loop overwrites a condition or verdict without reading the value from earlier iterations, so only the last item \
         determines the result: a resource whose first item is a problem passes. Assign only if an item determines the result, or use `some`, \
         `all` or `none`.",
        Body { "let open = false;\nfor p in group.ip_permissions { open = p.ip_protocol == \"-1\"; }\nif open { fail(\"open\") } else { pass() }" }
             { "let open = false;\nfor p in group.ip_permissions {\n    if p.ip_protocol == \"-1\" { open = true; }\n}\nif open { fail(\"open\") } else { pass() }" }
    ReturnsNothing = "R057", "Function that returns nothing is used as a value",
        "The function changes the string or list that it is called on and returns `()`: `trim`, `replace`, `push`, `sort`, `reverse` and \
         others. Used as a value, the call is always `()`, so that a comparison with it has the same result for every resource. Call the \
         function in a statement of its own, then use the variable.",
        Body { "let name = group.group_name ?? \"\";\nif name.trim() == \"default\" { fail(\"default\") } else { pass() }" }
             { "let name = group.group_name ?? \"\";\nname.trim();\nif name == \"default\" { fail(\"default\") } else { pass() }" }

    MissingCases = "R060", "Missing test cases",
        "Every rule must have a file `<id>.cases.json` next to it, with facts and expected verdicts. Without test cases, nothing verifies \
         that the rule works.",
        Name { "s3-bucket-versioning.rhai" } { "s3-bucket-versioning.rhai, s3-bucket-versioning.cases.json" }
    InvalidCases = "R061", "Invalid test case file",
        "The file must be either a JSON list of test cases, each with `name`, `expect` and `facts`, or an object with two keys: \
         `cases`, which contains this list, and `defaults`, whose values apply to every test case that does not override them. `docs/writing-rules.md` lists the optional \
         keys of a test case. Keys must be unique in each object.",
        Cases { "[\n  { \"name\": \"default\", \"expct\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }
              { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }
    MissingPassOrFailCase = "R062", "Missing passing or failing test case",
        "At least one test case must expect `pass` and at least one must expect `fail`. Otherwise, a rule that always returns the same \
         verdict would pass all its test cases. The same applies to each variant of a script.",
        Cases { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } }\n]" }
              { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }
    CaseMismatch = "R063", "Unknown name or wrong type in a test case",
        "The test case sets a field, fact or parameter that does not exist, or a value has the wrong type or format. Such a test case does not \
         describe a resource that the rule could evaluate. If the rule has variants, each test case must name one in `variant`.",
        Cases { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_nme\": \"default\" } },\n  { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }
              { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }
    DuplicateCaseName = "R064", "Duplicate test case name",
        "Failures are reported by test case name, so names must be unique.",
        Cases { "[\n  { \"name\": \"one\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"one\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }
              { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }
    UnusedDefault = "R065", "Unused default",
        "Every test case overrides a value that is set in `defaults`, so the default is never used. Remove the default, or remove the \
         value from the test cases that repeat the default.",
        Cases { "{\n  \"defaults\": { \"facts\": { \"group_name\": \"web\" } },\n  \"cases\": [\n    { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n    { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"web\" } }\n  ]\n}" }
              { "{\n  \"defaults\": { \"facts\": { \"group_name\": \"web\" } },\n  \"cases\": [\n    { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n    { \"name\": \"custom\", \"expect\": \"pass\" }\n  ]\n}" }

    CasesWithoutRule = "R066", "Test cases without a rule",
        "A folder of rules contains a file `<id>.cases.json`, but no rule `<id>.rhai` next to it, so nothing runs these test cases. The rule was \
         deleted or renamed, or the names of the two files differ. `rolecall test` also reports this error.",
        Name { "old-name.cases.json, new-name.rhai" } { "new-name.cases.json, new-name.rhai" }

    MissingSummary = "R070", "Missing summary",
        "The file must begin with `//!` lines. The first paragraph must describe, in one sentence, what is wrong when the rule fails; \
         reports and code scanning show it.",
        File { "//! ## Why it matters\n//! Anyone can log in.\n//!\n//! ## How to fix it\n//! Restrict the rule.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
             { "//! The group allows access from anywhere.\n//!\n//! ## Why it matters\n//! Anyone can log in.\n//!\n//! ## How to fix it\n//! Restrict the rule.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
    MissingSection = "R071", "Missing or incomplete documentation section",
        "The documentation must have the sections `## Why it matters`, `## How to fix it` and `## References`. None of them can be empty, \
         and the references must include an `https://` URL. The sections are shown with every finding.",
        File { "//! The group allows access from anywhere.\n//!\n//! ## Why it matters\n//! Anyone can log in.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
             { "//! The group allows access from anywhere.\n//!\n//! ## Why it matters\n//! Anyone can log in.\n//!\n//! ## How to fix it\n//! Restrict the rule.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
    TitleStatesRequirement = "R072", "Title states a requirement",
        "Titles appear in lists of findings, so they must state the problem: \"Bucket accepts plain HTTP\", not \"Ensure that buckets reject \
         plain HTTP\", which could be read as the opposite.",
        Rule { "const RULE = #{ title: \"Ensure that security groups are closed\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }" }
    Unwritten = "R073", "Documentation is not written yet",
        "`rolecall new` writes `TODO` in each line that you must replace with your own text. Replace all of these lines: the documentation is shown in findings.",
        File { "//! The group allows access from anywhere.\n//!\n//! ## Why it matters\n//! TODO: describe what could go wrong.\n//!\n//! ## How to fix it\n//! Restrict the rule.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }
             { "//! The group allows access from anywhere.\n//!\n//! ## Why it matters\n//! Anyone can log in.\n//!\n//! ## How to fix it\n//! Restrict the rule.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { pass() }\n" }

    UnmentionedTerraformType = "R074", "Terraform type that `## How to fix it` does not mention",
        "`terraform` names the Terraform resource types in which a failure is fixed, and findings point to their lines. The section \
         `## How to fix it` must mention each of these types, so that readers know what to change there.",
        File { "//! The group allows access from anywhere.\n//!\n//! ## Why it matters\n//! Anyone can log in.\n//!\n//! ## How to fix it\n//! Restrict the rule.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{\n    title: \"Group is open\",\n    resource: \"ec2.security_group\",\n    severity: \"high\",\n    terraform: [\"aws_vpc_security_group_ingress_rule.cidr_ipv4\"],\n};\n\nfn check(group, params) { pass() }\n" }
             { "//! The group allows access from anywhere.\n//!\n//! ## Why it matters\n//! Anyone can log in.\n//!\n//! ## How to fix it\n//! Restrict the rule. In Terraform, change `cidr_ipv4` of `aws_vpc_security_group_ingress_rule`.\n//!\n//! ## References\n//! - https://docs.aws.amazon.com/\n\nconst RULE = #{\n    title: \"Group is open\",\n    resource: \"ec2.security_group\",\n    severity: \"high\",\n    terraform: [\"aws_vpc_security_group_ingress_rule.cidr_ipv4\"],\n};\n\nfn check(group, params) { pass() }\n" }

    MissingFix = "R075", "Function `fix` without metadata, or metadata without the function",
        "A rule that can propose fixes has a function `fix(resource, params)`, and the key `fix` in `RULE` states the most automatic class that \
         it returns and what it reads beyond what `check` reads.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\nfn check(group, params) { if group.group_name == \"default\" { fail(\"default\") } else { pass() } }\n\nfn fix(group, params) { by_hand(\"someone may use it\") }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\", fix: #{ most: \"by_hand\" } };\n\nfn check(group, params) { if group.group_name == \"default\" { fail(\"default\") } else { pass() } }\n\nfn fix(group, params) { by_hand(\"someone may use it\") }" }

    WrongMost = "R076", "Metadata `fix.most` does not match the function `fix`",
        "`most` in the metadata `fix` is the most automatic class that the function `fix` returns: `\"safe\"` if it calls `safe_fix(…)`, else `\"unsafe\"` if it calls \
         `unsafe_fix(…)`, else `\"by_hand\"`. A fix that exceeds `most` is an error.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\", fix: #{ most: \"safe\" } };\n\nfn check(group, params) { if group.group_name == \"default\" { fail(\"default\") } else { pass() } }\n\nfn fix(group, params) { by_hand(\"someone may use it\") }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\", fix: #{ most: \"by_hand\" } };\n\nfn check(group, params) { if group.group_name == \"default\" { fail(\"default\") } else { pass() } }\n\nfn fix(group, params) { by_hand(\"someone may use it\") }" }
    MissingFixCase = "R077", "Missing test case of a fix",
        "For each class that `fix` can return, at least one test case that expects `fail` must state it in `fix`, with the actions of a safe or unsafe fix. \
         Otherwise, nothing verifies that the fix is what you intend. The examples are for a rule whose `fix` returns `by_hand(…)`.",
        FixCases { "[\n  { \"name\": \"default\", \"expect\": \"fail\", \"facts\": { \"group_name\": \"default\" } },\n  { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }
                 { "[\n  {\n    \"name\": \"default\",\n    \"expect\": \"fail\",\n    \"facts\": { \"group_name\": \"default\" },\n    \"fix\": { \"class\": \"by_hand\" }\n  },\n  { \"name\": \"custom\", \"expect\": \"pass\", \"facts\": { \"group_name\": \"custom\" } }\n]" }

    MisusedEvidence = "R078", "Evidence that is not read, or affects the verdict",
        "The key `evidence` in `RULE` names fields that `check` reads only to show them, so that a failure stays one if they could not be read. \
         They can only be items of the evidence of `fail`: in a condition, or in a call of another function, they are an error when the rule runs.",
        Rule { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", evidence: [\"description\"], severity: \"high\" };\n\nfn check(group, params) { if group.description == \"open\" { fail(\"open\") } else { pass() } }" }
             { "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", evidence: [\"description\"], severity: \"high\" };\n\nfn check(group, params) { if group.group_name == \"open\" { fail(\"open\", #{ description: group.description }) } else { pass() } }" }

    InvalidFramework = "R080", "Invalid framework file",
        "A file in `frameworks/` must be valid TOML with the keys `id` (the file name), `name`, `version`, `url`, `scope` and \
         `[[requirement]]`. Each requirement must have `id` and `title`, and exactly one of `rules` (a list of rule ids), `undecidable` (the \
         reason why configuration data alone cannot show whether the requirement is met) or `not_covered` (the reason why no rule checks \
         the requirement). `level`, `severity` and `note` are optional.",
        Framework { "id = \"cis\"\nname = \"Benchmark\"\nversion = \"7\"\nurl = \"https://example.com\"\nscope = \"EC2\"\n\n[[requirement]]\nid = \"5.2\"\ntitle = \"Restrict groups\"\nrules = \"group-is-open\"\n" } { "id = \"cis\"\nname = \"Benchmark\"\nversion = \"7\"\nurl = \"https://example.com\"\nscope = \"EC2\"\n\n[[requirement]]\nid = \"5.2\"\ntitle = \"Restrict groups\"\nrules = [\"group-is-open\"]\n" }
    UnknownRule = "R081", "Framework refers to an unknown rule",
        "The requirement would be reported as covered by a rule that does not exist. Refer to rules by id, not by alias.",
        Framework { "id = \"cis\"\nname = \"Benchmark\"\nversion = \"7\"\nurl = \"https://example.com\"\nscope = \"EC2\"\n\n[[requirement]]\nid = \"5.2\"\ntitle = \"Restrict groups\"\nrules = [\"group-is-opn\"]\n" } { "id = \"cis\"\nname = \"Benchmark\"\nversion = \"7\"\nurl = \"https://example.com\"\nscope = \"EC2\"\n\n[[requirement]]\nid = \"5.2\"\ntitle = \"Restrict groups\"\nrules = [\"group-is-open\"]\n" }
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
