//! Uploads: an object is written whole or not at all.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ServerSideEncryption,
};
use bytes::Bytes;
use futures::stream::{self, StreamExt};

use super::client::{AT_ONCE, Storage, StorageError};
use crate::aws::failure::Failure;
use crate::model::S3Place;

/// Larger files are uploaded in parts of this size. S3 allows 10,000 parts of at least 5 MiB.
const PART: usize = 16 << 20;
/// How long deleting the parts of a failed upload can take.
const ABORT: Duration = Duration::from_secs(5);

/// Whether an existing object is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced.
    Replace,
    /// It is kept, and the upload is an error.
    Keep,
}

/// A file to upload.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The file.
    pub from: PathBuf,
    /// The object.
    pub to: S3Place,
    /// What happens if there is one.
    pub existing: Existing,
}

impl Storage {
    /// Copies a file to an object, all of it or nothing.
    pub async fn upload(
        &self,
        from: &Path,
        place: &S3Place,
        existing: Existing,
    ) -> Result<(), StorageError> {
        let permit = self.within(place, async { Ok(self.uploads.acquire().await.ok()) });
        let _permit = permit.await?;
        match self.try_upload(from, place, existing).await {
            // The first attempt arrived, but not its response, and so S3 refused the second one.
            Err(StorageError::Exists { .. }) if self.is_same(from, place).await => Ok(()),
            done => done,
        }
    }

    /// Copies files to objects, several at a time. Errors of one file do not stop the others. Returns
    /// them in the order of the files.
    pub async fn upload_all(&self, files: &[Upload]) -> Vec<StorageError> {
        let uploads = files.iter().map(|file| self.upload(&file.from, &file.to, file.existing));
        let done: Vec<_> = stream::iter(uploads).buffered(AT_ONCE).collect().await;
        done.into_iter().filter_map(Result::err).collect()
    }

    /// Whether an object has the content of a file.
    async fn is_same(&self, from: &Path, place: &S3Place) -> bool {
        const CALL: &str = "s3:GetObject";
        let same = self.call(place, async |clients| {
            let request = clients
                .objects
                .get_object()
                .bucket(&place.bucket)
                .key(&place.key)
                .set_expected_bucket_owner(self.owner());
            let response = request.send().await.map_err(|error| Failure::of(CALL, &error))?;
            let mut body = response.body;
            let Ok(mut file) = std::fs::File::open(from) else { return Ok(false) };
            let mut expected = Vec::new();
            while let Some(chunk) = body.next().await {
                // An object that was not read to its end is not known to be the same.
                let Ok(chunk) = chunk else { return Ok(false) };
                expected.resize(chunk.len(), 0);
                if file.read_exact(&mut expected).is_err() || expected != *chunk {
                    return Ok(false);
                }
            }
            // The object is not only the beginning of the file.
            Ok(matches!(file.read(&mut [0]), Ok(0)))
        });
        same.await.unwrap_or(false)
    }

