# Each target is a command that a person could type. `make run` serves the product; `make test` tests it.
PYTHON ?= python3
BIN = .venv/bin
ATOMS = 10000
TAGS = 1000

.PHONY: run test test-all check bench lock translations clean

run: .venv/run.stamp
	$(BIN)/research-repo serve --demo

test: .venv/dev.stamp
	$(BIN)/python -m pytest -n auto

test-all: .venv/dev.stamp
	$(BIN)/python -m pytest -n auto -m "not browser"
	$(BIN)/python -m pytest -m "browser"

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.stamp
	$(BIN)/python -m benchmarks --atoms $(ATOMS) --tags $(TAGS)

.venv/run.stamp: requirements.lock pyproject.toml
	sh scripts/install.sh $(PYTHON) requirements.lock
	touch $@

.venv/dev.stamp: requirements.lock requirements-dev.lock pyproject.toml
	sh scripts/install.sh $(PYTHON) requirements-dev.lock
	touch $@ .venv/run.stamp

# Needs uv. Versions stay where they are unless UPGRADE=--upgrade is given.
lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) -q -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -c requirements.lock $(UPGRADE) -q -o requirements-dev.lock

translations: .venv/dev.stamp
	sh scripts/translations.sh

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
