"""What people use while they write a choreography down; never deployed.

A definition goes ``parse -> check -> compile -> render``: `parser` makes a `workflow.Workflow` of the text, `rules`
say what is wrong with it, `compiler`, `diagram` and `simulations` make values of it, `rendering` makes text of those.
Files are touched in `folders` only, the terminal in `cli` only.
"""
