//! Puts together what grants access to a bucket and what blocks it.

use std::collections::BTreeMap;

use super::conditions::{
    ACCESS_POINT_KEYS, KeyState, Keys, NETWORK_ORIGIN, describe, keys_through,
};
use super::facts::{AccessPointFacts, BucketFacts};
use super::grant::{BlockedGrant, BucketAccess, Grant, Public, Source, Unread};
use super::joint::Joint;
use super::piece::{Deny, MAX_PIECES, Piece, Request, allowed_by_acl, both};
use super::settings::{is_point_public, is_public, setting};
use super::who::{ANY_SERVICE, Who, WhoKind};
use crate::exposure::Known;
use crate::model::Cause;
use crate::policy::{Condition, Statement, reason};

/// More combinations of statements than this are not evaluated.
pub(super) const MAX_COMBINED: usize = 5_000;

/// Who can do what with a bucket.
pub fn analyze(facts: &BucketFacts) -> BucketAccess {
    let own = Own::of(facts);
    let mut found = Found::default();
    own.direct(&mut found);
    own.foreign(&mut found);
    for list in [&facts.access_points, &facts.multi_region_access_points] {
        own.through_access_points(list, &mut found);
    }
    own.finish(found)
}

/// What is found on the way.
#[derive(Default)]
pub(super) struct Found {
    pub(super) pieces: Vec<Piece>,
    pub(super) blocked: Vec<(Piece, String)>,
    pub(super) unread: Vec<Unread>,
}

/// The bucket.
pub(super) struct Own<'a> {
    pub(super) facts: &'a BucketFacts,
    arn: String,
    objects: String,
    /// The statements of the bucket policy.
    pub(super) policy: Known<Vec<Statement>>,
    /// Whether S3 considers the bucket policy public.
    pub(super) is_public: Known<bool>,
    /// Whether the policy is public for reasons that its statements do not show.
    is_reported: bool,
}

impl<'a> Own<'a> {
    fn of(facts: &'a BucketFacts) -> Self {
        let arn = format!("arn:{}:s3:::{}", facts.partition, facts.name);
        // Without a policy, S3 reports no status.
        let policy = match (&facts.policy, &facts.policy_status) {
            (Err(_), Ok(None)) => Ok(Vec::new()),
            (policy, _) => facts.statements(policy, "s3:GetBucketPolicy"),
        };
        let is_public = is_public(&facts.policy_status, &policy);
        let shows = policy.as_ref().is_ok_and(|all| all.iter().any(|one| reason(one).is_some()));
        let is_reported = facts.policy_status == Ok(Some(true)) && !shows;
        let objects = format!("{arn}/");
        Self { facts, arn, objects, policy, is_public, is_reported }
    }

