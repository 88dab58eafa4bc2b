//! The statements of [`hot_sqlite`](super::hot_sqlite) for `PostgreSQL`, with the same names and parameters. Those that
//! serve both are taken from there.

pub(crate) use super::hot_sqlite::{CONTROL_TIMES, DECLARATION_TIMES, EPOCH, PLANS_NOW};

pub(crate) const SELECTIONS: &str = "INSERT INTO declaration (id, selection, version, office, direction, regime, \
     modality, form, lodged_at, decided_at, local_day, channel, channel_without_draw, probability, \
     random_probability, physical_trigger, physical_full, degraded, latency_ms, arrived_at, novelty, novelty_reasons) \
     SELECT (v ->> 'id')::uuid, (v ->> 'selection')::uuid, (v ->> 'version')::bigint, v ->> 'office', \
     v ->> 'direction', v ->> 'regime', v ->> 'modality', v ->> 'form', (v ->> 'lodged')::bigint, \
     (v ->> 'decided')::bigint, (v ->> 'day')::int, v ->> 'channel', v ->> 'without_draw', \
     (v ->> 'probability')::float8, (v ->> 'random')::float8, v ->> 'trigger', (v ->> 'full')::boolean, \
     (v ->> 'degraded')::boolean, (v ->> 'latency')::bigint, (v ->> 'arrived')::bigint, (v ->> 'novelty')::float8, \
     v ->> 'novelty_reasons' FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT (id) DO UPDATE \
     SET selection = excluded.selection, version = excluded.version, office = excluded.office, direction = \
     excluded.direction, regime = excluded.regime, modality = excluded.modality, form = excluded.form, lodged_at = \
     least(declaration.lodged_at, excluded.lodged_at), decided_at = excluded.decided_at, local_day = \
     excluded.local_day, channel = excluded.channel, channel_without_draw = excluded.channel_without_draw, \
     probability = excluded.probability, random_probability = excluded.random_probability, physical_trigger = \
     excluded.physical_trigger, physical_full = excluded.physical_full, degraded = excluded.degraded, latency_ms = \
     excluded.latency_ms, novelty = excluded.novelty, novelty_reasons = excluded.novelty_reasons, arrived_at = \
     coalesce(declaration.arrived_at, excluded.arrived_at) WHERE excluded.version > declaration.version OR \
     (excluded.version = declaration.version AND excluded.decided_at >= coalesce(declaration.decided_at, 0))";

pub(crate) const EXPOSURES: &str = "INSERT INTO trial_exposure (rollout, declaration, selection, candidate, weight, \
     office, decided_at, latency_ms, degraded, physical, by_model, champion_probability, candidate_probability, cell) \
     SELECT v ->> 'rollout', (v ->> 'declaration')::uuid, (v ->> 'selection')::uuid, (v ->> 'candidate')::bigint, \
     (v ->> 'weight')::bigint, v ->> 'office', (v ->> 'decided')::bigint, (v ->> 'latency')::bigint, \
     (v ->> 'degraded')::bigint, (v ->> 'physical')::bigint, (v ->> 'by_model')::bigint, \
     (v ->> 'champion')::float8, (v ->> 'challenger')::float8, (v ->> 'cell')::bigint FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT (rollout, declaration) DO UPDATE SET \
     selection = excluded.selection, candidate = excluded.candidate, weight = excluded.weight, decided_at = \
     excluded.decided_at, latency_ms = excluded.latency_ms, degraded = excluded.degraded, physical = \
     excluded.physical, by_model = excluded.by_model, champion_probability = excluded.champion_probability, \
     candidate_probability = excluded.candidate_probability, cell = excluded.cell WHERE excluded.decided_at >= \
     trial_exposure.decided_at";

pub(crate) const SUPERSEDED: &str = "DELETE FROM filter_unit WHERE declaration IN (SELECT value::uuid FROM \
     jsonb_array_elements_text($1::jsonb)) AND selection <> (SELECT selection FROM declaration WHERE id = \
     filter_unit.declaration)";

