//! `s3.directory_bucket`: `aws_s3_directory_bucket`.

use super::spec::Spec;
use crate::facts::s3::directory_bucket::KIND;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::Tree;

pub const TYPES: &[Spec] = &[Spec::new("aws_s3_directory_bucket", bucket).known_by("bucket")];

fn bucket(cx: &mut Converter<'_>) {
    let id = cx.own_id("bucket");
    let tree: Tree = fields([
        ("name", cx.get("bucket").text().into()),
        ("bucket_region", cx.location.region.as_str().into()),
    ]);
    cx.declare(&KIND, id, tree);
}
