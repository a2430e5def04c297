resource "aws_instance" "app" {
  monitoring = true
}
