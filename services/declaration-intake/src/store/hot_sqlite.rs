//! The statements that run once per batch, by name. A batch travels as one JSON array; long texts as one blob beside
//! it, with their places in the array.

/// Which of `$1` (`[declarant, reference]`) were lodged before.
pub(super) const FIND_KEYS: &str = "SELECT j.key, k.declaration, k.digest FROM json_each($1) j \
     CROSS JOIN declaration_key k ON k.declarant = j.value ->> 0 AND k.reference = j.value ->> 1 AND k.version = 1";

/// The notes that the first versions of `$1` (ids) got.
pub(super) const FIND_FIRST_NOTES: &str = "SELECT v.declaration, v.notes FROM json_each($1) j \
     CROSS JOIN declaration_version v ON v.declaration = unhex(j.value) AND v.version = 1";

/// The notes that version `$2` of declaration `$1` got.
pub(super) const FIND_NOTES: &str = "SELECT notes FROM declaration_version WHERE declaration = $1 AND version = $2";

macro_rules! insert_version {
    () => {
        "INSERT INTO declaration_version (declaration, version, accepted_at, received_at_ms, digest, notes, body) \
         SELECT unhex(value ->> 0), $3, value ->> 6, value ->> 7, value ->> 11, value ->> 12, \
         CAST(substr($2, value ->> 13, value ->> 14) AS TEXT) FROM json_each($1); \
         INSERT INTO declaration_key (declarant, reference, version, declaration, digest) \
         SELECT value ->> 1, value ->> 2, $3, unhex(value ->> 0), value ->> 11 FROM json_each($1)"
    };
}

/// Stores first versions: `$3` is 1. `$1`: `[id, declarant, reference, office, consignment key, history, accepted, received,
/// means, voyage, arrived, digest, notes, start, length, known]`. `$2`: the received texts, one after the other; `start`
/// counts bytes from 1.
pub(super) const INSERT_LODGED: &str = concat!(
    "INSERT INTO declaration \
     (id, declarant, reference, office, consignment_key, history, first_accepted_at, accepted_at, received_at_ms, \
     means, voyage, arrived_at, known_at, version, state, awaiting) \
     SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, \
     value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 15, 1, 'lodged', 1 - (value ->> 5) \
     FROM json_each($1); ",
    insert_version!()
);

/// Stores version `$3` of each, with its identity. The parameters are those of [`INSERT_LODGED`].
pub(super) const INSERT_VERSION: &str = insert_version!();

/// The last arrival of `$1` (`[means, voyage, not after]`).
pub(super) const FIND_ARRIVALS: &str = "SELECT j.key, max(a.arrived_at) FROM json_each($1) j \
     CROSS JOIN means_arrival a ON a.means = j.value ->> 0 AND a.voyage = j.value ->> 1 \
     AND a.arrived_at <= j.value ->> 2 GROUP BY j.key";

/// What a decision about `$1` (ids) has to know.
pub(super) const FIND_STANDINGS: &str = "SELECT d.id, d.declarant, d.reference, d.version, d.office, d.state, d.channel, \
     d.channel_version, d.awaiting, d.orders, d.added FROM json_each($1) j CROSS JOIN declaration d ON d.id = unhex(j.value)";

/// The undecided that were received (`$1`) or stored (`$2`) no later, in the order of storing, at most `$3`.
pub(super) const FIND_OVERDUE: &str = "SELECT d.id, d.declarant, d.reference, d.version, d.office, d.state, d.channel, \
     d.channel_version, d.awaiting, d.orders, d.added FROM declaration d WHERE d.awaiting = 1 AND d.received_at_ms <= $1 \
     AND d.known_at <= $2 ORDER BY d.known_at, d.id LIMIT $3";

/// Records what is told. `$1`: `[id, version, channel, orders, decided, fail-safe, still awaiting, reason]`.
pub(super) const UPDATE_TOLD: &str = "UPDATE declaration SET channel = j.value ->> 2, channel_version = j.value ->> 1, \
     orders = j.value ->> 3, decided_at = j.value ->> 4, fail_safe = j.value ->> 5, awaiting = j.value ->> 6, \
     reason = j.value ->> 7 FROM json_each($1) j WHERE declaration.id = unhex(j.value ->> 0)";

