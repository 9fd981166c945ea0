"""Long work: asked for by a person, done by a worker that holds it under a lease.

A worker that dies lets its lease run out; the job is taken up again, three times at the most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlmodel import Session, col, select

from research_repo.core import access, history, notices
from research_repo.core.clock import now
from research_repo.core.errors import NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import Job, Person

LEASE = timedelta(seconds=60)
ATTEMPTS = 3

TITLES = {
    "index.rebuild": say("Rebuild the search index"),
    "import.atoms": say("Import of findings"),
    "import.tags.preview": say("Trial of a list of tags"),
    "import.tags": say("Import of tags"),
    "sources.add": say("Import of a source"),
    "atoms.tag": say("Tags for many findings"),
    "atoms.untag": say("Undo of tags for many findings"),
    "atoms.export": say("Export of findings"),
    "reports.export": say("Report as a file"),
    "claims.settle": say("Many claims confirmed or archived"),
    "claims.unsettle": say("Undo for many claims"),
}
ASKED_BY = {
    "index.rebuild": access.require_admin,
    "import.atoms": access.require_log,
    "import.tags.preview": access.require_govern,
    "import.tags": access.require_govern,
    "sources.add": access.require_log,
    "atoms.tag": access.require_log,
    "atoms.untag": access.require_log,
    "atoms.export": access.require_active,
    "reports.export": access.require_active,
    "claims.settle": access.require_log,
    "claims.unsettle": access.require_log,
}


@dataclass(frozen=True)
class JobCard:
    """A job, ready to be shown."""

    id: int
    kind: str
    title: Message
    status: str
    done: int
    total: int
    error: Message | None
    result: Any
    who: str
    created_at: datetime
    finished_at: datetime | None


def start(session: Session, by: Person, kind: str, arguments: Any = None) -> Job:
    """Ask for long work that this person may do. The worker takes it up within a second."""
    if kind not in TITLES:
        raise NotFound
    ASKED_BY[kind](by)
    job = Job(kind=kind, person_id=by.id, arguments=arguments)
    session.add(job)
    session.flush()
    history.record(session, by, "started", "job", job.id, after={"kind": kind})
    return job


def open_one(session: Session, by: Person, kind: str, arguments: Any) -> Job | None:
    """The person's job for the very same work, where it waits or is at work already."""
    rows = session.exec(
        select(Job)
        .where(
            Job.person_id == by.id, Job.kind == kind, col(Job.status).in_(("waiting", "running"))
        )
        .order_by(col(Job.id))
    )
    return next((job for job in rows if job.arguments == arguments), None)


def is_waiting(session: Session) -> bool:
    """Whether there is a job to take up."""
    return session.exec(select(Job.id).where(_is_free()).limit(1)).first() is not None


def claim(session: Session) -> Job | None:
    """The oldest job that nobody holds, now held by the caller; None when there is nothing to do.

    A job whose lease ran out too often fails here, and its person is told.
    """
    for job in session.exec(
        select(Job)
        .where(_is_free())
        .order_by(col(Job.id))
        .limit(20)
        .with_for_update(skip_locked=True)
    ):
        if job.attempts >= ATTEMPTS:
            fail(session, job.id, say("It stopped three times without an end. Look at the log."))
            continue
        job.status, job.attempts, job.done = "running", job.attempts + 1, 0
        job.lease_until = now() + LEASE
        session.flush()
        return job
    return None


def progress(session: Session, job_id: int, done: int, total: int) -> None:
    """Say how far it is, and renew the lease."""
    job = session.get_one(Job, job_id)
    job.done, job.total, job.lease_until = done, total, now() + LEASE


def finish(session: Session, job_id: int, result: Any = None) -> None:
    """It is done; its person is told."""
    job = session.get_one(Job, job_id)
    job.status, job.result, job.finished_at, job.lease_until = "done", result, now(), None
    job.done = job.total
    notices.tell(
        session, [job.person_id], say("Done: %(job)s", job=TITLES[job.kind]), f"/jobs/{job.id}"
    )


def fail(session: Session, job_id: int, error: Message) -> None:
    """It cannot be done; its person is told why."""
    job = session.get_one(Job, job_id)
    job.status, job.error, job.finished_at, job.lease_until = "failed", error.as_json(), now(), None
    notices.tell(
        session,
        [job.person_id],
        say("Failed: %(job)s. %(reason)s", job=TITLES[job.kind], reason=error),
        f"/jobs/{job.id}",
    )


def listed(session: Session, by: Person, limit: int = 100) -> list[JobCard]:
    """The person's jobs, newest first; an admin sees everybody's."""
    own = col(Job.person_id) == by.id
    rows = session.exec(
        select(Job, Person.name)
        .join(Person)
        .where(true() if access.is_admin(by) else own)
        .order_by(col(Job.id).desc())
        .limit(limit)
    )
    return [_card(job, who) for job, who in rows]


def get(session: Session, by: Person, job_id: int) -> JobCard:
    """One job, for its person and for admins; NotFound for others."""
    row = session.exec(select(Job, Person.name).join(Person).where(col(Job.id) == job_id)).first()
    if row is None or not (access.is_admin(by) or row[0].person_id == by.id):
        raise NotFound
    return _card(*row)


def _is_free() -> ColumnElement[bool]:
    return or_(
        col(Job.status) == "waiting",
        and_(col(Job.status) == "running", col(Job.lease_until) < now()),
    )


def _card(job: Job, who: str) -> JobCard:
    return JobCard(
        id=job.id,
        kind=job.kind,
        title=TITLES[job.kind],
        status=job.status,
        done=job.done,
        total=job.total,
        error=Message.from_json(job.error) if job.error else None,
        result=job.result,
        who=who,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )
