//! The scripts that run inside Redis: what must happen together happens in one of them, in one round trip.
//!
//! Sent by their digest; a server that does not know one (it restarted) is given the text once.

use std::sync::LazyLock;

use redis::{FromRedisValue, Script, ScriptInvocation};
use redis_link::Link;

use crate::QueueError;

macro_rules! script {
    ($(#[$doc:meta])* $name:ident, $($file:literal),+) => {
        $(#[$doc])*
        pub static $name: LazyLock<Script> = LazyLock::new(|| Script::new(concat!($(include_str!($file)),+)));
    };
}

script!(
    /// Publishes messages that their streams have not seen lately.
    PUBLISH, "lua/offices.lua", "lua/publish.lua");
script!(
    /// Publishes a stretch of an outbox and moves the relay's place.
    RELAY, "lua/offices.lua", "lua/relay.lua");
script!(
    /// Leases what was returned and is due.
    COLLECT, "lua/names.lua", "lua/collect.lua");
script!(
    /// Deletes finished messages of a stream that offices share.
    FINISH, "lua/offices.lua", "lua/finish.lua");
script!(
    /// Ends leases without counting anything.
    GIVE_BACK, "lua/names.lua", "lua/give_back.lua");
script!(
    /// Ends a lease and counts a failure.
    FAIL, "lua/names.lua", "lua/offices.lua", "lua/bury.lua", "lua/fail.lua");
script!(
    /// Takes over what nobody works on any more.
    SWEEP, "lua/names.lua", "lua/offices.lua", "lua/bury.lua", "lua/sweep.lua");
script!(
    /// Ends every lease of a consumer.
    LEAVE, "lua/names.lua", "lua/leave.lua");
script!(
    /// Publishes dead letters again.
    REDRIVE, "lua/redrive.lua");
script!(
    /// Gives a sign of life.
    BEAT, "lua/names.lua", "lua/beat.lua");

/// Runs a script over a link.
pub async fn run<T: FromRedisValue>(link: &Link, call: &ScriptInvocation<'_>) -> Result<T, QueueError> {
    Ok(redis_link::run(link, call).await?)
}
