//! Statements that run once per batch. A batch is one JSON array of objects (see `rows`); ids in it are hex.

/// Inserts selections; a higher version, or a later decision of the same version, replaces.
pub const SELECTIONS: &str = "\
INSERT INTO declaration (id, selection, version, office, direction, regime, modality, form, lodged_at, decided_at,
    local_day, channel, channel_without_draw, probability, random_probability, physical_trigger, physical_full,
    degraded, latency_ms, arrived_at, novelty, novelty_reasons)
SELECT unhex(value ->> 'id'), unhex(value ->> 'selection'), value ->> 'version', value ->> 'office',
    value ->> 'direction', value ->> 'regime', value ->> 'modality', value ->> 'form', value ->> 'lodged',
    value ->> 'decided', value ->> 'day', value ->> 'channel', value ->> 'without_draw', value ->> 'probability',
    value ->> 'random', value ->> 'trigger', value ->> 'full', value ->> 'degraded', value ->> 'latency',
    value ->> 'arrived', value ->> 'novelty', value ->> 'novelty_reasons'
FROM json_each($1) WHERE true
ON CONFLICT (id) DO UPDATE SET selection = excluded.selection, version = excluded.version, office = excluded.office,
    direction = excluded.direction, regime = excluded.regime, modality = excluded.modality, form = excluded.form,
    lodged_at = min(coalesce(lodged_at, excluded.lodged_at), excluded.lodged_at), decided_at = excluded.decided_at,
    local_day = excluded.local_day, channel = excluded.channel, channel_without_draw = excluded.channel_without_draw,
    probability = excluded.probability, random_probability = excluded.random_probability,
    physical_trigger = excluded.physical_trigger, physical_full = excluded.physical_full,
    degraded = excluded.degraded, latency_ms = excluded.latency_ms, novelty = excluded.novelty,
    novelty_reasons = excluded.novelty_reasons,
    arrived_at = coalesce(arrived_at, excluded.arrived_at)
WHERE excluded.version > version OR (excluded.version = version AND excluded.decided_at >= coalesce(decided_at, 0))";

/// Inserts what took part in a rollout; a later decision of a declaration replaces.
pub const EXPOSURES: &str = "\
INSERT INTO trial_exposure (rollout, declaration, selection, candidate, weight, office, decided_at, latency_ms,
    degraded, physical, by_model, champion_probability, candidate_probability, cell)
SELECT value ->> 'rollout', unhex(value ->> 'declaration'), unhex(value ->> 'selection'), value ->> 'candidate',
    value ->> 'weight', value ->> 'office', value ->> 'decided', value ->> 'latency', value ->> 'degraded',
    value ->> 'physical', value ->> 'by_model', value ->> 'champion', value ->> 'challenger', value ->> 'cell'
FROM json_each($1) WHERE true
ON CONFLICT (rollout, declaration) DO UPDATE SET selection = excluded.selection, candidate = excluded.candidate,
    weight = excluded.weight, decided_at = excluded.decided_at, latency_ms = excluded.latency_ms,
    degraded = excluded.degraded, physical = excluded.physical, by_model = excluded.by_model,
    champion_probability = excluded.champion_probability, candidate_probability = excluded.candidate_probability,
    cell = excluded.cell
WHERE excluded.decided_at >= trial_exposure.decided_at";

/// Forgets the matches of selections that were replaced, of the declarations in the array.
pub const SUPERSEDED: &str = "\
DELETE FROM filter_unit WHERE declaration IN (SELECT unhex(value) FROM json_each($1))
    AND selection <> (SELECT selection FROM declaration WHERE id = filter_unit.declaration)";

/// Inserts what filters matched, unless another selection is in force.
pub const UNITS: &str = "\
INSERT INTO filter_unit (declaration, code, selection, version, month, decided_at, acted, selected, others_acted, listed)
SELECT d.id, value ->> 'code', d.selection, value ->> 'version', strftime('%Y-%m', d.local_day * 86400, 'unixepoch'),
    d.decided_at, value ->> 'acted', d.channel <> 'green', value ->> 'others_acted',
    value ->> 'listed'
FROM json_each($1) CROSS JOIN declaration d
WHERE d.id = unhex(value ->> 'declaration') AND d.selection = unhex(value ->> 'selection')
ON CONFLICT DO NOTHING";

/// Writes what final physical examinations established, and what officers think, beside the matches of the
/// declarations in the array.
pub const JUDGED: &str = "\
UPDATE filter_unit SET examined = new.examined, found = new.found, known_at = new.known_at, verdict = new.verdict
FROM (
    SELECT declaration, max(final) AS examined, max(final AND outcome = 'finding') AS found,
        max(CASE WHEN final THEN known_at END) AS known_at, max(verdict) AS verdict
    FROM (
        SELECT declaration, outcome, known_at, coalesce(method = 'physical' AND result_version > 0
            AND stage <> 'preliminary' AND outcome <> 'notExamined', 0) AS final,
            first_value(targeting) OVER (PARTITION BY declaration ORDER BY targeting IS NULL, known_at DESC) AS verdict
        FROM control WHERE history = 0 AND declaration IN (SELECT unhex(value) FROM json_each($1))
    ) GROUP BY declaration
) AS new WHERE filter_unit.declaration = new.declaration";

/// Notes movements; the first time told of each stands.
pub const MOVEMENTS: &str = "\
INSERT INTO declaration (id, arrived_at, presented_at, released_at, cancelled_at)
SELECT unhex(value ->> 'id'), value ->> 'arrived', value ->> 'presented', value ->> 'released', value ->> 'cancelled'
FROM json_each($1) WHERE true
ON CONFLICT (id) DO UPDATE SET arrived_at = coalesce(arrived_at, excluded.arrived_at),
    presented_at = coalesce(presented_at, excluded.presented_at),
    released_at = coalesce(released_at, excluded.released_at),
    cancelled_at = coalesce(cancelled_at, excluded.cancelled_at)";

/// Inserts controls that are not known.
pub const CONTROLS: &str = "\
INSERT INTO control (id, declaration, selection, office, method, \"trigger\", basis, extent_full, over_plan,
    ordered_at, local_day, history)
SELECT unhex(value ->> 'id'), unhex(value ->> 'declaration'), unhex(value ->> 'selection'), value ->> 'office',
    value ->> 'method', value ->> 'trigger', value ->> 'basis', value ->> 'full', value ->> 'over_plan',
    value ->> 'ordered', value ->> 'day', value ->> 'history'
FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Sets results; a lower version than the one that holds changes nothing.
pub const RESULTS: &str = "\
UPDATE control SET result_version = new.version, stage = new.stage, known_at = new.known, examined_at = new.examined,
    outcome = new.outcome, targeting = new.targeting
FROM (SELECT unhex(value ->> 'id') AS id, value ->> 'version' AS version, value ->> 'stage' AS stage,
    value ->> 'known' AS known, value ->> 'examined' AS examined, value ->> 'outcome' AS outcome,
    value ->> 'targeting' AS targeting
    FROM json_each($1)) AS new
WHERE control.id = new.id AND new.version > control.result_version";

/// Inserts findings.
pub const FINDINGS: &str = "\
INSERT INTO finding (control, version, ordinal, kind, nature, in_traders_favour)
SELECT unhex(value ->> 'control'), value ->> 'version', value ->> 'ordinal', value ->> 'kind', value ->> 'nature',
    value ->> 'favour'
FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Inserts additional duties.
pub const DUTIES: &str = "\
INSERT INTO duty (control, version, ordinal, amount, currency)
SELECT unhex(value ->> 'control'), value ->> 'version', value ->> 'ordinal', value ->> 'amount', value ->> 'currency'
FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Inserts seizures.
pub const SEIZURES: &str = "\
INSERT INTO seizure (control, version, ordinal, kind, quantity, unit, amount, currency)
SELECT unhex(value ->> 'control'), value ->> 'version', value ->> 'ordinal', value ->> 'kind', value ->> 'quantity',
    value ->> 'unit', value ->> 'amount', value ->> 'currency'
FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Forgets the findings of versions that no longer hold, of the controls in the array.
pub const FORGET_FINDINGS: &str = "\
DELETE FROM finding WHERE control IN (SELECT unhex(value) FROM json_each($1))
    AND version <> (SELECT result_version FROM control WHERE control.id = finding.control)";

/// Forgets the additional duties of versions that no longer hold, of the controls in the array.
pub const FORGET_DUTIES: &str = "\
DELETE FROM duty WHERE control IN (SELECT unhex(value) FROM json_each($1))
    AND version <> (SELECT result_version FROM control WHERE control.id = duty.control)";

/// Forgets the seizures of versions that no longer hold, of the controls in the array.
pub const FORGET_SEIZURES: &str = "\
DELETE FROM seizure WHERE control IN (SELECT unhex(value) FROM json_each($1))
    AND version <> (SELECT result_version FROM control WHERE control.id = seizure.control)";

/// Raises an epoch; changes nothing, and tells so, when it is not higher.
pub const EPOCH: &str = "\
INSERT INTO epoch (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE excluded.value > epoch.value";

/// The plan of every office that holds now.
pub const PLANS_NOW: &str = "\
SELECT office, since, time_zone, physical_per_day, documentary_per_day, opening_carry FROM capacity_plan AS plan
WHERE epoch = (SELECT max(epoch) FROM capacity_plan WHERE office = plan.office)";

/// Inserts plans (`$2`) of an epoch (`$1`).
pub const PLANS: &str = "\
INSERT INTO capacity_plan (office, epoch, since, time_zone, physical_per_day, documentary_per_day, opening_carry)
SELECT value ->> 'office', $1, value ->> 'since', value ->> 'time_zone', value ->> 'physical',
    value ->> 'documentary', value ->> 'carry'
FROM json_each($2)";

/// Times of an office's declarations, to find their local days again.
pub const DECLARATION_TIMES: &str =
    "SELECT id, decided_at FROM declaration WHERE office = $1 AND decided_at IS NOT NULL";

/// Times of an office's controls, likewise.
pub const CONTROL_TIMES: &str = "SELECT id, ordered_at FROM control WHERE office = $1";

/// Sets local days of declarations.
pub const DECLARATION_DAYS: &str = "\
UPDATE declaration SET local_day = new.day
FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS day FROM json_each($1)) AS new WHERE declaration.id = new.id";

/// Sets local days of controls.
pub const CONTROL_DAYS: &str = "\
UPDATE control SET local_day = new.day
FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS day FROM json_each($1)) AS new WHERE control.id = new.id";

/// Forgets the filters before they are written anew.
pub const FORGET_FILTERS: &str = "DELETE FROM filter WHERE code NOT IN (SELECT value ->> 'code' FROM json_each($1))";

/// Writes the filters in force, of each code one. A version that was in force before is so since then.
pub const FILTERS: &str = "\
INSERT INTO filter (code, id, version, state, area, owner, valid_from, method, risk, since)
SELECT value ->> 'code', unhex(value ->> 'id'), value ->> 'version', value ->> 'state', value ->> 'area',
    value ->> 'owner', value ->> 'valid_from', value ->> 'method', value ->> 'risk', value ->> 'since'
FROM json_each($1) WHERE true
ON CONFLICT (code) DO UPDATE SET id = excluded.id, version = excluded.version, state = excluded.state,
    area = excluded.area, owner = excluded.owner, valid_from = excluded.valid_from, method = excluded.method,
    risk = excluded.risk, since = CASE WHEN excluded.version = version THEN coalesce(since, excluded.since)
    ELSE excluded.since END";

/// Writes the models that decide; a champion that stays keeps its date.
pub const ROUTES: &str = "\
INSERT INTO route (direction, champion, digest, since)
SELECT value ->> 'direction', unhex(value ->> 'champion'), value ->> 'digest', value ->> 'since'
FROM json_each($1) WHERE true
ON CONFLICT (direction) DO UPDATE SET champion = excluded.champion, digest = excluded.digest, since = excluded.since
WHERE excluded.champion <> champion";
