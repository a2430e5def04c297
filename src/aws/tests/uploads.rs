//! Files in S3: deadlines, redirects, and requests that are sent again.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::time::Instant;

use super::fake::{Fake, FakeRequest, target};
use crate::aws::{
    CollectError, ConcurrencyLimits, Existing, NoopObserver, Storage, StorageError, Upload, collect,
};
use crate::model::{Demand, S3Place, StorageAccess};
use crate::snapshot::{ManifestTarget, Writer};

fn place(key: &str) -> S3Place {
    S3Place { bucket: "my-bucket".to_owned(), key: key.to_owned() }
}

async fn storage(fake: &Fake) -> Storage {
    let access = StorageAccess::default();
    Storage::connect(&fake.base().await, access, "test", &place("x")).await.unwrap()
}

fn error(code: &str, more: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>x</Message>{more}</Error>")
}

/// A file with this content, and its folder.
fn file(content: &str) -> (PathBuf, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, content).unwrap();
    (path, folder)
}

fn is_object(request: &FakeRequest) -> bool {
    request.has("my-bucket") && !request.has("Action=")
}

#[tokio::test]
async fn calls_without_a_response_end_at_the_deadline() {
    let fake = Fake::new(|request| is_object(request).then(|| (Fake::HANGS, String::new())));
    let storage = storage(&fake).await;
    storage.end_at(Instant::now());
    let (path, _folder) = file("{}");
    let late = |done: Result<(), StorageError>| {
        let error = done.unwrap_err();
        assert!(matches!(error, StorageError::Late { .. }), "{error}");
        assert!(!error.is_lasting() && error.to_string().contains("s3://my-bucket/a"), "{error}");
    };
    late(storage.upload(&path, &place("a"), Existing::Replace).await);
    late(storage.upload(&path, &place("a"), Existing::Keep).await);
    late(storage.download(&place("a"), &path).await);
    late(storage.list(&place("a"), true).await.map(drop));
    let file = Upload { from: path, to: place("a"), existing: Existing::Replace };
    let errors = storage.upload_all(&vec![file; 40]).await;
    assert_eq!(errors.len(), 40);
}

#[tokio::test]
async fn one_upload_that_fails_does_not_stop_the_others() {
    let fake = Fake::new(|request| {
        is_object(request).then(|| match request.has("/bad") {
            true => (403, error("AccessDenied", "")),
            false => (200, String::new()),
        })
    });
    let storage = storage(&fake).await;
    let (path, _folder) = file("{}");
    let upload =
        |key: &str| Upload { from: path.clone(), to: place(key), existing: Existing::Replace };
    let mut files: Vec<Upload> = (0..50).map(|number| upload(&format!("good-{number}"))).collect();
    files.insert(0, upload("bad"));
    files.push(upload("bad-too"));
    let errors = storage.upload_all(&files).await;
    let places: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(places.len(), 2, "{places:?}");
    assert!(places[0].contains("/bad`") && places[1].contains("/bad-too`"), "{places:?}");
    assert_eq!(fake.requests("/good-").len(), 50);
}

#[tokio::test]
async fn a_file_that_arrived_at_the_first_attempt_is_not_an_error() {
    for (content, stored, is_own) in [
        ("a list", "a list", true),
        ("a list", "a lisp", false),
        ("a list", "a lis", false),
        ("a list", "a list\n", false),
        ("a list", "", false),
        ("a list", Fake::CUT, false),
        ("", Fake::CUT, false),
        ("", "", true),
    ] {
        let fake = Fake::new(move |request| {
            is_object(request).then(|| match request.has("x-id=GetObject") {
                true => (200, stored.to_owned()),
                false => (412, error("PreconditionFailed", "")),
            })
        });
        let (path, _folder) = file(content);
        let done = storage(&fake).await.upload(&path, &place("a"), Existing::Keep).await;
        match is_own {
            true => assert!(done.is_ok(), "{stored}: {done:?}"),
            false => {
                assert!(matches!(done, Err(StorageError::Exists { .. })), "{stored}: {done:?}")
            }
        }
    }
}

#[tokio::test]
async fn a_temporary_redirect_is_followed() {
    for host in [
        "my-bucket.s3-us-west-2.amazonaws.com",
        "my-bucket.s3.us-west-2.amazonaws.com",
        "my-bucket.eu-north-1.s3.dualstack.us-west-2.amazonaws.com",
    ] {
        let fake = Fake::new(move |request| {
            let endpoint = format!("<Endpoint>{host}</Endpoint>");
            is_object(request).then(|| match request.has("us-west-2") {
                true => (200, String::new()),
                false => (307, error("TemporaryRedirect", &endpoint)),
            })
        });
        let (path, _folder) = file("{}");
        let done = storage(&fake).await.upload(&path, &place("a"), Existing::Replace).await;
        assert!(done.is_ok(), "{host}: {done:?}");
        assert_eq!(fake.requests("my-bucket").len(), 2);
    }
}

#[tokio::test]
async fn a_region_in_the_name_of_a_bucket_is_not_its_region() {
    let fake = Fake::new(move |request| {
        let endpoint = "<Endpoint>logs.us-west-2.s3.amazonaws.com</Endpoint>";
        is_object(request).then(|| (307, error("TemporaryRedirect", endpoint)))
    });
    let (path, _folder) = file("{}");
    let done = storage(&fake).await.upload(&path, &place("a"), Existing::Replace).await;
    assert!(matches!(done, Err(StorageError::Call { .. })), "{done:?}");
    assert!(fake.requests("us-west-2").is_empty());
}

/// An account that is complete is copied, although the next one cannot be written.
#[tokio::test]
async fn complete_accounts_are_copied_although_another_cannot_be_written() {
    let fake = Fake::new(|request| request.has(Fake::SLOW).then(|| (200, String::new())));
    let dir = tempfile::tempdir().unwrap();
    let accounts = ["111122223333", "222233334444"];
    let request = fake.request(accounts.map(target).to_vec(), &Demand::default()).await;
    let manifest = request.targets.iter().map(|target| ManifestTarget {
        account: target.account.clone(),
        name: None,
        partition: Default::default(),
        role: None,
        labels: Default::default(),
    });
    let writer = Writer::create(dir.path(), manifest.collect::<Vec<_>>(), &request.demand).unwrap();
    // No file can have the name of a folder with files.
    std::fs::create_dir_all(dir.path().join("222233334444.jsonl/x")).unwrap();
    let to = S3Place { bucket: Fake::SLOW.to_owned(), key: "night".to_owned() };
    let request = crate::aws::CollectRequest {
        concurrency: ConcurrencyLimits { accounts: 1, ..ConcurrencyLimits::default() },
        upload: Some((Arc::new(storage(&fake).await), to)),
        ..request
    };
    let stop = std::future::pending::<()>();
    let failed = collect(request, &writer, Arc::new(NoopObserver), stop).await;
    assert!(matches!(failed, Err(CollectError::Snapshot(_))), "{:?}", failed.map(drop));
    let copied = fake.requests("111122223333.jsonl");
    assert_eq!(copied.len(), 1);
    assert!(fake.requests("222233334444.jsonl").is_empty());
}
