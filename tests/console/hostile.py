"""HTML that means harm, and what finds harm in HTML."""

import re
from html.parser import HTMLParser

HOSTILE = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><rect onclick=alert(1) /></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><use href='#x'/><use xlink:href='data:image/svg+xml,x'/></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /><set attributeName=onclick to=alert(1) /></svg>",
    "<svg><a href=javascript:alert(1) xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></iframe></foreignObject></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe><iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)></object><embed src=//x.example><applet code=x></applet>",
    "<a href='java\tscript:alert(1)'>x</a><a href=' javascript:alert(1)'>x</a><a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a><a href='vbscript:x'>x</a>",
    "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>x</button><input type=submit></form>",
    "<base href=//x.example/><link rel=stylesheet href=//x.example><meta http-equiv=refresh content='0;url=//x.y'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><img src=x onerror=alert(1)></template><div><template shadowrootmode=open><script>x</script></div>",
    "<textarea></textarea><img src=x onerror=alert(1)></textarea>",
    "<title></title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp><plaintext><img src=x onerror=alert(1)>",
    "<style>@import url(//x.example);* { background: url(//x.example/a) }</style><p style='background:url(//x.y)'>x",
    "<img src=//x.example/pixel.png><image href=//x.example/a><video src=//x.example autoplay onplay=alert(1)></video>",
    "<img name=cookie><form name=body id=cookie><input name=cwdb-token value=x><input name=CWDB-action value=x></form>",
    "<a>x</a><cwdb-action onclick=alert(1) action=html display=popup><img src=x onerror=alert(1)></cwdb-action>",
    "<a>x</a><cwdb-action action=call endpoint='\"><script>alert(1)</script>'>{\"a\": \"<script>\"}</cwdb-action>",
    "<a href='//x.example'>x</a><a href='/call'>x</a><a href='https:x' target=_top ping=//x.example>x</a>",
    "<dialog open>x</dialog><p popover onbeforetoggle=alert(1)>x</p><details ontoggle=alert(1) open>x</details>",
    "<div><![CDATA[<script>alert(1)</script>]]></div><!--<script>--><?php echo ?>",
    "<b" + " a=b" * 3 + "<script>alert(1)//",
)  # fmt: skip

_NEVER = re.compile(
    r"script|iframe|frame|object|embed|applet|base|link|meta|use|animate\w*|set|foreignobject|template|xmp|plaintext"
    r"|video|audio|dialog|portal"
)
_REACHES_OUT = re.compile(r"^(?!#|https?:|mailto:|data:image/)", re.IGNORECASE)


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _NEVER.fullmatch(tag):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in {"srcdoc", "formaction", "action" if tag == "form" else "srcdoc"}:
                self.found.append(f"<{tag} {name}>")
            if name in {"href", "src", "xlink:href"} and _REACHES_OUT.match(value or ""):
                self.found.append(f"<{tag} {name}={value}>")


def harm_in(html: str) -> list[str]:
    """Name what in *html* could run, load or lead elsewhere than it says."""
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return finder.found
