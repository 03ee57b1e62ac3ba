//! A pipeline's definition as plain data.

pub(crate) mod column;
pub(crate) mod definition;
pub(crate) mod format;
pub(crate) mod reference;
pub(crate) mod simulation;
