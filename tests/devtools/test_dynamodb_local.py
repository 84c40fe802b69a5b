"""The shared DynamoDB Local is the real thing, and keeps tests apart."""

from support.aws_client import AwsClient


def test_each_account_has_tables_of_its_own(dynamodb_local: str, aws_client: AwsClient) -> None:
    ours, theirs = (aws_client("dynamodb", dynamodb_local, account=name) for name in ("accountOurs", "accountTheirs"))
    ours.create_table(
        TableName="journeys",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "journey", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "journey", "AttributeType": "S"}],
    )
    assert (ours.list_tables()["TableNames"], theirs.list_tables()["TableNames"]) == (["journeys"], [])
