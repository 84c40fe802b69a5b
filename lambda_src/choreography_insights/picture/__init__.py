"""Pictures of a choreography, with a journey's trace on them: Mermaid, DOT and SVG.

`picture` says what there is to draw, `layout` where things lie; `mermaid`, `dot` and, in `views`, SVG write it down.
Where a journey went is for `trace` to say.
"""
