variable "endpoint" {}
variable "vpc_id" {}

resource "aws_vpc_endpoint" "this" {
  vpc_id       = var.vpc_id
  service_name = "com.amazonaws.eu-west-1.${var.endpoint.service}"
  policy       = try(var.endpoint["policy"], null)
}
