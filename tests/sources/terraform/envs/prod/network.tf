module "vpc" {
  source  = "acme/vpc/aws"
  version = "1.2.3"

  cidr                    = "10.0.0.0/16"
  public_subnets          = ["10.0.1.0/24"]
  map_public_ip_on_launch = true

  endpoint = {
    service = "s3"
    policy  = null
  }
}

module "team" {
  for_each = { red = "acme-red", blue = "acme-blue" }
  source   = "../../modules/team-buckets"

  name       = each.value
  versioning = each.key == "red" ? "Suspended" : "Enabled"
}

# The team red had a module of its own.
moved {
  from = module.team_red
  to   = module.team["red"]
}

module "bastion" {
  count     = 1
  source    = "../../modules/bastion"
  subnet_id = module.vpc.public_subnets[0]
}

module "elsewhere" {
  source = "git::https://example.com/queue.git"
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = module.vpc.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.web.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each          = toset(["0.0.0.0/0", "10.0.0.0/8"])
  security_group_id = aws_security_group.web.id
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_security_group_rule" "rdp" {
  type              = "ingress"
  security_group_id = aws_security_group.web.id
  cidr_blocks       = ["192.0.2.0/24", "0.0.0.0/0"]
  protocol          = "tcp"
  from_port         = 3389
  to_port           = 3389
}

resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.web.id
  cidr_blocks       = ["0.0.0.0/0"]
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
}

resource "aws_security_group" "inline" {
  name   = "inline"
  vpc_id = module.vpc.vpc_id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "listed" {
  name   = "listed"
  vpc_id = module.vpc.vpc_id

  ingress = [
    { from_port = 80, to_port = 80, protocol = "tcp", cidr_blocks = ["0.0.0.0/0"] },
    { from_port = 22, to_port = 22, protocol = "tcp", cidr_blocks = ["0.0.0.0/0"] },
  ]
}

resource "aws_network_acl" "main" {
  vpc_id = module.vpc.vpc_id

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "0.0.0.0/0"
    from_port  = 22
    to_port    = 22
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_network_acl_rule" "rdp" {
  network_acl_id = aws_network_acl.main.id
  rule_number    = 110
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = "0.0.0.0/0"
  from_port      = 3389
  to_port        = 3389
}

resource "aws_route_table" "public" {
  vpc_id = module.vpc.vpc_id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = "igw-0000000000000000a"
  }

  route {
    cidr_block                = "10.9.0.0/16"
    vpc_peering_connection_id = "pcx-0000000000000000a"
  }
}

resource "aws_route" "peer" {
  route_table_id            = aws_route_table.public.id
  destination_cidr_block    = "10.8.0.0/16"
  vpc_peering_connection_id = "pcx-0000000000000000a"
}
