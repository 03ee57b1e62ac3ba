//! The two engines, and a pipeline of values on which engines tend to differ.

// Each test binary uses a part of the module.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod athena;
pub(crate) mod datafusion;
pub(crate) mod pipeline;
pub(crate) mod rows;
