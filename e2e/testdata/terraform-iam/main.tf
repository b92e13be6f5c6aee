# The identities of an account as a platform team writes them down. The endpoint comes from the test.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "endpoint" {
  type = string
}

# What a later change of mind changes everywhere.
variable "season" {
  type    = string
  default = "spring"
}

provider "aws" {
  region                  = "us-east-1"
  skip_region_validation  = true
  skip_metadata_api_check = true

  endpoints {
    iam           = var.endpoint
    organizations = var.endpoint
    sts           = var.endpoint
  }
}

resource "aws_organizations_organization" "this" {
  feature_set                   = "ALL"
  aws_service_access_principals = ["iam.amazonaws.com", "sso.amazonaws.com"]
}

resource "aws_iam_organizations_features" "this" {
  enabled_features = var.season == "spring" ? ["RootCredentialsManagement", "RootSessions"] : ["RootSessions"]
  depends_on       = [aws_organizations_organization.this]
}

resource "aws_iam_account_alias" "this" {
  account_alias = "orchard-${var.season}"
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::orchard", "arn:aws:s3:::orchard/${var.season}/*"]
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_organizations_organization.this.master_account_id]
    }
  }
}

resource "aws_iam_policy" "read" {
  name        = "ReadOrchard"
  path        = "/team/"
  description = "Reads the orchard"
  policy      = data.aws_iam_policy_document.read.json
  tags        = { Team = "Orchard", Season = var.season }
}

resource "aws_iam_role" "gardener" {
  name                 = "Gardener"
  path                 = "/team/"
  description          = "Digs in ${var.season}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = var.season == "spring" ? 7200 : 3600
  permissions_boundary = aws_iam_policy.read.arn
  tags                 = { Team = "Orchard", Season = var.season }
}

resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.gardener.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.gardener.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role_policy" "inline" {
  name   = "inline"
  role   = aws_iam_role.gardener.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user" "ann" {
  name                 = "ann-${var.season}"
  path                 = "/team/"
  permissions_boundary = aws_iam_policy.read.arn
  force_destroy        = true
  tags                 = { Team = "Orchard" }
}

resource "aws_iam_user_policy_attachment" "read" {
  user       = aws_iam_user.ann.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user_policy" "inline" {
  name   = "inline"
  user   = aws_iam_user.ann.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_access_key" "ann" {
  user = aws_iam_user.ann.name
}

resource "aws_iam_group" "staff" {
  name = "Staff"
}

resource "aws_iam_group_policy_attachment" "read" {
  group      = aws_iam_group.staff.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_group_policy" "inline" {
  name   = "inline"
  group  = aws_iam_group.staff.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user_group_membership" "ann" {
  user   = aws_iam_user.ann.name
  groups = [aws_iam_group.staff.name]
}

resource "aws_iam_openid_connect_provider" "ci" {
  url             = "https://token.example.com"
  client_id_list  = ["sts.amazonaws.com", var.season]
  thumbprint_list = [var.season == "spring" ? "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a" : "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"]
  tags            = { Team = "Orchard", Season = var.season }
}

resource "aws_iam_service_linked_role" "sso" {
  aws_service_name = "sso.amazonaws.com"
  description      = "Ours in ${var.season}"
  tags             = { Team = "Orchard", Season = var.season }
}

resource "aws_iam_service_linked_role" "autoscaling" {
  aws_service_name = "autoscaling.amazonaws.com"
}
