"""Files that come in."""

from __future__ import annotations

import click


@click.group("import")
def importing() -> None:
    """Bring in what you have already."""
