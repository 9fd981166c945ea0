"""Opening the API: all its operations, joined to an app."""

from __future__ import annotations

from flask import Flask

# Each module enters its operations into the contract when it is loaded.
from research_repo.api import (
    atoms,
    briefs,
    claims,
    participants,
    reference,
    report_versions,
    reports,
    saved_searches,
    search,
    similar,
    sources,
    strength,
    studies,
    tags,
)
from research_repo.api.door import bp, language
from research_repo.api.problems import answer_problems, refuse_wrong_addresses

NOUNS = (
    search,
    saved_searches,
    atoms,
    similar,
    strength,
    claims,
    sources,
    participants,
    studies,
    reports,
    report_versions,
    briefs,
    tags,
)

answer_problems(bp, language)


def open_api(app: Flask) -> None:
    """Put the API under /api/v1 and its page under /api."""
    refuse_wrong_addresses(app, str(bp.url_prefix), language)
    app.register_blueprint(bp)
    app.register_blueprint(reference.pages)
