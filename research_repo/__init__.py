"""An atomic research repository: one claim, its evidence, its tags.

The map of the house. Doors open one way: web, api and cli call search and exchange, which call core.

    app.py       joins the rooms: create_app()
    settings.py  every setting once, read from the environment
    cli/         the `research-repo` command
    core/        what the product is: nouns, verbs, access, history; the only room with SQL
    search/      words and counts; the only room that knows Whoosh and numpy
    exchange/    files in and out, pure: bytes to and from core's plain objects
    web/         pages; with api/ the only rooms that know Flask
    api/         the same verbs as JSON

Start with core/models/ (the nouns), then core/tags.py (verbs), web/tags.py (their pages) and
tests/test_journeys.py (the product in four stories).
"""
