"""Objects in S3 as sources, and in words what keeps them from being read. Nothing is written to disk."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from choreography_insights.recordings.source import S3, Connect, NotReadError, Source

_DENIED = (
    "access is denied; your credentials need s3:ListBucket on the bucket and s3:GetObject on its objects, or "
    "s3:PutObject to write one"
)
_IN_WORDS = {
    "NoSuchBucket": "there is no such bucket; look at its name, and at the account of your credentials",
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "403": _DENIED,
    "InvalidAccessKeyId": "AWS does not know the access key of your credentials; renew them, or add --profile",
    "SignatureDoesNotMatch": "AWS does not accept the secret key of your credentials; renew them, or add --profile",
    "ExpiredToken": "your credentials have expired; log in again (aws sso login)",
    "PermanentRedirect": "the bucket is in another Region; name it by --region",
    "AuthorizationHeaderMalformed": "the bucket is in another Region; name it by --region",
    "NoSuchKey": "the object is gone",
    "InvalidObjectState": "the object lies in an archive of S3 Glacier; restore it first",
}
_BUFFER = 1 << 20


def objects(where: str, connect: Connect) -> Sequence[Source]:
    """Return the object *where*, or all whose keys begin with it, in the order of their keys."""
    bucket, _, prefix = where.removeprefix(S3).partition("/")
    if not bucket:
        raise NotReadError("there is no bucket in it; write it so: s3://BUCKET/PREFIX")
    with failures_in_words():
        client = connect()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ()) if one["Size"]]
    if not keys:
        raise NotReadError("no object has a key that begins so; look at the prefix")
    if prefix in keys:
        keys = [prefix]
    return [Source(key, partial(_opened, client, bucket, key)) for key in keys]


def object_named(where: str, key: str, connect: Connect) -> Source:
    """Return the object of that *key* in the bucket of *where*."""
    bucket = where.removeprefix(S3).partition("/")[0]
    with failures_in_words():
        return Source(key, partial(_opened, connect(), bucket, key))


@contextmanager
def _opened(client: Any, bucket: str, key: str) -> Iterator[BufferedReader]:
    """The object's bytes, as they come; what fails on the way is said in words, too."""
    with failures_in_words():
        body = client.get_object(Bucket=bucket, Key=key)["Body"]
        try:
            yield BufferedReader(body, _BUFFER)
        finally:
            body.close()


@contextmanager
def failures_in_words() -> Iterator[None]:
    """Turn what AWS refuses, or what keeps it from being asked, into `NotReadError`."""
    try:
        yield
    except ClientError as error:
        about = error.response["Error"]
        raise NotReadError(
            _IN_WORDS.get(about["Code"]) or f"AWS answers {about['Code']}: {about['Message']}"
        ) from error
    except BotoCoreError as error:
        raise NotReadError(_without_an_answer(error)) from error


def _without_an_answer(error: BotoCoreError) -> str:
    match type(error).__name__:
        case "NoCredentialsError" | "PartialCredentialsError":
            return "there are no AWS credentials; log in (aws sso login), set AWS_PROFILE, or add --profile"
        case "ProfileNotFound":
            return f"{error}; name another one by --profile"
        case "EndpointConnectionError" | "ConnectTimeoutError":
            return f"S3 cannot be reached: {error}"
        case _:
            return str(error)
