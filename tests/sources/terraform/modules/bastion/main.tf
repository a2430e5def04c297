variable "subnet_id" {}

resource "aws_instance" "this" {
  ami           = "ami-0000000000000000a"
  instance_type = "t3.micro"
  subnet_id     = var.subnet_id

  metadata_options {
    http_tokens = "optional"
  }
}

resource "aws_default_security_group" "unused" {
  count  = 0
  vpc_id = "vpc-0000000000000000b"
}
