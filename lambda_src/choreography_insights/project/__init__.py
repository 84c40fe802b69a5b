"""A project of choreographies: their folders, what is generated into them, and what ``init`` begins."""
