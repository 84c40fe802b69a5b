"""A picture as SVG: one file, no script, no font of its own, legible in light and dark pages."""

from collections.abc import Iterator, Sequence
from html import escape

from choreography_insights.views.layout import Layout, Line, Placed, carriers
from choreography_insights.views.painting import is_here, is_passed, times_taken
from choreography_insights.views.picture import TIMEOUT, Arrow, Box
from choreography_insights.views.text_metrics import LINE, SMALL, TITLE, lines_of, short_note, width_of
from choreography_insights.views.trace import Trace

_NAMESPACE = "http://www.w3.org/2000/svg"
_MARGIN = 20.0
_TIMES = "\N{MULTIPLICATION SIGN}"
_STYLE = """\
text{font-family:Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif;fill:#1f2933}
.page{fill:#fff}
.box{fill:#f0f4f8;stroke:#486581;stroke-width:1.2}
.around{fill:#fafbfc;stroke:#486581;stroke-width:1.2}
.choose{fill:#fff8e6;stroke:#8d6e3f;stroke-width:1.2}
.pause{fill:#f0f4f8;stroke:#486581;stroke-width:1.2;stroke-dasharray:6 3}
.pass{fill:#fff;stroke:#486581;stroke-width:1.2}
.succeed{fill:#e3f5e8;stroke:#2f855a;stroke-width:1.6}
.fail{fill:#fde8e8;stroke:#b02a37;stroke-width:1.6}
.begin{fill:#243b53}
.line{fill:none;stroke:#829ab1;stroke-width:1.3}
.timeout{stroke-dasharray:5 4}
.small{font-size:11px;fill:#52606d}
.lane{stroke:#bcccdc;stroke-dasharray:3 4}
.pale{opacity:.38}
.taken{stroke:#0967d2;stroke-width:2.6}
.by{fill:#0967d2;font-weight:bold}
.here{stroke:#d9770a;stroke-width:3.4}
.trouble{fill:#b02a37;font-weight:bold}"""


