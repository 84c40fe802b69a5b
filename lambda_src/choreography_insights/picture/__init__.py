"""Pictures of a choreography, with a journey's trace on them: Mermaid, DOT and SVG.

`picture` says what there is to draw, `trace` where a journey went, `layout` where things lie; `mermaid`, `dot` and
`svg` write it down.
"""
