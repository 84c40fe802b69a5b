"""Pictures of a choreography, with a journey's course on them: Mermaid, DOT and SVG.

`picture` says what there is to draw, `course` where a journey went, `layout` where things lie; `mermaid`, `dot` and
`svg` write it down.
"""
