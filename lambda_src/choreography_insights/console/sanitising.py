"""What CloudWatch leaves of a widget's HTML: no script, no frame, no `<use>`, no event handler.

AWS names these and "other known security vulnerabilities", and publishes no list. This one allows what a widget is
documented to use: HTML, forms, styles, SVG and `cwdb-action`. What it strips may pass in CloudWatch; what it lets pass
is of the kinds that AWS names.
"""

import re

import nh3


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HTML = _names("""
a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup data dd del details dfn div
dl dt em figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd label li main mark meter nav ol
output p pre progress q rp rt ruby s samp section small span strong style sub summary sup table tbody td tfoot th thead
time tr tt u ul var wbr button datalist fieldset input legend optgroup option select textarea font
""")
_SVG = _names("""
svg circle clipPath defs desc ellipse filter g image line linearGradient marker mask metadata path pattern polygon
polyline radialGradient rect stop switch symbol text textPath title tspan view feBlend feColorMatrix feComposite
feDropShadow feFlood feGaussianBlur feMerge feMergeNode feOffset
""")
_DROPPED = {"script", "iframe", "frame", "frameset", "noframes", "object", "embed", "applet", "noscript", "template"}

_HTML_ATTRIBUTES = _names("""
abbr accept align alt aria-hidden autocomplete autofocus bgcolor border cellpadding cellspacing checked class color cols
colspan datetime dir disabled draggable enterkeyhint face for headers height hidden high hreflang id inputmode label
lang list loading low max maxlength min minlength multiple nowrap open optimum pattern placeholder readonly
required reversed role rows rowspan scope selected shape size span spellcheck start step style summary tabindex
target title translate type valign value width wrap
""")
_SVG_ATTRIBUTES = _names("""
alignment-baseline baseline-shift clip clip-path clip-rule clipPathUnits color-interpolation-filters cx cy d direction
display dominant-baseline dx dy fill fill-opacity fill-rule filter filterUnits flood-color flood-opacity font-family
font-size font-stretch font-style font-variant font-weight fx fy gradientTransform gradientUnits image-rendering in in2
k1 k2 k3 k4 kerning lengthAdjust letter-spacing marker-end marker-mid marker-start markerHeight markerUnits markerWidth
mask maskContentUnits maskUnits mode offset opacity operator orient overflow paint-order pathLength
patternContentUnits patternTransform patternUnits points preserveAspectRatio primitiveUnits r refX refY result rx ry
shape-rendering spreadMethod startOffset stdDeviation stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset
stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width systemLanguage text-anchor
text-decoration text-rendering textLength transform transform-origin values vector-effect viewBox visibility
word-spacing writing-mode x x1 x2 xmlns y y1 y2
""")
_FIELDS = ("input", "select", "textarea", "button", "output", "fieldset")

_OWN = "cwdb-"
"""Begins the names of fields that the console itself sends."""
_INLINE_IMAGE = re.compile(r"data:image/(?:png|gif|jpeg|webp|svg\+xml)[;,]", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def _only_safe(tag: str, name: str, value: str) -> str | None:
    """Keep an attribute's value, or leave the attribute out."""
    if name == "name" and value.lower().startswith(_OWN):
        return None
    if name in {"src", "href", "xlink:href"}:
        shown = tag in {"img", "image"}
        fits = _INLINE_IMAGE.match(value) if shown else _ABSOLUTE.match(value) or value.startswith("#")
        return value if fits else None
    return value


_CLEANER = nh3.Cleaner(
    tags={*_HTML, *_SVG, "cwdb-action"},
    clean_content_tags=_DROPPED,
    attributes={
        "*": {*_HTML_ATTRIBUTES, *_SVG_ATTRIBUTES},
        "a": {"href", "xlink:href"},
        "image": {"href", "xlink:href"},
        "img": {"src"},
        "textPath": {"href", "xlink:href"},
        "linearGradient": {"href", "xlink:href"},
        "radialGradient": {"href", "xlink:href"},
        "pattern": {"href", "xlink:href"},
        "cwdb-action": {"action", "confirmation", "display", "endpoint", "event"},
        **{tag: {"name"} for tag in _FIELDS},
    },
    attribute_filter=_only_safe,
    generic_attribute_prefixes={"data-", "aria-"},
    url_schemes={"http", "https", "mailto", "data"},
)


def sanitised(html: str) -> str:
    """Return what is left of *html*, well-formed. Doing it again changes nothing."""
    return _CLEANER.clean(html)