def svg(placed: Layout, title: str, trace: Trace | None = None) -> str:
    """Return a picture as the text of an SVG file, *trace* painted on it."""
    caption = [*_caption(title, trace)]
    head = len(caption) * TITLE * LINE + 14
    width = max(placed.width, *(width_of(text, TITLE) for text, _ in caption)) + 2 * _MARGIN
    height = placed.height + head + 2 * _MARGIN
    lines = [
        f'<svg xmlns="{_NAMESPACE}" viewBox="0 0 {_n(width)} {_n(height)}" {_size(width, height)} role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        "<defs>",
        _marker("head", 9, "#829ab1"),
        _marker("taken-head", 12, "#0967d2"),
        "</defs>",
        f'<rect class="page" {_size(width, height)} rx="6"/>',
        *(
            f'<text x="{_n(_MARGIN)}" y="{_n(_MARGIN + TITLE + number * TITLE * LINE)}" '
            f'font-size="{_n(TITLE)}"{kind}>{escape(text)}</text>'
            for number, (text, kind) in enumerate(caption)
        ),
        f'<g transform="translate({_n((width - placed.width) / 2)} {_n(_MARGIN + head)})">',
        *_drawn(placed, trace),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _marker(name: str, size: int, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="{size}" markerHeight="{size}" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.8 10 5 0 9.2z" fill="{colour}"/></marker>'
    )


def _caption(title: str, trace: Trace | None) -> Iterator[tuple[str, str]]:
    yield title, ' font-weight="bold"'
    if trace is not None:
        where = " and ".join(trace.here)
        yield f"{trace.entity}: {trace.status}, {'waits in' if trace.status == 'RUNNING' else 'in'} {where}", ""
        yield from ((text, ' class="trouble"') for text in trace.trouble)


def _drawn(placed: Layout, trace: Trace | None) -> Iterator[str]:
    in_time = carriers(placed.lines, lambda arrow: any(label.event != TIMEOUT for label in arrow.labels))
    taken = carriers(placed.lines, lambda arrow: _is_taken(arrow, trace))
    for position, line in enumerate(placed.lines):
        kinds = ["line"] if position in in_time else ["line", "timeout"]
        kinds += [] if trace is None else ["taken"] if position in taken else ["pale"]
        yield _stroke(line, kinds)
    begun = {arrow.origin for arrow, _ in placed.labels if _is_taken(arrow, trace)}
    for box, place in placed.boxes:
        if box.look == "begin":
            yield _begin(place, is_pale=trace is not None and box.name not in begun)
            continue
        yield from _box(box, place, trace)
        lanes = placed.lanes.get(box.name, ())
        for number, (lane, (x, y)) in enumerate(lanes):
            if number:
                edge = _n(x - 9)
                low = _n(place.y + place.height - 8)
                yield f'<line class="lane" x1="{edge}" y1="{_n(y)}" x2="{edge}" y2="{low}"/>'
            yield f'<g transform="translate({_n(x)} {_n(y)})">'
            yield from _drawn(lane, trace)
            yield "</g>"
    for arrow, place in placed.labels:
        yield from _labels(arrow, place, trace)


def _begin(place: Placed, *, is_pale: bool) -> str:
    x, y = place.middle
    return f'<circle class="begin{" pale" if is_pale else ""}" cx="{_n(x)}" cy="{_n(y)}" r="7"/>'


def _box(box: Box, place: Placed, trace: Trace | None) -> Iterator[str]:
    x, _ = place.middle
    kind = "box" if box.look == "wait" else box.look
    state = _state(box, trace) or "plain"
    radius = place.height / 2 if box.look in ("succeed", "fail", "pass") else 6
    group = '<g class="pale">' if state == "pale" else "<g>"
    yield f"{group}<title>{escape(f'{box.name} {box.note}'.strip())}</title>"
    yield (
        f'<rect class="{kind} {state}" x="{_n(place.x)}" y="{_n(place.y)}" '
        f'width="{_n(place.width)}" height="{_n(place.height)}" rx="{_n(min(radius, 18))}"/>'
    )
    baseline = place.y + 8 + TITLE
    middle = f'x="{_n(x)}" y="{_n(baseline)}" text-anchor="middle"'
    yield f'<text {middle} font-size="{_n(TITLE)}">{escape(box.title)}</text>'
    if box.note:
        below = _n(baseline + SMALL * LINE)
        yield f'<text class="small" x="{_n(x)}" y="{below}" text-anchor="middle">{escape(short_note(box))}</text>'
    yield "</g>"


def _state(box: Box, trace: Trace | None) -> str:
    if trace is None:
        return ""
    if is_here(box, trace):
        return "here"
    return "taken" if is_passed(box, trace) else "pale"


def _is_taken(arrow: Arrow, trace: Trace | None) -> bool:
    return trace is not None and any(times_taken(arrow, label, trace) for label in arrow.labels)


def _stroke(line: Line, kinds: Sequence[str]) -> str:
    (x, y), *rest = line.points
    path = [f"M{_n(x)} {_n(y)}"]
    for to_x, to_y in rest:
        if to_x == x:
            path.append(f"V{_n(to_y)}")
        else:
            half = _n((y + to_y) / 2)
            path.append(f"C{_n(x)} {half} {_n(to_x)} {half} {_n(to_x)} {_n(to_y)}")
        x, y = to_x, to_y
    marker = "taken-head" if "taken" in kinds else "head"
    head = f' marker-end="url(#{marker})"' if line.has_head else ""
    classes, way = " ".join(kinds), "".join(path)
    return f'<path class="{classes}" d="{way}"{head}/>'


def _labels(arrow: Arrow, place: Placed, trace: Trace | None) -> Iterator[str]:
    x, y = place.middle[0], place.y
    if place.width:
        yield (
            f'<rect class="page" x="{_n(place.x)}" y="{_n(place.y)}" '
            f'width="{_n(place.width)}" height="{_n(place.height)}" rx="3"/>'
        )
    for label in arrow.labels:
        times = times_taken(arrow, label, trace) if trace else 0
        kind = "small by" if times else "small pale" if trace else "small"
        for number, (text, size) in enumerate(lines_of(label)):
            often = f" {_TIMES}{times}" if times > 1 and not number else ""
            y += size * LINE
            whole = f"<title>{escape(label.condition)}</title>" if text not in (label.text, label.condition) else ""
            yield (
                f'<text class="{kind}" x="{_n(x)}" y="{_n(y - 3)}" style="font-size:{_n(size)}px" '
                f'text-anchor="middle">{escape(text)}{often}{whole}</text>'
            )


def _size(width: float, height: float) -> str:
    return f'width="{_n(width)}" height="{_n(height)}"'


def _n(number: float) -> str:
    """Write a coordinate without digits that nobody sees."""
    return f"{number:.1f}".removesuffix(".0")
