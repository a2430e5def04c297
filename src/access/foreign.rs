//! Access points of other accounts. Anyone can create one for any bucket, and the snapshot does not
//! have their policies: what the bucket allows through them counts.
//!
//! Source: Amazon S3 User Guide, "Creating access points": "You can also create a cross-account access
//! point that's associated with a bucket in another AWS account, as long as you know the bucket name and
//! the bucket owner's account ID."

use std::collections::BTreeMap;

use super::analysis::{Found, MAX_COMBINED, Own};
use super::conditions::{ACCESS_POINT_KEYS, KeyState, NETWORK_ORIGIN, keys_through, whole};
use super::grant::{Source, Step, Unread};
use super::piece::{Piece, Request};
use super::who::{Who, WhoKind};
use crate::model::Cause;
use crate::policy::{Condition, Statement, is_account_id, is_limit};

/// What a grant comes from.
type Steps = Vec<Step>;

/// Whether a condition is about the account or the name of an access point.
fn is_of_point(condition: &Condition) -> bool {
    ACCESS_POINT_KEYS.contains(&condition.key.as_str())
}

/// Whether requests through access points differ from those to the bucket itself.
fn differs(statement: &Statement) -> bool {
    let mut conditions = statement.conditions.iter();
    conditions.any(|condition| is_of_point(condition) || condition.key == NETWORK_ORIGIN)
}

/// The accounts in the values that access points are compared with.
fn accounts_in(condition: &Condition) -> impl Iterator<Item = &str> {
    condition.values.iter().filter_map(|value| {
        let account = value.split(':').nth(4).unwrap_or(value);
        is_account_id(account).then_some(account)
    })
}

/// The accounts to whose access points conditions limit requests; `None` if they do not.
fn accounts(conditions: &[Condition]) -> Option<Vec<String>> {
    let statement = whole(conditions);
    let mut limits = conditions.iter().filter(|one| is_of_point(one) && is_limit(&statement, one));
    let mut named: Vec<String> = accounts_in(limits.next()?).map(str::to_owned).collect();
    for limit in limits {
        named.retain(|account| accounts_in(limit).any(|other| other == account));
    }
    Some(named)
}

impl Own<'_> {
    /// Requests through access points of other accounts.
    pub(super) fn foreign(&self, found: &mut Found) {
        let Ok(policy) = &self.policy else { return };
        if !policy.iter().any(differs) {
            return;
        }
        // First, through access points of any account: what is left names the accounts, if it is limited
        // to some.
        let request = self.request(keys_through(KeyState::Present));
        let pieces = self.bucket_side(&request, &self.ignores_acls());
        let whose = "the bucket policy's";
        let pieces = Self::after_denies(&self.policy, &request, pieces, whose, &mut Vec::new());
        let mut open: Vec<Steps> = Vec::new();
        let mut limited: BTreeMap<String, Vec<Steps>> = BTreeMap::new();
        let mut left = MAX_COMBINED;
        for piece in pieces {
            let Some(accounts) = accounts(&piece.conditions) else {
                open.push(piece.steps);
                continue;
            };
            for account in accounts.into_iter().filter(|one| *one != self.facts.account) {
                let Some(less) = left.checked_sub(1) else {
                    let message = "the bucket policy names more access points of other accounts than rolecall evaluates";
                    let cause = Cause::new("s3:GetBucketPolicy", Cause::INVALID_RESPONSE, message);
                    let source = Source::BucketPolicy;
                    found.unread.push(Unread { source, may_be_public: false, cause });
                    break;
                };
                left = less;
                limited.entry(account).or_default().push(piece.steps.clone());
            }
        }
        let direct = found.pieces.clone();
        self.through_foreign(&request, None, &open, &direct, found);
        for (account, steps) in limited {
            let request = self.request(keys_through(KeyState::is(&account)));
            self.through_foreign(&request, Some(&account), &steps, &direct, found);
        }
    }

    /// What some statements and ACL grants allow through access points of an account, or of any, unless
    /// they allow it for requests to the bucket itself.
    fn through_foreign(
        &self,
        request: &Request,
        account: Option<&str>,
        steps: &[Steps],
        direct: &[Piece],
        found: &mut Found,
    ) {
        let is_asked = |piece: &Piece| steps.contains(&piece.steps);
        let mut pieces: Vec<Piece> = Vec::new();
        for statement in self.policy.iter().flatten() {
            let is_source = |step: &Step| step.statement == Some(statement.index);
            if steps.iter().flatten().any(is_source) {
                pieces.extend(request.allowed(statement, Source::BucketPolicy, None));
            }
        }
        let mut restricted = Vec::new();
        let restricts = self.restricts();
        pieces =
            self.after_restriction(request, pieces, &self.is_public, &restricts, &mut restricted);
        let restricted = restricted.into_iter().map(|(piece, by)| (limited_to(piece, account), by));
        found.blocked.extend(restricted);
        pieces.extend(
            self.by_acl(&self.ignores_acls(), &mut Vec::new()).into_iter().filter(is_asked),
        );
        let whose = "the bucket policy's";
        pieces = Self::after_denies(&self.policy, request, pieces, whose, &mut found.blocked);
        let new = pieces.into_iter().filter_map(|mut piece| {
            piece.actions.retain(|action| !action.changes_bucket());
            let is_direct = direct.iter().any(|other| other.covers(&piece));
            (!piece.actions.is_empty() && !is_direct).then(|| limited_to(piece, account))
        });
        found.pieces.extend(new);
    }
}

/// A piece with those who have access through access points of an account, or of any.
fn limited_to(mut piece: Piece, account: Option<&str>) -> Piece {
    if account.is_some() {
        piece.conditions.retain(|condition| !is_of_point(condition));
    }
    let note = match account {
        Some(account) if piece.who.is_public => {
            piece.who = Who::new(WhoKind::AccessPoints, account);
            return piece;
        }
        Some(account) => format!("only through access points of account {account}"),
        None => {
            if piece.who.is_public {
                piece.who = Who::new(WhoKind::AnyAwsAccount, "");
            }
            let says_it = |one: &Condition| is_of_point(one) || one.key == NETWORK_ORIGIN;
            if piece.conditions.iter().any(says_it) {
                return piece;
            }
            "only through access points".to_owned()
        }
    };
    piece.exceptions.insert(note.into());
    piece
}
