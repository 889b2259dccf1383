-- OMOP CDM 5.4 in a folder of CSV or Parquet files, each named as its table (letters of any case):
-- put this file beside them, or name their folder after `folder`. For omop.schema.json.
--
-- Columns of CSV are texts here: `number` and `day` read them, and refuse what is none.
-- Clinical concepts are found by vocabulary and code in `concept`; the numbers of others are
-- written out. Write NULL for a column that an extract does not have. `needs` names a statement's
-- tables.
-- database: folder

-- table: persons
-- needs: person
-- One row a person. Sex is a concept: 8507 male, 8532 female, 8521 other; 0 and 8551 say nothing.
WITH people AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    number(NULLIF(gender_concept_id, '')) AS gender_concept_id,
    number(NULLIF(year_of_birth, '')) AS year_of_birth
  FROM person)
SELECT person_id, year_of_birth AS birth_year,
  CASE WHEN gender_concept_id NOT IN (0, 8551) THEN gender_concept_id END AS sex
FROM people;

-- table: ages
-- needs: person, death
-- The date of birth as far as it is known: a day, a month or a year. `birth_datetime` is not read:
-- many sources fill it with a day that nobody recorded. Of the dead without a day nobody knows it.
WITH people AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    CAST(number(NULLIF(year_of_birth, '')) AS text) AS year,
    CAST(number(NULLIF(month_of_birth, '')) AS text) AS month,
    CAST(number(NULLIF(day_of_birth, '')) AS text) AS day
  FROM person),
deaths AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id, NULLIF(trim(death_date), '') AS death_date
  FROM death)
SELECT p.person_id AS person_id,
  substr('0000' || p.year, length(p.year) + 1)
  || COALESCE('-' || substr('00' || p.month, length(p.month) + 1), '')
  || CASE WHEN p.month IS NOT NULL AND p.day IS NOT NULL
    THEN '-' || substr('00' || p.day, length(p.day) + 1) ELSE '' END AS birth,
  CASE WHEN d.person_id IS NOT NULL THEN COALESCE(d.death_date, 'true') END AS died
FROM people p LEFT JOIN deaths d ON d.person_id = p.person_id;

-- table: conditions
-- needs: person, condition_occurrence, observation_period, concept, concept_ancestor
-- Type-2 diabetes: SNOMED CT 44054006 (concept 201826), 422014003 (disorder due to it), and what
-- `concept_ancestor` puts below them, where the status asserts it (0 or none, confirmed, primary,
-- secondary, discharge, death; a preliminary, admission or referral diagnosis says nothing).
-- What cannot be told is NULL: a condition that is not mapped (0), or not in `concept_ancestor`;
-- a concept that is wider than type 2; diabetes of a type that is not said (below 73211009 or
-- 74627003, and not below 46635009, 420868002, 11687002: type 1, due to type 1, gestational).
-- ASSUMED: of a person with an observation period, what no record says is not so. Of others it is
-- NULL, and of everybody where the vocabulary does not have both concepts.
WITH people AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id
  FROM person),
facts AS (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    number(NULLIF(condition_concept_id, '')) AS concept_id,
    number(NULLIF(condition_status_concept_id, '')) AS status_id, condition_start_date AS date
  FROM condition_occurrence),
seen AS MATERIALIZED (
  SELECT DISTINCT number(NULLIF(person_id, '')) AS person_id
  FROM observation_period),
concepts AS MATERIALIZED (
  SELECT number(NULLIF(concept_id, '')) AS concept_id, vocabulary_id, concept_code
  FROM concept),
ancestors AS MATERIALIZED (
  SELECT number(NULLIF(ancestor_concept_id, '')) AS ancestor_id,
    number(NULLIF(descendant_concept_id, '')) AS descendant_id
  FROM concept_ancestor),
marks AS (
  SELECT concept_id,
    CASE WHEN concept_code = '44054006' THEN 'type 2' WHEN concept_code = '422014003' THEN 'type 2+'
      WHEN concept_code IN ('73211009', '74627003') THEN 'diabetes' ELSE 'other' END AS mark
  FROM concepts
  WHERE vocabulary_id = 'SNOMED' AND concept_code IN
    ('44054006', '422014003', '73211009', '74627003', '46635009', '420868002', '11687002')),
related AS (
  SELECT a.descendant_id AS concept_id, m.mark AS mark
  FROM ancestors a JOIN marks m ON m.concept_id = a.ancestor_id
  UNION ALL
  SELECT a.ancestor_id, 'wider'
  FROM ancestors a JOIN marks m ON m.concept_id = a.descendant_id WHERE m.mark = 'type 2'),
