//! One integration-test binary: every further one would link the AWS SDK again.

mod layers;
mod pack;
mod readme;
mod sandbox;
