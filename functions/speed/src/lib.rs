//! The speed layer: the partials of each batch of stream records, seconds after they arrived, and each event in exactly
//! one segment of each speed log.
//!
//! ```text
//! payload ── shards ──► DecodedShard (decoded once) ── partials ──► a segment of each speed log ──┐
//!                           └──────────────── ledger ──────────────────────────────────────────────┴──► checkpoint
//! ```
//!
//! # The writes of an invocation, in order
//!
//! An event source mapping delivers the records of a shard in order and at least once. After a failure it delivers them
//! again, in the same batch or bisected. Now and then a sandbox that Lambda gave up on lives on and finishes its work.
//! For each shard, an invocation
//!
//! 1. reads the checkpoint. If there is none, it creates one (`If-None-Match: *`) with the ledger and every speed log at
//!    sequence number zero, and reads that;
//! 2. writes the verdicts on records after the ledger's end that are dropped ([`verdicts`]), as rows of raw;
//! 3. takes, for each speed log, the records after the speed log's end, computes the view's partials and creates one
//!    segment (`If-None-Match: *`). The segment's key holds the speed log, the shard and that end, and nothing else. Its
//!    metadata holds the sequence number at which the segment ends. If the key is taken, the invocation takes over the end
//!    of the segment that is there and goes on with the records after it, if any are left;
//! 4. replaces the checkpoint that it read (`If-Match`) by one that holds the end of each speed log and the ledger, which
//!    counts the records after *its* end. If the checkpoint has changed meanwhile, it starts again at 1 with what is left;
//! 5. answers, once nothing is left and no request is in flight.
//!
//! # Each event is in one segment of each speed log
//!
//! **A speed log is one list.** Its first segment begins at zero. A key made of the beginning alone holds at most one
//! segment, which is never written again. So every invocation that stands at a sequence number sees the same next segment
//! with the same end. The end of a speed log in a checkpoint is the end of a segment that was reached that way, or zero.
//!
//! **A segment holds all events of its range.** The mapping moves on only after an invocation has answered, and that is
//! after a checkpoint has covered its records, or after the batch was discarded (see below). So every delivery begins at
//! or before each sequence number in the checkpoint, and deliveries have no gaps: an invocation that takes the records
//! after a sequence number holds all of them, up to its last one. Decoding and statement are the same for every
//! invocation, so it does not matter which of them writes.
//!
//! **The ledger moves with the speed logs** in one write, by the same argument: it counts the records after its own end.
//! The verdicts on these records were written before: a dropped record is in no segment, and raw says that it is none.
//!
//! # Crashes
//!
//! | crash, or lost answer | state found by the next invocation |
//! | --- | --- |
//! | before any write | nothing has happened |
//! | after the checkpoint was created | a checkpoint at zero, equal to none |
//! | after some segments, before the checkpoint | the same checkpoint, hence the same keys. Where a segment is there, its end is taken over. If the crashed invocation held more records, that end lies beyond the own records, and the speed log is ahead of the ledger until a later batch catches up. If it held fewer, the end lies before the own last record, and the next segment follows. The other speed logs are written as if nothing had been |
//! | after the checkpoint, before the answer | a checkpoint that covers the records: nothing is left, and the invocation answers |
//! | within the client: a write took effect, its answer was lost, and the retry is refused | the segment is there with the wanted end, which is taken over. A written checkpoint covers the records |
//!
//! A write of a sandbox that Lambda gave up on may also land at any later time:
//!
//! - A segment lands while its key is free: it becomes the next one of its speed log, and the next invocation takes over
//!   its end.
//! - A segment lands while its key is taken: it is refused.
//! - A segment lands behind the watermark, where `batch` has deleted the former one: it stays unseen, because the views
//!   filter by the *beginning* of a segment. It is in no list, because no checkpoint leads to it any more. Its sandbox
//!   loses the commit, reads the newest checkpoint and goes on from there.
//! - A checkpoint lands: it is refused, unless nothing has moved since it was read, and then it is as right as it was.
//!
//! A discarded batch may be in some speed logs, whose segments were written before the failure, and is in each of them at
//! most once. The ledger has not counted it, so the audit that moves the watermark finds the difference. Records that
//! arrived before the genesis belong to neither layer: they move sequence numbers and count for nothing.

pub mod commit;
pub mod context;
pub mod decoded_shard;
pub mod deployment;
mod error;
mod events_table;
pub mod handler;
pub mod partials;
pub mod payload;
pub mod segment;
pub mod speed_log;
pub mod summary;
pub mod verdicts;

pub use error::{Error, Result};
