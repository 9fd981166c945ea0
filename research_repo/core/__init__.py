"""What the product is: nouns and verbs, access, history. No Flask and no Whoosh; all the SQL.

A module imports only the rungs below it; the ladder stands in pyproject.toml and is checked.
"""
