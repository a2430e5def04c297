//! What is known of user data. The text itself never leaves collection: scripts in it hold
//! passwords more often than they should.

use super::shape;

shape! { user_data_shapes:
    /// User data, without its content.
    pub struct UserData {
        /// Whether there is any.
        pub present: bool,
        /// Whether something in it looks like a secret; `null` where it could not be looked into
        /// (damaged or oversized compression).
        pub looks_like_secret: Option<bool>,
        /// What was found first: `aws_access_key`, `private_key`, `token`, `url_password`,
        /// `password_hash`, `password`, …
        pub detector: Option<String>,
    }
}
