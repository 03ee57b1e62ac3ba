//! Random histories: the stream delivered in random batches by invocations that crash at random calls, overlap, race
//! and wake up late.

use proptest::prelude::*;
use twinlake_pipeline::SequenceNumber;

use crate::support::{Fate, Lake, Part, Stream, block_on};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// The next records are delivered and, as long as that fails, delivered again in batches of other sizes.
    Deliver {
        sizes: Vec<usize>,
        faults: Vec<(usize, Fate)>,
    },
    /// The next records are delivered to two invocations at once.
    Race { one: usize, other: usize },
    /// Records that were delivered before are delivered again, with some that were not.
    Redeliver { back: usize, size: usize },
    /// The writes of sandboxes that were given up on arrive.
    Land,
    /// The next records fail as often as the mapping tries, and it goes on without them.
    Discard {
        size: usize,
        faults: Vec<(usize, Fate)>,
    },
}

fn fault() -> impl Strategy<Value = (usize, Fate)> {
    let fate = prop_oneof![
        Just(Fate::Refused),
        Just(Fate::AnswerLost),
        Just(Fate::Late),
        Just(Fate::LosesToItself),
        Just(Fate::LosesToNothing),
    ];
    (0_usize..9, fate)
}

fn kept() -> impl Strategy<Value = Step> {
    let faults = prop::collection::vec(fault(), 0..4);
    prop_oneof![
        4 => (prop::collection::vec(1_usize..6, 1..4), faults).prop_map(|(sizes, faults)| Step::Deliver { sizes, faults }),
        1 => (1_usize..6, 1_usize..6).prop_map(|(one, other)| Step::Race { one, other }),
        1 => (1_usize..6, 1_usize..9).prop_map(|(back, size)| Step::Redeliver { back, size }),
        1 => Just(Step::Land),
    ]
}

fn lossy() -> impl Strategy<Value = Step> {
    let fatal = fault().prop_filter("the sandbox must die", |(_, fate)| !fate.is_survived());
    prop_oneof![
        3 => kept(),
        1 => (1_usize..6, prop::collection::vec(fatal, 1..3)).prop_map(|(size, faults)| Step::Discard { size, faults }),
    ]
}

fn stream() -> impl Strategy<Value = Stream> {
    let part =
        prop_oneof![4 => Just(Part::Event), 1 => Just(Part::Rejected), 1 => Just(Part::Dropped)];
    let record = prop::collection::vec(part, 1..4)
        .prop_filter("one user record is no aggregate", |parts| {
            *parts != [Part::Dropped]
        });
    prop::collection::vec(record, 6..24).prop_map(|records| Stream::of(&records))
}

/// Plays a history to the stream's end. Gives, for each record, whether the mapping gave up on it.
async fn play(lake: &Lake, stream: &Stream, steps: &[Step]) -> Vec<bool> {
    let mut discarded = vec![false; stream.len()];
    let mut done = 0;
    for step in steps {
        let upto = |from: usize, size: usize| from..stream.len().min(from + size);
        if done == stream.len() && !matches!(step, Step::Land | Step::Redeliver { .. }) {
            continue;
        }
        match step {
            Step::Deliver { sizes, faults } => {
                let mut faults = faults.iter();
                for size in sizes.iter().cycle() {
                    let (range, fault) = (upto(done, *size), faults.next());
                    if lake
                        .deliver(stream, range.clone(), fault.copied())
                        .await
                        .is_ok()
                    {
                        done = range.end;
                        break;
                    }
                }
            }
            Step::Race { one, other } => {
                let (one, other) = (upto(done, *one), upto(done, *other));
                let end = one.end.max(other.end);
                let (first, second) = lake.deliver_two(stream, one, other).await;
                first.unwrap();
                second.unwrap();
                done = end;
            }
            Step::Redeliver { back, size } => {
                let range = upto(done.saturating_sub(*back), *size);
                // The mapping does not deliver a discarded batch again.
                if !range.is_empty() && !discarded[range.clone()].contains(&true) {
                    lake.deliver(stream, range.clone(), None).await.unwrap();
                    done = done.max(range.end);
                }
            }
            Step::Land => lake.bucket.land().await,
            Step::Discard { size, faults } => {
                let range = upto(done, *size);
                for fault in faults {
                    if lake
                        .deliver(stream, range.clone(), Some(*fault))
                        .await
                        .is_ok()
                    {
                        done = range.end;
                        break;
                    }
                }
                if done < range.end {
                    discarded[range.clone()].fill(true);
                    done = range.end;
                }
            }
        }
    }
    while done < stream.len() {
        lake.deliver(stream, done..stream.len(), None)
            .await
            .unwrap();
        done = stream.len();
    }
    lake.bucket.land().await;
    discarded
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_event_is_in_one_object_of_each_speed_log(
        seed in any::<u64>(),
        stream in stream(),
        steps in prop::collection::vec(kept(), 1..8),
    ) {
        block_on(async {
            let lake = Lake::interleaved(seed).await;
            play(&lake, &stream, &steps).await;
            lake.deliver(&stream, 0..stream.len(), None).await.unwrap();
            lake.assert_complete(&stream).await;
        });
    }

    #[test]
    fn a_discarded_event_is_in_at_most_one(
        seed in any::<u64>(),
        stream in stream(),
        steps in prop::collection::vec(lossy(), 1..8),
    ) {
        block_on(async {
            let lake = Lake::interleaved(seed).await;
            let discarded = play(&lake, &stream, &steps).await;
            for speed_log in &lake.speed_logs {
                let spans = lake.spans(speed_log).await;
                let held: Vec<String> = spans.iter().flat_map(|span| span.ids.clone().unwrap_or_default()).collect();
                let mut end = SequenceNumber::zero();
                for span in &spans {
                    assert_eq!(span.after, end, "an object of {speed_log} begins where none ended");
                    assert!(span.events <= stream.ids(&span.after, &span.last).len());
                    end = span.last.clone();
                }
                if spans.iter().all(|span| span.ids.is_none()) {
                    continue;
                }
                let mut before = SequenceNumber::zero();
                for (index, discarded) in discarded.iter().enumerate() {
                    for id in stream.ids(&before, &stream.sequence_number(index)) {
                        let copies = held.iter().filter(|other| **other == id).count();
                        assert!(copies == 1 || *discarded && copies == 0, "{id} is there {copies} times");
                    }
                    before = stream.sequence_number(index);
                }
            }
        });
    }
}
