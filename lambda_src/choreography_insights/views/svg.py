"""A picture as SVG: a file of its own, or inside of a page. No script, no font of its own, light and dark."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from choreography_insights.views.html import Html, element, own_markup
from choreography_insights.views.layout import Layout, Line, Placed, carriers
from choreography_insights.views.painting import PLAIN, Badge, LabelPaint, Paint, traced, weights
from choreography_insights.views.picture import TIMEOUT, Arrow, Box, Label
from choreography_insights.views.text_metrics import DOT, LINE, SMALL, TITLE, lines_of, short_note, width_of
from choreography_insights.views.trace import Trace

NAMESPACE = "http://www.w3.org/2000/svg"
MARGIN = 20.0
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

_HEADS = (("head", 9, "#829ab1"), ("taken-head", 12, "#0967d2"))
_THINNEST, _WIDEST = 1.3, 7.0
_BADGE_HEIGHT, _BADGE_TYPE, _OVERHANG = 17.0, 11.0, 14.0


def svg(placed: Layout, title: str, trace: Trace | None = None) -> str:
    """Return a picture as the text of an SVG file, *trace* painted on it."""
    caption = [*_caption(title, trace)]
    head = len(caption) * TITLE * LINE + 14
    width = max(placed.width, *(width_of(text, TITLE) for text, _ in caption)) + 2 * MARGIN
    height = placed.height + head + 2 * MARGIN
    brush = _Brush(PLAIN if trace is None else traced(trace))
    shift = f"translate({_n((width - placed.width) / 2)} {_n(MARGIN + head)})"
    lines = [
        element("title", title),
        own_markup(f"<style>{_STYLE}</style>"),
        element("defs", "\n", [(_marker(name, size, fill=fill), "\n") for name, size, fill in _HEADS]),
        element("rect", class_="page", width=_n(width), height=_n(height), rx="6"),
        *(
            element(
                "text",
                text,
                x=_n(MARGIN),
                y=_n(MARGIN + TITLE + number * TITLE * LINE),
                font_size=_n(TITLE),
                font_weight=None if number else "bold",
                class_=kind or None,
            )
            for number, (text, kind) in enumerate(caption)
        ),
        element("g", "\n", ((part, "\n") for part in brush.drawn(placed)), transform=shift),
    ]
    size = {"width": _n(width), "height": _n(height)}
    viewed = f"0 0 {_n(width)} {_n(height)}"
    whole = element("svg", "\n", ((line, "\n") for line in lines), xmlns=NAMESPACE, viewBox=viewed, **size, role="img")
    return f"{whole}\n"


def inline(placed: Layout, paint: Paint, *, name: str, label: str, prefix: str = "ci-") -> Html:
    """Return a picture as an element of a page, which says *label* to those who do not see it.

    Classes begin with *prefix*, ids with that and *name*: so nothing else in the page is meant by them. Their looks are
    in the page's style sheet.
    """
    brush = _Brush(paint, prefix, f"{prefix}{name}-")
    width, height = size(placed)
    return element(
        "svg",
        element(
            "defs",
            _marker(f"{brush.ids}head", 9, class_=f"{prefix}head"),
            _marker(f"{brush.ids}taken-head", 12, class_=f"{prefix}taken-head"),
        ),
        brush.drawn(placed),
        viewBox=f"{_n(-MARGIN)} {_n(-MARGIN)} {_n(width)} {_n(height)}",
        width=_n(width),
        height=_n(height),
        role="img",
        aria_label=label,
        class_=f"{prefix}svg",
    )


def size(placed: Layout) -> tuple[float, float]:
    """Return width and height of a picture in a page, with the margin around it."""
    return placed.width + 2 * MARGIN, placed.height + 2 * MARGIN


def _marker(name: str, size: int, **look: str) -> Html:
    return element(
        "marker",
        element("path", d="M0 0.8 10 5 0 9.2z", **look),
        id=name,
        viewBox="0 0 10 10",
        refX="9",
        refY="5",
        markerWidth=size,
        markerHeight=size,
        markerUnits="userSpaceOnUse",
        orient="auto",
    )


def _caption(title: str, trace: Trace | None) -> Iterator[tuple[str, str]]:
    yield title, ""
    if trace is not None:
        where = " and ".join(trace.here)
        yield f"{trace.entity}: {trace.status}, {'waits in' if trace.status == 'RUNNING' else 'in'} {where}", ""
        yield from ((text, "trouble") for text in trace.trouble)


@dataclass(frozen=True, slots=True)
class _Brush:
    """Paints parts of a picture. *prefix*: what classes begin with; *ids*: what ids do."""

    paint: Paint
    prefix: str = ""
    ids: str = ""

    def drawn(self, placed: Layout) -> Iterator[Html]:
        """Yield the elements of *placed*: strokes below boxes, labels on top."""
        in_time = carriers(placed.lines, lambda arrow: any(label.event != TIMEOUT for label in arrow.labels))
        paints = {arrow: self.paint.arrow(arrow) for arrow, _ in placed.labels}
        painted = any(paint.kind for paint in paints.values())
        taken = carriers(placed.lines, lambda arrow: paints[arrow].kind == "taken")
        along = weights(placed.lines, lambda arrow: paints[arrow].weight) if self.paint.widest else []
        for position, line in enumerate(placed.lines):
            kinds = ["line"] if position in in_time else ["line", "timeout"]
            kinds += [] if not painted else ["taken"] if position in taken else ["pale"]
            yield self._stroke(line, kinds, along[position] if along else 0.0)
        begun = {arrow.origin for arrow, paint in paints.items() if paint.kind != "pale"}
        for box, place in placed.boxes:
            if box.look == "begin":
                yield from self._dot(box, place, is_pale=box.name not in begun)
                continue
            yield self._box(box, place)
            lanes = placed.lanes.get(box.name, ())
            for _, (x, y) in lanes[1:]:  # below what hangs over the lane's edge
                edge, low = _n(x - 9), _n(place.y + place.height - 8)
                yield element("line", class_=self._classes("lane"), x1=edge, y1=_n(y), x2=edge, y2=low)
            for lane, (x, y) in lanes:
                inner = ((part, "\n") for part in self.drawn(lane))
                yield element("g", "\n", inner, transform=f"translate({_n(x)} {_n(y)})")
            yield from self._badges(box, place)
        for arrow, place in placed.labels:
            yield from self._labels(arrow, place)

    def _classes(self, *names: str) -> str:
        return " ".join([f"{self.prefix}{name}" for name in names if name])

    def _dot(self, box: Box, place: Placed, *, is_pale: bool) -> Iterator[Html]:
        """Yield where journeys begin, or what stands for wherever they are, with what is noted there."""
        (x, _), y = place.middle, place.y + place.height - DOT / 2
        kinds = ["begin", "pale"] if is_pale else ["begin"]
        yield element("circle", class_=self._classes(*kinds), cx=_n(x), cy=_n(y), r=_n(DOT / 2))
        if box.note:
            above = _n(place.y + SMALL)
            yield element(
                "text", short_note(box), class_=self._classes("small"), x=_n(x), y=above, text_anchor="middle"
            )

    def _box(self, box: Box, place: Placed) -> Html:
        x, _ = place.middle
        look = "box" if box.look == "wait" else box.look
        kind = self.paint.box(box).kind
        radius = place.height / 2 if box.look in ("succeed", "fail", "pass") else 6
        baseline = place.y + 8 + TITLE
        parts = [
            element(
                "rect",
                class_=self._classes(look, kind),
                x=_n(place.x),
                y=_n(place.y),
                width=_n(place.width),
                height=_n(place.height),
                rx=_n(min(radius, 18)),
            ),
            element("text", box.title, x=_n(x), y=_n(baseline), text_anchor="middle", font_size=_n(TITLE)),
        ]
        if box.note:
            below = _n(baseline + SMALL * LINE)
            note = short_note(box)
            parts.append(element("text", note, class_=self._classes("small"), x=_n(x), y=below, text_anchor="middle"))
        title = None if self.prefix else (element("title", f"{box.name} {box.note}".strip()), "\n")
        return element(
            "g", title, ((part, "\n") for part in parts), class_=self._classes("pale") if kind == "pale" else None
        )

    def _badges(self, box: Box, place: Placed) -> Iterator[Html]:
        right = {"top": place.x + place.width + _OVERHANG, "bottom": place.x + place.width + _OVERHANG}
        for badge in self.paint.box(box).badges:
            width = _badge_width(badge)
            lift = _BADGE_HEIGHT / 2 + (-3 if badge.side == "bottom" else 3)
            edge = place.y + place.height if badge.side == "bottom" else place.y
            if badge.side == "left":
                x = place.x - _OVERHANG / 2
            else:
                x = right[badge.side] - width
                right[badge.side] = x - 2
            yield self._badge(badge, Placed(x, edge - lift, width, _BADGE_HEIGHT))

    def _badge(self, badge: Badge, place: Placed) -> Html:
        x, y = place.middle
        return element(
            "g",
            element(
                "rect",
                x=_n(place.x),
                y=_n(place.y),
                width=_n(place.width),
                height=_n(place.height),
                rx=_n(_BADGE_HEIGHT / 2),
            ),
            element("text", badge.text, x=_n(x), y=_n(y + 4), text_anchor="middle", font_size=_n(_BADGE_TYPE)),
            class_=self._classes("badge", f"badge-{badge.kind}"),
        )

    def _stroke(self, line: Line, kinds: list[str], weight: float) -> Html:
        head = f"{self.ids}{'taken-head' if 'taken' in kinds else 'head'}"
        width = _THINNEST + (_WIDEST - _THINNEST) * sqrt(weight / self.paint.widest) if weight else None
        return element(
            "path",
            class_=self._classes(*kinds),
            d=way_of(line),
            style=None if width is None else f"stroke-width:{_n(width)}px",
            marker_end=f"url(#{head})" if line.has_head else None,
        )

    def _labels(self, arrow: Arrow, place: Placed) -> Iterator[Html]:
        x, y = place.middle[0], place.y
        if on_it := self.paint.arrow(arrow).badge:
            badge = Badge(on_it, "quiet")
            width = _badge_width(badge)
            below = place.y + (place.height + 3 if place.height else -_BADGE_HEIGHT / 2)
            yield self._badge(badge, Placed(x - width / 2, below, width, _BADGE_HEIGHT))
        paints = [self.paint.label(arrow, label) for label in arrow.labels]
        if place.width:
            yield element(
                "rect",
                class_=self._classes("page"),
                x=_n(place.x),
                y=_n(place.y),
                width=_n(place.width),
                height=_n(place.height),
                rx="3",
            )
        for label, paint in zip(arrow.labels, paints, strict=True):
            for number, (text, size) in enumerate(lines_of(label)):
                y += size * LINE
                yield self._label(label, paint, text, size, x, y, is_first=not number)

    def _label(
        self, label: Label, paint: LabelPaint, text: str, size: float, x: float, y: float, *, is_first: bool
    ) -> Html:
        whole = element("title", label.condition) if text not in (label.text, label.condition) else None
        return element(
            "text",
            text,
            paint.more if is_first else None,
            whole,
            class_=self._classes("small", paint.kind),
            x=_n(x),
            y=_n(y - 3),
            style=f"font-size:{_n(size)}px",
            text_anchor="middle",
        )


def _badge_width(badge: Badge) -> float:
    return max(width_of(badge.text, _BADGE_TYPE) + 12, _BADGE_HEIGHT)


def way_of(line: Line) -> str:
    """Return the way of *line* as a path says it."""
    (x, y), *rest = line.points
    path = [f"M{_n(x)} {_n(y)}"]
    for to_x, to_y in rest:
        if to_x == x:
            path.append(f"V{_n(to_y)}")
        else:
            half = _n((y + to_y) / 2)
            path.append(f"C{_n(x)} {half} {_n(to_x)} {half} {_n(to_x)} {_n(to_y)}")
        x, y = to_x, to_y
    return "".join(path)


def _n(number: float) -> str:
    """Write a coordinate without digits that nobody sees."""
    return f"{number:.1f}".removesuffix(".0")
