"""`choreography diff --deployed` against what Terraform has deployed, with journeys that run."""

import json
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.cli.main import main as choreography
from choreography_insights.insights.rows import place
from demonstration.deployment import Stage

from .conftest import AWS_EVENTS, until
from .test_events_of_others import job_of, put, waits

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

#: Where each of them waits.
RUNNING = {"change/read.csv": "WaitForResult", "change/new-1.csv": "WaitForJob", "change/new-2.csv": "WaitForJob"}


@pytest.fixture
def running(ingest: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two objects wait for their job, one for its result; commands ask the embedded AWS."""
    for name, value in ingest.aws.environment.items():
        monkeypatch.setenv(name, value)
    for key in RUNNING:
        ingest.aws.client("s3").put_object(Bucket=ingest.outputs["bucket_name"], Key=key, Body=b"1")
        waits(ingest, "ingest", key, "WaitForJob")
    put(ingest, job_of("change/read.csv", "SUCCEEDED"))
    until(lambda: whereabouts(ingest) == RUNNING, ingest.rows)


def whereabouts(stage: Stage) -> dict[str, str]:
    """In which state the table says that each of the journeys is."""
    rows = {row["journey"]["S"].partition("#")[2]: row for row in stage.rows() if row["item"]["S"] == "JOURNEY"}
    return {key: place(row["since"]["S"])[0] for key, row in rows.items() if key in RUNNING and "since" in row}


def answer(capsys: pytest.CaptureFixture[str], folder: Path, *replaced: tuple[str, str]) -> tuple[int, dict[str, Any]]:
    """What the command says of the example's definition, with some texts in it replaced."""
    text = (AWS_EVENTS / "ingest" / "workflow.yaml").read_text(encoding="utf-8")
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    (folder / "workflow.yaml").write_text(text, encoding="utf-8")
    code = choreography(["diff", "--deployed", str(folder), "--prefix", "ingest-demo", "--format", "json"])
    said = capsys.readouterr()
    return code, json.loads(said.out)["difference"]


@pytest.mark.usefixtures("running")
def test_journeys_that_a_change_would_strand_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, same = answer(capsys, tmp_path)
    assert (code, same["states"], same["events"], same["running"]["stranded"]) == (0, [], [], [])

    renamed = ("Result Published", "Result Ready")
    code, said = answer(capsys, tmp_path, renamed)
    stranded = {one["state"]: one for one in said["running"]["stranded"]}
    assert (code, said["strands"]) == (1, True)
    assert [(one["event"], one["why"]) for one in said["lost"]] == [("Result Published", "not captured")]
    assert {state: one["count"] for state, one in stranded.items()} == {"WaitForResult": 1, "WaitForJob": 2}
    assert (stranded["WaitForResult"]["now"], stranded["WaitForJob"]["later"]) == (["Result Published"],) * 2
    assert {key: state for state, one in stranded.items() for key in one["some"]} == RUNNING

    retired = (
        "  Result Published: {source",
        "  Result Ready: {source: catalog, entity: $.detail.key}\n  Result Published: {retired: true, source",
    )
    code, said = answer(capsys, tmp_path, retired, ("{Result Published: Ingested}", "{Result Ready: Ingested}"))
    assert (code, said["lost"], said["running"]["stranded"]) == (0, [], [])
