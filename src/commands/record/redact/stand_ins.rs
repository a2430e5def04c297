//! The replacements of values: equal values get equal ones.

use std::collections::{BTreeSet, HashMap};

use super::addresses::Addresses;
use super::{keywords, policies, split, words};
use crate::model::AccountId;
use crate::rules::cases::DEFAULT_ACCOUNT;

/// The replacements so far.
pub(super) struct StandIns<'a> {
    /// The rule's script, whose strings are stored next to the case anyway.
    script: &'a str,
    /// The replacement for each value.
    known: HashMap<String, String>,
    /// Number of replacements of each sort.
    numbers: HashMap<&'static str, usize>,
    pub(super) addresses: Addresses,
    /// What stays, without numbers, booleans and times.
    pub(super) kept: BTreeSet<String>,
}

impl<'a> StandIns<'a> {
    /// For a case of an account.
    pub(super) fn new(script: &'a str, account: &AccountId) -> Self {
        Self {
            script,
            // The default account of a case.
            known: HashMap::from([(account.to_string(), DEFAULT_ACCOUNT.to_owned())]),
            numbers: HashMap::new(),
            addresses: Addresses::default(),
            kept: BTreeSet::new(),
        }
    }

    /// Records that a string stays.
    pub(super) fn keep(&mut self, text: &str) -> String {
        if !text.is_empty() && !keywords::is_number(text) && !keywords::is_boolean_or_time(text) {
            self.kept.insert(text.to_owned());
        }
        text.to_owned()
    }

    /// Whether the script contains the string.
    fn is_public(&self, text: &str) -> bool {
        ['"', '`'].iter().any(|quote| self.script.contains(&format!("{quote}{text}{quote}")))
    }

    /// The key of a tag, unless the script reads it.
    pub(super) fn tag_key(&mut self, key: &str) -> String {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let dotted = format!(".{key}");
        let read = self.script.match_indices(&dotted).any(|(at, found)| {
            !self.script.get(at + found.len()..).is_some_and(|rest| rest.starts_with(is_word))
        });
        if read || words::is_tag_key(key) { self.keep(key) } else { self.chosen(key) }
    }

