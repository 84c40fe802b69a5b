"""`python -m choreography_insights.spark`, and what `spark-submit` takes as its main file."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from choreography_insights.cli.command import s3_client
from choreography_insights.cli.replaying import (
    ALL_CONFORM,
    NOTHING_REPLAYED,
    SOMETHING_DEVIATES,
    NothingReplayedError,
    Written,
    failures_in_words,
    refuse_nothing,
)
from choreography_insights.project.definitions import load_workflow
from choreography_insights.recordings.source import S3, NotReadError
from choreography_insights.recordings.sources import sources
from choreography_insights.replay.event_files import Recording
from choreography_insights.replay.journey_log import Summary
from choreography_insights.replay.report import Form
from choreography_insights.replay.shares import Share, Together
from choreography_insights.spark.job import NotReplayedError, Outcome, replayed
from choreography_insights.spark.outputs import COLUMNS, STANDARD_OUTPUT, rows, write
from choreography_insights.spark.reading import Definition

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DESCRIPTION = """\
Replays recorded events on Apache Spark, and says what 'choreography replay --sort --format json' says of them, to the
letter. DEFINITION and EVENTS may lie in S3 (s3://BUCKET/KEY); each file of EVENTS is read by one task.

exit codes: 0 everything conforms, 1 something does not, 2 nothing could be replayed
"""

_ENTRIES_AT_ONCE = 10_000
_PARTITIONS_PER_CORE = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job that the command line asks for, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 # whoever lacks it is told what to do
    except ModuleNotFoundError:
        sys.stderr.write("Spark is not installed here; run: pip install 'choreography-insights[spark]'\n")
        return NOTHING_REPLAYED
    session = SparkSession.builder.appName("choreography replay").getOrCreate()
    return run(options, session, lambda text: print(text, file=sys.stderr))  # noqa: T201 # as each command does


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m choreography_insights.spark",
        description=_DESCRIPTION,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("definition", metavar="DEFINITION", help="a workflow.yaml")
    parser.add_argument("events", metavar="EVENTS", help="a file of events, a folder of them, or s3://BUCKET/PREFIX")
    parser.add_argument(
        "-o", "--output", default=STANDARD_OUTPUT, metavar="OUT", help="a file or s3://BUCKET/KEY (default: print it)"
    )
    parser.add_argument("--sum", action="store_true", help="write the sum only, the last line")
    parser.add_argument(
        "--journeys", metavar="FOLDER", help="write a row for each journey there, too, as Parquet, by all machines"
    )
    parser.add_argument(
        "--partitions", type=int, metavar="N", help="replay in so many parts (default: three for each core)"
    )
    parser.add_argument("--region", metavar="REGION", help="the AWS Region of what lies in S3")
    parser.add_argument("--profile", metavar="PROFILE", help="the profile of your AWS configuration")
    return parser


def run(options: Namespace, session: "SparkSession", complain: Callable[[str], None]) -> int:
    """Run the job with the *session*; return the exit code."""
    credentials = Namespace(region=options.region, profile=options.profile)
    recording = Recording(options.events, lambda: s3_client(credentials))
    try:
        with failures_in_words(Path(options.definition), recording):
            definition = _definition(options.definition, recording)
            context = session.sparkContext
            partitions = options.partitions or _PARTITIONS_PER_CORE * context.defaultParallelism
            outcome = replayed(context, definition, recording, partitions, complain)
            summary = Summary(definition.choreography)
            write(_lines(outcome, summary, sum_only=options.sum), options.output, recording.connect)
            if options.journeys:
                _write_journeys(outcome, definition, session, options.journeys)
        refuse_nothing(summary, recording)
    except (NotReplayedError, NotReadError) as error:
        complain(f"{recording.name}: {error}")
        return NOTHING_REPLAYED
    except NothingReplayedError as error:
        complain(str(error))
        return NOTHING_REPLAYED
    return ALL_CONFORM if summary.all_conform else SOMETHING_DEVIATES


def _definition(where: str, recording: Recording) -> Definition:
    if not where.startswith(S3):
        written = Written.of(Path(where))
        return Definition(written.text, str(written.file))
    with sources(where, recording.connect)[0].open() as file:
        text = file.read().decode("utf-8")
    load_workflow(text, where)
    return Definition(text, where)


def _lines(outcome: Outcome, summary: Summary, *, sum_only: bool) -> Iterator[str]:
    """Yield the lines of the outcome as they are put together; *summary* is whole after the last of them."""
    form = Form.of("json", summary.choreography)
    lines: list[str] = []
    together = Together(summary, form.case, lines.extend)
    together.take([Share(outcome.files), *(Share(tally) for tally in outcome.tallies())])
    entries = outcome.entries(with_lines=not sum_only)
    while some := list(islice(entries, _ENTRIES_AT_ONCE)):
        together.take([Share(entries=some)])
        yield from _ended(lines, sum_only=sum_only)
    together.finish()
    yield from _ended(lines, sum_only=sum_only)
    yield from (f"{line}\n" for line in form.sum(summary))


def _ended(lines: list[str], *, sum_only: bool) -> Iterator[str]:
    if not sum_only:
        yield from (f"{line}\n" for line in lines)
    lines.clear()


def _write_journeys(outcome: Outcome, definition: Definition, session: "SparkSession", folder: str) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in {**COLUMNS, "journey": "string"}.items())

    def of_part(shares: Iterable[Share]) -> Iterator[tuple[Any, ...]]:
        choreography = definition.choreography
        for share in shares:
            yield from rows(share, choreography)

    session.createDataFrame(outcome.shares.mapPartitions(of_part), columns).write.parquet(folder)


if __name__ == "__main__":
    sys.exit(main())
