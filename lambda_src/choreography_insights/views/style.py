"""How views look, in light and in dark: one style sheet, in which every name begins with ``ci-``.

Nothing outside of an element of the class ``ci-root`` is touched, and nothing is fetched.
"""

from typing import Literal

from choreography_insights.views.html import Content, Html, element, style_sheet

Theme = Literal["auto", "light", "dark"]
WIDGET = "ci-widget"
"""The class of what is shown in a page that is not ours."""
NARROW, NARROW_WIDTH = "ci-narrow", 880
"""The class of what is shown in less than so many pixels, where the page around it is wider."""

_LIGHT = """\
color-scheme:light;
--ci-back:#ffffff;--ci-raised:#f7f9fb;--ci-edge:#d5dee8;--ci-text:#1b2733;--ci-muted:#516173;--ci-link:#0b57a4;
--ci-box:#f0f4f8;--ci-around:#fafbfc;--ci-stroke:#486581;--ci-line:#7c93aa;--ci-lane:#bcccdc;--ci-begin:#243b53;
--ci-choose:#fff8e6;--ci-choose-edge:#8d6e3f;--ci-good:#e3f5e8;--ci-good-edge:#2f7d55;--ci-bad:#fde8e8;--ci-bad-edge:#b02a37;
--ci-taken:#0967d2;--ci-here:#c2630a;--ci-late-back:#9a4a00;--ci-late-text:#ffffff;--ci-late:#974800;
--ci-count-back:#17324d;--ci-count-text:#ffffff;--ci-depart:#ad2831;
--ci-wait-1:#e1eefb;--ci-wait-2:#bfdbf7;--ci-wait-3:#94c3f2;--ci-wait-4:#66a8ea;
--ci-time-1:#efeafa;--ci-time-2:#dccff5;--ci-time-3:#c3aeee;--ci-time-4:#aa8fe6;
--ci-gone-1:#fdeade;--ci-gone-2:#fbd0b3;--ci-gone-3:#f5ad83;--ci-gone-4:#ec8a58;
--ci-ok:#2b7bba;--ci-failed:#c8501e;--ci-timed:#8a6d00;--ci-stopped:#6b7785;--ci-shadow:0 1px 2px rgba(15,30,45,.08)
"""
_DARK = """\
color-scheme:dark;
--ci-back:#0f1720;--ci-raised:#16212d;--ci-edge:#2c3c4e;--ci-text:#e6edf3;--ci-muted:#a3b5c7;--ci-link:#7dbbff;
--ci-box:#1d2b3a;--ci-around:#141f2a;--ci-stroke:#7b93ab;--ci-line:#6b829a;--ci-lane:#3b4f64;--ci-begin:#c5d3e0;
--ci-choose:#2e2817;--ci-choose-edge:#c2a15f;--ci-good:#16322a;--ci-good-edge:#5cb98a;--ci-bad:#3a1c22;--ci-bad-edge:#ef8088;
--ci-taken:#58a6ff;--ci-here:#f2a33c;--ci-late-back:#f0a04b;--ci-late-text:#1a1206;--ci-late:#f5b26b;
--ci-count-back:#dbe7f3;--ci-count-text:#0f1720;--ci-depart:#ff9aa2;
--ci-wait-1:#173049;--ci-wait-2:#1b4268;--ci-wait-3:#20558a;--ci-wait-4:#2567a8;
--ci-time-1:#2b2443;--ci-time-2:#3a2f60;--ci-time-3:#4c3d7e;--ci-time-4:#5f4c9b;
--ci-gone-1:#3a2318;--ci-gone-2:#542f1d;--ci-gone-3:#713c21;--ci-gone-4:#8e4a26;
--ci-ok:#5aa9e6;--ci-failed:#f0824f;--ci-timed:#d9b93c;--ci-stopped:#93a1b0;--ci-shadow:none
"""
_RULES = """
.ci-root,.ci-root *{box-sizing:border-box}
.ci-root{background:var(--ci-back);color:var(--ci-text);font:14px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Liberation Sans','DejaVu Sans',sans-serif;font-variant-numeric:tabular-nums;text-align:left;overflow-wrap:break-word}
.ci-view{display:block;padding:0 0 8px}
.ci-head-line{margin:0 0 14px}
.ci-trail{list-style:none;display:flex;flex-wrap:wrap;gap:4px;margin:0 0 2px;padding:0;font-size:13px}
.ci-trail li+li::before{content:"/";color:var(--ci-muted);margin-right:4px}
.ci-title{font-size:21px;line-height:1.3;font-weight:650;margin:0;letter-spacing:-.01em}
.ci-subtitle{font-size:15px;font-weight:650;margin:0 0 6px}
.ci-about{margin:3px 0 0;color:var(--ci-muted)}
.ci-note{margin:0 0 8px;color:var(--ci-muted);font-size:13px}
.ci-older{border-left:3px solid var(--ci-here);padding-left:10px}
.ci-muted{color:var(--ci-muted)}
.ci-root small{display:block;color:var(--ci-muted);font-size:12px;line-height:1.4;font-weight:400}
.ci-link{color:var(--ci-link);text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:2px;text-decoration-color:color-mix(in srgb,var(--ci-link) 40%,transparent);cursor:pointer}
.ci-link:hover{text-decoration-color:currentColor}
.ci-root a:focus-visible,.ci-root input:focus-visible,.ci-root button:focus-visible,.ci-root select:focus-visible,.ci-scroll:focus-visible{outline:2px solid var(--ci-link);outline-offset:2px;border-radius:3px}
.ci-id{font-family:ui-monospace,'SF Mono',Menlo,Consolas,'Liberation Mono','DejaVu Sans Mono',monospace;font-size:.94em;unicode-bidi:isolate;overflow-wrap:anywhere}
.ci-hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.ci-section{margin:22px 0 0}
.ci-empty{margin:0;padding:14px 16px;border:1px dashed var(--ci-edge);border-radius:8px;color:var(--ci-muted);max-width:62ch}
.ci-card{border:1px solid var(--ci-edge);border-radius:10px;padding:16px 18px;margin:0 0 16px;background:var(--ci-back);box-shadow:var(--ci-shadow)}
.ci-card-title{font-size:17px;font-weight:650;margin:0}
.ci-card .ci-note{margin-top:2px}
.ci-figures{display:flex;flex-wrap:wrap;gap:8px 30px;margin:12px 0 16px}
.ci-figure{min-width:64px}
.ci-figure dt{color:var(--ci-muted);font-size:12px}
.ci-figure dd{margin:0;font-size:18px;font-weight:600;line-height:1.35}
.ci-figure dd small{font-size:12px}
.ci-curve-figure{margin:4px 0 0}
.ci-curve{display:block;width:100%;height:84px;border-bottom:1px solid var(--ci-edge);overflow:visible}
.ci-curve-figure figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 16px;color:var(--ci-muted);font-size:12px;margin-top:5px}
.ci-started-line{fill:none;stroke:var(--ci-text);stroke-width:1.4;vector-effect:non-scaling-stroke;opacity:.75}
.ci-succeeded-bar{fill:var(--ci-ok)}.ci-failed-bar{fill:var(--ci-failed)}.ci-timed-out-bar{fill:var(--ci-timed)}.ci-aborted-bar{fill:var(--ci-stopped)}
.ci-key{margin-right:10px;white-space:nowrap}
.ci-key::before{content:"";display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px;background:var(--ci-ok)}
.ci-key-started::before{height:2px;width:14px;vertical-align:middle;background:var(--ci-text)}
.ci-key-succeeded::before{background:var(--ci-ok)}.ci-key-failed::before{background:var(--ci-failed)}.ci-key-timed-out::before{background:var(--ci-timed)}.ci-key-aborted::before{background:var(--ci-stopped)}
.ci-pill{display:inline-block;padding:0 8px;border-radius:9px;font-size:12px;line-height:18px;font-weight:600;border:1px solid var(--ci-edge);background:var(--ci-raised);white-space:nowrap}
.ci-succeeded{border-color:var(--ci-good-edge);color:var(--ci-good-edge);background:var(--ci-back)}
.ci-failed,.ci-timed-out{border-color:var(--ci-bad-edge);color:var(--ci-bad-edge);background:var(--ci-back)}
.ci-running{border-color:var(--ci-link);color:var(--ci-link);background:var(--ci-back)}
.ci-late{color:var(--ci-late);font-weight:650}
.ci-late::before{content:"\\25B2";font-size:9px;margin-right:4px;vertical-align:1px}
.ci-tag{display:inline-block;padding:0 6px;border-radius:4px;font-size:12px;line-height:17px;border:1px solid var(--ci-edge);color:var(--ci-muted)}
.ci-tag-unexpected{border-color:var(--ci-bad-edge);color:var(--ci-bad-edge)}
.ci-scroll{overflow-x:auto;max-width:100%}
.ci-scroll:has(>[data-list]){max-height:72vh;overflow:auto;border-bottom:1px solid var(--ci-edge)}
.ci-scroll:has(>[data-list]) thead th{position:sticky;top:0;background:var(--ci-back)}
.ci-table{border-collapse:collapse;width:100%;font-size:13.5px}
.ci-table th,.ci-table td{text-align:left;vertical-align:top;padding:5px 14px 5px 0;border-bottom:1px solid var(--ci-edge);font-weight:400;min-width:3em}
.ci-table thead th{color:var(--ci-muted);font-size:12px;white-space:nowrap;border-bottom-width:2px;vertical-align:bottom}
.ci-table .ci-number{text-align:right;white-space:nowrap}
.ci-table tr>:last-child{padding-right:2px}
.ci-table tbody tr:hover{background:var(--ci-raised)}
.ci-table strong{font-weight:600}
.ci-moment{white-space:nowrap}
.ci-tabs{display:flex;flex-wrap:wrap;gap:6px;margin:0 0 14px}
.ci-tab{padding:4px 12px;border:1px solid var(--ci-edge);border-radius:15px;color:var(--ci-text);text-decoration:none;font-size:13px;background:var(--ci-back);cursor:pointer}
.ci-tab:hover{border-color:var(--ci-stroke)}
.ci-tab[aria-current]{background:var(--ci-count-back);border-color:var(--ci-count-back);color:var(--ci-count-text);font-weight:600}
.ci-columns{display:grid;grid-template-columns:minmax(0,3fr) minmax(260px,2fr);gap:8px 34px;align-items:start}
.ci-stage,.ci-aside{min-width:0}
.ci-aside>.ci-section:first-child{margin-top:0}
.ci-columns.ci-wide{grid-template-columns:minmax(0,1fr)}
.ci-wide>.ci-aside>.ci-section:first-child{margin-top:14px}
.ci-table .ci-id{display:inline-block;max-width:42ch}
.ci-picture{position:relative;margin:0 auto}
.ci-svg{display:block;width:100%;height:auto;overflow:visible}
.ci-place{position:absolute;display:block;border-radius:8px;cursor:pointer}
.ci-place:hover{box-shadow:0 0 0 2px var(--ci-link)}
.ci-legend{color:var(--ci-muted);font-size:12.5px;line-height:1.9;margin:8px 0 0;text-align:center}
.ci-chip{display:inline-block;padding:0 7px;border-radius:9px;font-size:11px;line-height:17px;font-weight:600}
.ci-chip-count{background:var(--ci-count-back);color:var(--ci-count-text)}
.ci-chip-late{background:var(--ci-late-back);color:var(--ci-late-text)}
.ci-chip-quiet{border:1px solid var(--ci-stroke);background:var(--ci-back);color:var(--ci-text);font-weight:400}
.ci-chip-depart{border:1.4px solid var(--ci-depart);color:var(--ci-depart);background:var(--ci-back)}
.ci-scale{white-space:nowrap}
.ci-swatch{display:inline-block;width:18px;height:11px;vertical-align:-1px;border:1px solid var(--ci-stroke);margin-right:1px}
.ci-list{list-style:none;margin:0;padding:0}
.ci-list>li{padding:7px 0;border-bottom:1px solid var(--ci-edge)}
.ci-list>li:last-child{border-bottom:0}
.ci-list p{margin:3px 0 0}
.ci-steps,.ci-path{list-style:none;display:flex;flex-wrap:wrap;gap:3px 5px;margin:4px 0 0;padding:0;font-size:12.5px;color:var(--ci-muted)}
.ci-steps li+li::before,.ci-path li+li::before{content:"\\2192";margin-right:5px;color:var(--ci-line)}
.ci-variants{margin:0;padding:0;list-style:none}
.ci-variants>li{padding:8px 0;border-bottom:1px solid var(--ci-edge)}
.ci-variants p{margin:0}
.ci-figure-wide{margin:0}
.ci-figure-wide figcaption{color:var(--ci-muted);font-size:12px}
.ci-distribution{display:block;width:100%;max-width:860px;height:auto;overflow:visible}
.ci-bar{fill:var(--ci-ok)}.ci-bar-late{fill:var(--ci-late)}
.ci-mark{stroke:var(--ci-text);stroke-width:1;stroke-dasharray:3 2}
.ci-axis{stroke:var(--ci-line)}
.ci-dot{fill:var(--ci-back);stroke:var(--ci-text);stroke-width:1.4}
.ci-dot-late{fill:var(--ci-late);stroke:var(--ci-late)}
.ci-stay-bar{display:block;width:100%;min-width:150px;height:14px;margin-top:4px}
.ci-stay-track{fill:var(--ci-edge)}.ci-stay{fill:var(--ci-taken)}.ci-stay-open{fill:var(--ci-here)}
.ci-svg text,.ci-distribution text{font-family:Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif;fill:var(--ci-text)}
.ci-page{fill:var(--ci-back)}
.ci-svg g>.ci-page{fill:var(--ci-around)}
.ci-svg .ci-box,.ci-svg .ci-pause{fill:var(--ci-box);stroke:var(--ci-stroke);stroke-width:1.2}
.ci-svg .ci-around{fill:var(--ci-around);stroke:var(--ci-stroke);stroke-width:1.2}
.ci-svg .ci-choose{fill:var(--ci-choose);stroke:var(--ci-choose-edge);stroke-width:1.2}
.ci-svg .ci-pause{stroke-dasharray:6 3}
.ci-svg .ci-pass{fill:var(--ci-back);stroke:var(--ci-stroke);stroke-width:1.2}
.ci-svg .ci-succeed{fill:var(--ci-good);stroke:var(--ci-good-edge);stroke-width:1.6}
.ci-svg .ci-fail{fill:var(--ci-bad);stroke:var(--ci-bad-edge);stroke-width:1.6}
.ci-svg .ci-begin{fill:var(--ci-begin)}
.ci-svg .ci-line{fill:none;stroke:var(--ci-line);stroke-width:1.3}
.ci-svg .ci-timeout{stroke-dasharray:5 4}
.ci-svg .ci-lane{stroke:var(--ci-lane);stroke-dasharray:3 4}
.ci-svg text.ci-small,.ci-distribution text.ci-small{font-size:11px;fill:var(--ci-muted)}
.ci-svg .ci-pale{opacity:.4}
.ci-svg .ci-taken{stroke:var(--ci-taken);stroke-width:2.6}
.ci-svg text.ci-by{fill:var(--ci-taken);font-weight:bold}
.ci-svg [class*=ci-heat-]~text.ci-small{fill:var(--ci-text)}
.ci-svg .ci-here{stroke:var(--ci-here);stroke-width:3.4}
.ci-head{fill:var(--ci-line)}.ci-taken-head{fill:var(--ci-taken)}
.ci-svg .ci-badge rect{fill:var(--ci-count-back);stroke:var(--ci-back);stroke-width:1.5}
.ci-svg .ci-badge text{fill:var(--ci-count-text);font-weight:600}
.ci-svg .ci-badge-late rect{fill:var(--ci-late-back)}
.ci-svg .ci-badge-late text{fill:var(--ci-late-text)}
.ci-svg .ci-badge-age rect,.ci-svg .ci-badge-time rect,.ci-svg .ci-badge-quiet rect{fill:var(--ci-back);stroke:var(--ci-stroke);stroke-width:1}
.ci-svg .ci-badge-age text,.ci-svg .ci-badge-time text,.ci-svg .ci-badge-quiet text{fill:var(--ci-text);font-weight:400}
.ci-svg .ci-badge-depart rect{fill:var(--ci-back);stroke:var(--ci-depart);stroke-width:1.6}
.ci-svg .ci-badge-depart text{fill:var(--ci-depart)}
.ci-views{display:flex;flex-wrap:wrap;gap:4px 18px}
.ci-views a[aria-current]{font-weight:650;color:var(--ci-text);text-decoration-color:currentColor}
.ci-widget .ci-views{margin:0 0 10px;padding:0 0 8px;border-bottom:1px solid var(--ci-edge)}
.ci-widget.ci-dark{padding:12px 16px;border-radius:8px}
.ci-widget .ci-scroll:has(>[data-list]){max-height:none}
.ci-search{display:flex;flex-wrap:wrap;align-items:center;gap:6px 8px;margin:0 0 16px}
.ci-field{font:inherit;flex:0 1 300px;min-width:0;padding:5px 10px;border:1px solid var(--ci-stroke);border-radius:6px;background:var(--ci-back);color:var(--ci-text)}
.ci-button{display:inline-block;padding:5px 14px;border:1px solid var(--ci-count-back);border-radius:6px;background:var(--ci-count-back);color:var(--ci-count-text);font-weight:600;text-decoration:none;cursor:pointer}
.ci-root cwdb-action{display:none}
.ci-narrow .ci-columns{grid-template-columns:minmax(0,1fr)}
.ci-narrow .ci-aside>.ci-section:first-child{margin-top:14px}
@media (max-width:880px){.ci-columns{grid-template-columns:minmax(0,1fr)}.ci-aside>.ci-section:first-child{margin-top:14px}}
"""


def _heat() -> str:
    rules = []
    for painting, colour in (("waiting", "wait"), ("time", "time"), ("departs", "gone")):
        for level in range(1, 5):
            where = f".ci-paint-{painting} .ci-svg .ci-heat-{level}"
            rules.append(f"{where}{{fill:var(--ci-{colour}-{level})}}")
            rules.append(f".ci-painting-{painting} .ci-heat-{level}{{background:var(--ci-{colour}-{level})}}")
    return "\n".join(rules)


STYLE = (
    f".ci-root{{{_LIGHT}}}\n.ci-root.ci-dark{{{_DARK}}}\n"
    f"@media (prefers-color-scheme:dark){{.ci-root.ci-auto{{{_DARK}}}}}{_RULES}{_heat()}\n"
)


def themed(theme: Theme, *content: Content, more: str = "") -> Html:
    """Return *content* in an element in which views look as they should; its page holds `sheet`.

    *more*: classes besides: `WIDGET` in a page of others, `NARROW` where there is no room for anything beside a picture.
    """
    return element("div", *content, class_=f"ci-root ci-{theme} {more}".strip())


def sheet() -> Html:
    """Return the style sheet."""
    return style_sheet(STYLE)
