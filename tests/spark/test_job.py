"""The job on Spark, on this machine: to the letter what one process says of the same events."""

import gzip
import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from benchmarks.command_line import recorded as of_the_bench
from choreography_insights.cli.main import main as choreography
from choreography_insights.spark.outputs import COLUMNS
from devtools.places import ROOT
from replay.disorder import NAMED, SEVERAL, in_disorder
from support.aws_client import AwsClient

pyspark = pytest.importorskip("pyspark", reason="make test-spark installs Spark")

#: py4j leaves its sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ORDER = ROOT / "examples" / "order" / "order"


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A session with Spark on two cores of this machine."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 # it may not be there

    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable, "PYTHONHASHSEED": "0"}
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def on_spark(session: Any, definition: Path, events: Path, out: Path, **options: Any) -> tuple[int, str, list[str]]:
    """Return exit code, what was written, and what was complained of."""
    from choreography_insights.spark.__main__ import run  # noqa: PLC0415

    given = {"sum": False, "journeys": None, "partitions": 3, "region": None, "profile": None, **options}
    said: list[str] = []
    code = run(
        Namespace(definition=str(definition), events=str(events), output=str(out), **given),
        session,
        lambda text: said.extend(text.splitlines()),
    )
    return code, out.read_text("utf-8") if out.exists() else "", said


def by_one(definition: Path, events: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, list[str]]:
    code = choreography(["replay", str(definition), str(events), "--sort", "--format", "json"])
    printed = capsys.readouterr()
    return code, printed.out, printed.err.splitlines()


def split(lines: list[str], folder: Path, files: int) -> Path:
    """Write *lines* to so many files, packed, as they come."""
    folder.mkdir()
    size = len(lines) // files + 1
    for number, at in enumerate(range(0, len(lines), size)):
        (folder / f"{number:03}.gz").write_bytes(gzip.compress("".join(lines[at : at + size]).encode()))
    return folder


def test_the_benchs_events_are_replayed_to_the_letter_as_by_one_process(
    session: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line for line, _ in zip(of_the_bench(), range(2_000), strict=False)]
    events = split(lines, tmp_path / "events", 7)
    assert on_spark(session, ORDER, events, tmp_path / "out") == by_one(ORDER, events, capsys)


@pytest.mark.parametrize("definition", [NAMED, SEVERAL], ids=["named", "several"])
def test_disorder_repetitions_other_names_and_what_is_of_no_use_change_nothing(
    session: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], definition: str
) -> None:
    (tmp_path / "workflow.yaml").write_text(definition)
    events = split(in_disorder(7, days=1, entities=20), tmp_path / "events", 5)
    (events / "_SUCCESS").write_text("no events")
    found = on_spark(session, tmp_path, events, tmp_path / "out")
    one = by_one(tmp_path, events, capsys)
    assert found[:2] == one[:2]
    assert [place(line) for line in found[2]] == [place(line) for line in one[2]]


def test_the_sum_alone_is_the_last_line_and_all_journeys_are_rows_if_asked_for(
    session: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "workflow.yaml").write_text(SEVERAL)
    events = split(in_disorder(8), tmp_path / "events", 2)
    folder = tmp_path / "journeys"
    _, written, _ = on_spark(session, tmp_path, events, tmp_path / "out", sum=True, journeys=str(folder))
    _, one, _ = by_one(tmp_path, events, capsys)
    assert written == one.splitlines(keepends=True)[-1]
    rows = session.read.parquet(str(folder)).collect()
    told = sorted(line for line in one.splitlines() if line.startswith('{"journey"'))
    assert sorted(row.journey for row in rows) == told
    columns = min(rows, key=lambda row: row.journey).asDict()
    whole = {**json.loads(told[0])["journey"], "journey": told[0]}
    assert columns == {name: whole[name] for name in (*COLUMNS, "journey")}


def place(said: str) -> str:
    """Return a complaint without the number of the event, which one process counts through all files."""
    return re.sub(r": event \d+ is left out", "", said)


def test_a_broken_line_is_told_as_by_one_process(
    session: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "workflow.yaml").write_text(SEVERAL)
    events = split([*in_disorder(1)[:40], "{broken\n"], tmp_path / "events", 3)
    code, written, said = on_spark(session, tmp_path, events, tmp_path / "out")
    assert (code, written, said[-1]) == (2, "", by_one(tmp_path, events, capsys)[2][-1])
    (tmp_path / "workflow.yaml").write_text("choreography: 7")
    assert on_spark(session, tmp_path, events, tmp_path / "out")[::2] == by_one(tmp_path, events, capsys)[::2]


def test_a_file_that_is_not_there_is_told_as_by_one_process(
    session: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "nowhere.jsonl"
    code, written, said = on_spark(session, ORDER, nowhere, tmp_path / "out")
    assert (code, written, said) == by_one(ORDER, nowhere, capsys)


def submitted(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Have the job's main file submitted, as on a cluster."""
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    job = ROOT / "lambda_src" / "choreography_insights" / "spark" / "__main__.py"
    return subprocess.run(
        [submit, "--master", "local[2]", job, *arguments],
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", **environment},
        capture_output=True,
        text=True,
        timeout=480,
        check=False,
    )


def test_it_is_submitted_by_its_main_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = split([line for line, _ in zip(of_the_bench(), range(400), strict=False)], tmp_path / "events", 2)
    done = submitted(ORDER, events, "-o", tmp_path / "out")
    assert (done.returncode, (tmp_path / "out").read_text("utf-8")) == by_one(ORDER, events, capsys)[:2], done.stderr


def test_its_tasks_read_events_from_s3_and_its_driver_the_definition(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], aws_client: AwsClient
) -> None:
    events = split([line for line, _ in zip(of_the_bench(), range(400), strict=False)], tmp_path / "events", 3)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        s3 = aws_client("s3", f"http://{host}:{port}")
        s3.create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for file in events.iterdir():
            s3.upload_file(str(file), "archive", f"orders/{file.name}")
        s3.upload_file(str(ORDER / "workflow.yaml"), "archive", "order/workflow.yaml")
        done = submitted(
            "s3://archive/order/workflow.yaml",
            "s3://archive/orders/",
            "-o",
            "s3://archive/replayed.jsonl",
            AWS_ENDPOINT_URL=f"http://{host}:{port}",
            AWS_ACCESS_KEY_ID="testing",
            AWS_SECRET_ACCESS_KEY="testing",
            AWS_DEFAULT_REGION="eu-west-1",
        )
        assert done.returncode == 0, done.stderr
        written = s3.get_object(Bucket="archive", Key="replayed.jsonl")["Body"].read().decode("utf-8")
    finally:
        server.stop()
    assert (0, written) == by_one(ORDER, events, capsys)[:2]
