//! What the function does with a bucket in memory: whatever fails, whoever competes, however the stream is cut, each
//! event ends in one object of each speed log and counts once in the ledger.

#![allow(clippy::unwrap_used)]

mod bad_input;
mod crash;
mod csv;
mod deployment;
mod history;
mod late_writer;
mod race;
mod redelivery;
mod support;
mod take_over;
