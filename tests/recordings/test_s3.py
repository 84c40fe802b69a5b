"""Events are read from S3 with the user's credentials; what keeps them from being read is said in words."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ProfileNotFound
from botocore.stub import Stubber
from moto import mock_aws
from pyarrow import parquet

from choreography_insights.cli.main import main
from choreography_insights.recordings.source import NotReadError
from choreography_insights.replay.event_files import Reading, Recording, UnreadableError
from choreography_insights.spark.outputs import write
from replay.played import envelope
from support.aws_client import AwsClient

EVENTS = [envelope("S", "1"), envelope("a", "1", "2026-01-01T00:00:05Z"), envelope("S", "2", "2026-01-01T01:00:00Z")]


@pytest.fixture(scope="module")
def s3(aws_client: AwsClient) -> Iterator[Any]:
    """A client of S3 with a bucket of what Firehose wrote, and of other things."""
    with mock_aws():
        client = aws_client("s3")
        client.create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        table = io.BytesIO()
        parquet.write_table(pa.Table.from_pylist(EVENTS[2:]), table)
        for key, body in {
            "orders/2026/01/01/00/a.gz": gzip.compress(json.dumps(EVENTS[0]).encode()),
            "orders/2026/01/01/00/b": json.dumps(EVENTS[1]).encode(),
            "orders/2026/01/01/01/c.parquet": table.getvalue(),
            "orders/2026/01/": b"",
            "orders/notes": b"of no use",
            "other/d": b"{}",
        }.items():
            client.put_object(Bucket="archive", Key=key, Body=body)
        yield client


def read(where: str, client: Any) -> list[Any]:
    return [event for _, event in Reading(Recording(where, lambda: client), lambda _: None)]


@pytest.mark.parametrize(
    ("where", "events"),
    [
        ("s3://archive/orders/2026", EVENTS),
        ("s3://archive/orders/2026/01/01/00/", EVENTS[:2]),
        ("s3://archive/orders/2026/01/01/00/b", EVENTS[1:2]),
        ("s3://archive", [*EVENTS, {}]),
    ],
)
def test_all_objects_of_a_prefix_are_read_in_the_order_of_their_keys(s3: Any, where: str, events: list[Any]) -> None:
    assert read(where, s3) == events


def test_a_listing_of_many_pages_is_read_to_its_end(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    assert s3.list_objects_v2(Bucket="archive")["IsTruncated"]
    assert read("s3://archive/orders/2026", s3) == EVENTS


def test_a_replay_reads_s3_with_a_profile_and_names_what_it_leaves_out(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile production]\naws_access_key_id = k\naws_secret_access_key = s\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    definition = tmp_path / "workflow.yaml"
    definition.write_text("choreography: c\nsource: s\nstart: S\nstates: {A: {await: {a: B}}, B: succeed}\n")
    replay = ["replay", str(definition), "s3://archive/orders", "--format", "json", "--profile"]
    assert main([*replay, "production"]) == 0
    printed = capsys.readouterr()
    assert [json.loads(line)["journey"]["status"] for line in printed.out.splitlines()[:-1]] == ["SUCCEEDED", "RUNNING"]
    assert printed.err == "left out, as no events are in them: orders/notes\n"

    assert main([*replay, "nobody"]) == 2
    assert "(nobody) could not be found; name another one by --profile" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("s3://nowhere/orders", "there is no such bucket"),
        ("s3://archive/nothing", "no object has a key that begins so; look at the prefix"),
        ("s3://", "there is no bucket in it; write it so: s3://BUCKET/PREFIX"),
    ],
)
def test_where_nothing_is_that_is_said(s3: Any, where: str, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read(where, s3)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "your credentials need s3:ListBucket on the bucket and s3:GetObject on its objects"),
        ("ExpiredToken", "your credentials have expired"),
        ("PermanentRedirect", "the bucket is in another Region; name it by --region"),
        ("SlowDown", "AWS answers SlowDown: later"),
    ],
)
def test_what_aws_refuses_is_said_in_words(aws_client: AwsClient, code: str, words: str) -> None:
    client = aws_client("s3")
    with Stubber(client) as stubber:
        stubber.add_client_error("list_objects_v2", code, "later")
        with pytest.raises(UnreadableError, match=words):
            read("s3://archive/orders", client)


def test_an_object_that_may_not_be_read_is_named(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> None:
        raise ClientError({"Error": {"Code": "InvalidObjectState", "Message": ""}}, "GetObject")

    monkeypatch.setattr(s3, "get_object", refuse)
    with pytest.raises(UnreadableError, match=r"00/a.gz: the object lies in an archive of S3 Glacier"):
        read("s3://archive/orders", s3)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NoCredentialsError(), "there are no AWS credentials; log in"),
        (ProfileNotFound(profile="p"), "name another one by --profile"),
    ],
)
def test_without_credentials_it_is_said_how_to_get_some(error: Exception, words: str) -> None:
    def connect() -> Any:
        raise error

    with pytest.raises(UnreadableError, match=words):
        list(Reading(Recording("s3://archive/orders", connect), pytest.fail))


def test_what_the_job_on_spark_says_is_written_to_s3_as_it_comes(s3: Any) -> None:
    lines = [f'{{"journey":"Zoë {number}"}}\n' for number in range(1_000)]
    write(iter(lines), "s3://archive/out/replayed.jsonl", lambda: s3)
    assert s3.get_object(Bucket="archive", Key="out/replayed.jsonl")["Body"].read().decode() == "".join(lines)
    with pytest.raises(NotReadError, match="there is no such bucket"):
        write(lines, "s3://nowhere/out", lambda: s3)
