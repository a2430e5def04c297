variable "cidr" {}
variable "public_subnets" {}
variable "map_public_ip_on_launch" {}
variable "enable_dns" { default = true }
variable "endpoint" {}

locals {
  subnets = var.public_subnets
}

resource "aws_vpc" "this" {
  cidr_block         = var.cidr
  enable_dns_support = var.enable_dns
}

resource "aws_subnet" "public" {
  count                   = length(local.subnets)
  vpc_id                  = aws_vpc.this.id
  cidr_block              = local.subnets[count.index]
  map_public_ip_on_launch = var.map_public_ip_on_launch
}

module "endpoints" {
  source   = "./modules/endpoints"
  endpoint = var.endpoint
  vpc_id   = aws_vpc.this.id
}
