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
