"""The main job as a story: one participant's journey through four services, played over HTTP by its people.

`docs/story.md` is the table that says what happens; `steps.py` plays it row by row; `lotse smoke` and the tests read
both.
"""
