//! Kinds of Amazon EC2 and VPC.

pub(in crate::aws) mod instance;
pub(in crate::aws) mod security_group;
pub(in crate::aws) mod settings;
pub(in crate::aws) mod volume;

/// How many resources a page has: the most that EC2 gives.
const PAGE: i32 = 1_000;

/// A collector for a kind that one paged Describe call lists whole: its name, the kind, its shape, the operation with its settings, and
/// where the resources are in a page.
macro_rules! describe {
    ($collector:ident, $kind:ident, $shape:ty: $operation:ident $(.$set:ident($($argument:expr),*))* => $page:ident . $($items:tt)+) => {
        /// Reads [`KIND`].
        pub(in crate::aws) struct $collector;

        impl $crate::aws::collector::Collector for $collector {
            fn kind(&self) -> &'static $crate::facts::Kind {
                &$kind
            }

            fn list<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
            ) -> futures::future::BoxFuture<'a, Result<Vec<$crate::aws::collector::Found>, $crate::aws::failure::Failure>> {
                Box::pin(async move {
                    let call = &$kind.list[0];
                    let client = cx.clients.ec2(&cx.region);
                    let mut pages = $crate::aws::collector::Pages::of(call);
                    let mut found = Vec::new();
                    let mut token = None;
                    loop {
                        let request = client.$operation()$(.$set($($argument),*))*.set_next_token(token);
                        let $page = cx.call(call, request.send()).await?;
                        token = pages.next($page.next_token.clone())?;
                        let items: Option<Vec<_>> = $page.$($items)+;
                        for item in items.into_iter().flatten() {
                            let fields: $shape = $crate::aws::mirror::Mirror::mirror(item);
                            found.push($crate::aws::collector::Found::of(cx, &$kind, &fields)?);
                        }
                        if token.is_none() {
                            return Ok(found);
                        }
                    }
                })
            }
        }
    };
}

use describe;

use crate::aws::mirror::mirror;
