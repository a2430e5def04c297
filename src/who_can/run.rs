//! Goes through a snapshot account by account.

use std::collections::BTreeSet;

use super::bucket::{AccountBuckets, BucketGap, BucketResult};
use super::facts::{AccountFacts, BUCKETS, is_read};
use crate::access::analyze;
use crate::model::{AccountId, Cause, Extent, Globs, Region, Resource};
use crate::snapshot::{AccountStatus, AccountStream, ListGaps, Reader, SnapshotError, Streamed};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct BucketQuery {
    /// The names of buckets; all if there are none.
    pub names: BTreeSet<String>,
    /// Which regions.
    pub regions: Option<Globs>,
}

/// What receives the accounts.
pub trait Accounts {
    /// Why that failed.
    type Error: From<SnapshotError>;

    /// An account.
    fn account(&mut self, account: AccountBuckets) -> Result<(), Self::Error>;
}

/// Passes who has access to the buckets of these accounts (id and name) to `accounts`.
pub fn run<A: Accounts>(
    query: &BucketQuery,
    reader: &Reader,
    ids: &[(AccountId, Option<String>)],
    accounts: &mut A,
) -> Result<(), A::Error> {
    for (id, name) in ids {
        let account = AccountBuckets {
            id: id.clone(),
            name: name.clone(),
            status: AccountStatus::NotCollected,
            collected_at: None,
            buckets: Vec::new(),
            gaps: Vec::new(),
        };
        let account = match reader.stream(id)? {
            Streamed::Missing(cause) => AccountBuckets { gaps: vec![of_account(cause)], ..account },
            Streamed::Whole(stream) => read(query, account, *stream)?,
        };
        accounts.account(account)?;
    }
    Ok(())
}

fn of_account(cause: Cause) -> BucketGap {
    BucketGap { region: Region::global(), cause }
}

fn read(
    query: &BucketQuery,
    mut account: AccountBuckets,
    mut stream: AccountStream,
) -> Result<AccountBuckets, SnapshotError> {
    let header = &stream.snapshot.header;
    account.collected_at = Some(header.collected_at.clone());
    if !header.entered {
        let known = stream.snapshot.gaps.iter().find(|gap| gap.extent == Extent::Account);
        let cause = known.map(|gap| gap.cause.clone());
        let cause = cause.unwrap_or_else(|| Cause::not_collected("sts:AssumeRole"));
        account.status = AccountStatus::NotAccessible;
        account.gaps.push(of_account(cause));
        return Ok(account);
    }
    account.status = AccountStatus::Collected;
    let lists = ListGaps::of(&stream.snapshot);
    account.gaps.extend(lists.get(BUCKETS, &Region::global()).map(of_account));
    let is_asked = |resource: &Resource| {
        let globs = query.regions.as_ref();
        resource.kind != BUCKETS
            || ((query.names.is_empty() || query.names.contains(&resource.id))
                && globs.is_none_or(|globs| globs.matches(resource.region.as_str())))
    };
    let mut facts = AccountFacts::new(&account.id, header.partition.as_str(), &header.collected_at);
    stream.for_each(
        &|kind| is_read(kind.name),
        |resource: Resource| -> Result<(), SnapshotError> {
            if is_asked(&resource) {
                facts.add(&resource);
            }
            Ok(())
        },
    )?;
    facts.finish(&lists);
    for (name, (region, bucket)) in &facts.buckets {
        let access = analyze(bucket);
        let result = BucketResult { name: name.clone(), region: region.clone(), access };
        account.buckets.push(result);
    }
    Ok(account)
}
