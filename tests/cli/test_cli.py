"""The command line: what it writes, what it leaves alone, what it says, and how it exits."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from choreography_insights.cli import main as command_line
from choreography_insights.cli.main import main
from devtools.places import ROOT

DEFINITION = """\
choreography: lamp
source: lamp
start: Lit
states:
  Burning:
    await: {Switched Off: Off, Broken: Gone}
  Off: succeed
  Gone: fail
"""
FILES = [
    *("definition.asl.json", "diagram.md", "events.json", "picture.json"),
    *("simulations/gone.json", "simulations/off.json"),
]
COMMANDS = [
    [sys.executable, "-m", "choreography_insights", "generate"],
    [sys.executable, str(ROOT / "scripts" / "generate_asl.py")],
]


@pytest.fixture
def lamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a definition, below the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = Path("lamp")
    folder.mkdir()
    (folder / "workflow.yaml").write_text(DEFINITION, encoding="utf-8")
    return folder


def files_in(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name != "workflow.yaml")


@pytest.mark.parametrize("path", ["lamp", "lamp/workflow.yaml", "."])
def test_generate_writes_the_files_of_a_folder_or_file(
    lamp: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", path]) == 0
    assert files_in(lamp) == FILES
    assert sorted(capsys.readouterr().out.splitlines()) == [f"wrote lamp/{name}" for name in FILES]


@pytest.mark.parametrize("command", COMMANDS, ids=["module", "script"])
def test_the_module_and_the_script_do_the_same(lamp: Path, command: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lambda_src")}
    subprocess.run([*command, str(lamp)], check=True, env=environment, capture_output=True)
    assert files_in(lamp) == FILES
    assert subprocess.run([*command, "--check", str(lamp)], check=False, env=environment).returncode == 0
    (lamp / "events.json").unlink()
    assert subprocess.run([*command, "--check", str(lamp)], check=False, env=environment).returncode == 1


def test_check_is_content_with_what_generate_wrote(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", "."])
    capsys.readouterr()
    assert main(["generate", "--check", str(lamp)]) == 0
    assert capsys.readouterr() == ("", "")


def test_check_writes_nothing_and_names_each_file_with_the_command_that_mends_it(
    lamp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["generate", "lamp"])
    capsys.readouterr()
    (lamp / "events.json").write_text("{}", encoding="utf-8")
    (lamp / "diagram.md").unlink()
    (lamp / "simulations" / "gone.json").rename(lamp / "simulations" / "earlier.json")
    before = files_in(lamp)
    assert main(["generate", "--check", "."]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "lamp/events.json:1:1: CI014 stale; run: choreography generate lamp/workflow.yaml",
        "lamp/diagram.md:1:1: CI014 missing; run: choreography generate lamp/workflow.yaml",
        "lamp/simulations/gone.json:1:1: CI014 missing; run: choreography generate lamp/workflow.yaml",
        "lamp/simulations/earlier.json:1:1: CI014 left over; run: choreography generate lamp/workflow.yaml",
    ]
    assert files_in(lamp) == before
    assert (lamp / "events.json").read_text(encoding="utf-8") == "{}"


def test_generate_removes_simulations_of_an_earlier_definition_but_none_written_by_hand(
    lamp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["generate", "lamp"])
    for name, text in {"mine.json": '{"events": []}', "list.json": "[]", "notes.json": "no JSON"}.items():
        (lamp / "simulations" / name).write_text(text, encoding="utf-8")
    (lamp / "workflow.yaml").write_text(DEFINITION.replace("Gone", "Smashed"), encoding="utf-8")
    capsys.readouterr()
    assert main(["generate", "lamp"]) == 0
    assert "removed lamp/simulations/gone.json" in capsys.readouterr().out.splitlines()
    names = ["list.json", "mine.json", "notes.json", "off.json", "smashed.json"]
    assert sorted(path.name for path in (lamp / "simulations").iterdir()) == names


def test_generate_never_overwrites_a_simulation_written_by_hand(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lamp / "simulations").mkdir()
    (lamp / "simulations" / "off.json").write_text('{"events": []}', encoding="utf-8")
    assert main(["generate", "lamp"]) == 1
    assert files_in(lamp) == ["simulations/off.json"]
    assert capsys.readouterr().err == (
        "lamp/workflow.yaml:1:1: CI013 lamp/simulations/off.json was not written by 'choreography generate' but has "
        "the name of a file that is to be; rename it, or delete it\n"
    )


def test_generate_touches_only_files_that_change(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", "lamp"])
    capsys.readouterr()
    old = 1_000_000_000
    for name in FILES:
        os.utime(lamp / name, (old, old))
    (lamp / "workflow.yaml").write_text(DEFINITION.replace("start: Lit", "start: Lit\nearly: 5m"), encoding="utf-8")
    assert main(["generate", "lamp"]) == 0
    assert capsys.readouterr().out == "wrote lamp/events.json\n"
    assert [name for name in FILES if (lamp / name).stat().st_mtime != old] == ["events.json"]


def test_files_end_their_lines_alike_on_every_machine(lamp: Path) -> None:
    (lamp / "workflow.yaml").write_bytes(DEFINITION.replace("\n", "\r\n").encode("utf-8-sig"))
    assert main(["generate", "lamp"]) == 0
    assert not any(b"\r" in (lamp / name).read_bytes() for name in FILES)


def test_problems_of_all_definitions_are_reported_and_then_nothing_is_written(
    lamp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, target in {"one": "Of", "two": "Gon"}.items():
        Path(name).mkdir()
        broken = DEFINITION.replace("Off: Off", f"Off: {target}")
        (Path(name) / "workflow.yaml").write_text(broken, encoding="utf-8")
    assert main(["generate", "one", "lamp", "two"]) == 1
    output = capsys.readouterr()
    assert output.err.splitlines() == [
        f"{name}/workflow.yaml:6:27: CI210 states.Burning.await.Switched Off: no state is named {target!r}; {remedy}"
        for name, target, remedy in (("one", "Of", "did you mean 'Off'?"), ("two", "Gon", "did you mean 'Gone'?"))
    ]
    assert output.out == ""
    assert files_in(lamp) == []


def test_a_definition_named_twice_is_generated_once(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", ".", "lamp", str(lamp.resolve())]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(FILES)


def test_paths_without_a_definition_are_named(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    Path("order.yaml").write_text(DEFINITION, encoding="utf-8")
    said = []
    for path in ("empty", "nowhere", "order.yaml"):
        assert main(["generate", str(lamp), path]) == 1
        said.append(capsys.readouterr().err)
    assert said == [
        "empty: there is no workflow.yaml in this folder or below it; write one, or name another folder\n",
        "nowhere: there is no such file or folder; name a workflow.yaml, or a folder that holds one\n",
        "order.yaml: this is no workflow.yaml; name a workflow.yaml, or a folder that holds one\n",
    ]
    assert files_in(lamp) == []


def test_definitions_of_installed_packages_are_not_looked_at(lamp: Path) -> None:
    inner = Path("node_modules") / "other"
    inner.mkdir(parents=True)
    (inner / "workflow.yaml").write_text("not one of ours", encoding="utf-8")
    assert main(["generate", "."]) == 0
    assert files_in(lamp) == FILES


def test_text_that_is_not_utf_8_is_a_problem_like_any_other(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lamp / "workflow.yaml").write_bytes(b"choreography: \xe4\n")
    assert main(["generate", "lamp"]) == 1
    assert capsys.readouterr().err == (
        "lamp/workflow.yaml:1:1: CI001 this is not UTF-8 text (byte 14 is 0xe4); save it so\n"
    )


def test_a_state_machine_beyond_what_step_functions_takes_is_refused(
    lamp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    states = [f"  S{i}: {{await: {{Next: S{i + 1}}}}}" for i in range(800)]
    text = "\n".join(["choreography: big", "source: s", "start: Begun", "states:", *states, "  S800: succeed"])
    (lamp / "workflow.yaml").write_text(text, encoding="utf-8")
    assert main(["generate", "lamp"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("lamp/workflow.yaml:5:3: CI406 states: its state machine has 1,")
    assert said.endswith(" bytes and Step Functions takes 1,048,576; make two choreographies of it\n")


def test_validate_says_errors_and_warnings_and_writes_nothing(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "lamp"]) == 0
    assert capsys.readouterr() == ("", "")
    gap = DEFINITION.replace("Broken: Gone", "Broken: [{when: {by: [cat]}, next: Gone}]")
    (lamp / "workflow.yaml").write_text(gap, encoding="utf-8")
    assert main(["validate", "."]) == 0
    warning = (
        "an event 'Broken' with the detail {} fits none of these entries and would be unexpected; add "
        "'- otherwise: STATE' if it can come"
    )
    assert (
        capsys.readouterr().err == f"lamp/workflow.yaml:6:32: CI601 states.Burning.await.Broken: warning: {warning}\n"
    )
    (lamp / "workflow.yaml").write_text(gap.replace("Off: Off", "Off: Of"), encoding="utf-8")
    assert main(["validate", "--format", "json", "lamp"]) == 1
    error = {
        "file": "lamp/workflow.yaml",
        "line": 6,
        "column": 27,
        "path": "states.Burning.await.Switched Off",
        "id": "CI210",
        "severity": "error",
        "message": "no state is named 'Of'; did you mean 'Off'?",
    }
    assert json.loads(capsys.readouterr().out) == [error]
    assert main(["validate", "nowhere"]) == 1
    assert files_in(lamp) == []


@pytest.mark.parametrize(("arguments", "port"), [([], None), (["--port", "4566"], 4566)])
def test_local_serves_on_the_port_that_is_asked_for(
    arguments: list[str], port: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    server = ModuleType("server")

    def serve(number: int | None) -> int:
        asked.append(number)
        return 7

    server.serve = serve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "choreography_insights.local.server", server)
    assert main(["local", *arguments]) == 7
    assert asked == [port]


@pytest.mark.parametrize("port", ["http", "65536", "-1"])
def test_local_refuses_what_is_no_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["local", f"--port={port}"])
    assert exit_.value.code == 2
    assert f"'{port}' is no port; give a number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], *([name] for name in command_line.COMMANDS)], ids=["all", *command_line.COMMANDS]
)
def test_help_has_examples_and_imports_nothing_that_takes_long(arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "choreography_insights", *arguments, "--help"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lambda_src")}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert [name for name in ("ruamel", "statelint", "boto3", "moto") if name in answer.stderr] == []
    assert "examples:\n  choreography " in answer.stdout


def test_generated_json_is_read_back_as_it_was_meant(lamp: Path) -> None:
    main(["generate", "lamp"])
    document = json.loads((lamp / "simulations" / "gone.json").read_text(encoding="utf-8"))
    assert document == {
        "generatedBy": "choreography generate",
        "events": [
            {"source": "lamp", "detailType": "Lit", "detail": {"id": "lamp-gone-1"}, "wait": "0"},
            {"source": "lamp", "detailType": "Broken", "detail": {"id": "lamp-gone-1"}, "wait": "1"},
        ],
        "expect": {"lamp-gone-1": {"choreography": "lamp", "status": "FAILED", "state": "Gone"}},
    }


def test_who_has_read_enough_ends_it_without_a_word(lamp: Path, tmp_path: Path) -> None:
    event = {"id": "1", "detail-type": "Bought", "source": "lamp", "time": 0, "detail": {"id": 1}}
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n")
    for arguments in (["replay", str(lamp), str(tmp_path / "events.jsonl")], ["draw", str(lamp)]):
        command = [sys.executable, "-m", "choreography_insights", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
            assert program.stdout is not None
            assert program.stderr is not None
            program.stdout.close()
            assert program.stderr.read() == b""
            assert program.wait() == 141


@pytest.mark.parametrize("source", ["aws.s3", "aws.partner/idp.example/acme"])
def test_simulate_warns_of_events_that_only_aws_may_publish(
    lamp: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    workflow = lamp / "workflow.yaml"
    workflow.write_text(DEFINITION.replace("source: lamp", f"source: {source}"))
    assert main(["simulate", str(lamp)]) == 0
    assert f"AWS takes events of '{source}' from its services and partners only" in capsys.readouterr().err
    workflow.write_text(DEFINITION)
    assert main(["simulate", str(lamp)]) == 0
    assert capsys.readouterr().err == ""


def test_simulate_says_what_is_of_no_use_without_a_bus(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", str(lamp), "--series", "any"]) == 1
    assert capsys.readouterr().err == "--series and --no-pauses say how to publish; add --bus NAME\n"


def test_generate_says_warnings_and_writes_all_the_same(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = DEFINITION.replace("Switched Off: Off,", "Switched Off: [{when: {by: [me]}, next: Off}],")
    (lamp / "workflow.yaml").write_text(text, encoding="utf-8")
    assert main(["generate", "lamp"]) == 0
    assert files_in(lamp) == FILES
    assert capsys.readouterr().err == (
        "lamp/workflow.yaml:6:13: CI601 states.Burning.await.Switched Off: warning: an event 'Switched Off' with the "
        "detail {} fits none of these entries and would be unexpected; add '- otherwise: STATE' if it can come\n"
    )


ARN = "arn:aws:states:eu-west-1:111122223333:execution:shop-lamp:1-abc"


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        (
            "arn:aws:states:eu-west-1:1:execution:shop-lamp",
            "is no ARN of an execution; copy it from the",
        ),
        (ARN, f"{ARN}: AWS answers ExecutionDoesNotExist: there is none"),
        (ARN.replace("1-abc", "unreachable"), "AWS could not be asked: Unable to locate credentials"),
    ],
)
def test_draw_says_in_words_why_an_execution_cannot_be_painted(
    lamp: Path, arn: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Client:
        def describe_execution(self, *, executionArn: str) -> None:
            if executionArn == ARN:
                raise ClientError(
                    {"Error": {"Code": "ExecutionDoesNotExist", "Message": "there is none"}}, "DescribeExecution"
                )
            raise NoCredentialsError

    clients = {("stepfunctions", "eu-west-1"): Client()}
    monkeypatch.setattr("boto3.client", lambda service, region_name: clients[service, region_name])
    assert main(["draw", "lamp", "--journey", arn]) == 1
    assert said in capsys.readouterr().err


def test_draw_says_what_a_journey_is_given_by(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "lamp", "--journey", "12345.jsonl"]) == 1
    assert capsys.readouterr().err == (
        "--journey takes an entity's id, a file of events or the ARN of an execution, and there is no file "
        "'12345.jsonl'; name one, and whose journey is meant with --entity\n"
    )


@pytest.mark.parametrize("arguments", [["draw", "lamp"], ["schema"]])
def test_what_is_to_lie_in_a_folder_that_is_missing_is_not_called_unreadable(
    lamp: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "-o", "missing/x.svg"]) == 1
    assert capsys.readouterr().err == "missing/x.svg: there is no folder 'missing'; make it, or name another path\n"


def test_local_names_the_extra_that_it_comes_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "moto"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "moto", None)
    assert main(["local"]) == 1
    assert capsys.readouterr().err == (
        "an AWS on this machine needs moto, which comes with the extra 'local'; run: "
        "pip install 'choreography-insights[local]'\n"
    )


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert capsys.readouterr().out == f"choreography {project['version']}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["generat", "lamp"], "there is no command 'generat'; did you mean 'generate'?"),
        (["--verion"], "there is no option '--verion'; did you mean '--version'?"),
        (["validate", "lamp", "--formt=json"], "there is no option '--formt'; did you mean '--format'?"),
        (["generate", "--chek", "lamp"], "there is no option '--chek'; did you mean '--check'?"),
        (["lint", "--chek", "x"], "there is no option '--chek'; the options are '--help', '--format', '--ignore'"),
        (["draw", "my", "lamp"], "'lamp' is one argument too many; put quotes around one that has blanks in it"),
        (
            ["validate", "--ignore", "CI999", "lamp"],
            "there is no rule 'CI999'; docs/reference/diagnostics.md lists them all",
        ),
        (["validate", "--ignore", "ci601", "lamp"], "there is no rule 'ci601'; did you mean 'CI601'?"),
        (["validate", "--ignore", "CI210", "lamp"], "CI210 is an error, and only warnings can be ignored; mend it"),
    ],
)
def test_a_slip_of_the_pen_on_the_command_line_brings_what_was_meant(
    lamp: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.endswith(f"{said}\n")


def test_warnings_are_left_out_by_their_ids(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = DEFINITION.replace("Switched Off: Off,", '"*": [{when: {by: [yes]}, next: Off}],')
    (lamp / "workflow.yaml").write_text(text, encoding="utf-8")
    assert main(["validate", "lamp", "--ignore", "CI601,CI610", "--ignore", "CI602"]) == 0
    assert [line.split()[1] for line in capsys.readouterr().err.splitlines()] == ["CI611"]
    assert main(["generate", "lamp", "--ignore", "CI601 CI610 CI611"]) == 0
    assert capsys.readouterr().err == ""


def test_what_check_finds_is_told_to_programs_in_one_piece(lamp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--format", "json", "lamp"]) == 1
    assert capsys.readouterr().err == "--format json is for what --check finds; add --check\n"
    text = DEFINITION.replace("Switched Off: Off,", "Switched Off: [{when: {by: [me]}, next: Off}],")
    (lamp / "workflow.yaml").write_text(text, encoding="utf-8")
    assert main(["generate", "--check", "--format", "json", "lamp"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["file"], one["id"]) for one in found] == [
        ("lamp/workflow.yaml", "CI601"),
        *((f"lamp/{name}", "CI014") for name in ("definition.asl.json", "events.json", "diagram.md", "picture.json")),
        *((f"lamp/simulations/{name}.json", "CI014") for name in ("off", "gone")),
    ]
    main(["generate", "lamp"])
    capsys.readouterr()
    assert main(["generate", "--check", "--format", "github", "lamp"]) == 0
    assert capsys.readouterr().out.startswith("::warning file=lamp/workflow.yaml,line=6,col=13,title=CI601 event")


def test_generate_warns_once_of_an_event_that_it_captured_the_last_time(
    lamp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow = lamp / "workflow.yaml"
    text = workflow.read_text(encoding="utf-8")
    assert main(["generate", str(lamp)]) == 0
    assert "CI620" not in capsys.readouterr().err
    workflow.write_text(text.replace("Switched Off", "Put Out"), encoding="utf-8")
    assert main(["generate", "--ignore", "CI620", "--check", str(lamp)]) == 1
    assert "CI620" not in capsys.readouterr().err
    for _ in range(2):
        assert main(["generate", "--check", str(lamp)]) == 1
        assert capsys.readouterr().err.endswith(
            "CI620 states: warning: what was generated last captured 'Switched Off' from 'lamp' for journeys that run, "
            "and this does not; write 'events: {Switched Off: {retired: true}}' until those that may still need it "
            "have ended\n"
        )
    assert main(["generate", str(lamp)]) == 0
    assert "CI620" in capsys.readouterr().err
    assert main(["generate", str(lamp)]) == 0
    assert capsys.readouterr().err == ""


def test_generate_is_silent_where_an_event_is_retired_and_where_what_it_wrote_last_cannot_be_read(
    lamp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow = lamp / "workflow.yaml"
    text = workflow.read_text(encoding="utf-8")
    assert main(["generate", str(lamp)]) == 0
    newer = text.replace("Switched Off", "Put Out")
    workflow.write_text(f"{newer}events: {{Switched Off: {{retired: true}}}}\n", encoding="utf-8")
    assert main(["generate", str(lamp)]) == 0
    assert capsys.readouterr().err == ""
    workflow.write_text(newer.replace("choreography: lamp", "choreography: torch"), encoding="utf-8")
    assert main(["generate", str(lamp)]) == 0  # Terraform refuses another name anyhow
    assert capsys.readouterr().err == ""
    for broken in ("no JSON", "[]", "{}"):
        (lamp / "events.json").write_text(broken, encoding="utf-8")
        assert main(["generate", str(lamp)]) == 0
        assert capsys.readouterr().err == ""
