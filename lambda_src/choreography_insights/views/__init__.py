"""What is known of journeys, as HTML with the picture in SVG: complete without a script, for a page, a widget, a file.

Values in, text out; nothing is looked up. `picture` and `layout` are what `picture/` has drawn up at authoring time.
"""
