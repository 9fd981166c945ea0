"""What the product is: nouns and verbs, access, history. No Flask and no Whoosh; all the SQL.

A module imports only the rungs below it, from the bottom up: errors, language, clock, words, prose,
models, db, history, access, notices, jobs, people, schemes and tags, studies, atoms, links, reports.
"""
