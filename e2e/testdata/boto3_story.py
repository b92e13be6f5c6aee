"""An organization through boto3: clients, paginators and typed exceptions. Prints "done" at the end."""

import json
import time

import boto3

org = boto3.client("organizations")
me = boto3.client("sts").get_caller_identity()["Account"]


def refused(exception, call, **arguments):
    """Makes a call that must fail with an exception, and returns the parsed answer."""
    try:
        call(**arguments)
    except exception as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert error.response["ResponseMetadata"]["RequestId"]
        return error.response
    raise AssertionError(f"{call} was not refused")


def create_account(name):
    """Creates an account and polls until it is there."""
    status = org.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
    while status["State"] == "IN_PROGRESS":
        time.sleep(0.05)
        status = org.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED", status
    assert status["CompletedTimestamp"] >= status["RequestedTimestamp"]
    return status["AccountId"]


refused(org.exceptions.AWSOrganizationsNotInUseException, org.describe_organization)
assert org.create_organization(FeatureSet="ALL")["Organization"]["MasterAccountId"] == me
root = org.list_roots()["Roots"][0]["Id"]

units = [org.create_organizational_unit(ParentId=root, Name=f"Unit {n}")["OrganizationalUnit"]["Id"] for n in range(25)]
listed = [
    unit["Id"]
    for page in org.get_paginator("list_organizational_units_for_parent").paginate(ParentId=root, PaginationConfig={"PageSize": 7})
    for unit in page["OrganizationalUnits"]
]
assert sorted(listed) == sorted(units), listed
refused(org.exceptions.DuplicateOrganizationalUnitException, org.create_organizational_unit, ParentId=root, Name="Unit 1")

account = create_account("member")
assert org.describe_account(AccountId=account)["Account"]["JoinedTimestamp"].tzinfo is not None
org.move_account(AccountId=account, SourceParentId=root, DestinationParentId=units[0])
answer = refused(org.exceptions.InvalidInputException, org.describe_account, AccountId="12")
assert answer["Reason"] == "INVALID_PATTERN:ACCOUNT_ID", answer
assert answer["Error"]["Message"] == "You provided a value that does not match the required pattern.", answer

org.enable_policy_type(RootId=root, PolicyType="TAG_POLICY")
while org.list_roots()["Roots"][0]["PolicyTypes"][0]["Status"] != "ENABLED":
    time.sleep(0.05)
content = json.dumps({"tags": {"CostCenter": {"tag_key": {"@@assign": "CostCenter"}}}})
policy = org.create_policy(Name="Größe ✓", Description="", Type="TAG_POLICY", Content=content)["Policy"]["PolicySummary"]
assert policy["Name"] == "Größe ✓" and policy["AwsManaged"] is False, policy
org.attach_policy(PolicyId=policy["Id"], TargetId=account)
refused(org.exceptions.PolicyInUseException, org.delete_policy, PolicyId=policy["Id"])

session = boto3.client("sts").assume_role(
    RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="boto3"
)["Credentials"]
inside = boto3.client(
    "organizations",
    aws_access_key_id=session["AccessKeyId"],
    aws_secret_access_key=session["SecretAccessKey"],
    aws_session_token=session["SessionToken"],
)
assert inside.describe_organization()["Organization"]["MasterAccountId"] == me
refused(inside.exceptions.AccessDeniedException, inside.list_accounts)

org.detach_policy(PolicyId=policy["Id"], TargetId=account)
org.delete_policy(PolicyId=policy["Id"])
refused(org.exceptions.OrganizationNotEmptyException, org.delete_organization)
org.remove_account_from_organization(AccountId=account)
org.delete_organization()
print("done")
