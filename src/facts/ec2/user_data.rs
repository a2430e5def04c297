//! What is known about user data. The text itself never leaves the collector, since its scripts
//! often contain passwords.

use super::shape;

shape! { user_data_shapes:
    /// What is known about the user data; its content is not kept.
    pub struct UserData {
        /// Whether there is user data.
        pub present: bool,
        /// Whether it appears to contain a secret; `null` if it could not be inspected (corrupt or
        /// oversized compressed data).
        pub looks_like_secret: Option<bool>,
        /// The first detector that matched: `aws_access_key`, `private_key`, `github_token`,
        /// `url_password`, `password_hash`, `password`, …
        pub detector: Option<String>,
    }
}
