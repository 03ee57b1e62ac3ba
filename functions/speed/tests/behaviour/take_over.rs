//! Objects that an invocation wrote and whose commit was lost: whoever comes next takes over where they end.

use crate::support::{Fate, Lake, Stream};

/// The number of the call with which an invocation replaces the checkpoint, after reading it and writing three objects.
const COMMIT: usize = 4;
/// The number of the call with which it writes the second of three objects.
const SECOND_SEGMENT: usize = 2;

#[tokio::test]
async fn an_object_that_ends_later_is_published() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(6));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..5, Some((COMMIT, Fate::Refused)))
        .await
        .unwrap_err();
    lake.deliver(&stream, 1..3, None).await.unwrap();

    let checkpoint = lake.checkpoint().await.unwrap();
    assert_eq!(
        checkpoint.sequence_number,
        stream.sequence_number(2),
        "the ledger counts what this invocation held"
    );
    assert!(
        checkpoint
            .speed_logs
            .values()
            .all(|end| *end == stream.sequence_number(4)),
        "{:?}",
        checkpoint.speed_logs
    );
    assert_eq!(checkpoint.cuts.len(), 1, "ledger and speed logs are apart");
    lake.assert_exact(&stream).await;

    lake.deliver(&stream, 3..6, None).await.unwrap();
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn after_an_object_that_ends_sooner_another_one_follows() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(6));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..3, Some((COMMIT, Fate::Refused)))
        .await
        .unwrap_err();
    lake.deliver(&stream, 1..6, None).await.unwrap();

    for speed_log in &lake.speed_logs {
        let ends: Vec<_> = lake
            .spans(speed_log)
            .await
            .into_iter()
            .map(|span| span.last)
            .collect();
        assert_eq!(
            ends,
            [
                stream.sequence_number(0),
                stream.sequence_number(2),
                stream.sequence_number(5)
            ]
        );
    }
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn each_speed_log_takes_over_for_itself_only() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(6));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..6, Some((SECOND_SEGMENT, Fate::Refused)))
        .await
        .unwrap_err();
    lake.deliver(&stream, 1..4, None).await.unwrap();

    let checkpoint = lake.checkpoint().await.unwrap();
    let taken_over = checkpoint
        .speed_logs
        .values()
        .filter(|end| **end == stream.sequence_number(5))
        .count();
    let written = checkpoint
        .speed_logs
        .values()
        .filter(|end| **end == stream.sequence_number(3))
        .count();
    assert_eq!((taken_over, written), (1, 2));
    lake.assert_exact(&stream).await;

    lake.deliver(&stream, 4..6, None).await.unwrap();
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn a_speed_log_of_several_objects_is_walked_to_its_end() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(8));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..3, Some((COMMIT, Fate::Refused)))
        .await
        .unwrap_err();
    // The next sandbox finds each speed log's segment, takes over its end, writes the next one, and dies as well.
    lake.deliver(&stream, 1..5, Some((COMMIT + 6, Fate::Refused)))
        .await
        .unwrap_err();
    assert_eq!(
        lake.checkpoint().await.unwrap().sequence_number,
        stream.sequence_number(0)
    );
    lake.deliver(&stream, 1..8, None).await.unwrap();
    for speed_log in &lake.speed_logs {
        assert_eq!(lake.spans(speed_log).await.len(), 4);
    }
    lake.assert_complete(&stream).await;
}
