//! The trail as a server, an auditor and a thief meet it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod chained;
mod served;
