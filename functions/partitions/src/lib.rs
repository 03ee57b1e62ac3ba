//! Registers the hourly raw folders that exist in the Glue catalog, so that Athena reads what Firehose wrote.
//! Each invocation looks back two days, since Firehose may deliver into a folder long after its hour; a range given
//! with the invocation catches up on older ones.

pub mod handler;