kinds AS (
  SELECT concept_id, MAX(CASE WHEN mark LIKE 'type 2%' THEN 1 ELSE 0 END) AS is_type_2,
    MAX(CASE WHEN mark = 'other' THEN 1 ELSE 0 END) AS is_other
  FROM related GROUP BY concept_id),
known AS (
  SELECT DISTINCT descendant_id AS concept_id FROM ancestors WHERE ancestor_id = descendant_id),
covered AS (
  SELECT COUNT(DISTINCT m.concept_id) AS n
  FROM marks m JOIN known k ON k.concept_id = m.concept_id WHERE m.mark LIKE 'type 2%')
SELECT p.person_id AS person_id,
  CASE WHEN b.is_type_2 = 1 AND COALESCE(f.status_id, 0) IN
    (0, 32893, 32895, 32896, 32902, 32903, 32908, 32909) THEN 'true' END AS has_t2dm,
  f.date AS date
FROM facts f
LEFT JOIN people p ON p.person_id = f.person_id
LEFT JOIN kinds b ON b.concept_id = f.concept_id
LEFT JOIN known k ON k.concept_id = f.concept_id
WHERE k.concept_id IS NULL OR b.is_type_2 = 1 OR b.is_other = 0
UNION ALL
SELECT p.person_id, CASE WHEN s.person_id IS NOT NULL AND c.n = 2 THEN 'false' END, NULL
FROM people p CROSS JOIN covered c LEFT JOIN seen s ON s.person_id = p.person_id;

-- table: measurements
-- needs: person, measurement, concept
-- One row a measurement. `unit` is the UCUM code of the unit's concept; without one a number is no
-- value. `comparator` stands for every operator but `=` (4172703), also where only the source's own
-- text has one, in signs or words; such numbers are bounds. The percent of IFCC's HbA1c (59261-8)
-- is another one than the common percent: `IFCC|%`. A result that is no number (a concept, a text)
-- is told as one that cannot be used, so that no older value stands in for it.
-- `taken` has a time where every measurement of that day has one: midnight is none. All type
-- concepts count; by `type` a schema asks for some, as `"where": "measured=hba1c; type=32856"`.
WITH people AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id
  FROM person),
facts AS (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    number(NULLIF(measurement_concept_id, '')) AS concept_id,
    number(NULLIF(measurement_type_concept_id, '')) AS type_id,
    number(NULLIF(operator_concept_id, '')) AS operator_id,
    number(NULLIF(value_as_number, '')) AS value,
    number(NULLIF(value_as_concept_id, '')) AS value_id,
    number(NULLIF(unit_concept_id, '')) AS unit_id, NULLIF(ltrim(value_source_value), '') AS told,
    measurement_date AS date,
    CASE WHEN substr(measurement_datetime, 1, 10) = substr(measurement_date, 1, 10)
    AND trim(substr(measurement_datetime, 12), '0:.Z+ ') <> ''
    THEN measurement_datetime END AS moment
  FROM measurement),
concepts AS MATERIALIZED (
  SELECT number(NULLIF(concept_id, '')) AS concept_id, vocabulary_id, concept_code
  FROM concept),
wanted AS (
  SELECT concept_id,
    CASE WHEN concept_code IN ('4548-4', '17856-6', '59261-8', '43396009') THEN 'hba1c'
      WHEN concept_code IN ('39156-5', '60621009') THEN 'bmi'
      WHEN concept_code IN ('8480-6', '271649006') THEN 'systolic'
      ELSE 'diastolic' END AS measured,
    CASE WHEN concept_code = '59261-8' THEN 'IFCC|' ELSE '' END AS scale
  FROM concepts
  WHERE (vocabulary_id = 'LOINC' AND concept_code IN
      ('4548-4', '17856-6', '59261-8', '39156-5', '8480-6', '8462-4'))
    OR (vocabulary_id = 'SNOMED' AND concept_code IN
      ('43396009', '60621009', '271649006', '271650006')))