pub(crate) const UNITS: &str = "INSERT INTO filter_unit (declaration, code, selection, version, month, decided_at, \
     acted, selected, others_acted, listed) SELECT d.id, v ->> 'code', d.selection, (v ->> 'version')::bigint, to_char((date \
     '1970-01-01' + d.local_day)::timestamp, 'YYYY-MM'), d.decided_at, (v ->> 'acted')::boolean, d.channel <> \
     'green', (v ->> 'others_acted')::int, (v ->> 'listed')::boolean FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) JOIN \
     declaration d ON d.id = (v ->> 'declaration')::uuid AND d.selection = (v ->> 'selection')::uuid ON CONFLICT DO \
     NOTHING";

pub(crate) const JUDGED: &str = "UPDATE filter_unit SET examined = new.examined, found = new.found, known_at = \
     new.known_at, verdict = new.verdict FROM (SELECT declaration, bool_or(final) AS examined, \
     coalesce(bool_or(outcome = 'finding') FILTER (WHERE final), FALSE) AS found, max(known_at) FILTER (WHERE final) \
     AS known_at, max(verdict) AS verdict FROM (SELECT declaration, outcome, known_at, coalesce(method = 'physical' \
     AND result_version > 0 AND stage <> 'preliminary' AND outcome <> 'notExamined', FALSE) AS final, \
     first_value(targeting) OVER (PARTITION BY declaration ORDER BY targeting IS NULL, known_at DESC NULLS LAST) AS \
     verdict FROM control WHERE NOT history AND declaration IN (SELECT value::uuid FROM \
     jsonb_array_elements_text($1::jsonb))) AS judged GROUP BY declaration) AS new WHERE filter_unit.declaration = \
     new.declaration AND (filter_unit.examined, filter_unit.found, filter_unit.known_at, filter_unit.verdict) IS \
     DISTINCT FROM (new.examined, new.found, new.known_at, new.verdict)";

pub(crate) const MOVEMENTS: &str = "INSERT INTO declaration (id, arrived_at, presented_at, released_at, cancelled_at) \
     SELECT (v ->> 'id')::uuid, (v ->> 'arrived')::bigint, (v ->> 'presented')::bigint, (v ->> 'released')::bigint, \
     (v ->> 'cancelled')::bigint FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT (id) DO \
     UPDATE SET arrived_at = coalesce(declaration.arrived_at, excluded.arrived_at), presented_at = \
     coalesce(declaration.presented_at, excluded.presented_at), released_at = coalesce(declaration.released_at, \
     excluded.released_at), cancelled_at = coalesce(declaration.cancelled_at, excluded.cancelled_at)";

pub(crate) const CONTROLS: &str = "INSERT INTO control (id, declaration, selection, office, method, trigger, basis, \
     extent_full, over_plan, ordered_at, local_day, history) SELECT (v ->> 'id')::uuid, (v ->> 'declaration')::uuid, \
     (v ->> 'selection')::uuid, v ->> 'office', v ->> 'method', v ->> 'trigger', v ->> 'basis', \
     (v ->> 'full')::boolean, (v ->> 'over_plan')::boolean, (v ->> 'ordered')::bigint, (v ->> 'day')::int, \
     (v ->> 'history')::boolean FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(crate) const RESULTS: &str = "UPDATE control SET result_version = (v ->> 'version')::bigint, stage = \
     v ->> 'stage', known_at = (v ->> 'known')::bigint, examined_at = (v ->> 'examined')::bigint, outcome = \
     v ->> 'outcome', targeting = v ->> 'targeting' FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) \
     WHERE control.id = (v ->> 'id')::uuid AND (v ->> 'version')::bigint > control.result_version";

pub(crate) const FINDINGS: &str = "INSERT INTO finding (control, version, ordinal, kind, nature, in_traders_favour) \
     SELECT (v ->> 'control')::uuid, (v ->> 'version')::bigint, (v ->> 'ordinal')::bigint, v ->> 'kind', \
     v ->> 'nature', (v ->> 'favour')::boolean FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON \
     CONFLICT DO NOTHING";

