//! An invocation may die at any of its calls, with or without the call's effect; the mapping then delivers again, the
//! same batch or a part of it.
#![allow(
    clippy::single_range_in_vec_init,
    reason = "a list of batches, of which there may be one"
)]

use crate::support::{Fate, Lake, Part, Stream};

fn stream() -> Stream {
    let mixed = vec![Part::Event, Part::Rejected, Part::Dropped, Part::Event];
    Stream::of(&[
        mixed.clone(),
        vec![Part::Event],
        vec![Part::Rejected],
        mixed,
        vec![Part::Event; 2],
        vec![Part::Event],
    ])
}

/// Crashes the second of three batches at each of its calls; `again` are the batches that the mapping makes of it.
async fn crash_everywhere(fate: Fate, again: &[std::ops::Range<usize>]) {
    let stream = stream();
    let mut crashes = 0;
    for call in 0.. {
        let lake = Lake::deployed().await;
        lake.deliver(&stream, 0..2, None).await.unwrap();
        let outcome = lake.deliver(&stream, 2..5, Some((call, fate))).await;
        if lake.bucket.calls() <= call {
            outcome.unwrap();
            break;
        }
        assert_eq!(
            outcome.is_ok(),
            fate.is_survived(),
            "{fate:?} at call {call}: {outcome:?}"
        );
        crashes += usize::from(outcome.is_err());
        for range in again {
            lake.deliver(&stream, range.clone(), None).await.unwrap();
            lake.assert_exact(&stream).await;
        }
        lake.bucket.land().await;
        lake.deliver(&stream, 5..6, None).await.unwrap();
        lake.assert_complete(&stream).await;
    }
    // The checkpoint is read, the verdicts and three segments are written, and the checkpoint is written.
    let expected = if fate.is_survived() { 0 } else { 6 };
    assert_eq!(crashes, expected, "{fate:?}");
}

const FATES: [Fate; 5] = [
    Fate::Refused,
    Fate::AnswerLost,
    Fate::Late,
    Fate::LosesToItself,
    Fate::LosesToNothing,
];

#[tokio::test]
async fn the_same_batch_comes_again() {
    for fate in FATES {
        crash_everywhere(fate, &[2..5]).await;
    }
}

#[tokio::test]
async fn the_batch_comes_again_in_parts() {
    for fate in FATES {
        crash_everywhere(fate, &[2..3, 3..5]).await;
    }
}

#[tokio::test]
async fn the_batch_comes_again_with_more() {
    for fate in FATES {
        crash_everywhere(fate, &[1..6]).await;
    }
}

#[tokio::test]
async fn the_first_batch_of_a_shard_may_die_as_well() {
    let stream = stream();
    for fate in FATES {
        for call in 0..9 {
            let lake = Lake::deployed().await;
            let outcome = lake.deliver(&stream, 0..4, Some((call, fate))).await;
            assert_eq!(
                outcome.is_err(),
                !fate.is_survived() && lake.bucket.calls() > call
            );
            lake.deliver(&stream, 0..2, None).await.unwrap();
            lake.bucket.land().await;
            lake.deliver(&stream, 2..6, None).await.unwrap();
            lake.assert_complete(&stream).await;
        }
    }
}