    /// A string that people choose: a name, or the value of a tag. It can have the format of an id
    /// or an address, or be a number, a boolean or a time.
    pub(super) fn chosen(&mut self, text: &str) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let is_plain = keywords::is_number(text) || keywords::is_boolean_or_time(text);
        if text.is_empty() || is_plain || self.is_public(text) {
            return self.keep(text);
        }
        match self.form(text) {
            Some(new) => new,
            None => self.address(text).unwrap_or_else(|| self.name(text)),
        }
    }

    /// Only the format of an id or an address.
    pub(super) fn id_or_name(&mut self, text: &str) {
        if self.form(text).is_none() && self.addresses.replace(text).is_none() {
            self.name(text);
        }
    }

    /// A string, which can consist of parts between separators, wildcards and policy variables.
    pub(super) fn part(&mut self, text: &str) -> String {
        let few_digits = keywords::digits(text) <= keywords::FEW_DIGITS;
        self.piece(text, few_digits)
    }

    /// A part of a longer string. `numbers`: numbers can stay, because there are so few digits in
    /// all of it that they are not a number with separators.
    pub(super) fn piece(&mut self, text: &str, numbers: bool) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let is_plain = keywords::is_boolean_or_time(text)
            || (keywords::is_number(text)
                && (numbers || keywords::digits(text) > keywords::FEW_DIGITS));
        if text.is_empty() || is_plain || self.is_public(text) {
            return self.keep(text);
        }
        if let Some(new) = self.form(text).or_else(|| self.address(text)) {
            return new;
        }
        if keywords::is_value(text) {
            return self.keep(text);
        }
        // A key id with a session, a path, and an address of an endpoint.
        let has_space = split::variables(text)
            .iter()
            .any(|(piece, is_variable)| !is_variable && piece.contains(char::is_whitespace));
        for separator in [':', '/', ','] {
            let pieces = split::pieces(text, &[separator]);
            if pieces.len() > 1 && !has_space && !text.contains("://") {
                let join =
                    |(piece, separator): (&str, &str)| self.piece(piece, numbers) + separator;
                return pieces.into_iter().map(join).collect();
            }
        }
        let pieces = split::variables(text);
        if pieces.iter().any(|(_, is_variable)| *is_variable) {
            let replace = |(piece, is_variable): (&str, bool)| match is_variable {
                true => self.variable(piece),
                false => self.piece(piece, numbers),
            };
            return pieces.into_iter().map(replace).collect();
        }
        if text.contains(['*', '?']) {
            let pieces = text.split_inclusive(['*', '?']).map(|piece| {
                let name = piece.trim_end_matches(['*', '?']);
                self.beside_wildcard(name, numbers) + piece.get(name.len()..).unwrap_or_default()
            });
            return pieces.collect();
        }
        self.name(text)
    }

    /// What is between wildcards, which can be the beginning of an id, or a part of a hostname.
    fn beside_wildcard(&mut self, text: &str, numbers: bool) -> String {
        const IDS: [&str; 7] =
            ["AIDA", "AROA", "o-", "r-", "ou-", ".amazonaws.com", ".amazonaws.com.cn"];
        let is_prefix = text.strip_suffix('-').is_some_and(words::is_id_prefix);
        if is_prefix || IDS.contains(&text) {
            return self.keep(text);
        }
        self.unit_prefix(text).unwrap_or_else(|| self.piece(text, numbers))
    }

    /// A policy variable, possibly with a default value: `${aws:PrincipalTag/Team, 'none'}`.
    fn variable(&mut self, text: &str) -> String {
        let inner = text.trim_start_matches("${").trim_end_matches('}');
        if matches!(inner, "*" | "?" | "$") {
            return text.to_owned();
        }
        let (key, default) = match inner.split_once(',') {
            Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
            None => (inner.trim(), None),
        };
        let known = policies::is_condition_key(key) || policies::chosen(key).is_some();
        let new = if known { self.condition_key(key) } else { self.name(key) };
        match default {
            Some(default) => format!("${{{new}, '{}'}}", self.part(default)),
            None if known && key == new && key == inner => self.keep(text),
            None => format!("${{{new}}}"),
        }
    }

    /// A condition key, which can contain the key of a tag: `aws:PrincipalTag/Team`.
    pub(super) fn condition_key(&mut self, key: &str) -> String {
        match policies::chosen(key) {
            Some((before, name)) => format!("{before}{}", self.tag_key(name)),
            None if policies::is_condition_key(key) => key.to_owned(),
            None => self.part(key),
        }
    }

    pub(super) fn address(&mut self, text: &str) -> Option<String> {
        let new = self.addresses.replace(text)?;
        Some(if new == text { self.keep(text) } else { new })
    }

    pub(super) fn name(&mut self, text: &str) -> String {
        self.replaced("name", text, |number| format!("name-{number}"))
    }

    pub(super) fn account(&mut self, id: &str) -> String {
        // Not the placeholder for the account of the case.
        self.replaced("account", id, |number| {
            format!("{:012}", 222_200_000_000_u64 + number as u64)
        })
    }

    /// The replacement of a long number without quotes.
    pub(super) fn number(&mut self, digits: &str) -> Option<u64> {
        let is_account = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let new = match is_account {
            true => self.account(digits),
            false => self.replaced("number", digits, |number| format!("{}", 90_000 + number)),
        };
        new.parse().ok()
    }

    /// The replacement of a string: the same as before, or the next one that the script does not
    /// contain.
    pub(super) fn replaced(
        &mut self,
        sort: &'static str,
        text: &str,
        make: impl Fn(usize) -> String,
    ) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if self.is_public(text) {
            return self.keep(text);
        }
        let new = loop {
            let number = self.numbers.entry(sort).or_default();
            *number += 1;
            let new = make(*number);
            if !self.script.contains(&new) {
                break new;
            }
        };
        self.known.insert(text.to_owned(), new.clone());
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats in which something that people choose (`@`) can look as if AWS defined it.
    const TEMPLATES: &[&str] = &[
        "@",
        "@-0a1b2c3d",
        "@-0123456789abcdef0",
        "vpc-@",
        "vpc-0a1b2c3d@",
        "vpc-@-*",
        "o-@",
        "r-@",
        "ou-@-11111111",
        "ou-ab12-@",
        "ou-@-*",
        "AROA@",
        "AROAEXAMPLE123456789:@",
        "mrk-@",
        "arn:@",
        "arn:@:s3:::x",
        "arn:aws:@:::x",
        "arn:aws:@*:::x",
        "arn:aws:sqs:@:123456789012:x",
        "arn:aws:sqs:@-*:123456789012:x",
        "arn:aws:sqs:eu-west-1:@:x",
        "arn:aws:sqs:eu-west-1:@*:x",
        "arn:aws:sqs:eu-west-1:123456789012:@",
        "arn:aws:iam::123456789012:@/x",
        "arn:aws:iam::123456789012:role/@",
        "arn:aws:iam::123456789012:role/@/x",
        "arn:aws:iam::123456789012:role*@",
        "arn:aws:iam::aws:policy/@",
        "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity @",
        "arn:aws:s3:::x/${@}",
        "arn:aws:s3:::x/${aws:@}",
        "arn:aws:s3:::x/${aws:PrincipalTag/@}",
        "arn:aws:s3:::x/${aws:username, '@'}",
        "arn:aws:s3:::x/@${aws:username}@",
        "arn:aws:s3:::x/${@",
        "arn:aws:s3:::x/@}",
        "arn:aws:s3:::x/a b, @",
        "arn:aws:kms:eu-west-1:123456789012:alias/aws/@",
        "CloudFront Origin Access Identity @",
        "${@}",
        "${aws:username}@",
        "${aws:username, '@'}",
        "${aws:RequestTag/@}",
        "@.amazonaws.com",
        "s3.@.amazonaws.com",
        "@.s3.amazonaws.com",
        "*.@.amazonaws.com",
        "@*.amazonaws.com",
        "com.amazonaws.@.s3",
        "com.amazonaws.eu-west-1.@",
        "com.amazonaws.vpce.@.vpce-svc-0a1b2c3d",
        "com.amazonaws.vpce.eu-west-1.@",
        "com.amazonaws.vpce.eu-west-1.@-0a1b2c3d",
        "aws.@",
        "@:Secret",
        "s3:@",
        "alias/@",
        "alias/aws/@",
        "http://acs.amazonaws.com/groups/@",
        "http://acs.amazonaws.com/groups/global/AllUsers/@",
        "https://@",
        "https://@:8080/x",
        "https://x:@/y",
        "https://@@x/y",
        "https://*.@",
        "https://x/@?@=@#@",
        "s3://x/@",
        "ldap://@",
        "ftp://@/@",
        "@@example.com",
        "x@@.com",
        "@.small",
        "m5.@",
        "@-west-1",
        "us-@-1",
        "us-west-2-@-1a",
        "eu-west-1@",
        "use1-az1@",
        "User initiated @",
        "User initiated (@)",
        "User initiated (2026-01-01 08:00:00 GMT) @",
        "2026-01-01@",
        "2026-01-01T00:00:00Z@",
        "true@",
        "42@",
        "10.0.0.1@",
        "10.0.0.1/@",
        "10.0.0.1:@",
        "fe80::1%@",
        "fe80::1%@/64",
        "02:42:ac:11:00:02@",
        "@/@/@",
        "@:@,@",
        "@ @",
        "*@?@*",
        "a=@",
        "\u{feff}@",
    ];

    #[test]
    fn what_people_choose_is_replaced_in_any_format() {
        let secrets = ["acme", "ACMEPAYROLL99", "acmepayroll99", "Zürich", "給与", "4915112345678"];
        for template in TEMPLATES {
            for secret in secrets {
                let text = template.replace('@', secret);
                let account = "123456789012".parse().unwrap();
                let mut stand_ins = StandIns::new("", &account);
                let new =
                    [stand_ins.part(&text), stand_ins.chosen(&text), stand_ins.tag_key(&text)];
                for new in new.iter().chain(&stand_ins.kept) {
                    assert!(!new.contains(secret), "{text}: {new}");
                    assert!(!new.contains("123456789012"), "{text}: {new}");
                }
            }
        }
    }

    #[test]
    fn everything_that_stays_is_recorded() {
        let script = "if name == \"acme-public\" { r.tags.Owner }";
        let mut stand_ins = StandIns::new(script, &"123456789012".parse().unwrap());
        for (text, kept) in [
            ("acme-public", true),
            ("arn:aws:s3:::acme-public/x", true),
            ("eu-west-1", true),
            ("0.0.0.0/0", true),
            ("127.0.0.1", true),
            ("s3.amazonaws.com", true),
            ("${aws:username}", true),
            ("vpc-*", true),
            ("alias/aws/s3", true),
            ("arn:aws:sqs:us-east-1:*:x", true),
            ("42", false),
            ("true", false),
            ("2026-01-01", false),
            ("acme", false),
        ] {
            stand_ins.kept.clear();
            stand_ins.part(text);
            assert_eq!(!stand_ins.kept.is_empty(), kept, "{text}: {:?}", stand_ins.kept);
        }
        stand_ins.kept.clear();
        assert_eq!(stand_ins.tag_key("Owner"), "Owner");
        assert_eq!(stand_ins.chosen("acme-public"), "acme-public");
        assert_eq!(stand_ins.kept.iter().collect::<Vec<_>>(), ["Owner", "acme-public"]);
    }
}