    pub(super) fn request(&self, more: Keys) -> Request<'_> {
        let account = self.facts.account.as_str();
        let mut keys: Keys = ["aws:resourceaccount", "s3:resourceaccount"]
            .map(|key| (key, KeyState::is(account)))
            .into();
        keys.extend(more);
        let now = self.facts.now;
        Request { account, keys, arn: &self.arn, objects: &self.objects, now }
    }

    fn direct_request(&self) -> Request<'_> {
        let mut keys: Keys = ACCESS_POINT_KEYS.map(|key| (key, KeyState::Absent)).into();
        keys.insert(NETWORK_ORIGIN, KeyState::Absent);
        self.request(keys)
    }

    /// Where public ACLs are ignored.
    pub(super) fn ignores_acls(&self) -> Known<Option<String>> {
        let blocks = [(&self.facts.block, "bucket"), (&self.facts.account_block, "account")];
        setting(&blocks, |block| block.ignore_public_acls)
    }

    /// Where access to a public bucket is restricted.
    pub(super) fn restricts(&self) -> Known<Option<String>> {
        let blocks = [(&self.facts.block, "bucket"), (&self.facts.account_block, "account")];
        setting(&blocks, |block| block.restrict_public_buckets)
    }

    fn is_enforced(&self) -> bool {
        let ownership = self.facts.object_ownership.as_ref().ok().and_then(Option::as_deref);
        ownership == Some("BucketOwnerEnforced")
    }

    /// What the bucket policy allows for one way of requests, before Deny statements.
    fn by_policy(&self, request: &Request) -> Vec<Piece> {
        let Ok(policy) = &self.policy else { return Vec::new() };
        let mut all = Vec::new();
        for statement in policy {
            all.extend(request.allowed(statement, Source::BucketPolicy, None));
        }
        if self.is_reported {
            // Which statement is public is not known.
            for piece in &mut all {
                piece.who = Who::everyone();
                piece.exceptions.insert("S3 reports that the policy is public".into());
            }
        }
        all
    }

    /// What the ACL allows, after Object Ownership and `IgnorePublicAcls`, which is on at `ignores`.
    pub(super) fn by_acl(
        &self,
        ignores: &Known<Option<String>>,
        blocked: &mut Vec<(Piece, String)>,
    ) -> Vec<Piece> {
        let (Ok(Some(acl)), false) = (&self.facts.acl, self.is_enforced()) else {
            return Vec::new();
        };
        let owner = acl.owner_id.as_ref().or(self.facts.owner_id.as_ref()).map(String::as_str);
        let mut all = Vec::new();
        for mut piece in acl.grants.iter().filter_map(|grant| allowed_by_acl(grant, owner)) {
            if let Err(cause) = &self.facts.object_ownership {
                piece.unknown = Some(cause.clone());
            }
            if piece.who.is_public {
                match ignores {
                    Ok(Some(owner)) => {
                        blocked.push((piece, format!("IgnorePublicAcls of the {owner}")));
                        continue;
                    }
                    Ok(None) => {}
                    Err(cause) => piece.unknown = piece.unknown.or(Some(cause.clone())),
                }
            }
            if let Err(cause) = &self.policy {
                let note = "the bucket policy, which may deny it, could not be read";
                piece.exceptions.insert(note.into());
                piece.unknown = piece.unknown.or(Some(cause.clone()));
            }
            all.push(piece);
        }
        all
    }

    /// What the Deny statements of a policy leave.
    pub(super) fn after_denies(
        policy: &Known<Vec<Statement>>,
        request: &Request,
        mut pieces: Vec<Piece>,
        whose: &str,
        blocked: &mut Vec<(Piece, String)>,
    ) -> Vec<Piece> {
        for deny in policy.iter().flatten().filter_map(Deny::of) {
            let mut denied = Vec::new();
            let mut left = Vec::new();
            let may_split = pieces.len() < MAX_PIECES;
            for piece in pieces {
                left.extend(request.without(piece, &deny, may_split, &mut denied));
            }
            blocked.extend(denied.into_iter().map(|(piece, by)| (piece, format!("{whose} {by}"))));
            left.dedup();
            pieces = left;
        }
        let Ok(policy) = policy else { return pieces };
        let mut joint = Joint::of(policy, request);
        let mut left = Vec::new();
        for piece in pieces {
            let (rest, denied) = joint.divide(piece);
            left.extend(rest);
            let by = || format!("{whose} Deny statements together");
            blocked.extend(denied.map(|piece| (piece, by())));
        }
        left
    }

    /// What `RestrictPublicBuckets` leaves: AWS services, and the account of the bucket.
    pub(super) fn after_restriction(
        &self,
        request: &Request,
        pieces: Vec<Piece>,
        is_public: &Known<bool>,
        restricts: &Known<Option<String>>,
        blocked: &mut Vec<(Piece, String)>,
    ) -> Vec<Piece> {
        let mut left = Vec::new();
        for mut piece in pieces {
            let is_exempt =
                piece.who.kind == WhoKind::Service || piece.who.is_of(&self.facts.account);
            match (is_public, restricts) {
                _ if is_exempt => {}
                (Ok(false), _) | (_, Ok(None)) => {}
                // The account of a user id is not known.
                (Ok(true), Ok(Some(_)))
                    if piece.who.kind == WhoKind::Principal && piece.who.account.is_none() =>
                {
                    piece.exceptions.insert("only in the bucket's own account".into());
                }
                (Ok(true), Ok(Some(owner))) => {
                    left.extend(self.exempted(request, &piece));
                    blocked.push((piece, format!("RestrictPublicBuckets of the {owner}")));
                    continue;
                }
                (Err(cause), _) | (_, Err(cause)) => {
                    piece.unknown = piece.unknown.or(Some(cause.clone()));
                }
            }
            left.push(piece);
        }
        left
    }

    /// The AWS services and the principals of the bucket's account that a grant to others includes.
    fn exempted(&self, request: &Request, piece: &Piece) -> Vec<Piece> {
        let mut who = Vec::new();
        if matches!(
            piece.who.kind,
            WhoKind::Everyone
                | WhoKind::AnyAwsAccount
                | WhoKind::Organization
                | WhoKind::Network
                | WhoKind::Other
        ) {
            who.push(Who::new(WhoKind::Account, &self.facts.account));
        }
        // Services send their requests to the bucket itself.
        let is_direct = request.keys.get(NETWORK_ORIGIN) == Some(&KeyState::Absent);
        if piece.who.kind == WhoKind::Everyone && is_direct {
            who.push(Who::new(WhoKind::Service, ANY_SERVICE));
        }
        let conditions = piece.known();
        let base = Piece { given: Vec::new(), ..piece.clone() };
        who.iter().flat_map(|who| request.under(&base, who, &conditions)).collect()
    }

    /// Requests to the bucket itself.
    fn direct(&self, found: &mut Found) {
        let request = self.direct_request();
        let mut pieces = self.by_policy(&request);
        let blocked = &mut found.blocked;
        let restricts = self.restricts();
        pieces = self.after_restriction(&request, pieces, &self.is_public, &restricts, blocked);
        pieces.extend(self.by_acl(&self.ignores_acls(), blocked));
        let left =
            Self::after_denies(&self.policy, &request, pieces, "the bucket policy's", blocked);
        found.pieces.extend(left);
        if let Err(cause) = &self.policy {
            let is_closed = matches!(restricts, Ok(Some(_)));
            let may_be_public = !is_closed && self.is_public != Ok(false);
            let cause = cause.clone();
            found.unread.push(Unread { source: Source::BucketPolicy, may_be_public, cause });
        }
        // The ACL does not matter if the policy denies everything.
        let is_denied = || {
            let policy = self.policy.as_ref();
            policy.is_ok_and(|policy| Joint::of(policy, &request).deny_everything())
        };
        if let (Err(cause), false) = (&self.facts.acl, self.is_enforced())
            && !is_denied()
        {
            let may_be_public = !matches!(self.ignores_acls(), Ok(Some(_)));
            let cause = cause.clone();
            found.unread.push(Unread { source: Source::Acl, may_be_public, cause });
        }
    }

    /// What a list of access points allows together with the bucket.
    fn through_access_points(&self, list: &Known<Vec<AccessPointFacts>>, found: &mut Found) {
        match list {
            Ok(points) => points.iter().for_each(|point| self.through(point, found)),
            Err(cause) => {
                let is_first = std::ptr::eq(list, &self.facts.access_points);
                let source =
                    if is_first { Source::AccessPoint } else { Source::MultiRegionAccessPoint };
                let request = self.request(keys_through(KeyState::is(&self.facts.account)));
                let outside = self.bucket_side(&request, &self.ignores_acls());
                let hides = self.hides_grants();
                if hides || outside.iter().any(|piece| self.is_outside(piece)) {
                    let may_be_public = hides || outside.iter().any(|piece| piece.who.is_public);
                    found.unread.push(Unread { source, may_be_public, cause: cause.clone() });
                }
            }
        }
    }

    fn is_outside(&self, piece: &Piece) -> bool {
        !piece.who.is_of(&self.facts.account)
    }

    /// Whether the policy or the ACL of the bucket was not read.
    fn hides_grants(&self) -> bool {
        self.policy.is_err() || (self.facts.acl.is_err() && !self.is_enforced())
    }

    /// What the bucket allows for requests through an access point; public ACLs are ignored at
    /// `ignores`.
    pub(super) fn bucket_side(
        &self,
        request: &Request,
        ignores: &Known<Option<String>>,
    ) -> Vec<Piece> {
        let mut unused = Vec::new();
        let mut pieces = self.by_policy(request);
        pieces.extend(self.by_acl(ignores, &mut unused));
        pieces
    }

    fn through(&self, point: &AccessPointFacts, found: &mut Found) {
        let source = point.source;
        let origin = if point.vpc.is_some() { "VPC" } else { "Internet" };
        let mut keys: Keys = [
            ("s3:dataaccesspointarn", KeyState::is(&point.arn)),
            ("s3:dataaccesspointaccount", KeyState::is(&self.facts.account)),
            (NETWORK_ORIGIN, KeyState::is(origin)),
        ]
        .into();
        if let Some(vpc) = &point.vpc {
            // Requests through a VPC endpoint do not have this key.
            keys.insert("aws:sourceip", KeyState::Absent);
            // Otherwise, AWS did not return the VPC.
            if vpc.starts_with("vpc-") {
                keys.insert("aws:sourcevpc", KeyState::is(vpc));
            }
        }
        let request = self.request(keys.clone());
        let objects = format!("{}/object/", point.arn);
        let inner_request = Request { arn: &point.arn, objects: &objects, ..self.request(keys) };
        let call = "s3control:GetAccessPointPolicy";
        let policy = match (&point.policy, &point.policy_status) {
            (Err(_), Ok(None)) => Ok(Vec::new()),
            (policy, _) => self.facts.statements(policy, call),
        };
        let kind = match source {
            Source::MultiRegionAccessPoint => "Multi-Region Access Point",
            _ => "access point",
        };
        let blocks = [
            (&point.block, kind),
            (&self.facts.block, "bucket"),
            (&self.facts.account_block, "account"),
        ];
        let outer = self.bucket_side(&request, &setting(&blocks, |block| block.ignore_public_acls));
        let restricts = setting(&blocks, |block| block.restrict_public_buckets);
        let is_closed = matches!(restricts, Ok(Some(_))) || point.vpc.is_some();
        let name = Some(point.name.as_str());
        let statements = match &policy {
            Ok(statements) => statements,
            Err(cause) => {
                let hides = self.hides_grants();
                if hides || outer.iter().any(|piece| self.is_outside(piece)) {
                    let may_be_public =
                        !is_closed && (hides || outer.iter().any(|piece| piece.who.is_public));
                    found.unread.push(Unread { source, may_be_public, cause: cause.clone() });
                }
                return;
            }
        };
        let mut inner: Vec<Piece> = Vec::new();
        for statement in statements {
            for piece in inner_request.allowed(statement, source, name) {
                match &point.vpc {
                    // Only requests from the VPC reach the access point.
                    Some(vpc) => inner.extend(inner_request.with(&piece, from_vpc(vpc))),
                    None => inner.push(piece),
                }
            }
        }
        inner.retain_mut(|piece| {
            // Multi-Region Access Points do not support anonymous requests.
            if source == Source::MultiRegionAccessPoint && piece.who.kind == WhoKind::Everyone {
                piece.who = Who::new(WhoKind::AnyAwsAccount, "");
            }
            piece.actions.retain(|action| !action.changes_bucket());
            !piece.actions.is_empty()
        });
        let mut pieces: Vec<Piece> = Vec::new();
        for outer in &outer {
            pieces.extend(inner.iter().filter_map(|inner| both(outer, inner)));
            if pieces.len() > MAX_COMBINED {
                let message = "the policies of the bucket and of the access point allow more combinations than rolecall evaluates";
                let cause = Cause::new(call, Cause::INVALID_RESPONSE, message);
                found.unread.push(Unread { source, may_be_public: !is_closed, cause });
                break;
            }
        }
        let hidden = self.policy.as_ref().err().or(self.facts.acl.as_ref().err());
        let is_hidden = self.hides_grants() && inner.iter().any(|piece| self.is_outside(piece));
        if let Some(cause) = hidden.filter(|_| is_hidden) {
            let may_be_public = !is_closed && inner.iter().any(|piece| piece.who.is_public);
            found.unread.push(Unread { source, may_be_public, cause: cause.clone() });
        }
        let of_point = is_point_public(point, &policy);
        let is_either_public = match (&self.is_public, &of_point) {
            (Ok(true), _) | (_, Ok(true)) => Ok(true),
            (Err(cause), _) | (_, Err(cause)) => Err(cause.clone()),
            _ => Ok(false),
        };
        let blocked = &mut found.blocked;
        pieces = self.after_restriction(&request, pieces, &is_either_public, &restricts, blocked);
        let whose = "the bucket policy's";
        pieces = Self::after_denies(&self.policy, &request, pieces, whose, blocked);
        let whose = format!("access point {}'s", point.name);
        pieces = Self::after_denies(&policy, &inner_request, pieces, &whose, blocked);
        found.pieces.extend(pieces);
    }

    fn finish(&self, found: Found) -> BucketAccess {
        let grants = grants(found.pieces.iter());
        let mut blocked: Vec<BlockedGrant> = Vec::new();
        for (piece, by) in &found.blocked {
            let all = grants_of(piece);
            blocked.extend(all.into_iter().map(|grant| BlockedGrant { grant, by: by.clone() }));
        }
        blocked.sort();
        blocked.dedup();
        let mut unread = found.unread;
        unread.sort();
        unread.dedup();
        let is_known = |grant: &Grant| grant.unknown.is_none();
        let is_reported = self.policy.is_err()
            && self.is_public == Ok(true)
            && matches!(self.restricts(), Ok(None));
        let public = if grants.iter().any(|grant| grant.who.is_public && is_known(grant)) {
            Public::Yes
        } else if grants.iter().any(|grant| grant.who.is_public)
            || unread.iter().any(|one| one.may_be_public)
        {
            Public::Unknown
        } else {
            Public::No
        };
        let has_object_acls = !self.is_enforced();
        BucketAccess { public, is_reported, grants, blocked, unread, has_object_acls }
    }
}

