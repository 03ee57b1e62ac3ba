//! The records of one shard in an invocation, decoded once for the ledger and all speed logs.

use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use twinlake_kpl::HashRange;
use twinlake_lake::decoders::{Decoders, DefinitionDecoder};
use twinlake_lake::ledger::{Arrivals, Totals, sequence_number_checksum};
use twinlake_lake::state::deployment::Genesis;
use twinlake_pipeline::{
    Origin, ReasonClass, SequenceNumber, StreamRecord, UserRecord, WrongShard, deaggregate,
};

use crate::verdicts::Verdict;
use crate::{Error, Result};

/// The decoders of stream records, and the arrival time at which the lake begins.
#[derive(Debug, Clone)]
pub struct Decoding {
    genesis: Genesis,
    decoders: Decoders,
    schema: SchemaRef,
}

/// Decoded stream records of one shard, in the order of their sequence numbers.
#[derive(Debug)]
pub struct DecodedShard {
    records: Vec<Record>,
    events: RecordBatch,
    rejected: Vec<ReasonClass>,
    verdicts: Vec<Verdict>,
}

/// A decoded stream record.
#[derive(Debug)]
struct Record {
    sequence_number: SequenceNumber,
    /// The index of the first row of its events.
    first_row: usize,
    /// The index of the first verdict on it or on a later record.
    first_verdict: usize,
    totals: Totals,
    /// The arrival time; `None` if the record arrived before the genesis and counts for nothing.
    arrivals: Option<Arrivals>,
}

/// The records of a decoded shard after a sequence number; at least one.
#[derive(Debug, Clone, Copy)]
pub struct Tail<'a> {
    shard: &'a DecodedShard,
    records: &'a [Record],
}

impl Decoding {
    /// The decoding of records that arrived since `genesis`. All of `decoders` yield the columns of `schema`.
    pub fn new(genesis: Genesis, decoders: Decoders, schema: SchemaRef) -> Self {
        Self {
            genesis,
            decoders,
            schema,
        }
    }

    /// The index of a record's definition; `None` if the record arrived before the genesis.
    fn definition_of(&self, record: &StreamRecord) -> Option<usize> {
        self.genesis
            .holds(record.arrival_ms)
            .then(|| self.decoders.index_at(record.arrival_ms))
    }
}

impl DecodedShard {
    /// Decodes stream records of one shard, which are in the order of their sequence numbers. Where the definition says so,
    /// user records of aggregates that lie outside the shard's `hash_range` are dropped.
    ///
    /// # Errors
    /// [`Error::Events`] if their texts exceed an Arrow array, which is more than any invocation holds.
    pub fn decode(
        shard: &[StreamRecord],
        hash_range: &HashRange,
        decoding: &Decoding,
    ) -> Result<Self> {
        let mut decoded = Parts::default();
        for part in
            shard.chunk_by(|one, next| decoding.definition_of(one) == decoding.definition_of(next))
        {
            match decoding.definition_of(&part[0]) {
                Some(index) => decoded.add(part, hash_range, decoding.decoders.at(index))?,
                None => decoded.skip(part),
            }
        }
        let events = match decoded.events.len() {
            1 => decoded.events.remove(0),
            _ => concat_batches(&decoding.schema, &decoded.events).map_err(Error::Events)?,
        };
        Ok(Self {
            records: decoded.records,
            events,
            rejected: decoded.rejected,
            verdicts: decoded.verdicts,
        })
    }

    /// The number of events.
    pub fn event_count(&self) -> usize {
        self.events.num_rows()
    }

    /// The class of the reason of each rejected record.
    pub fn rejected(&self) -> &[ReasonClass] {
        &self.rejected
    }

    /// The records after `sequence_number`; `None` if there are none.
    pub fn after(&self, sequence_number: &SequenceNumber) -> Option<Tail<'_>> {
        let from = self
            .records
            .partition_point(|record| record.sequence_number <= *sequence_number);
        let records = &self.records[from..];
        (!records.is_empty()).then_some(Tail {
            shard: self,
            records,
        })
    }
}

