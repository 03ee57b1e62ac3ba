//! The two engines, and a pipeline of nasty values for them to agree on.

// Each test binary uses a part of it.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod athena;
pub(crate) mod datafusion;
pub(crate) mod pipeline;
pub(crate) mod rows;
