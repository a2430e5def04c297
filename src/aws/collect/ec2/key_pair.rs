//! `ec2.key_pair`: everything is in the list, which has no pages.

use super::{describe_once, list_only, mirror};
use crate::facts::ec2::key_pair::*;

key_pair_shapes!(mirror, aws_sdk_ec2::types);

list_only! { KeyPairs: KeyPairInfo, describe_once!(describe_key_pairs => response.key_pairs) }
