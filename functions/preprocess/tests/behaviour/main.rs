//! The answers of `preprocess`, by behaviour.
#![allow(clippy::unwrap_used)]

mod contract;
mod csv;
mod definitions;
mod fixture;
mod identity;
mod laws;
mod logs;
mod rejected;
mod size;
