"""The front door: create_app() joins the rooms."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from research_repo.api.door import bp as api
from research_repo.api.opening import open_api
from research_repo.bulk_jobs import EXPORTS, bulk_work
from research_repo.core.instance import open_instance
from research_repo.following import Following
from research_repo.importing import import_work
from research_repo.importing_sources import JOB as SOURCE_JOB
from research_repo.importing_sources import source_work
from research_repo.importing_tags import tag_work
from research_repo.noting import MissKeeper
from research_repo.report_jobs import report_work
from research_repo.search import Search
from research_repo.settings import LANGUAGES, Settings, from_environment
from research_repo.web import (
    account,
    anchors,
    atom_files,
    atoms,
    briefs,
    bulk,
    capture,
    changes,
    charts,
    claims,
    drafts,
    feeds,
    health,
    home,
    imports,
    jobs,
    links,
    looks,
    notices,
    participants,
    pasting,
    people,
    policies,
    recommendations,
    refusals,
    report_claims,
    report_editing,
    report_files,
    report_starting,
    report_templates,
    report_versions,
    reports,
    requests,
    reviewing,
    safety,
    saved_searches,
    schemes,
    sessions,
    setup,
    several_sources,
    shares,
    shell,
    source_files,
    sources,
    splitting,
    starters,
    strength,
    studies,
    tag_files,
    tag_health,
    tag_misses,
    tags,
    words,
)
from research_repo.web import search as search_pages
from research_repo.web.door import House
from research_repo.worker import Progress, Work, Worker

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BLUEPRINTS = (
    account.bp,
    anchors.bp,
    atom_files.bp,
    atoms.bp,
    briefs.bp,
    bulk.bp,
    capture.bp,
    changes.bp,
    charts.bp,
    claims.bp,
    drafts.bp,
    feeds.bp,
    health.bp,
    home.bp,
    imports.bp,
    jobs.bp,
    links.bp,
    looks.bp,
    notices.bp,
    participants.bp,
    pasting.bp,
    people.bp,
    policies.bp,
    recommendations.bp,
    report_claims.bp,
    report_editing.bp,
    report_files.bp,
    report_starting.bp,
    report_templates.bp,
    report_versions.bp,
    reports.bp,
    requests.bp,
    reviewing.bp,
    saved_searches.bp,
    schemes.bp,
    search_pages.bp,
    sessions.bp,
    setup.bp,
    shares.bp,
    several_sources.bp,
    source_files.bp,
    sources.bp,
    splitting.bp,
    starters.bp,
    strength.bp,
    studies.bp,
    tag_files.bp,
    tag_health.bp,
    tag_misses.bp,
    tags.bp,
)


class Front(Flask):
    """What a dozen places ask the database for one page, they ask of one snapshot."""

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        house: House = self.extensions["house"]
        with house.database.one_snapshot():
            return super().wsgi_app(environ, start_response)


def create_app(settings: Settings | None = None, *, background: bool = False) -> Flask:
    """The product as a WSGI app. `background` also starts the indexer and the worker for jobs.

    Raises:
        InstanceError: the instance cannot be used; the message says what to do.
    """
    settings = settings or from_environment()
    database = open_instance(settings)
    search = Search(database, settings.index_folder)
    app = Front(
        __name__,
        template_folder=str(folder_of("templates")),
        static_folder=str(folder_of("static")),
    )
    app.extensions["house"] = House(database, search, settings)
    words.open_words(app, settings)
    safety.make_safe(app, settings)
    shell.open_shell(app)
    refusals.open_refusals(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    safety.csrf.exempt(api)  # a token comes in a header that no foreign page can send
    open_api(app)
    works = {
        "index.rebuild": rebuild_work(search),
        "import.atoms": import_work(database, settings.instance / "imports"),
        SOURCE_JOB: source_work(database, settings, settings.instance / "imports"),
        **tag_work(database, settings.instance / "imports"),
        **bulk_work(database, search, settings.instance / EXPORTS),
        **report_work(database, search, settings.instance / EXPORTS, settings.instance),
    }
    worker = Worker(database, works, Following(database, search).look)
    app.extensions["worker"] = worker
    app.extensions["misses"] = MissKeeper(database, search)
    if background:
        start(app)
    return app


def warm_up(app: Flask) -> None:
    """Read all that the first pages would have to wait for; no connection is left open."""
    house: House = app.extensions["house"]
    house.search.warm_up()
    # What a first page loads is shared with processes that are forked later.
    for language in LANGUAGES:
        browser = app.test_client()
        browser.get(
            "/sign-in",
            base_url=house.settings.base_url or None,
            headers={"Accept-Language": language},
        )
    house.database.close()


def start(app: Flask, *, with_jobs: bool = True) -> None:
    """Keep up with the database in the background and, of several processes in one, do the jobs."""
    app.extensions["house"].search.start()
    app.extensions["misses"].start()
    if with_jobs:
        app.extensions["worker"].start()


def stop(app: Flask) -> None:
    """End what `start` began, after the piece of work at hand."""
    app.extensions["worker"].stop()
    app.extensions["house"].search.stop()


def folder_of(name: str) -> Path:
    """Templates and static files: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).resolve().parent / name
    return inside if inside.is_dir() else inside.parent.parent / name


def rebuild_work(search: Search) -> Work:
    """The job "index.rebuild", for the worker."""

    def rebuild(_arguments: Any, progress: Progress) -> None:
        search.rebuild(progress)

    return rebuild
