//! The scripts that run inside Redis: what must happen together happens in one of them, in one round trip.
//!
//! Sent by their digest; a server that does not know one (it restarted) is given the text once.

use std::sync::LazyLock;

use redis::{FromRedisValue, Script, ScriptInvocation};
use redis_link::Link;

use crate::QueueError;

macro_rules! script {
    ($(#[$doc:meta])* $name:ident, plain $file:literal) => {
        $(#[$doc])*
        pub static $name: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!($file)));
    };
    ($(#[$doc:meta])* $name:ident, $file:literal) => {
        $(#[$doc])*
        pub static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!(include_str!("lua/names.lua"), include_str!($file))));
    };
}

script!(
    /// Publishes messages that their streams have not seen lately.
    PUBLISH, plain "lua/publish.lua");
script!(
    /// Publishes a stretch of an outbox and moves the relay's place.
    RELAY, plain "lua/relay.lua");
script!(
    /// Leases what was returned and is due.
    COLLECT, "lua/collect.lua");
script!(
    /// Ends leases without counting anything.
    GIVE_BACK, "lua/give_back.lua");
script!(
    /// Ends a lease and counts a failure.
    FAIL, "lua/fail.lua");
script!(
    /// Takes over what nobody works on any more.
    SWEEP, "lua/sweep.lua");
script!(
    /// Ends every lease of a consumer.
    LEAVE, "lua/leave.lua");
script!(
    /// Publishes dead letters again.
    REDRIVE, plain "lua/redrive.lua");
script!(
    /// Gives a sign of life.
    BEAT, "lua/beat.lua");

/// Runs a script over a link.
pub async fn run<T: FromRedisValue>(link: &Link, call: &ScriptInvocation<'_>) -> Result<T, QueueError> {
    Ok(redis_link::run(link, call).await?)
}
