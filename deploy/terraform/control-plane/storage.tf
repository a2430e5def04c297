resource "aws_s3_bucket" "runs" {
  # checkov:skip=CKV_AWS_18:Access logs need a second bucket; CloudTrail data events record access, if wanted.
  # checkov:skip=CKV2_AWS_62:Nothing has to react to single objects; the end of a run is an event of the state machine.
  # checkov:skip=CKV_AWS_144:Reports can be made again from the accounts.
  bucket = local.bucket

  # Reports outlive the control plane.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_ownership_controls" "runs" {
  bucket = aws_s3_bucket.runs.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "runs" {
  bucket                  = aws_s3_bucket.runs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "runs" {
  bucket = aws_s3_bucket.runs.id
  rule {
    bucket_key_enabled = local.has_key ? true : null
    apply_server_side_encryption_by_default {
      sse_algorithm     = local.has_key ? "aws:kms" : "AES256"
      kms_master_key_id = local.has_key ? var.bucket_key_arn : null
    }
  }
}

resource "aws_s3_bucket_versioning" "runs" {
  bucket = aws_s3_bucket.runs.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "runs" {
  bucket = aws_s3_bucket.runs.id
  rule {
    id     = "runs"
    status = "Enabled"
    filter {
      prefix = "runs/"
    }
    expiration {
      days = var.keep_runs_days
    }
  }
  rule {
    id     = "map"
    status = "Enabled"
    filter {
      prefix = "map/"
    }
    expiration {
      days = 14
    }
  }
  rule {
    id     = "leftovers"
    status = "Enabled"
    filter {
      prefix = ""
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    expiration {
      expired_object_delete_marker = true
    }
  }
}

resource "aws_s3_bucket_policy" "runs" {
  bucket = aws_s3_bucket.runs.id
  policy = data.aws_iam_policy_document.bucket.json
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with its own key; logs contain no secrets.
  # checkov:skip=CKV_AWS_338:log_retention_days is the user's decision; reports are kept in the bucket.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "machine" {
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with its own key; logs contain no secrets.
  # checkov:skip=CKV_AWS_338:log_retention_days is the user's decision; reports are kept in the bucket.
  count             = local.uses_machine ? 1 : 0
  name              = "/aws/vendedlogs/states/${var.name}"
  retention_in_days = var.log_retention_days
}
