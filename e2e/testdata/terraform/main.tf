# An organization as a platform team writes it down. The endpoint comes from the test.

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

provider "aws" {
  region                      = "us-east-1"
  skip_region_validation      = true
  skip_metadata_api_check     = true
  skip_credentials_validation = false
  skip_requesting_account_id  = false

  endpoints {
    account       = var.endpoint
    iam           = var.endpoint
    organizations = var.endpoint
    sts           = var.endpoint
  }
}

resource "aws_organizations_organization" "this" {
  feature_set                   = "ALL"
  enabled_policy_types          = ["SERVICE_CONTROL_POLICY", "TAG_POLICY"]
  aws_service_access_principals = ["backup.amazonaws.com"]
}

resource "aws_organizations_organizational_unit" "workloads" {
  name      = "Workloads"
  parent_id = aws_organizations_organization.this.roots[0].id
  tags      = { Team = "Orchard" }
}

resource "aws_organizations_organizational_unit" "production" {
  name      = "Production"
  parent_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_account" "member" {
  count     = 3
  name      = "member-${count.index}"
  email     = "member-${count.index}@example.com"
  parent_id = aws_organizations_organizational_unit.production.id
  tags      = { Stage = "production" }

  lifecycle {
    ignore_changes = [role_name, iam_user_access_to_billing]
  }
}

resource "aws_organizations_policy" "guardrail" {
  name        = "Guardrail"
  description = "Nobody leaves"
  type        = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }]
  })
  depends_on = [aws_organizations_organization.this]
}

resource "aws_organizations_policy" "cost_center" {
  name = "CostCenter"
  type = "TAG_POLICY"
  content = jsonencode({
    tags = { CostCenter = { tag_key = { "@@assign" = "CostCenter" } } }
  })
  depends_on = [aws_organizations_organization.this]
}

resource "aws_organizations_policy_attachment" "guardrail" {
  policy_id = aws_organizations_policy.guardrail.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_policy_attachment" "cost_center" {
  policy_id = aws_organizations_policy.cost_center.id
  target_id = aws_organizations_account.member[0].id
}

resource "aws_organizations_delegated_administrator" "backup" {
  account_id        = aws_organizations_account.member[1].id
  service_principal = "backup.amazonaws.com"
}

resource "aws_organizations_resource_policy" "this" {
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ReadPolicies"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${aws_organizations_account.member[2].id}:root" }
      Action    = "organizations:ListPolicies"
      Resource  = "*"
    }]
  })
}