impl<'a> Tail<'a> {
    /// The sequence number of the last record.
    pub fn end(&self) -> &'a SequenceNumber {
        &self.records[self.records.len() - 1].sequence_number
    }

    /// The events of the records.
    pub fn events(&self) -> RecordBatch {
        let events = &self.shard.events;
        let from = self.records[0].first_row;
        events.slice(from, events.num_rows() - from)
    }

    /// The verdicts on the records that are dropped.
    pub fn verdicts(&self) -> &'a [Verdict] {
        &self.shard.verdicts[self.records[0].first_verdict..]
    }

    /// The totals of the records, as the ledger counts them.
    pub fn totals(&self) -> Totals {
        self.records
            .iter()
            .fold(Totals::default(), |totals, record| {
                totals.plus(record.totals)
            })
    }

    /// The arrival times of the records; `None` if all of them arrived before the genesis.
    pub fn arrivals(&self) -> Option<Arrivals> {
        self.records.iter().fold(None, |arrivals, record| {
            Arrivals::join(arrivals, record.arrivals)
        })
    }
}

/// Stream records decoded so far, one batch of events for each stretch of one definition.
#[derive(Default)]
struct Parts {
    records: Vec<Record>,
    events: Vec<RecordBatch>,
    rejected: Vec<ReasonClass>,
    verdicts: Vec<Verdict>,
    rows: usize,
}

impl Parts {
    /// Passes over records that arrived before the genesis. Only their sequence numbers count.
    fn skip(&mut self, part: &[StreamRecord]) {
        let (first_row, first_verdict) = (self.rows, self.verdicts.len());
        self.records.extend(part.iter().map(|record| Record {
            sequence_number: record.sequence_number.clone(),
            first_row,
            first_verdict,
            totals: Totals::default(),
            arrivals: None,
        }));
    }

    /// Decodes records of one definition in one go.
    fn add(
        &mut self,
        part: &[StreamRecord],
        hash_range: &HashRange,
        by: &DefinitionDecoder,
    ) -> Result<()> {
        let mut users: Vec<UserRecord> = Vec::new();
        let ends: Vec<usize> = part
            .iter()
            .map(|record| {
                users.extend(deaggregate(record));
                users.len()
            })
            .collect();
        let drops = by.definition.wrong_shard == WrongShard::Drop;
        let is_dropped: Vec<bool> = users
            .iter()
            .map(|user| {
                let hash_key = user.hash_key.as_ref().filter(|_| drops);
                hash_key.is_some_and(|key| !hash_range.contains(key.number()))
            })
            .collect();
        let decoded = by.decoder.decode(&users);
        let mut events = decoded
            .origins
            .iter()
            .map(|origin| (origin.record as usize, origin.line))
            .peekable();
        let mut rejected = decoded
            .rejected
            .iter()
            .map(|rejected| (rejected, rejected.origin.record as usize))
            .peekable();
        for (record, end) in part.iter().zip(ends) {
            let checksum = sequence_number_checksum(&record.sequence_number);
            let mut totals = Totals::default();
            let (first_row, first_verdict) = (self.rows, self.verdicts.len());
            let mut drop = |user: &UserRecord, line| {
                self.verdicts.push(Verdict {
                    sequence_number: record.sequence_number.clone(),
                    subsequence_number: user.subsequence_number,
                    line,
                    arrival_ms: record.arrival_ms,
                    definition: Arc::clone(&by.decode_id),
                });
            };
            while let Some((user, line)) = events.next_if(|(user, _)| *user < end) {
                if is_dropped[user] {
                    totals.count_dropped();
                    drop(&users[user], line);
                } else {
                    totals.count(false, checksum, users[user].subsequence_number, line);
                    self.rows += 1;
                }
            }
            while let Some((reject, user)) = rejected.next_if(|(_, user)| *user < end) {
                let line = reject.origin.line;
                if is_dropped[user] && reject.class != ReasonClass::TooLarge {
                    totals.count_dropped();
                    drop(&users[user], line);
                } else {
                    totals.count(true, checksum, users[user].subsequence_number, line);
                }
            }
            self.records.push(Record {
                sequence_number: record.sequence_number.clone(),
                first_row,
                first_verdict,
                totals,
                arrivals: Some(Arrivals::at(record.arrival_ms)),
            });
        }
        let counted = |origin: &Origin| !is_dropped[origin.record as usize];
        let rejected = decoded.rejected.iter();
        self.rejected.extend(
            rejected
                .filter(|rejected| {
                    // A stream record that is rejected as a whole is no copy of one.
                    counted(&rejected.origin) || rejected.class == ReasonClass::TooLarge
                })
                .map(|rejected| rejected.class),
        );
        let kept: BooleanArray = decoded.origins.iter().map(counted).map(Some).collect();
        self.events.push(match kept.true_count() == kept.len() {
            true => decoded.events,
            false => filter_record_batch(&decoded.events, &kept).map_err(Error::Events)?,
        });
        Ok(())
    }
}
