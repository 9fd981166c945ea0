"""`python -m research_repo` is the command `research-repo`."""

from research_repo.cli import main

main()
