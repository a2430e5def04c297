//! User data of instances and launch templates.

use crate::preview::tree::{ABSENT, Tree, Why};

/// No user data.
pub fn none() -> Tree {
    of(false.into(), (false.into(), ABSENT))
}

/// User data that is not inspected.
pub fn not_inspected(why: Why) -> Tree {
    of(true.into(), (Tree::Unknown(why), Tree::Unknown(why)))
}

/// User data of which nothing is known, not even whether there is some.
pub fn unknown(why: Why) -> Tree {
    of(Tree::Unknown(why), (Tree::Unknown(why), Tree::Unknown(why)))
}

/// Whether there is user data, whether it appears to contain a secret, and the detector.
pub fn of(present: Tree, (secret, detector): (Tree, Tree)) -> Tree {
    Tree::object([("present", present), ("looks_like_secret", secret), ("detector", detector)])
}