SELECT p.person_id AS person_id, w.measured AS measured,
  CASE WHEN f.value IS NULL AND (COALESCE(f.value_id, 0) <> 0 OR f.told IS NOT NULL)
    THEN 'no number' ELSE f.value END AS value,
  CASE WHEN u.vocabulary_id = 'UCUM' AND u.concept_code = '%' THEN w.scale || '%'
    WHEN u.vocabulary_id = 'UCUM' THEN u.concept_code
    WHEN u.concept_id <> 0 THEN u.vocabulary_id || '|' || u.concept_code END AS unit,
  CASE WHEN f.operator_id = 4171756 THEN '<' WHEN f.operator_id = 4171754 THEN '<='
    WHEN f.operator_id = 4172704 THEN '>' WHEN f.operator_id = 4171755 THEN '>='
    WHEN COALESCE(f.operator_id, 0) NOT IN (0, 4172703) THEN 'another'
    WHEN substr(f.told, 1, 1) IN ('<', '>', '≤', '≥', '~') THEN substr(f.told, 1, 1)
    WHEN f.told LIKE '%<%' OR f.told LIKE '%>%' OR f.told LIKE '%≤%' OR f.told LIKE '%≥%'
      OR f.told LIKE '%＜%' OR f.told LIKE '%＞%' OR f.told LIKE '%~%' OR lower(f.told) LIKE '%&lt%'
      OR lower(f.told) LIKE '%&gt%' OR lower(f.told) LIKE '%less%' OR lower(f.told) LIKE '%more%'
      OR lower(f.told) LIKE '%under%' OR lower(f.told) LIKE '%over%'
      OR lower(f.told) LIKE '%unter%' OR f.told LIKE '%über%' OR f.told LIKE '%ÜBER%'
      OR f.told LIKE '%Über%' OR lower(f.told) LIKE '%below%' OR lower(f.told) LIKE '%above%'
      OR lower(f.told) LIKE '%greater%' OR lower(f.told) LIKE '%at least%'
      OR lower(f.told) LIKE '%at most%' THEN 'another'
    END AS comparator,
  CASE WHEN MIN(CASE WHEN f.moment IS NULL THEN 0 ELSE 1 END)
      OVER (PARTITION BY f.person_id, w.measured, f.date) = 1
    THEN f.moment ELSE f.date END AS taken,
  f.type_id AS type
FROM facts f
JOIN wanted w ON w.concept_id = f.concept_id
LEFT JOIN people p ON p.person_id = f.person_id
LEFT JOIN concepts u ON u.concept_id = f.unit_id;

-- table: smoking
-- needs: person, observation, measurement, concept
-- The question LOINC 72166-2 (concept 43054909), which some sources keep as a measurement, with the
-- concept of its answer; and SNOMED CT findings that stand for themselves. `finding` is
-- vocabulary|code. An answer that is not mapped, and a finding with a value or a qualifier ("no",
-- "in the family"), cannot be used, so that no older one stands in for it.
WITH people AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id
  FROM person),
observed AS (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    number(NULLIF(observation_concept_id, '')) AS concept_id,
    number(NULLIF(value_as_concept_id, '')) AS value_id,
    number(NULLIF(qualifier_concept_id, '')) AS qualifier_id,
    COALESCE(NULLIF(value_as_number, ''), NULLIF(value_as_string, '')) AS told,
    NULLIF(value_source_value, '') AS said, observation_date AS date,
    CASE WHEN substr(observation_datetime, 1, 10) = substr(observation_date, 1, 10)
    AND trim(substr(observation_datetime, 12), '0:.Z+ ') <> ''
    THEN observation_datetime END AS moment
  FROM observation),
measured AS (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    number(NULLIF(measurement_concept_id, '')) AS concept_id,
    number(NULLIF(value_as_concept_id, '')) AS value_id,
    COALESCE(NULLIF(value_as_number, ''), NULLIF(value_source_value, '')) AS told,
    measurement_date AS date,
    CASE WHEN substr(measurement_datetime, 1, 10) = substr(measurement_date, 1, 10)
    AND trim(substr(measurement_datetime, 12), '0:.Z+ ') <> ''
    THEN measurement_datetime END AS moment
  FROM measurement),
concepts AS MATERIALIZED (
  SELECT number(NULLIF(concept_id, '')) AS concept_id, vocabulary_id, concept_code
  FROM concept),
questions AS (
  SELECT concept_id, vocabulary_id, concept_code FROM concepts
  WHERE (vocabulary_id = 'LOINC' AND concept_code = '72166-2')
    OR (vocabulary_id = 'SNOMED' AND concept_code IN ('266919005', '8517006', '77176002',
      '449868002', '428041000124106', '428071000124103', '428061000124105'))),
told AS (
  SELECT person_id, concept_id, value_id, told, said, qualifier_id, date, moment
  FROM observed WHERE concept_id IN (SELECT concept_id FROM questions)
  UNION ALL
  SELECT person_id, concept_id, value_id, told, NULL, NULL, date, moment
  FROM measured WHERE concept_id IN (SELECT concept_id FROM questions)),
