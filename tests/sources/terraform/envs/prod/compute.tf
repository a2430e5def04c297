resource "aws_launch_template" "app" {
  name = "app"

  metadata_options {
    http_tokens = "optional"
  }
}

resource "aws_instance" "app" {
  ami           = "ami-0000000000000000a"
  instance_type = "t3.micro"
  monitoring    = false

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional"
  }

  root_block_device {
    encrypted = false
  }

  ebs_block_device {
    device_name = "/dev/sdf"
    encrypted   = true
  }

  ebs_block_device {
    device_name = "/dev/sdg"
    encrypted   = false
  }
}

resource "aws_instance" "from_template" {
  launch_template {
    id = aws_launch_template.app.id
  }
}

resource "aws_autoscaling_group" "workers" {
  name     = "workers"
  min_size = 1
  max_size = 2

  launch_template {
    id = aws_launch_template.app.id
  }
}