pub(crate) const DUTIES: &str = "INSERT INTO duty (control, version, ordinal, amount, currency) SELECT \
     (v ->> 'control')::uuid, (v ->> 'version')::bigint, (v ->> 'ordinal')::bigint, v ->> 'amount', v ->> 'currency' \
     FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(crate) const SEIZURES: &str = "INSERT INTO seizure (control, version, ordinal, kind, quantity, unit, amount, \
     currency) SELECT (v ->> 'control')::uuid, (v ->> 'version')::bigint, (v ->> 'ordinal')::bigint, v ->> 'kind', \
     v ->> 'quantity', v ->> 'unit', v ->> 'amount', v ->> 'currency' FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(crate) const FORGET_FINDINGS: &str = "DELETE FROM finding WHERE control IN (SELECT value::uuid FROM \
     jsonb_array_elements_text($1::jsonb)) AND version <> (SELECT result_version FROM control WHERE control.id = \
     finding.control)";

pub(crate) const FORGET_DUTIES: &str = "DELETE FROM duty WHERE control IN (SELECT value::uuid FROM \
     jsonb_array_elements_text($1::jsonb)) AND version <> (SELECT result_version FROM control WHERE control.id = \
     duty.control)";

pub(crate) const FORGET_SEIZURES: &str = "DELETE FROM seizure WHERE control IN (SELECT value::uuid FROM \
     jsonb_array_elements_text($1::jsonb)) AND version <> (SELECT result_version FROM control WHERE control.id = \
     seizure.control)";

pub(crate) const PLANS: &str = "INSERT INTO capacity_plan (office, epoch, since, time_zone, physical_per_day, \
     documentary_per_day, opening_carry) SELECT v ->> 'office', $1, (v ->> 'since')::bigint, v ->> 'time_zone', \
     (v ->> 'physical')::float8, (v ->> 'documentary')::float8, (v ->> 'carry')::float8 FROM \
     jsonb_array_elements($2::jsonb) WITH ORDINALITY j(v, n)";

pub(crate) const DECLARATION_DAYS: &str = "UPDATE declaration SET local_day = (v ->> 1)::int FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) WHERE declaration.id = (v ->> 0)::uuid";

pub(crate) const CONTROL_DAYS: &str = "UPDATE control SET local_day = (v ->> 1)::int FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) WHERE control.id = (v ->> 0)::uuid";

pub(crate) const FORGET_FILTERS: &str =
    "DELETE FROM filter WHERE code NOT IN (SELECT v ->> 'code' FROM jsonb_array_elements($1::jsonb) j(v))";

pub(crate) const FILTERS: &str = "INSERT INTO filter (code, id, version, state, area, owner, valid_from, method, \
     risk, since) SELECT v ->> 'code', (v ->> 'id')::uuid, (v ->> 'version')::bigint, v ->> 'state', \
     v ->> 'area', v ->> 'owner', (v ->> 'valid_from')::bigint, v ->> 'method', v ->> 'risk', \
     (v ->> 'since')::bigint FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ORDER BY 1 ON CONFLICT \
     (code) DO UPDATE SET id = excluded.id, version = excluded.version, state = excluded.state, area = \
     excluded.area, owner = excluded.owner, valid_from = excluded.valid_from, method = excluded.method, risk = \
     excluded.risk, since = CASE WHEN excluded.version = filter.version THEN coalesce(filter.since, \
     excluded.since) ELSE excluded.since END";

pub(crate) const ROUTES: &str = "INSERT INTO route (direction, champion, digest, since) SELECT v ->> 'direction', \
     (v ->> 'champion')::uuid, v ->> 'digest', (v ->> 'since')::bigint FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) ON CONFLICT (direction) DO UPDATE SET champion = excluded.champion, digest = \
     excluded.digest, since = excluded.since WHERE excluded.champion <> route.champion";
