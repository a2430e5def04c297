variable "name" {}
variable "versioning" {}

resource "aws_s3_bucket" "this" {
  for_each = toset(["raw", "clean"])
  bucket   = "${var.name}-${each.key}"
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this
  bucket   = each.value.id

  versioning_configuration {
    status = var.versioning
  }
}
