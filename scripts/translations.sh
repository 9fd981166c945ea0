#!/bin/sh
# Gathers the messages from code and templates, merges them into the Russian catalogue and compiles it.
set -eu
dir=research_repo/translations
pot=$(mktemp)
.venv/bin/pybabel -q extract -F babel.cfg -k say -k say_many:1,2 --no-location --sort-output --no-wrap --project research-repo --copyright-holder "the research-repo authors" -o "$pot" .
.venv/bin/pybabel -q update -i "$pot" -d "$dir" -l ru --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
.venv/bin/pybabel -q compile -d "$dir" --statistics
rm -f "$pot"
