//! Keeps the credentials of each session: they are renewed before they expire, and as soon as AWS
//! rejects them as expired, so that a call fails only if fresh credentials do not help.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature;
use aws_smithy_async::future::timeout::Timeout;
use aws_smithy_async::rt::sleep::AsyncSleep;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityCachePartition, IdentityFuture, ResolveCachedIdentity, ResolveIdentity,
    SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::context::{
    FinalizerInterceptorContextMut, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Layer, Storable, StoreReplace};

use super::{failure, turns};

/// How long before their end credentials are renewed, if they last long enough.
const MARGIN: Duration = Duration::from_secs(60);
/// How long loading may take. The SDK's default of a few seconds would cancel an AssumeRole that
/// waits because it was throttled.
const LOAD_TIMEOUT: Duration = Duration::from_secs(240);
/// Credentials of this age are not renewed when AWS rejects them: new ones would not differ.
const FRESH: Duration = Duration::from_secs(1);
/// No session of AWS is shorter, less the margin.
const SHORTEST: Duration = Duration::from_secs(14 * 60);
/// While credentials are valid, a renewal that failed is repeated after this time.
const REPEAT: Duration = Duration::from_secs(10);

/// Marks a response to a call whose credentials had expired and can be renewed.
const RENEWABLE: &str = "rolecall-credentials-renewable";

/// The credentials of one session. Clients that share it load them once.
#[derive(Debug, Default)]
pub(super) struct CredentialCache(Mutex<HashMap<IdentityCachePartition, Arc<Slot>>>);

