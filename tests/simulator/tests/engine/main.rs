//! The statements' text on an engine that takes Athena's SQL, compared with what their structure says.
#![allow(clippy::unwrap_used)]

mod names;
mod text;
