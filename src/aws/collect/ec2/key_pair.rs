//! `ec2.key_pair`: everything is in the list, which has no pages.

use super::{describe_once, mirror};
use crate::facts::ec2::key_pair::*;

key_pair_shapes!(mirror, aws_sdk_ec2::types);

describe_once! { KeyPairs, KIND, KeyPairInfo: describe_key_pairs => page.key_pairs }
