"""What people call the values that tables hold, for pages, files and the command line alike."""

from __future__ import annotations

from research_repo.core.language import Message, say

LANGUAGE_NAMES = {"en": "English", "ru": "Русский"}

WORDS: dict[str, dict[str, Message]] = {
    "kind": {
        "fact": say("fact"),
        "insight": say("insight"),
        "recommendation": say("recommendation"),
        "study": say("study"),
    },
    "role": {
        "reader": say("reader"),
        "researcher": say("researcher"),
        "curator": say("tag curator"),
        "admin": say("administrator"),
    },
    "role_note": {
        "reader": say("reads, searches"),
        "researcher": say("also logs findings and runs studies"),
        "curator": say("also keeps the tags in order"),
        "admin": say("also keeps the people; sees everything"),
    },
    "method": {
        "interviews": say("interviews"),
        "usability test": say("usability test"),
        "survey": say("survey"),
        "diary": say("diary"),
        "observation": say("observation"),
        "analytics": say("analytics"),
        "support tickets": say("support tickets"),
        "experiment": say("experiment"),
        "card sorting": say("card sorting"),
        "desk research": say("desk research"),
        "other": say("another method"),
    },
    "study_status": {
        "planned": say("planned"),
        "running": say("running"),
        "analysis": say("in analysis"),
        "completed": say("completed"),
        "archived": say("archived study"),
    },
    "access": {"open": say("everybody who signs in"), "members": say("the study team only")},
    "atom_status": {
        "draft": say("draft"),
        "published": say("published"),
        "archived": say("archived"),
        "replaced": say("replaced by a newer one"),
        "stale": say("not confirmed lately"),
    },
    "stage": {
        "proposed": say("proposed"),
        "accepted": say("accepted"),
        "in_progress": say("in progress"),
        "done": say("done"),
        "declined": say("declined"),
    },
    "drift": {
        "archived": say("archived since"),
        "withdrawn": say("withdrawn since"),
        "superseded": say("replaced since"),
        "disputed": say("disputed since"),
        "changed": say("worded otherwise since"),
        "consent": say("quotes somebody whose consent is over"),
    },
    "evidence": {
        "quote": say("quote"),
        "number": say("number"),
        "link": say("web page"),
        "file": say("file"),
        "origin": say("origin"),
    },
    "source_kind": {
        "transcript": say("transcript"),
        "notes": say("notes"),
        "survey": say("survey export"),
        "image": say("image"),
        "pdf": say("PDF file"),
    },
    "link": {
        "supports": say("supports"),
        "contradicts": say("contradicts"),
        "supersedes": say("supersedes"),
        "relates": say("relates to"),
    },
    "strength": {
        "weak": say("weak"),
        "fair": say("fair"),
        "strong": say("strong"),
        "disputed": say("disputed"),
    },
    "tag_status": {
        "candidate": say("to review"),
        "approved": say("approved"),
        "deprecated": say("retired"),
    },
    "who_may_add": {
        "anyone": say("anyone who logs findings; the tag holds at once"),
        "review": say("anyone who logs findings; the tag waits for a curator"),
        "curators": say("tag curators only"),
    },
    "note": {
        "definition": say("what it is"),
        "scope": say("what belongs here"),
        "example": say("an example"),
    },
    "change_status": {
        "draft": say("not applied yet"),
        "proposed": say("proposed"),
        "applied": say("applied"),
        "undone": say("undone"),
        "rejected": say("rejected"),
    },
    "job_status": {
        "waiting": say("waiting"),
        "running": say("at work"),
        "done": say("done"),
        "failed": say("failed"),
    },
    "language": {code: Message(name) for code, name in LANGUAGE_NAMES.items()},
}


def term(table: str, value: str) -> Message:
    """What people call a value of a table: term("kind", "fact"). An unknown value stands for itself."""
    return WORDS[table].get(value) or Message(value)
