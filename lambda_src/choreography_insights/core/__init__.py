"""What everybody means by a pattern, a path, an id, a time and a duration: the functions, the tools, the embedded AWS.

It needs the standard library alone, and is deployed with the functions.
"""
