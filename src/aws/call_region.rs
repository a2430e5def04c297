//! The region that a call goes to. A client of the SDK takes kilobytes, so an account has one for each
//! service, and not one for each service and region.

use std::future::Future;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::region::SigningRegion;

use super::session::sdk_region;
use crate::model::Region;

tokio::task_local! {
    /// The region of the call that the task makes.
    static REGION: Region;
}

/// Makes a call, or several, in a region. Inside of another one, this region counts.
pub(super) async fn in_region<T>(region: &Region, call: impl Future<Output = T>) -> T {
    REGION.scope(region.clone(), call).await
}

/// Sets the region of every call: that of its endpoint, and that of its signature. A call that is made
/// outside of [`in_region`] fails.
#[derive(Debug)]
pub(super) struct CallRegion;

#[dyn_dispatch_hint]
impl Intercept for CallRegion {
    fn name(&self) -> &'static str {
        "CallRegion"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let region = REGION.try_with(|region| (!region.is_global()).then(|| sdk_region(region)));
        let region = region.ok().flatten().ok_or("the call has no region")?;
        cfg.interceptor_state().store_put(SigningRegion::from(region.clone()));
        cfg.interceptor_state().store_put(region);
        Ok(())
    }
}
