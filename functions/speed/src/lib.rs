//! Materializes the speed views from the stream: the partials of each batch of records, seconds after they arrived,
//! and each event in exactly one object of each chain.
//!
//! ```text
//! event ── shards ──► batch (decoded once) ── partials ──► object of each chain ──┐
//!                        └──────────────── ledger ─────────────────────────────────┴──► head
//! ```
//!
//! # What is written, in which order
//!
//! An event source mapping delivers the records of a shard in order and at least once; after a failure it delivers
//! them again, the batch as it was or cut in two; now and then a sandbox that was given up on lives on and does what
//! it had begun. For each shard, an invocation
//!
//! 1. reads the head; where there is none, it creates one (`If-None-Match: *`) with the ledger and every chain at
//!    position zero, and reads that;
//! 2. takes for each chain the records after the chain's position, computes the view's partials and creates one object
//!    (`If-None-Match: *`), whose key says nothing but the chain, the shard and that position, and whose metadata says
//!    at which position it ends. If the key is taken, it reads where that object ends and goes on with the records
//!    after it, if any are left;
//! 3. replaces the head that it read (`If-Match`) by one that holds the end of each chain, and the ledger with the
//!    records after *its* position counted. If the head has changed meanwhile, it starts again at 1 with what is left;
//! 4. answers, once nothing is left and no request is under way.
//!
//! # Why each event ends in one object of each chain
//!
//! **A chain is one list.** Its first object begins at zero. A key that is made of the beginning alone holds at most one
//! object, which is never written again, so everybody who stands at a position sees the same next object and the same
//! end of it. A head's position for a chain is the end of an object that was reached on that way, or zero.
//!
//! **An object holds all events of its range.** The mapping moves on only when an invocation has answered, and that is
//! after a head has covered its records (or after giving up on them, see below). So whatever it delivers begins at
//! or before every position in the head, and it delivers without gaps: who takes the records after a position has all
//! of them, up to its last one. Decoding and statement are the same for everybody, so it does not matter who writes.
//!
//! **The ledger moves with the chains** in one write, by the same argument: it counts what lies after its position.
//!
//! # Where a crash may fall
//!
//! | crash, or an answer that gets lost | what the next invocation finds |
//! | --- | --- |
//! | before anything is written | nothing has happened |
//! | after the head was created | a head at zero, which says what no head says |
//! | after some objects, before the head | the same head, so the same keys. Where the object is there, it takes over its end: beyond its own records if it was given fewer than the one that crashed, and then the chain is ahead of the ledger until a later batch catches up; before its own last record if it was given more, and then it writes the next object. The other chains it writes as if nothing had been |
//! | after the head, before the answer | a head that covers the records: nothing is left, and it answers |
//! | in the client: a write took effect, its answer was lost, and the repetition is refused | the object is there with the end that it was given: taking that over is what was wanted. A head that was written covers the records |
//!
//! A write that a sandbox sent before it was given up on may also arrive at any later time:
//!
//! - an object, while its key is free: it becomes the next of its chain, and whoever comes next takes over its end;
//! - an object whose key is taken: it is refused;
//! - an object that begins behind the watermark, where `batch` has deleted what was there: it stays unseen, because the
//!   views ask where an object *begins*. It is in no list, because no head leads to it any more; the sandbox that
//!   wrote it loses the head, reads it again, and goes on from there;
//! - a head: it is refused, unless nothing has moved since it was read, and then it is as right as it was.
//!
//! A batch that the mapping gives up on may be in some chains, whose objects were written before the failure, and is
//! in each of them at most once; the ledger has not counted it, so the proof that moves the watermark finds the
//! difference. What arrived before the genesis belongs to neither layer: it moves positions and counts for nothing.

pub mod batch;
pub mod chain;
pub mod commit;
pub mod context;
pub mod deployment;
mod error;
pub mod event;
mod events;
pub mod handler;
pub mod object;
pub mod partials;
pub mod settings;

pub use error::{Error, Result};