statements AS (
  SELECT t.person_id AS person_id, t.date AS date, t.moment AS moment,
    CASE WHEN q.vocabulary_id = 'SNOMED' AND COALESCE(t.value_id, 0) = 0 AND t.told IS NULL
        AND COALESCE(t.qualifier_id, 0) = 0 THEN 'SNOMED|' || q.concept_code
      WHEN q.vocabulary_id = 'SNOMED' THEN 'not usable'
      WHEN COALESCE(t.value_id, 0) <> 0 AND COALESCE(t.qualifier_id, 0) = 0
        THEN COALESCE(v.vocabulary_id || '|' || v.concept_code, 'not usable')
      WHEN COALESCE(t.value_id, 0) <> 0 OR t.told IS NOT NULL OR t.said IS NOT NULL
        THEN 'not usable' END AS finding
  FROM told t
  JOIN questions q ON q.concept_id = t.concept_id
  LEFT JOIN concepts v ON v.concept_id = t.value_id)
SELECT p.person_id AS person_id, s.finding AS finding,
  CASE WHEN MIN(CASE WHEN s.moment IS NULL THEN 0 ELSE 1 END)
      OVER (PARTITION BY s.person_id, s.date) = 1
    THEN s.moment ELSE s.date END AS date
FROM statements s LEFT JOIN people p ON p.person_id = s.person_id;

-- table: deaths
-- needs: person, death, observation_period
-- ASSUMED: a person with an observation period and no row of `death` is not recorded as dead; of
-- others it is NULL. Several dates of death stand beside each other (`known_on`), and are none.
WITH people AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id
  FROM person),
deaths AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id, death_date
  FROM death),
seen AS MATERIALIZED (
  SELECT DISTINCT number(NULLIF(person_id, '')) AS person_id
  FROM observation_period)
SELECT p.person_id AS person_id, 'true' AS deceased, d.death_date AS died_on,
  MAX(d.death_date) OVER (PARTITION BY d.person_id) AS known_on
FROM deaths d LEFT JOIN people p ON p.person_id = d.person_id
UNION ALL
SELECT p.person_id, CASE WHEN s.person_id IS NOT NULL THEN 'false' END, NULL, NULL
FROM people p LEFT JOIN seen s ON s.person_id = p.person_id;

-- table: periods
-- needs: person, observation_period
-- All observation periods; the schema takes the first start and the last end.
WITH people AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id
  FROM person),
periods AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    day(NULLIF(observation_period_start_date, '')) AS period_start,
    day(NULLIF(observation_period_end_date, '')) AS period_end
  FROM observation_period)
SELECT p.person_id AS person_id, o.period_start AS observed_from, o.period_end AS observed_to
FROM periods o LEFT JOIN people p ON p.person_id = o.person_id;

-- table: visits
-- needs: person, visit_occurrence, observation_period
-- One row a visit, and whether it began inside an observation period: only those are counted.
-- `kind` is the visit's concept (9201 inpatient, 9202 outpatient, 9203 emergency room).
-- ASSUMED: a person with an observation period and no visit in one had none. Of a person without a
-- period, the number of visits is NULL.
WITH people AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id
  FROM person),
facts AS (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    number(NULLIF(visit_occurrence_id, '')) AS visit_id,
    number(NULLIF(visit_concept_id, '')) AS kind, day(NULLIF(visit_start_date, '')) AS date
  FROM visit_occurrence),
periods AS MATERIALIZED (
  SELECT number(NULLIF(person_id, '')) AS person_id,
    day(NULLIF(observation_period_start_date, '')) AS period_start,
    day(NULLIF(observation_period_end_date, '')) AS period_end
  FROM observation_period),
seen AS MATERIALIZED (
  SELECT DISTINCT number(NULLIF(person_id, '')) AS person_id
  FROM observation_period)
SELECT p.person_id AS person_id, 1 AS visit, f.date AS date, f.kind AS kind,
  MAX(CASE WHEN f.date >= o.period_start AND f.date <= o.period_end THEN 'true' ELSE 'false' END)
    AS observed
FROM facts f
LEFT JOIN people p ON p.person_id = f.person_id
LEFT JOIN periods o ON o.person_id = f.person_id
GROUP BY p.person_id, f.visit_id, f.date, f.kind
UNION ALL
SELECT p.person_id, NULL, NULL, NULL, 'true'
FROM people p LEFT JOIN seen s ON s.person_id = p.person_id WHERE s.person_id IS NULL;
