//! Behaviour of the function over a bucket in memory: whatever fails, competes or is redelivered, each
//! event ends in one segment of each speed log and counts once in the ledger.

#![allow(clippy::unwrap_used)]

mod bad_input;
mod crash;
mod csv;
mod deployment;
mod history;
mod late_writer;
mod logs;
mod race;
mod redelivery;
mod support;
mod take_over;
mod verdicts;
