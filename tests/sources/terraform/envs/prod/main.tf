terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "us"
  region = "us-east-1"
}

locals {
  owner = var.owner
}

variable "owner" {
  type    = string
  default = "platform"
}

# The bucket was renamed twice; the second rename is not applied yet.
moved {
  from = aws_s3_bucket.legacy
  to   = aws_s3_bucket.site
}

moved {
  from = aws_s3_bucket.site
  to   = aws_s3_bucket.website
}

resource "aws_s3_bucket" "website" {
  bucket = "acme-website"
}

resource "aws_s3_bucket_versioning" "website" {
  bucket = aws_s3_bucket.website.id

  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket_public_access_block" "website" {
  bucket                  = aws_s3_bucket.website.id
  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
}

resource "aws_s3_bucket_policy" "website" {
  bucket = aws_s3_bucket.website.id
  policy = data.aws_iam_policy_document.website.json
}

# No block configures it.
resource "aws_s3_bucket" "plain" {
  bucket_prefix = "acme-plain-"
}

# Provider 3 had everything in one block.
resource "aws_s3_bucket" "old_style" {
  bucket = "acme-old-style"

  versioning {
    enabled = false
  }
}

resource "aws_s3_account_public_access_block" "this" {
  block_public_acls = false
}

resource "aws_ebs_encryption_by_default" "eu" {
  enabled = false
}

resource "aws_ebs_encryption_by_default" "us" {
  provider = aws.us
  enabled  = false
}

resource "aws_key_pair" "admin" {
  key_name   = "admin"
  public_key = var.public_key
}