/// The credentials of one provider.
#[derive(Debug, Default)]
struct Slot {
    held: Mutex<Option<Held>>,
    /// Held while credentials are loaded, so that one caller loads them and the others wait.
    loading: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Held {
    identity: Identity,
    loaded: SystemTime,
    /// When they are renewed; `None`: they do not expire.
    renew: Option<SystemTime>,
    /// AWS rejected them as expired.
    rejected: bool,
}

/// Which credentials signed a request.
#[derive(Debug)]
struct SignedWith {
    slot: Weak<Slot>,
    access_key: String,
}

impl Storable for SignedWith {
    type Storer = StoreReplace<Self>;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot {
    /// The credentials, unless they are to be renewed.
    fn current(&self, now: SystemTime) -> Option<Identity> {
        let held = lock(&self.held);
        let usable = held.as_ref().filter(|held| held.renew.is_none_or(|renew| now < renew));
        usable.map(|held| held.identity.clone())
    }

    /// Keeps credentials that were requested at that time.
    fn hold(self: &Arc<Self>, identity: Identity, loaded: SystemTime) -> Identity {
        let identity = self.noting_use(identity);
        let renew = identity.expiration().map(|end| {
            match end.duration_since(loaded) {
                Ok(lifetime) if lifetime >= FRESH => end - MARGIN.min(lifetime / 4),
                // Nothing lasts so short: the local clock is ahead of AWS's by the length of a session.
                // AWS rejects the credentials when they have expired.
                _ => loaded + SHORTEST,
            }
        });
        *lock(&self.held) =
            Some(Held { identity: identity.clone(), loaded, renew, rejected: false });
        identity
    }

    /// The same credentials, which leave a note of their use in each call.
    fn noting_use(self: &Arc<Self>, identity: Identity) -> Identity {
        let Some(credentials) = identity.data::<Credentials>() else { return identity };
        let mut layer = Layer::new("credentials of a session");
        layer.store_put(SignedWith {
            slot: Arc::downgrade(self),
            access_key: credentials.access_key_id().to_owned(),
        });
        // What the SDK adds to credentials that it converts.
        for feature in credentials.get_property::<Vec<AwsCredentialFeature>>().into_iter().flatten()
        {
            layer.store_append(feature.clone());
        }
        let mut builder = Identity::builder().data(credentials.clone()).property(layer.freeze());
        builder.set_expiration(identity.expiration());
        if let Some(account) = credentials.account_id() {
            builder.set_property(account.clone());
        }
        builder.build().unwrap_or(identity)
    }

    /// The credentials that are left when new ones could not be loaded.
    fn remaining(&self, now: SystemTime) -> Option<Identity> {
        let mut held = lock(&self.held);
        let held = held.as_mut().filter(|held| !held.rejected)?;
        let end = held.identity.expiration().filter(|end| now < *end)?;
        held.renew = Some(end.min(now + REPEAT));
        Some(held.identity.clone())
    }

    /// AWS rejected these credentials as expired. Returns whether another attempt can succeed.
    fn reject(&self, access_key: &str, now: SystemTime) -> bool {
        let mut held = lock(&self.held);
        let Some(held) = held.as_mut() else { return true };
        let of_held = held.identity.data::<Credentials>().map(Credentials::access_key_id);
        if of_held == Some(access_key) {
            if held.renew.is_none() {
                return false;
            }
            if now.duration_since(held.loaded).is_ok_and(|age| age >= FRESH) {
                held.renew = Some(now);
                held.rejected = true;
            }
        }
        true
    }
}

impl ResolveCachedIdentity for CredentialCache {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        config: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        let slot = lock(&self.0).entry(resolver.cache_partition()).or_default().clone();
        let time = components.time_source().unwrap_or_default();
        if let Some(identity) = slot.current(time.now()) {
            return IdentityFuture::ready(Ok(identity));
        }
        IdentityFuture::new(turns::aside(async move {
            let _only = slot.loading.lock().await;
            let begun = time.now();
            if let Some(identity) = slot.current(begun) {
                return Ok(identity);
            }
            let loading = resolver.resolve_identity(components, config);
            let loaded = match components.sleep_impl() {
                Some(sleep) => Timeout::new(loading, sleep.sleep(LOAD_TIMEOUT))
                    .await
                    .unwrap_or_else(|_| Err("loading credentials timed out".into())),
                None => loading.await,
            };
            match loaded {
                Ok(identity) => Ok(slot.hold(identity, begun)),
                Err(error) => slot.remaining(time.now()).ok_or(error),
            }
        }))
    }
}

/// Renews credentials that AWS rejects as expired, and retries the call; also a call that was signed at
/// a wrong time. As an interceptor it sees which credentials a call was signed with, as a classifier it
/// decides about the retry.
#[derive(Debug)]
pub(super) struct RenewExpired;

/// Whether a response rejects the credentials as expired.
fn is_expired(response: &HttpResponse) -> bool {
    if response.status().is_success() {
        return false;
    }
    let code = body_of(response).and_then(failure::error_code);
    matches!(code.as_deref(), Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired"))
}

/// Whether a response rejects the time of the signature. The SDK corrects its clock from the response;
/// but of several calls that were in flight when the clock jumped, it repeats only the first one.
fn is_skewed(response: &HttpResponse) -> bool {
    if response.status().is_success() {
        return false;
    }
    let Some(body) = body_of(response) else { return false };
    match failure::error_code(body).as_deref() {
        Some("RequestTimeTooSkewed" | "RequestInTheFuture") => true,
        Some("SignatureDoesNotMatch" | "InvalidSignatureException") => {
            body.contains("Signature expired") || body.contains("Signature not yet current")
        }
        _ => false,
    }
}

fn body_of(response: &HttpResponse) -> Option<&str> {
    response.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok())
}

#[dyn_dispatch_hint]
impl Intercept for RenewExpired {
    fn name(&self) -> &'static str {
        "RenewExpired"
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(response) = context.response_mut().filter(|response| is_expired(response)) else {
            return Ok(());
        };
        let now = components.time_source().unwrap_or_default().now();
        let signed = config.load::<SignedWith>();
        let renewable = signed.and_then(|signed| Some((signed.slot.upgrade()?, signed)));
        if renewable.is_some_and(|(slot, signed)| slot.reject(&signed.access_key, now)) {
            response.headers_mut().insert(RENEWABLE, "true");
        }
        Ok(())
    }
}

impl ClassifyRetry for RenewExpired {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let marked =
            context.response().is_some_and(|response| response.headers().get(RENEWABLE).is_some());
        let is_skewed = context.response().is_some_and(is_skewed);
        match marked || is_skewed {
            true => RetryAction::transient_error(),
            false => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "RenewExpired"
    }
}