fn from_vpc(vpc: &str) -> Condition {
    Condition {
        operator: "StringEquals".to_owned(),
        key: "aws:sourcevpc".to_owned(),
        values: vec![vpc.to_owned()],
    }
}

/// The grants of a piece: one for each ability.
fn grants_of(piece: &Piece) -> Vec<Grant> {
    let mut found: BTreeMap<_, Grant> = BTreeMap::new();
    for action in &piece.actions {
        let objects = if action.is_of_bucket() || piece.objects == ["*"] {
            Vec::new()
        } else {
            piece.objects.clone()
        };
        let grant =
            found.entry((action.ability, objects)).or_insert_with_key(|(ability, objects)| {
                let mut conditions: Vec<String> = piece.conditions.iter().map(describe).collect();
                conditions.sort();
                Grant {
                    who: piece.who.clone(),
                    source: piece.steps.first().map_or(Source::BucketPolicy, |step| step.source),
                    ability: *ability,
                    objects: objects.clone(),
                    conditions,
                    exceptions: piece.exceptions.iter().map(|one| one.to_string()).collect(),
                    steps: piece.steps.clone(),
                    actions: [].into(),
                    unknown: piece.unknown.clone(),
                }
            });
        grant.actions.insert(action.name.clone());
    }
    found.into_values().collect()
}

/// The grants of pieces; those that differ only in their actions are one.
fn grants<'a>(pieces: impl Iterator<Item = &'a Piece>) -> Vec<Grant> {
    let mut found: BTreeMap<Grant, std::collections::BTreeSet<String>> = BTreeMap::new();
    for mut grant in pieces.flat_map(grants_of) {
        let actions = std::mem::take(&mut grant.actions);
        found.entry(grant).or_default().extend(actions);
    }
    found.into_iter().map(|(grant, actions)| Grant { actions, ..grant }).collect()
}
