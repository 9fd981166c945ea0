"""For a WSGI server: `waitress-serve wsgi:app`. The command `research-repo serve` needs no more."""

from research_repo.app import create_app

app = create_app(background=True)