/// Records that `$1` (`[id, version]`) was decided without anything to tell.
pub(super) const UPDATE_DECIDED: &str = "UPDATE declaration SET awaiting = 0, \
     channel_version = max(channel_version, j.value ->> 1) FROM json_each($1) j \
     WHERE declaration.id = unhex(j.value ->> 0) AND declaration.version = j.value ->> 1";

/// Appends to the feed. `$1`: `[id, declarant, reference, version, office, channel, orders, decided, fail-safe, reason]`.
pub(super) const INSERT_FEED: &str = "INSERT INTO channel_feed \
     (declaration, declarant, reference, version, office, channel, orders, decided_at, fail_safe, reason) \
     SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, \
     value ->> 7, value ->> 8, value ->> 9 FROM json_each($1) ORDER BY key";

/// Records what stands beside selections. `$1`: `[id, added]`.
pub(super) const UPDATE_ADDED: &str = "UPDATE declaration SET added = j.value ->> 1 FROM json_each($1) j \
     WHERE declaration.id = unhex(j.value ->> 0)";

/// Remembers controls. `$1`: `[control, declaration, method]`.
pub(super) const UPSERT_CONTROLS: &str = "INSERT INTO control (id, declaration, method) \
     SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2 FROM json_each($1) WHERE true ORDER BY key \
     ON CONFLICT (id) DO UPDATE SET declaration = excluded.declaration, method = excluded.method";

/// Remembers that controls have a result. `$1`: ids.
pub(super) const UPSERT_RESULTED: &str = "INSERT INTO control (id, resulted) \
     SELECT unhex(value), 1 FROM json_each($1) WHERE true ORDER BY key ON CONFLICT (id) DO UPDATE SET resulted = 1";

/// The controls of `$1` (ids) without a result.
pub(super) const FIND_OPEN: &str = "SELECT c.declaration, c.method FROM json_each($1) j \
     CROSS JOIN control c ON c.declaration = unhex(j.value) AND c.resulted = 0 ORDER BY j.key, c.method, c.id";

/// Puts an epoch of the plans in force, unless it is not higher.
pub(super) const RAISE_EPOCH: &str = "INSERT INTO plans (one, epoch) VALUES (1, $1) \
     ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch WHERE excluded.epoch > plans.epoch";

/// Forgets every fail-safe channel.
pub(super) const DELETE_FAIL_SAFES: &str = "DELETE FROM fail_safe";

/// Remembers fail-safe channels. `$1`: `[office, channel]`.
pub(super) const INSERT_FAIL_SAFES: &str = "INSERT INTO fail_safe (office, channel) \
     SELECT value ->> 0, value ->> 1 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Every fail-safe channel.
pub(super) const FIND_FAIL_SAFES: &str = "SELECT office, channel FROM fail_safe ORDER BY office";

/// Records decisions that are not told. `$1`: `[selection, declaration, version, channel, told, decided, reason]`.
pub(super) const INSERT_SUPERSEDED: &str = "INSERT INTO superseded_selection \
     (selection, declaration, version, channel, told_channel, decided_at, reason) \
     SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 \
     FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Where the goods of `$1` (ids) are.
pub(super) const FIND_GOODS: &str = "SELECT d.id, d.office, d.state, d.arrived_at, d.presented_at, d.released_at \
     FROM json_each($1) j CROSS JOIN declaration d ON d.id = unhex(j.value)";

/// The declarations whose goods travel with `$1` (`[means, voyage]`).
pub(super) const FIND_UNDER_WAY: &str = "SELECT j.key, d.id, d.office, d.state, d.arrived_at, d.presented_at, \
     d.released_at FROM json_each($1) j CROSS JOIN declaration d ON d.means = j.value ->> 0 \
     AND d.voyage = j.value ->> 1 AND d.arrived_at IS NULL AND d.means IS NOT NULL AND d.state <> 'cancelled' \
     ORDER BY j.key, d.id";

/// Records arrivals of means of transport. `$1`: `[means, voyage, at]`.
pub(super) const INSERT_ARRIVALS: &str = "INSERT INTO means_arrival (means, voyage, arrived_at) \
     SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Records where goods are. `$1`: `[id, arrived, presented, released, state]`.
pub(super) const UPDATE_GOODS: &str = "UPDATE declaration SET arrived_at = j.value ->> 1, presented_at = j.value ->> 2, \
     released_at = j.value ->> 3, state = j.value ->> 4 FROM json_each($1) j \
     WHERE declaration.id = unhex(j.value ->> 0)";
