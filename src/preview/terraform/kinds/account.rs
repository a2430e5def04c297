//! `s3.account`: the one resource with account-level S3 settings.

use super::common::flags;
use super::spec::Spec;
use crate::facts::s3::account::KIND;
use crate::model::AccountId;
use crate::preview::terraform::convert::{Converter, Target, fields};

pub const TYPES: &[Spec] = &[Spec::new("aws_s3_account_public_access_block", public_access_block)];

fn public_access_block(cx: &mut Converter<'_>) {
    let tree = fields([("public_access_block", flags(cx.attributes()))]);
    let named = cx.get("account_id").text().ok().flatten().and_then(|id| id.parse().ok());
    let account: AccountId = named.unwrap_or_else(|| cx.location.account.clone());
    cx.location.account = account.clone();
    cx.set(&KIND, Target::Id(account.as_str().to_owned()), &["public_access_block"], tree);
}
