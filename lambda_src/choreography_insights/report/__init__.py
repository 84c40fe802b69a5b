"""A report: what recorded events say of a choreography and its journeys, as one page that needs nothing else.

`story` notes what happens to a journey, `gathering` adds up and picks whom to show, `timeline` what was when; `page`
puts the views together.
"""
