"""Who gets what: every route, for every role, on open things, foreign ones, and one's own.

A route that is missing from the table fails. Forms are sent empty or unchanged, so that 422 (or 303)
means "allowed" and the repository stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from research_repo import report_jobs
from research_repo.app import create_app
from research_repo.core import (
    anchors,
    attachments,
    briefs,
    bulk,
    changes,
    evidence,
    feeds,
    follows,
    jobs,
    people,
    report_writing,
    saved_searches,
    shares,
    sources,
    tokens,
)
from research_repo.core.change_lines import Rename
from research_repo.core.db import Database, Session
from research_repo.core.models import Atom, Person, Study
from research_repo.core.source_texts import SourceText
from research_repo.report_jobs import Asked
from research_repo.settings import Settings
from tests import frozen, make
from tests.web.conftest import send, sign_in

# "owner" is a researcher who owns the members-only study "closed"; "researcher" is not on its team.
ROLES = ("anonymous", "reader", "researcher", "curator", "owner", "admin")

SIGN_IN = 303  # where a page would be: the way to the sign-in page
ALL = (SIGN_IN, 200, 200, 200, 200, 200)
ALL_SEND = (SIGN_IN, 303, 303, 303, 303, 303)
OPEN = (200, 200, 200, 200, 200, 200)
OPEN_SEND = (303, 303, 303, 303, 303, 303)
NOBODY = (404, 404, 404, 404, 404, 404)
NOT_THERE = (SIGN_IN, 404, 404, 404, 404, 404)
ADMINS = (SIGN_IN, 403, 403, 403, 403, 200)
TEAM = (SIGN_IN, 404, 404, 404, 200, 200)
MINE = (SIGN_IN, 404, 404, 404, 303, 404)
MINE_OR_ADMINS = (SIGN_IN, 404, 404, 404, 303, 303)


@dataclass(frozen=True)
class Case:
    """A route with something in its places; what each of ROLES gets."""

    path: str
    codes: tuple[int, ...]
    form: dict[str, Any] = field(default_factory=dict)


TABLE: dict[tuple[str, str], list[Case]] = {
    ("GET", "home.show"): [Case("/", ALL)],
    ("GET", "health.healthz"): [Case("/healthz", OPEN)],
    ("POST", "looks.language"): [Case("/language", OPEN_SEND, {"language": "en"})],
    ("POST", "looks.theme"): [Case("/theme", OPEN_SEND, {"theme": "dark"})],
    ("GET", "setup.begin"): [Case("/set-up", NOBODY)],
    ("POST", "setup.begin"): [Case("/set-up", NOBODY)],
    ("GET", "sessions.begin"): [Case("/sign-in", (200, 303, 303, 303, 303, 303))],
    ("POST", "sessions.begin"): [Case("/sign-in", (422, 422, 422, 422, 422, 422))],
    ("POST", "sessions.end"): [Case("/sign-out", OPEN_SEND)],
    ("GET", "account.show"): [Case("/account", ALL)],
    ("GET", "account.password"): [Case("/account/password", ALL)],
    ("POST", "account.password"): [Case("/account/password", (303, 422, 422, 422, 422, 422))],
    ("POST", "account.end_sessions"): [Case("/account/sign-out-everywhere", ALL_SEND)],
    ("POST", "account.add_token"): [Case("/account/tokens", (303, 422, 422, 422, 422, 422))],
    ("POST", "account.revoke_token"): [
        # The token is the owner's; an admin may take anybody's away.
        Case("/account/tokens/{token}/revoke", (303, 404, 404, 404, 303, 303)),
    ],
    ("GET", "people.listed"): [Case("/people", ADMINS)],
    ("POST", "people.name_repository"): [
        Case("/people/repository", (303, 403, 403, 403, 403, 422), {"title": " "}),
    ],
    ("GET", "people.add"): [Case("/people/new", ADMINS)],
    ("POST", "people.add"): [Case("/people/new", (303, 403, 403, 403, 403, 422))],
    ("GET", "people.change"): [
        Case("/people/{person}", ADMINS),
        Case("/people/{system}", (303, 403, 403, 403, 403, 404)),
    ],
    ("POST", "people.change"): [Case("/people/{person}", (303, 403, 403, 403, 403, 422))],
    ("POST", "people.reset_password"): [Case("/people/{person}/password", ADMINS)],
    ("POST", "people.end_sessions"): [
        Case("/people/{person}/sign-out", (303, 403, 403, 403, 403, 303)),
    ],
    ("GET", "api_page.show"): [Case("/api", ALL)],
    ("GET", "notices.listed"): [Case("/notices", ALL)],
    ("POST", "notices.read_all"): [Case("/notices/read", ALL_SEND)],
    ("GET", "saved_searches.listed"): [Case("/searches", ALL)],
    ("POST", "saved_searches.save"): [Case("/searches", (303, 422, 422, 422, 422, 422))],
    # The owner's searches are their own affair; the curator shares one.
    ("GET", "saved_searches.show"): [
        Case("/searches/{own_search}", MINE),
        Case("/searches/{shared_search}", ALL_SEND),
    ],
    ("GET", "saved_searches.newest"): [
        Case("/searches/{own_search}/newest", MINE),
        Case("/searches/{shared_search}/newest", ALL_SEND),
    ],
    ("GET", "saved_searches.edit"): [
        Case("/searches/{own_search}/edit", (303, 404, 404, 404, 200, 404)),
        Case("/searches/{shared_search}/edit", (303, 403, 403, 200, 403, 200)),
    ],
    ("POST", "saved_searches.change"): [
        Case("/searches/{own_search}/edit", (303, 404, 404, 404, 422, 404), {"version": "1"}),
        Case("/searches/{shared_search}/edit", (303, 403, 403, 422, 403, 422), {"version": "1"}),
    ],
    ("POST", "saved_searches.delete"): [
        Case("/searches/{old_search}/delete", MINE),
    ],
    ("POST", "saved_searches.restore"): [Case("/searches/{gone_search}/restore", MINE)],
    ("POST", "saved_searches.follow"): [
        Case("/searches/{own_search}/follow", MINE),
        Case("/searches/{shared_search}/follow", ALL_SEND),
    ],
    ("POST", "saved_searches.unfollow"): [
        Case("/searches/{told_search}/unfollow", MINE),
        Case("/searches/nothing/unfollow", NOT_THERE),
    ],
    ("POST", "saved_searches.make_feed"): [
        Case("/searches/{read_search}/feed", (303, 404, 404, 404, 200, 404)),
    ],
    ("POST", "saved_searches.withdraw_feed"): [Case("/searches/{read_search}/feed/withdraw", MINE)],
    # An address that was told opens its feed to whoever has it.
    ("GET", "feeds.show"): [
        Case("/feeds/{feed}.atom", OPEN),
        Case("/feeds/nothing.atom", NOBODY),
    ],
    ("GET", "jobs.listed"): [Case("/jobs", ALL)],
    ("GET", "jobs.show"): [Case("/jobs/{job}", (303, 404, 404, 404, 404, 200))],
    ("GET", "jobs.progress"): [Case("/jobs/{job}/progress", (303, 404, 404, 404, 404, 200))],
    ("POST", "jobs.rebuild_index"): [Case("/jobs/rebuild-index", (303, 403, 403, 403, 403, 303))],
    ("GET", "imports.begin"): [Case("/import", (303, 403, 200, 200, 200, 200))],
    ("POST", "imports.begin"): [Case("/import", (303, 403, 422, 422, 422, 422))],
    # A file is there for whoever sent it, and for nobody else: admins neither.
    ("GET", "imports.map_columns"): [Case("/import/{upload}", (303, 403, 404, 404, 200, 404))],
    ("POST", "imports.map_columns"): [Case("/import/{upload}", (303, 403, 404, 404, 422, 404))],
    ("GET", "imports.result"): [Case("/import/done/{import}", (303, 404, 404, 404, 200, 200))],
    ("GET", "imports.refused"): [
        Case("/import/done/{import}/refused.csv", (303, 404, 404, 404, 200, 200)),
    ],
    # Without findings a form of many says what to do first.
    ("POST", "bulk.tag"): [
        Case("/bulk/tag", (303, 403, 422, 422, 422, 422)),
        Case("/bulk/tag", (303, 403, 200, 200, 200, 200), {"atom": "{open_atom}"}),
        Case("/bulk/tag", (303, 403, 422, 422, 200, 200), {"atom": "{closed_atom}"}),
        Case("/bulk/tag", (303, 403, 422, 422, 200, 200), {"atom": "{draft}"}),
    ],
    ("POST", "bulk.export"): [
        Case("/bulk/export", (303, 200, 200, 200, 200, 200), {"atom": "{open_atom}"}),
        Case(
            "/bulk/export", (303, 422, 422, 422, 200, 200), {"atom": "{closed_atom}", "form": "csv"}
        ),
        Case("/bulk/export", (303, 200, 200, 200, 200, 200), {"all": "1", "form": "json"}),
    ],
    ("POST", "bulk.copy"): [
        Case("/bulk/copy", (303, 200, 200, 200, 200, 200), {"atom": "{open_atom}"}),
        Case("/bulk/copy", (303, 422, 422, 422, 200, 200), {"atom": "{draft}", "plain": "1"}),
    ],
    # The owner tagged many; admins may look and undo. There is nothing to go on with.
    ("GET", "bulk.show"): [Case("/bulk/tags/{bulk}", (303, 404, 404, 404, 200, 200))],
    ("GET", "bulk.progress"): [Case("/bulk/tags/{bulk}/progress", (303, 404, 404, 404, 200, 200))],
    ("POST", "bulk.undo"): [Case("/bulk/tags/{undone}/undo", (303, 404, 404, 404, 409, 409))],
    ("POST", "bulk.again"): [Case("/bulk/tags/{bulk}/again", (303, 404, 404, 404, 409, 409))],
    # The file is the owner's alone.
    ("GET", "bulk.exported"): [Case("/bulk/exports/{export}", (303, 404, 404, 404, 200, 404))],
    ("GET", "report_files.written"): [
        Case("/reports/files/{report_file}", (303, 404, 404, 404, 200, 404)),
        Case("/reports/files/{export}", NOT_THERE),
    ],
    ("GET", "starters.listed"): [Case("/tags/templates", (303, 403, 403, 200, 403, 200))],
    ("POST", "starters.add"): [
        Case("/tags/templates/driver", (303, 403, 403, 303, 403, 303)),
        Case("/tags/templates/none", (303, 403, 403, 404, 403, 404)),
    ],
    ("GET", "tag_files.begin"): [Case("/tags/import", (303, 403, 403, 200, 403, 200))],
    ("POST", "tag_files.begin"): [Case("/tags/import", (303, 403, 403, 422, 403, 422))],
    # A list is there for whoever sent it: the curator.
    ("GET", "tag_files.preview"): [Case("/tags/import/{list}", (303, 403, 403, 200, 403, 404))],
    ("POST", "tag_files.preview"): [Case("/tags/import/{list}", (303, 403, 403, 303, 403, 404))],
    ("GET", "tag_files.preview_problems"): [
        Case("/tags/import/{list}/problems.csv", (303, 403, 403, 200, 403, 404)),
    ],
    ("GET", "tag_files.result"): [
        Case("/tags/import/done/{tags_in}", (303, 404, 404, 200, 404, 200)),
    ],
    ("GET", "tag_files.problems"): [
        Case("/tags/import/done/{tags_in}/problems.csv", (303, 404, 404, 200, 404, 200)),
    ],
    ("GET", "search.page"): [Case("/search?q=refund", ALL)],
    ("GET", "search.typing"): [Case("/search/typing?q=ref", ALL)],
    ("GET", "search.values"): [Case("/search/values?of=study&q=ref", ALL)],
    ("GET", "requests.ask"): [Case("/ask?q=refund", ALL)],
    ("POST", "requests.ask"): [Case("/ask", (303, 422, 422, 422, 422, 422))],
    ("GET", "briefs.ask"): [Case("/known", ALL), Case("/known?q=refund", ALL)],
    ("POST", "briefs.save"): [
        Case("/known", (303, 422, 422, 422, 422, 422), {"q": "refund", "do": "narrow"}),
    ],
    ("GET", "briefs.decisions"): [Case("/known/decisions", ALL)],
    ("GET", "briefs.show"): [
        Case("/known/{open_brief}", ALL),
        Case("/known/{closed_brief}", TEAM),
    ],
    ("GET", "briefs.as_file"): [
        Case("/known/{open_brief}.md", ALL),
        Case("/known/{closed_brief}.json", TEAM),
    ],
    # Who asked and admins take it away; anybody who sees it may decide it.
    ("POST", "briefs.decide"): [
        Case("/known/{open_brief}", (303, 422, 422, 422, 422, 422), {"do": "narrow"}),
        Case("/known/{closed_brief}", (303, 404, 404, 404, 422, 422), {"do": "narrow"}),
    ],
    ("POST", "briefs.remove"): [
        Case("/known/{gone_brief}/remove", (303, 403, 403, 403, 303, 404)),
    ],
    ("POST", "briefs.restore"): [Case("/known/{old_brief}/restore", MINE_OR_ADMINS)],
    ("GET", "studies.listed"): [Case("/studies", ALL)],
    ("GET", "studies.add"): [Case("/studies/new", (303, 403, 200, 200, 200, 200))],
    ("POST", "studies.add"): [Case("/studies/new", (303, 403, 422, 422, 422, 422))],
    # Of an open study, too, the sources are its team's alone.
    ("GET", "sources.listed"): [Case("/studies/open/sources", TEAM)],
    ("GET", "sources.show"): [Case("/sources/{source}", TEAM)],
    ("GET", "sources.file"): [
        Case("/sources/{image}/file", TEAM),
        Case("/sources/{source}/file", NOT_THERE),
    ],
    ("GET", "sources.edit"): [Case("/sources/{source}/edit", TEAM)],
    ("POST", "sources.edit"): [
        Case("/sources/{source}/edit", (303, 404, 404, 404, 422, 422)),
    ],
    ("GET", "sources.change_text"): [Case("/sources/{source}/text", TEAM)],
    ("POST", "sources.change_text"): [
        Case("/sources/{source}/text", (303, 404, 404, 404, 422, 422), {"version": "1"}),
    ],
    ("GET", "sources.change_passage"): [Case("/sources/{source}/passages/0", TEAM)],
    ("POST", "sources.change_passage"): [
        Case("/sources/{source}/passages/0", (303, 404, 404, 404, 422, 422), {"version": "1"}),
        Case("/sources/{source}/passages/9", NOT_THERE),
    ],
    ("GET", "sources.name_speakers"): [Case("/sources/{source}/speakers", TEAM)],
    ("POST", "sources.name_speakers"): [Case("/sources/{source}/speakers", MINE_OR_ADMINS)],
    ("POST", "sources.remove"): [Case("/sources/{removed_source}/remove", MINE_OR_ADMINS)],
    ("POST", "sources.restore"): [Case("/sources/{source}/restore", MINE_OR_ADMINS)],
    ("POST", "sources.erase"): [
        Case("/sources/{source}/erase", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "sources.undo"): [
        Case("/sources/{source}/undo", NOT_THERE, {"version": "1"}),
    ],
    ("GET", "participants.listed"): [Case("/studies/open/participants", TEAM)],
    ("GET", "participants.table"): [Case("/studies/open/participants.csv", TEAM)],
    ("GET", "participants.add"): [Case("/studies/open/participants/new", TEAM)],
    ("POST", "participants.add"): [
        Case("/studies/open/participants/new", (303, 404, 404, 404, 422, 422)),
    ],
    ("GET", "participants.bring"): [Case("/studies/open/participants/table", TEAM)],
    ("POST", "participants.bring"): [
        Case("/studies/open/participants/table", (303, 404, 404, 404, 422, 422)),
    ],
    ("GET", "participants.show"): [
        Case("/studies/open/participants/{participant}", TEAM),
        Case("/studies/closed/participants/{participant}", NOT_THERE),
    ],
    ("GET", "participants.edit"): [Case("/studies/open/participants/{participant}/edit", TEAM)],
    ("POST", "participants.edit"): [
        Case("/studies/open/participants/{participant}/edit", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "participants.move"): [
        Case("/studies/open/participants/{participant}/move", (303, 404, 404, 404, 409, 409)),
    ],
    ("POST", "participants.remove"): [
        Case("/studies/open/participants/{participant}/remove", (303, 404, 404, 404, 409, 409)),
    ],
    # Everybody sees those of their own studies.
    ("GET", "participants.due"): [
        Case("/participants/due", ALL),
        Case("/participants/due?study=open", TEAM),
    ],
    ("GET", "source_files.begin"): [
        Case("/studies/open/sources/new", TEAM),
        Case("/studies/open/sources/new?replace={source}", TEAM),
        Case("/studies/closed/sources/new", TEAM),
    ],
    ("POST", "source_files.begin"): [
        Case("/studies/open/sources/new", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "several_sources.add"): [
        Case("/studies/open/sources/several", (303, 404, 404, 404, 422, 422)),
    ],
    # What somebody sent is theirs alone.
    ("GET", "source_files.look"): [
        Case("/studies/open/sources/new/{source_upload}", (303, 404, 404, 404, 200, 404)),
    ],
    ("POST", "source_files.look"): [
        Case("/studies/open/sources/new/{source_upload}", (303, 404, 404, 404, 422, 404)),
    ],
    ("GET", "anchors.add"): [Case("/sources/{source}/facts/new?start=0&end=9", TEAM)],
    ("POST", "anchors.add"): [
        Case("/sources/{source}/facts/new", (303, 404, 404, 404, 422, 422)),
    ],
    ("GET", "anchors.place"): [
        Case("/quotes/{quote}", (303, 404, 404, 404, 303, 303)),
    ],
    ("GET", "sources.at"): [
        Case("/sources/{source}/at?offset=3", (303, 404, 404, 404, 303, 303)),
    ],
    ("GET", "studies.show"): [Case("/studies/open", ALL), Case("/studies/closed", TEAM)],
    ("GET", "studies.edit"): [
        Case("/studies/open/edit", (303, 403, 403, 403, 200, 200)),
        Case("/studies/closed/edit", TEAM),
    ],
    ("POST", "studies.edit"): [
        Case("/studies/open/edit", (303, 403, 403, 403, 422, 422)),
        Case("/studies/closed/edit", (303, 404, 404, 404, 422, 422)),
    ],
    ("GET", "studies.team"): [
        Case("/studies/open/team", (303, 403, 403, 403, 200, 200)),
        Case("/studies/closed/team", TEAM),
    ],
    ("POST", "studies.team"): [
        Case("/studies/open/team", (303, 403, 403, 403, 422, 422)),
        Case("/studies/closed/team", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "studies.remove_member"): [
        Case("/studies/open/team/999/remove", (303, 403, 403, 403, 404, 404)),
        Case("/studies/closed/team/999/remove", NOT_THERE),
    ],
    # A version is read by whoever sees its report and every study that it draws on.
    ("GET", "report_versions.listed"): [
        Case("/reports/{open_report}/versions", ALL),
        Case("/reports/{closed_report}/versions", TEAM),
        Case("/reports/{across_report}/versions", ALL),
    ],
    ("GET", "report_versions.show"): [
        Case("/reports/{open_report}/versions/1", ALL),
        Case("/reports/{closed_report}/versions/1", TEAM),
        Case("/reports/{across_report}/versions/1", TEAM),
        Case("/reports/{open_report}/versions/9", NOT_THERE),
    ],
    ("GET", "report_versions.file"): [
        Case("/reports/{open_report}/versions/1.md", ALL),
        Case("/reports/{closed_report}/versions/1.json", TEAM),
        Case("/reports/{across_report}/versions/1.csv", TEAM),
    ],
    ("GET", "report_versions.compare"): [
        Case("/reports/{open_report}/compare", ALL),
        Case("/reports/{closed_report}/compare", TEAM),
        Case("/reports/{across_report}/compare?before=1", TEAM),
    ],
    ("GET", "report_versions.publish"): [
        Case("/reports/{open_report}/publish", (303, 403, 403, 403, 200, 200)),
        Case("/reports/{closed_report}/publish", TEAM),
    ],
    ("POST", "report_versions.publish"): [
        # Unconfirmed words of a closed study.
        Case("/reports/{closed_report}/publish", (303, 404, 404, 404, 422, 422)),
        Case(
            "/reports/{open_report}/publish", (303, 403, 403, 403, 422, 422), {"note": "x" * 1001}
        ),
    ],
    ("GET", "report_versions.publish_study"): [
        Case("/studies/open/report/publish", (303, 403, 403, 403, 303, 303)),
        Case("/studies/closed/report/publish", MINE_OR_ADMINS),
    ],
    ("POST", "report_versions.publish_study"): [
        Case("/studies/closed/report/publish", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "report_versions.take_out"): [
        Case("/reports/{open_report}/take-out", (303, 403, 403, 403, 404, 404), {"atom": "none"}),
        Case("/reports/{closed_report}/take-out", NOT_THERE, {"atom": "none"}),
    ],
    ("POST", "shares.make"): [
        Case("/reports/{open_report}/versions/1/shares", (303, 403, 403, 403, 422, 422)),
        Case("/reports/{closed_report}/versions/1/shares", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "shares.revoke"): [
        Case("/reports/{closed_report}/versions/1/shares/{share}/revoke", MINE_OR_ADMINS),
        Case("/reports/{open_report}/versions/1/shares/{share}/revoke", NOT_THERE),
    ],
    # A link that was told opens its version to whoever has it.
    ("GET", "shares.show"): [Case("/s/{shared}", OPEN), Case("/s/nothing", NOBODY)],
    ("GET", "shares.file"): [Case("/s/{shared}.md", OPEN), Case("/s/nothing.md", NOBODY)],
    ("GET", "shares.picture"): [Case("/s/{shared}/nothing", NOBODY)],
    ("GET", "reports.of_study"): [
        Case("/studies/open/report", ALL),
        Case("/studies/closed/report", TEAM),
    ],
    ("GET", "reports.study_file"): [
        Case(f"/studies/{study}/report.{form}", codes)
        for form in ("md", "html", "json", "csv", "xlsx")
        for study, codes in (("open", ALL), ("closed", TEAM))
    ],
    # A report is arranged by its owner; that of a study by the study's editors.
    ("GET", "reports.listed"): [Case("/reports", ALL)],
    ("GET", "reports.show"): [
        Case("/reports/{across_report}", ALL),
        Case("/reports/{own_report}", (303, 404, 404, 404, 200, 200)),
        Case("/reports/{closed_report}", MINE_OR_ADMINS),
        Case("/reports/nothing", NOT_THERE),
    ],
    ("GET", "reports.file"): [
        Case("/reports/{across_report}.md", ALL),
        Case("/reports/{own_report}.json", TEAM),
        Case("/reports/{closed_report}.csv", TEAM),
    ],
    ("GET", "report_starting.new"): [Case("/reports/new", (303, 403, 200, 200, 200, 200))],
    ("POST", "report_starting.new"): [
        Case("/reports/new", (303, 403, 422, 422, 422, 422), {"template": "study"}),
    ],
    ("POST", "report_starting.of_results"): [
        Case("/reports/of-results", (303, 403, 422, 422, 422, 422)),
    ],
    ("POST", "report_starting.of_tag"): [
        Case("/reports/of-tag/nothing", (303, 403, 404, 404, 404, 404)),
    ],
    ("POST", "report_editing.begin"): [
        Case("/studies/open/report/arrange", (303, 403, 403, 403, 303, 303)),
        Case("/studies/closed/report/arrange", MINE_OR_ADMINS),
    ],
    ("GET", "report_editing.edit"): [
        Case("/reports/{open_report}/edit", (303, 403, 403, 403, 200, 200)),
        Case("/reports/{closed_report}/edit", TEAM),
        Case("/reports/{own_report}/edit", TEAM),
    ],
    ("POST", "report_editing.edit"): [
        Case("/reports/{open_report}/edit", (303, 403, 403, 403, 422, 422), {"do": "add"}),
        Case("/reports/{closed_report}/edit", (303, 404, 404, 404, 422, 422), {"do": "add"}),
    ],
    ("POST", "report_editing.preview"): [
        Case("/reports/{open_report}/preview", (303, 403, 403, 403, 200, 200)),
        Case("/reports/{closed_report}/preview", TEAM),
    ],
    ("POST", "report_editing.by_template"): [
        Case(
            "/reports/{open_report}/template", (303, 403, 403, 403, 303, 303), {"template": "study"}
        ),
        Case("/reports/{closed_report}/template", MINE_OR_ADMINS, {"template": "study"}),
    ],
    ("POST", "report_editing.share"): [
        Case("/reports/{across_report}/share", (303, 403, 403, 403, 303, 303), {"shared": "1"}),
        Case("/reports/{own_report}/share", MINE_OR_ADMINS),
    ],
    ("POST", "report_editing.delete"): [
        Case("/reports/{closed_report}/delete", (303, 404, 404, 404, 422, 422)),
        Case("/reports/{open_report}/delete", (303, 403, 403, 403, 422, 422)),
    ],
    ("POST", "report_editing.restore"): [Case("/reports/{gone_report}/restore", MINE)],
    ("GET", "report_claims.show"): [
        Case("/reports/{open_report}/claims", (303, 403, 403, 403, 200, 200)),
        Case("/reports/{closed_report}/claims", TEAM),
    ],
    ("POST", "report_claims.move"): [
        Case("/reports/{open_report}/claims", (303, 403, 403, 403, 422, 422)),
        Case("/reports/{closed_report}/claims", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "report_claims.pick"): [
        Case("/reports/{across_report}/pick", (303, 403, 403, 403, 422, 422)),
        Case("/reports/{own_report}/pick", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "report_claims.ask"): [
        Case("/reports/{open_report}/questions", (303, 403, 403, 403, 422, 422)),
        Case("/reports/{closed_report}/questions", (303, 404, 404, 404, 422, 422)),
    ],
    ("GET", "report_templates.listed"): [
        Case("/reports/templates", (303, 403, 200, 200, 200, 200)),
    ],
    ("GET", "report_templates.edit"): [
        Case("/reports/templates/survey", (303, 403, 200, 200, 200, 200)),
        Case("/reports/templates/nothing", (303, 403, 404, 404, 404, 404)),
    ],
    ("POST", "report_templates.edit"): [
        Case("/reports/templates/survey", (303, 403, 422, 422, 422, 422), {"part": "summary"}),
    ],
    ("POST", "report_templates.keep"): [
        Case("/reports/{across_report}/keep", (303, 403, 422, 422, 422, 422)),
        Case("/reports/{closed_report}/keep", (303, 403, 404, 404, 422, 422)),
    ],
    ("POST", "report_templates.delete"): [
        Case("/reports/templates/nothing/delete", (303, 403, 404, 404, 404, 404)),
    ],
    ("POST", "report_templates.restore"): [
        Case("/reports/templates/nothing/restore", (303, 403, 404, 404, 404, 404)),
    ],
    ("GET", "tags.as_file"): [
        Case("/tags/tags.csv", ALL),
        Case("/tags/tags.ttl", ALL),
        Case("/tags/tags.qdc?language=ru", ALL),
    ],
    ("GET", "tags.export"): [Case("/tags/export", ALL)],
    ("GET", "atoms.log"): [Case("/atoms/new", (303, 403, 200, 200, 200, 200))],
    ("POST", "atoms.log"): [
        Case("/atoms/new", (303, 403, 422, 422, 422, 422)),
        # A study that is not there for somebody is none of the list.
        Case(
            "/atoms/new",
            (303, 403, 422, 422, 303, 303),
            {"kind": "fact", "title": "Seen once", "study": "closed"},
        ),
    ],
    ("POST", "atoms.preview"): [Case("/atoms/preview", (303, 403, 200, 200, 200, 200))],
    ("GET", "atoms.questions"): [
        Case("/atoms/questions?study=open", ALL),
        Case("/atoms/questions?study=closed", ALL),
    ],
    ("GET", "atoms.evidence"): [Case("/atoms/evidence", ALL)],
    ("POST", "capture.similar"): [
        Case("/capture/similar", (303, 403, 200, 200, 200, 200), {"title": "Some open claim"}),
    ],
    ("GET", "capture.context"): [
        Case("/capture/context?study=open", ALL),
        Case("/capture/context?study=closed", ALL),
    ],
    ("POST", "capture.keep"): [
        Case("/capture/unsent", (303, 403, 200, 200, 200, 200), {"slot": "a1", "title": "x"}),
    ],
    ("POST", "capture.discard"): [
        Case("/capture/unsent/a1/discard", (303, 403, 303, 303, 303, 303)),
    ],
    ("GET", "drafts.listed"): [
        Case("/drafts?study=open", ALL),
        Case("/drafts?study=closed", ALL),
    ],
    ("POST", "drafts.do"): [
        Case("/drafts", (303, 403, 422, 422, 422, 422)),
        Case("/drafts", (303, 403, 200, 200, 200, 200), {"draft": "nothing"}),
    ],
    ("GET", "pasting.paste"): [
        Case("/drafts/paste?study=open", (303, 403, 200, 200, 200, 200)),
        Case("/drafts/paste?study=closed", (303, 403, 200, 200, 200, 200)),
    ],
    ("POST", "pasting.paste"): [
        Case("/drafts/paste", (303, 403, 422, 422, 422, 422), {"study": "open"}),
        Case("/drafts/paste", (303, 403, 422, 422, 303, 303), {"study": "closed", "text": "One"}),
    ],
    ("GET", "atoms.show"): [
        Case("/atoms/{open_atom}", ALL),
        Case("/atoms/{closed_atom}", TEAM),
        Case("/atoms/{draft}", TEAM),
        Case("/atoms/nothing", NOT_THERE),
    ],
    ("GET", "strength.show"): [
        Case("/atoms/{open_atom}/strength", ALL),
        Case("/atoms/{closed_atom}/strength", TEAM),
        Case("/atoms/{draft}/strength", TEAM),
    ],
    ("GET", "atoms.history"): [
        Case("/atoms/{open_atom}/history", ALL),
        Case("/atoms/{closed_atom}/history", TEAM),
        Case("/atoms/{draft}/history", TEAM),
    ],
    ("GET", "atoms.edit"): [
        Case("/atoms/{open_atom}/edit", (303, 403, 403, 403, 200, 200)),
        Case("/atoms/{closed_atom}/edit", TEAM),
        Case("/atoms/{draft}/edit", TEAM),
    ],
    ("POST", "atoms.edit"): [
        Case("/atoms/{open_atom}/edit", (303, 403, 403, 403, 422, 422)),
        Case("/atoms/{closed_atom}/edit", (303, 404, 404, 404, 422, 422)),
    ],
    ("POST", "atoms.set_status"): [
        Case("/atoms/{open_atom}/status", (303, 403, 403, 403, 422, 422), {"version": "1"}),
        Case("/atoms/{closed_atom}/status", (303, 404, 404, 404, 422, 422), {"version": "1"}),
    ],
    ("GET", "atoms.tag"): [
        Case("/atoms/{open_atom}/tags", (303, 403, 403, 200, 200, 200)),
        Case("/atoms/{closed_atom}/tags", TEAM),
    ],
    ("POST", "atoms.tag"): [
        Case("/atoms/{open_atom}/tags", (303, 403, 403, 303, 303, 303)),
        Case("/atoms/{closed_atom}/tags", (303, 404, 404, 404, 303, 303)),
    ],
    ("GET", "studies.tag"): [
        Case("/studies/open/tags", (303, 403, 403, 200, 200, 200)),
        Case("/studies/closed/tags", TEAM),
    ],
    ("POST", "studies.tag"): [
        Case("/studies/open/tags", (303, 403, 403, 303, 303, 303), {"tags": ""}),
        Case("/studies/closed/tags", (303, 404, 404, 404, 303, 303), {"tags": ""}),
    ],
    ("GET", "links.add"): [
        Case("/atoms/{open_atom}/links", (303, 403, 200, 200, 200, 200)),
        Case("/atoms/{closed_atom}/links", (303, 403, 404, 404, 200, 200)),
    ],
    ("POST", "links.add"): [
        Case("/atoms/{open_atom}/links", (303, 403, 422, 422, 422, 422)),
        Case("/atoms/{closed_atom}/links", (303, 403, 404, 404, 422, 422)),
    ],
    ("POST", "links.remove"): [
        Case("/atoms/{open_atom}/links/999/remove", NOT_THERE),
        Case("/atoms/{closed_atom}/links/999/remove", NOT_THERE),
    ],
    ("GET", "atom_files.log"): [
        Case("/sources/{image}/fact", TEAM),
        Case("/sources/{source}/fact", NOT_THERE),
    ],
    ("POST", "atom_files.log"): [
        Case("/sources/{image}/fact", (303, 404, 404, 404, 422, 422)),
    ],
    ("GET", "atom_files.add"): [
        Case("/atoms/{open_atom}/files", (303, 403, 403, 403, 200, 200)),
        Case("/atoms/{closed_atom}/files", TEAM),
    ],
    ("POST", "atom_files.add"): [
        Case("/atoms/{open_atom}/files", (303, 403, 403, 403, 422, 422)),
        Case("/atoms/{closed_atom}/files", (303, 404, 404, 404, 422, 422)),
    ],
    ("GET", "atom_files.show"): [
        Case("/atoms/{open_atom}/files/{open_file}", ALL),
        Case("/atoms/{closed_atom}/files/{closed_file}", TEAM),
        # The claim in the address is for all, the file is another one's.
        Case("/atoms/{open_atom}/files/{closed_file}", NOT_THERE),
    ],
    ("POST", "atom_files.remove"): [
        Case("/atoms/{open_atom}/files/{closed_file}/remove", (303, 403, 403, 403, 404, 404)),
        Case("/atoms/{closed_atom}/files/999/remove", NOT_THERE),
    ],
    ("GET", "changes.listed"): [Case("/changes", (303, 403, 200, 200, 200, 200))],
    ("GET", "changes.new"): [
        Case("/changes/new?do=rename&tag={tag}", (303, 403, 200, 200, 200, 200)),
    ],
    ("POST", "changes.new"): [
        Case("/changes/new", (303, 403, 422, 422, 422, 422), {"do": "retire"}),
    ],
    ("GET", "splitting.form"): [
        Case("/changes/split?tag={tag}", (303, 403, 200, 200, 200, 200)),
    ],
    ("POST", "splitting.form"): [
        Case("/changes/split?tag={tag}", (303, 403, 422, 422, 422, 422)),
    ],
    # The set was proposed by the owner; curators decide on it.
    ("GET", "changes.show"): [Case("/changes/{set}", (303, 404, 404, 200, 200, 200))],
    ("POST", "changes.apply"): [
        Case("/changes/{set}/apply", (303, 403, 403, 409, 403, 409), {"print": "another"}),
    ],
    ("POST", "changes.propose"): [Case("/changes/{set}/propose", (303, 403, 404, 409, 409, 409))],
    ("POST", "changes.reject"): [Case("/changes/{set}/reject", (303, 403, 403, 422, 403, 422))],
    ("POST", "changes.discard"): [Case("/changes/{set}/discard", (303, 403, 404, 409, 409, 409))],
    ("POST", "changes.leave_out"): [
        Case("/changes/{set}/leave-out", (303, 403, 404, 409, 409, 409)),
    ],
    ("GET", "changes.undo"): [Case("/changes/{set}/undo", (303, 403, 403, 422, 403, 422))],
    ("POST", "changes.undo"): [Case("/changes/{set}/undo", (303, 403, 403, 422, 403, 422))],
    ("POST", "changes.again"): [Case("/changes/{set}/again", (303, 404, 404, 422, 422, 422))],
    ("GET", "charts.map"): [Case("/map", ALL), Case("/map?rows=nothing", NOT_THERE)],
    ("GET", "charts.map_file"): [Case("/map.csv", ALL), Case("/map.svg", ALL)],
    ("GET", "charts.coverage"): [
        Case("/coverage", ALL),
        Case("/coverage?group=nothing", NOT_THERE),
    ],
    ("GET", "charts.strength"): [Case("/strength", ALL)],
    ("GET", "tags.tree"): [Case("/tags", ALL)],
    ("GET", "tags.show"): [Case("/tags/{tag}", ALL), Case("/tags/nothing", NOT_THERE)],
    ("GET", "tags.suggest"): [Case("/tags/suggest?q=ref", ALL)],
    ("GET", "tag_health.show"): [
        Case(f"/tags/health?check={check}", (303, 403, 403, 200, 403, 200))
        for check in ("double", "both", "undefined")
    ],
    ("GET", "tag_health.doubles"): [Case("/tags/health/doubles", (303, 403, 403, 200, 403, 200))],
    ("GET", "tag_misses.listed"): [Case("/tags/missed", (303, 403, 403, 200, 403, 200))],
    ("POST", "tag_misses.settle"): [
        Case("/tags/missed/999/settle", (303, 403, 403, 404, 403, 404)),
    ],
    ("POST", "tag_misses.reopen"): [
        Case("/tags/missed/999/reopen", (303, 403, 403, 404, 403, 404)),
    ],
    ("GET", "tags.review"): [Case("/tags/review", (303, 403, 403, 200, 403, 200))],
    # The tag is no candidate any more, and nothing is said of it.
    ("POST", "reviewing.approve"): [
        Case("/tags/review/{tag}/approve", (303, 403, 403, 303, 403, 303)),
    ],
    ("POST", "reviewing.reject"): [
        Case("/tags/review/{tag}/reject", (303, 403, 403, 422, 403, 422)),
    ],
    ("POST", "reviewing.merge"): [
        Case("/tags/review/{tag}/merge", (303, 403, 403, 422, 403, 422)),
    ],
    ("GET", "tags.add"): [Case("/tags/new", (303, 403, 200, 200, 200, 200))],
    ("POST", "tags.add"): [
        Case("/tags/new", (303, 403, 422, 422, 422, 422), {"group": "product-area"})
    ],
    ("GET", "tags.edit"): [Case("/tags/{tag}/edit", (303, 403, 403, 200, 403, 200))],
    ("POST", "tags.edit"): [
        Case("/tags/{tag}/edit", (303, 403, 403, 422, 403, 422), {"version": "1"})
    ],
    ("POST", "tags.add_parent"): [
        Case("/tags/{tag}/parents", (303, 403, 403, 422, 403, 422)),
    ],
    ("POST", "tags.remove_parent"): [
        Case("/tags/{tag}/parents/nothing/remove", (303, 403, 403, 404, 403, 404)),
    ],
    ("POST", "tags.set_status"): [
        Case("/tags/{tag}/status", (303, 403, 403, 303, 403, 303), {"status": "approved"}),
    ],
    ("POST", "bulk.insight"): [
        Case("/bulk/insight", (303, 403, 303, 303, 303, 303), {"atom": "{open_atom}"}),
        Case("/bulk/insight", (303, 403, 422, 422, 303, 303), {"atom": "{closed_atom}"}),
    ],
    ("POST", "atoms.carriers"): [
        Case("/atoms/carriers", (303, 403, 200, 200, 200, 200), {"kind": "insight"}),
    ],
    ("GET", "policies.show"): [Case("/policies", ALL)],
    ("POST", "policies.set_period"): [
        Case("/policies/periods", (303, 403, 403, 403, 403, 422)),
    ],
    ("GET", "claims.listed"): [
        Case("/claims?owner=me&kind=any", ALL),
        Case("/claims?study=closed", TEAM),
        Case("/claims?atom={closed_atom}", ALL),
    ],
    ("GET", "claims.mine"): [Case("/claims/mine", ALL)],
    ("POST", "claims.settle"): [
        Case("/claims/settle", (303, 403, 422, 422, 422, 422), {"do": "confirm"}),
    ],
    ("POST", "claims.ask"): [Case("/claims/ask", (303, 422, 422, 422, 422, 422))],
    ("POST", "claims.confirm"): [
        Case("/atoms/{open_atom}/confirm", (303, 403, 403, 422, 422, 422), {"until": "2000-01-01"}),
        Case(
            "/atoms/{closed_atom}/confirm", (303, 404, 404, 404, 422, 422), {"until": "1999-12-31"}
        ),
    ],
    ("POST", "recommendations.set_stage"): [
        Case("/atoms/{open_atom}/stage", (303, 403, 403, 403, 422, 422), {"stage": "unheard"}),
        Case("/atoms/{closed_atom}/stage", (303, 404, 404, 404, 422, 422), {"stage": "unheard"}),
    ],
    ("POST", "claims.withdraw"): [
        Case("/atoms/{open_atom}/confirmations/999/withdraw", NOT_THERE),
        Case("/atoms/{closed_atom}/confirmations/999/withdraw", NOT_THERE),
    ],
    ("POST", "policies.set_publishing"): [
        Case("/policies/publishing", (303, 403, 403, 403, 403, 422)),
    ],
    ("GET", "schemes.show"): [
        Case("/tags/groups/product-area", ALL),
        Case("/tags/groups/nothing", NOT_THERE),
    ],
    ("GET", "schemes.offending"): [
        Case("/tags/groups/product-area/offending", (303, 403, 403, 200, 403, 200)),
    ],
    ("GET", "schemes.add"): [Case("/tags/groups/new", (303, 403, 403, 200, 403, 200))],
    ("POST", "schemes.add"): [Case("/tags/groups/new", (303, 403, 403, 422, 403, 422))],
    ("GET", "schemes.edit"): [
        Case("/tags/groups/product-area/edit", (303, 403, 403, 200, 403, 200)),
    ],
    ("POST", "schemes.edit"): [
        Case("/tags/groups/product-area/edit", (303, 403, 403, 422, 403, 422)),
    ],
}


@dataclass(frozen=True)
class World:
    """An app with one of each thing, and the people who come to it."""

    app: Flask
    database: Database
    people: dict[str, int]
    places: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world") / "instance"
    app = create_app(Settings(instance=folder, secret_key="k" * 48))
    database: Database = app.extensions["house"].database
    with database.saving() as session:
        who = {role: make.person(session, role, role) for role in ("admin", "reader", "curator")}
        who["researcher"] = make.person(session, "researcher", "researcher")
        who["owner"] = make.person(session, "owner", "researcher")
        nobody = make.person(session, "bystander", "reader")
        owner = who["owner"]
        tag = make.tag(session, who["curator"], "Refund")
        public = make.study(session, owner, key="open")
        closed = make.study(session, owner, key="closed", access="members")
        seen = make.atom(session, owner, "Refunds take long", public, tags=[tag])
        hidden = make.atom(session, owner, "Refunds are feared", closed, tags=[tag])
        draft = make.atom(session, owner, "Refunds are odd", closed, status="draft")
        heard = make.participant(session, owner, study="open")
        token, _ = tokens.add(session, owner, owner.id, "robot")
        proposal = changes.compose(session, owner, [Rename(tag.key, "en", "Money back")])
        changes.propose(session, owner, proposal.key, "People say so")
        tagged, undone = (bulk.begin(session, owner, [hidden.id], [tag.id], []) for _ in "12")
        bulk.undo(session, owner, undone.id)
        places = {
            "bulk": str(tagged.id),
            "undone": str(undone.id),
            "set": proposal.key,
            "person": str(nobody.id),
            "system": str(people.system(session).id),
            "token": str(token.id),
            "participant": str(heard.id),
            "tag": tag.key,
            "open_atom": seen.key,
            "closed_atom": hidden.key,
            "draft": draft.key,
            "open_file": str(make.file(session, owner, seen, folder).id),
            "closed_file": str(make.file(session, owner, hidden, folder).id),
            **quoted(session, owner, public),
            "removed_source": removed_source(session, owner, public),
            "image": image(session, folder, owner, public),
        }
        places |= searches(session, owner, who["curator"])
        places |= saved_briefs(session, owner, closed)
        places |= frozen_reports(session, owner, public, closed)
        ids = {role: person.id for role, person in who.items()}
    places |= exported(app, owner)
    places |= imported(app, folder, owner)
    places |= sent_sources(app, owner)
    places |= tags_in(app, _person(database, ids["curator"]))
    app.extensions["house"].search.catch_up()
    admin = sign_in(app.test_client(), _person(database, ids["admin"]))
    places["job"] = send(admin, "/jobs/rebuild-index").headers["Location"].split("/")[-1]
    yield World(app, database, ids, places)
    database.close()


def saved_briefs(session: Session, owner: Person, closed: Study) -> dict[str, str]:
    """A brief of no study, one of a closed study, and one that was taken away."""
    fates = ("open_brief", "closed_brief", "gone_brief", "old_brief")
    made = {fate: briefs.save(session, owner, "Refunds?", briefs.Content()).key for fate in fates}
    briefs.attach(session, owner, closed, made["closed_brief"])
    briefs.remove(session, owner, made["old_brief"])
    return made


def frozen_reports(session: Session, owner: Person, public: Study, closed: Study) -> dict[str, str]:
    """Versions of the reports of both studies, and of one across them that all may read."""
    seen = session.exec(select(Atom).where(Atom.study_id == public.id)).first()
    hidden = session.exec(select(Atom).where(Atom.title == "Refunds are feared")).first()
    assert seen
    assert hidden
    found = {}
    for name, study, atoms in (
        ("open", public, [seen]), ("closed", closed, [hidden]), ("across", None, [seen, hidden])
    ):  # fmt: skip
        row = frozen.row(session, owner, study, is_shared=study is None)
        frozen.version(session, owner, row, atoms)
        found[f"{name}_report"] = row.key
    for name in ("own", "gone"):
        found[f"{name}_report"] = frozen.row(session, owner).key
    report_writing.remove(session, owner, found["gone_report"])
    made = [
        shares.make(session, owner, found["closed_report"], 1, who, is_confirmed=True)
        for who in ("Agency", "Board")
    ]
    return {**found, "share": str(made[0][0].id), "shared": made[1][1]}


def searches(session: Session, owner: Person, curator: Person) -> dict[str, str]:
    """Searches that the owner keeps, one for each fate, and one that the curator shares."""
    fates = ("own", "old", "gone", "told", "read", "fed")
    kept = {
        fate: saved_searches.save(session, owner, fate, [("q", "refund")]).key for fate in fates
    }
    saved_searches.remove(session, owner, kept["gone"])
    for fate in ("told", "read", "fed"):
        follows.follow(session, owner, kept[fate], [])
    shared = saved_searches.save(session, curator, "Ours", [("q", "refund")], is_shared=True)
    places = {f"{fate}_search": key for fate, key in kept.items()}
    feed = feeds.make(session, owner, kept["fed"])
    return {**places, "shared_search": shared.key, "feed": feed}


def quoted(session: Session, owner: Person, study: Study) -> dict[str, str]:
    """A source, and a quote that was cut from it for a fact that everybody sees."""
    source = make.source(session, owner, study=study)
    said = anchors.cut(session, owner, source.key, 0, 9)
    atom = make.atom(session, owner, "It takes weeks", study, evidence=[said])
    return {"source": source.key, "quote": str(evidence.of_atom(session, atom.id)[0].id)}


def removed_source(session: Session, owner: Person, study: Study) -> str:
    """A source that its owner took out of its study."""
    return sources.remove(session, owner, make.source(session, owner, study=study).key).key


def image(session: Session, instance: Path, owner: Person, study: Study) -> str:
    """A source that is an image."""
    text = SourceText("image")
    values = sources.ready(sources.SourceValues(title="The shelf"), text)
    kept = attachments.keep(instance, b"pixels", "image/png")
    return sources.add(session, owner, study.key, values, text, kept).key


def exported(app: Flask, owner: Person) -> dict[str, str]:
    """A file that was written for the owner."""
    terms = {"person": owner.id, "search": "q=refunds", "form": "md", "language": "en"}
    house = app.extensions["house"]
    house.search.catch_up()
    with house.database.saving() as session:
        job = jobs.start(session, owner, "atoms.export", terms)
        asked = Asked("study", "closed")
        report = report_jobs.begin(session, owner, asked, "md", "en", "")
    assert app.extensions["worker"].work_once()
    assert app.extensions["worker"].work_once()
    return {"export": str(job.id), "report_file": str(report.id)}


def sent_sources(app: Flask, owner: Person) -> dict[str, str]:
    """A text that the owner pasted, not yet a source."""
    client = sign_in(app.test_client(), owner)
    answer = send(client, "/studies/open/sources/new", text="Words")
    return {"source_upload": answer.headers["Location"].split("/")[-1]}


def imported(app: Flask, folder: Path, owner: Person) -> dict[str, str]:
    """A file that the owner sent, and one that came in but for a row."""
    client = sign_in(app.test_client(), owner)

    def upload() -> str:
        file = (BytesIO(b"title,study\nSeen,open\n,open\n"), "a.csv")
        return send(client, "/import", file=file).headers["Location"].split("?")[0]

    waits, comes = upload(), upload()
    chosen = {"column": ["title", "study"], "start": "1"}
    job = send(client, comes, **chosen).headers["Location"].split("/")[-1]
    app.extensions["worker"].work_once()
    return {"upload": waits.split("/")[-1], "import": job}


def tags_in(app: Flask, curator: Person) -> dict[str, str]:
    """A list of tags that the curator sent, and one that came in but for a row."""
    client = sign_in(app.test_client(), curator)

    def upload() -> str:
        file = (BytesIO(b"scheme,pref_label_en\nproduct-area,Seen\nproduct-area,\n"), "a.csv")
        return send(client, "/tags/import", file=file).headers["Location"]

    waits, comes = upload(), upload()
    job = send(client, comes, start="1").headers["Location"].split("/")[-1]
    app.extensions["worker"].work_once()
    return {"list": waits.split("/")[-1], "tags_in": job}


def _person(database: Database, person_id: int) -> Person:
    with database.reading() as session:
        return people.get(session, person_id)


def _routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        # Programs come with tokens and have a table of their own, in tests/api.
        if rule.endpoint != "static" and not rule.endpoint.startswith("api.")
    }


def test_every_route_says_who_may_use_it(world: World) -> None:
    assert _routes(world.app) == set(TABLE)


CASES = [
    pytest.param(method, case, role, code, id=f"{method} {case.path} {role}")
    for (method, _endpoint), cases in TABLE.items()
    for case in cases
    for role, code in zip(ROLES, case.codes, strict=True)
]


@pytest.mark.parametrize(("method", "case", "role", "code"), CASES)
def test_each_role_gets_what_the_table_says(
    world: World, method: str, case: Case, role: str, code: int
) -> None:
    client = world.app.test_client()
    if role != "anonymous":
        sign_in(client, _person(world.database, world.people[role]))
    path = case.path.format(**world.places)
    form = {
        name: value.format(**world.places) if isinstance(value, str) else value
        for name, value in case.form.items()
    }
    answer = client.get(path) if method == "GET" else send(client, path, **form)
    assert answer.status_code == code
    is_turned_away = role == "anonymous" and code == SIGN_IN and case.codes is not OPEN_SEND
    if is_turned_away:
        assert answer.headers["Location"].startswith("/sign-in")
    if code in (403, 404):
        page = answer.get_data(as_text=True)
        assert "Refunds are feared" not in page
        assert "Refunds are odd" not in page
