"""The laws of the house: who may import whom, who commits, who reads the tags of atoms."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parent.parent
ROOMS = HOUSE / "research_repo"
CORE = ROOMS / "core"
MODULES = sorted(
    path for path in ROOMS.rglob("*.py") if "migrations" not in path.relative_to(ROOMS).parts
)
LINES_MAX = 400
FUNCTION_LINES_MAX = 50
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "handler"}


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_rooms_import_only_what_lies_below_them() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_core_is_loaded_without_flask_whoosh_and_numpy() -> None:
    modules = ", ".join(
        f"research_repo.core.{path.stem}" for path in CORE.glob("*.py") if path.stem != "__init__"
    )
    modules = modules.replace(", research_repo.core.prose_child", "")
    code = (
        f"import sys, {modules}\n"
        "print(sorted({'flask', 'whoosh', 'numpy', 'werkzeug'} & set(sys.modules)))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_the_server_loads_what_few_pages_need_when_they_need_it() -> None:
    """Each of these takes six to sixteen megabytes in a server that may never be asked for it."""
    heavy = "{'docx', 'lxml', 'pptx', 'typst', 'xlsxwriter'}"
    code = f"import sys, research_repo.app\nprint(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_one_place_commits() -> None:
    committing = {
        name_of(path) for path in MODULES if re.search(r"\.commit\(", path.read_text("utf-8"))
    }
    # The search room commits its own index, which is no database.
    in_rows = {name for name in committing if not name.startswith("research_repo/search/")}
    assert in_rows <= {"research_repo/core/db.py", "research_repo/core/instance.py"}


def test_tags_of_atoms_are_read_where_redirects_are_known() -> None:
    readers = {
        name_of(path).removeprefix("research_repo/core/").removesuffix(".py")
        for path in MODULES
        if any(
            (isinstance(node, ast.Name) and node.id == "AtomTag")
            or (isinstance(node, ast.Constant) and node.value == "atom_tag")
            for node in ast.walk(tree_of(path))
        )
    }
    # Writing and reading; what the index keeps; and the search by SQL while an index is rebuilt,
    # which gets its tags with all that was merged into them.
    known = {"models/__init__", "models/tags", "tagging", "indexing", "lookup"}
    # Many atoms at once, and the rows themselves, for an exact undo.
    assert readers <= known | {"retagging", "change_rows"}


def test_the_index_is_told_and_never_called_by_a_verb() -> None:
    for path in CORE.glob("*.py"):
        assert "research_repo.search" not in path.read_text("utf-8"), name_of(path)


def test_a_module_can_be_read_at_one_sitting() -> None:
    long = [name_of(path) for path in MODULES if path.read_text("utf-8").count("\n") > LINES_MAX]
    assert long == []
    assert [name_of(path) for path in MODULES if path.stem in NO_NAMES] == []


def test_a_function_can_be_seen_at_one_glance() -> None:
    long = [
        f"{name_of(path)}: {function.name}"
        for path in MODULES
        for function in functions(tree_of(path))
        if (function.end_lineno or 0) - function.lineno >= FUNCTION_LINES_MAX
    ]
    assert long == []


def test_nothing_is_left_for_later() -> None:
    left = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [name_of(path) for path in MODULES if left.search(path.read_text("utf-8"))] == []


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_verbs_of_core_take_the_session_then_the_person() -> None:
    for path in CORE.glob("*.py"):
        for function in functions(tree_of(path)):
            names = [argument.arg for argument in function.args.args]
            if function.name.startswith("_") or "by" not in names or names[0] in ("self", "by"):
                continue
            # Long work writes in many transactions: it takes the database in place of a session.
            starts = (["session", "by"], ["database", "by"])
            assert names[:2] in starts, f"{path.stem}.{function.name}({names})"
