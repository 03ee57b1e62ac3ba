//! Records that the stream itself says are copies: dropped, told in raw, and counted apart.

use twinlake_lake::layout::HOUR_MS;
use twinlake_lake::state::checkpoint::Strays;

use crate::support::{GENESIS_MS, Lake, Part, Stream};

fn stream() -> Stream {
    Stream::of(&[
        vec![Part::Event, Part::Dropped, Part::Rejected],
        vec![Part::Event; 2],
        vec![Part::Dropped, Part::Dropped],
    ])
}

#[tokio::test]
async fn what_lies_outside_the_shards_range_is_dropped_and_told_in_raw() {
    let (lake, stream) = (Lake::deployed().await, stream());
    lake.deliver(&stream, 0..3, None).await.unwrap();
    lake.assert_complete(&stream).await;
    let checkpoint = lake.checkpoint().await.unwrap();
    assert_eq!(
        (
            checkpoint.totals.events,
            checkpoint.totals.rejected,
            checkpoint.totals.dropped
        ),
        (3, 1, 3)
    );
    assert_eq!(lake.verdicts().await.len(), 3);
}

#[tokio::test]
async fn verdicts_may_be_written_twice() {
    let (lake, stream) = (Lake::deployed().await, stream());
    let (one, other) = lake.deliver_two(&stream, 0..3, 0..2).await;
    one.unwrap();
    other.unwrap();
    lake.assert_complete(&stream).await;
    assert_eq!(lake.verdicts().await.len(), 3);
}

#[tokio::test]
async fn drops_are_strays_once_the_shard_has_been_there_for_an_hour() {
    let (lake, mut stream) = (Lake::deployed().await, stream());
    lake.deliver(&stream, 0..2, None).await.unwrap();
    assert_eq!(
        lake.checkpoint().await.unwrap().strays,
        None,
        "near a reshard"
    );
    let late_ms = GENESIS_MS + HOUR_MS;
    stream.arrive(2, late_ms);
    lake.deliver(&stream, 2..3, None).await.unwrap();
    let strays = lake.checkpoint().await.unwrap().strays;
    assert_eq!(
        strays,
        Some(Strays {
            dropped: 2,
            last_ms: late_ms
        })
    );
}
