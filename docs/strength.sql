-- How strong each published claim is, counted as the pages count it, for one reader.
--
-- It takes one value, the id of a person; an administrator sees the most. What it counts and why is
-- told in docs/en/strength.md, and how to run it. A test runs it and compares.

WITH RECURSIVE
-- What the reader sees: all of the team's own studies, and what is published in open ones.
reader AS (SELECT id, role FROM person WHERE id = :reader),
team AS (
    SELECT study.id FROM study, reader
    WHERE reader.role = 'admin'
       OR study.owner_id = reader.id
       OR EXISTS (SELECT 1 FROM study_member
                  WHERE study_id = study.id AND person_id = reader.id)
),
claim AS (
    SELECT atom.id, atom.key, atom.kind, atom.title, atom.study_id, study.method,
           COALESCE(atom.observed_on, DATE(atom.created_at)) AS day
    FROM atom LEFT JOIN study ON study.id = atom.study_id
    WHERE atom.status = 'published'
      AND (atom.study_id IS NULL OR study.access = 'open' OR atom.study_id IN (SELECT id FROM team))
      -- An import that is still at work is seen by nobody.
      AND (atom.import_id IS NULL OR atom.import_id NOT IN
           (SELECT id FROM import_run WHERE completed_at IS NULL))
),
-- What may speak for or against others: what no newer claim has replaced.
speaking AS (
    SELECT * FROM claim
    WHERE id NOT IN (SELECT to_id FROM link JOIN claim ON claim.id = link.from_id
                     WHERE link.kind = 'supersedes')
),
-- The grounds: a claim itself, and all that leads to it through "supports".
grounds(claim_id, id) AS (
    SELECT id, id FROM claim
    UNION
    SELECT grounds.claim_id, speaking.id
    FROM grounds
    JOIN link ON link.to_id = grounds.id AND link.kind = 'supports'
    JOIN speaking ON speaking.id = link.from_id
),
-- What the atoms of studies bring; of copies the oldest one. An origin brings nothing.
piece AS (
    SELECT * FROM (
        SELECT grounds.claim_id, claim.id AS atom_id, claim.study_id, claim.method, evidence.kind,
               evidence.n, evidence.participant_id, LOWER(evidence.who) AS who,
               ROW_NUMBER() OVER (
                   PARTITION BY grounds.claim_id, evidence.kind, evidence.text,
                                LOWER(evidence.who), evidence.url, evidence.number, evidence.unit,
                                evidence.n, evidence.attachment_id
                   ORDER BY claim.id, evidence.position, evidence.id
               ) AS copy
        FROM grounds
        JOIN claim ON claim.id = grounds.id
        JOIN evidence ON evidence.atom_id = claim.id
        WHERE evidence.kind <> 'origin' AND claim.study_id IS NOT NULL
    ) AS every_piece
    WHERE copy = 1
),
brought AS (
    SELECT claim_id,
           COUNT(DISTINCT study_id) AS studies,
           -- "Another method" makes no second one.
           COUNT(DISTINCT NULLIF(method, 'other')) AS methods,
           COUNT(DISTINCT CASE
               WHEN kind <> 'quote' THEN NULL
               WHEN participant_id IS NOT NULL THEN 'participant ' || participant_id
               WHEN who <> '' THEN study_id || ' ' || who
           END) AS respondents,
           COUNT(DISTINCT CASE WHEN kind = 'number' AND n >= 30 THEN study_id END) AS measured
    FROM piece GROUP BY claim_id
),
resting AS (
    SELECT grounds.claim_id,
           COUNT(*) - 1 AS supporting,
           COUNT(DISTINCT CASE WHEN claim.kind = 'fact' THEN claim.title END) AS facts,
           MAX(CASE WHEN claim.kind = 'fact' OR EXISTS (
               SELECT 1 FROM piece
               WHERE piece.claim_id = grounds.claim_id AND piece.atom_id = claim.id
           ) THEN claim.day END) AS latest
    FROM grounds JOIN claim ON claim.id = grounds.id
    GROUP BY grounds.claim_id
),
against AS (
    SELECT link.to_id AS claim_id, COUNT(DISTINCT speaking.title) AS contradicting
    FROM link JOIN speaking ON speaking.id = link.from_id
    WHERE link.kind = 'contradicts'
    GROUP BY link.to_id
),
counted AS (
    SELECT claim.id, claim.key, claim.title,
           COALESCE(brought.respondents, 0) AS respondents,
           COALESCE(brought.studies, 0) AS studies,
           CASE WHEN brought.studies > 0 AND brought.methods = 0 THEN 1
                ELSE COALESCE(brought.methods, 0) END AS methods,
           resting.supporting,
           resting.facts,
           COALESCE(against.contradicting, 0) AS contradicting,
           COALESCE(brought.measured, 0) AS measured,
           COALESCE(resting.latest, claim.day) AS latest
    FROM claim
    JOIN resting ON resting.claim_id = claim.id
    LEFT JOIN brought ON brought.claim_id = claim.id
    LEFT JOIN against ON against.claim_id = claim.id
)
SELECT id, key, title, respondents, studies, methods, supporting, facts, contradicting, measured,
       latest,
       CASE
           WHEN contradicting > 0 AND contradicting * 3 >= facts THEN 'disputed'
           WHEN studies >= 2 AND methods >= 2 AND (respondents >= 5 OR measured >= 2) THEN 'strong'
           WHEN respondents >= 3 OR measured >= 1 OR (studies >= 2 AND respondents >= 2) THEN 'fair'
           ELSE 'weak'
       END AS level
FROM counted
ORDER BY id;