    async fn try_upload(
        &self,
        from: &Path,
        place: &S3Place,
        existing: Existing,
    ) -> Result<(), StorageError> {
        let local = |error| StorageError::Local { place: place.clone(), error };
        let mut file = std::fs::File::open(from).map_err(local)?;
        let first = next_part(&mut file).map_err(local)?;
        if first.len() < PART {
            return self.put(place, first.into(), existing).await;
        }
        let upload = self.begin(place).await?;
        let parts = self.upload_parts(place, &upload, first, &mut file).await;
        let done = match parts {
            Ok(parts) => self.complete(place, &upload, parts, existing).await,
            Err(error) => Err(error),
        };
        if done.is_err() {
            // Parts of an upload that is not completed cost money until they are deleted.
            let aborted = self.call_always(place, async |clients| {
                let request = clients
                    .objects
                    .abort_multipart_upload()
                    .bucket(&place.bucket)
                    .key(&place.key)
                    .upload_id(&upload)
                    .set_expected_bucket_owner(self.owner());
                let sent = request.send().await;
                sent.map(drop).map_err(|error| Failure::of("s3:AbortMultipartUpload", &error))
            });
            // Also after the deadline, but not for long.
            match tokio::time::timeout(ABORT, aborted).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!("{error}"),
                Err(_) => tracing::warn!("the parts of `{place}` in S3 were not deleted in time"),
            }
        }
        done
    }

    async fn put(
        &self,
        place: &S3Place,
        bytes: Bytes,
        existing: Existing,
    ) -> Result<(), StorageError> {
        self.call(place, async |clients| {
            let request = clients
                .objects
                .put_object()
                .set_content_type(content_type(place))
                .bucket(&place.bucket)
                .key(&place.key)
                .set_expected_bucket_owner(self.owner())
                .set_if_none_match(condition(existing))
                .set_server_side_encryption(self.encryption())
                .set_ssekms_key_id(self.access.kms_key.clone())
                .body(ByteStream::from(bytes.clone()));
            let sent = request.send().await;
            sent.map(drop).map_err(|error| Failure::of("s3:PutObject", &error))
        })
        .await
    }

    async fn begin(&self, place: &S3Place) -> Result<String, StorageError> {
        self.call(place, async |clients| {
            const CALL: &str = "s3:CreateMultipartUpload";
            let request = clients
                .objects
                .create_multipart_upload()
                .set_content_type(content_type(place))
                .checksum_algorithm(ChecksumAlgorithm::Crc32)
                .bucket(&place.bucket)
                .key(&place.key)
                .set_expected_bucket_owner(self.owner())
                .set_server_side_encryption(self.encryption())
                .set_ssekms_key_id(self.access.kms_key.clone());
            let sent = request.send().await.map_err(|error| Failure::of(CALL, &error))?;
            sent.upload_id.ok_or_else(|| Failure::invalid(CALL, "no upload id in the response"))
        })
        .await
    }

    async fn upload_parts(
        &self,
        place: &S3Place,
        upload: &str,
        first: Vec<u8>,
        file: &mut impl Read,
    ) -> Result<Vec<CompletedPart>, StorageError> {
        let mut parts = Vec::new();
        let mut part = Bytes::from(first);
        for number in 1.. {
            if part.is_empty() {
                break;
            }
            let sent = self
                .call(place, async |clients| {
                    let request = clients
                        .objects
                        .upload_part()
                        .checksum_algorithm(ChecksumAlgorithm::Crc32)
                        .bucket(&place.bucket)
                        .key(&place.key)
                        .upload_id(upload)
                        .part_number(number)
                        .set_expected_bucket_owner(self.owner())
                        .body(ByteStream::from(part.clone()));
                    request.send().await.map_err(|error| Failure::of("s3:UploadPart", &error))
                })
                .await?;
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(sent.e_tag)
                    .set_checksum_crc32(sent.checksum_crc32)
                    .build(),
            );
            let next = next_part(file)
                .map_err(|error| StorageError::Local { place: place.clone(), error })?;
            part = next.into();
        }
        Ok(parts)
    }

    async fn complete(
        &self,
        place: &S3Place,
        upload: &str,
        parts: Vec<CompletedPart>,
        existing: Existing,
    ) -> Result<(), StorageError> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        self.call(place, async |clients| {
            let request = clients
                .objects
                .complete_multipart_upload()
                .bucket(&place.bucket)
                .key(&place.key)
                .upload_id(upload)
                .set_expected_bucket_owner(self.owner())
                .set_if_none_match(condition(existing))
                .multipart_upload(parts.clone());
            let sent = request.send().await;
            sent.map(drop).map_err(|error| Failure::of("s3:CompleteMultipartUpload", &error))
        })
        .await
    }

    fn encryption(&self) -> Option<ServerSideEncryption> {
        self.access.kms_key.as_ref().map(|_| ServerSideEncryption::AwsKms)
    }
}

/// With this condition, S3 writes an object only if there is none with its key.
/// What a browser takes an object for; by default, it would download it.
fn content_type(place: &S3Place) -> Option<String> {
    let extension = place.name().rsplit_once('.').map(|(_, extension)| extension)?;
    let found = match extension {
        "html" => "text/html; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "json" | "sarif" => "application/json",
        "csv" => "text/csv; charset=utf-8",
        "xml" => "application/xml",
        _ => return None,
    };
    Some(found.to_owned())
}

fn condition(existing: Existing) -> Option<String> {
    (existing == Existing::Keep).then(|| "*".to_owned())
}

fn next_part(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    file.take(PART as u64).read_to_end(&mut part)?;
    Ok(part)
}
