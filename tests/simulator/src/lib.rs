//! A lake in memory with everything that can happen to it.
//!
//! The handlers of the four functions run unchanged against a stream, a delivery stream, a bucket, a catalog and an
//! Athena in memory, which behave as AWS documents and fail as AWS fails. A *history* is a list of steps that a seed
//! makes or a test writes by hand.

pub mod athena;
pub mod delivery;
pub mod engine;
pub mod handmade;
pub mod history;
pub mod kernel;
pub mod mapping;
pub mod mutation;
pub mod oracle;
pub mod producer;
pub mod raw;
pub mod rows;
pub mod sample;
pub mod services;
pub mod setup;
pub mod stream;
pub mod world;
