"""The environment in which AWS's own tools talk to an embedded AWS."""

REGION = "eu-west-1"
ACCOUNT = "123456789012"


def environment(port: int, region: str = REGION) -> dict[str, str]:
    """Return the variables that send boto3, the AWS command line and Terraform to the server on *port*."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "embedded",
        "AWS_SECRET_ACCESS_KEY": "embedded",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
