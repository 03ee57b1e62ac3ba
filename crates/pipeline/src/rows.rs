//! From raw values to the rows of a batch: the same for every format.
//!
//! A format's reader makes a [`RawValue`] of each field. [`typing`] types it and applies its column's rules.
//! [`RowBuilder`] appends a row to the batch only if all of its values passed. A rejected row therefore costs no more
//! than an event, and never touches its neighbours.

mod column_builder;
pub(crate) mod reason;
mod row;
pub(crate) mod typing;
mod value;

pub(crate) use row::{RowBuilder, RowError};
pub(crate) use value::RawValue;
