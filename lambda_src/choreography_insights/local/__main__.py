"""``python -m choreography_insights.local``: serve the embedded AWS in the foreground."""

import argparse
import os
import sys
import threading

from choreography_insights.local.server import serve


def main() -> int:
    """Serve as the arguments say."""
    parser = argparse.ArgumentParser(prog="choreography_insights.local", description=__doc__)
    parser.add_argument("--port", type=int, help="port to listen on (default: a free one)")
    parser.add_argument("--verbose", action="store_true", help="show requests and what moto logs")
    parser.add_argument(
        "--retry-after", type=float, metavar="SECONDS", help="bring failed messages back after this time at the latest"
    )
    parser.add_argument(
        "--patience", type=float, default=1, metavar="TIMES", help="let functions and their calls take so much longer"
    )
    parser.add_argument("--clock-stands", action="store_true", help="let time pass only where somebody turns the clock")
    parser.add_argument("--while-stdin", action="store_true", help="end when standard input ends")
    arguments = parser.parse_args()
    ended = threading.Event()
    if arguments.while_stdin:
        threading.Thread(target=_end_with_stdin, args=[ended], daemon=True).start()
    return serve(
        arguments.port,
        verbose=arguments.verbose,
        retry_after_seconds=arguments.retry_after,
        patience=arguments.patience,
        clock_stands=arguments.clock_stands,
        until=ended,
    )


def _end_with_stdin(ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Python would take apart, one by one, all objects of moto and its executions: for seconds
