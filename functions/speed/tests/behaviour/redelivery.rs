//! The event source mapping delivers at least once, and cuts the stream as it likes.

use crate::support::{Lake, Part, Stream};

#[tokio::test]
async fn the_same_batch_again_changes_nothing() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(4));
    lake.deliver(&stream, 0..4, None).await.unwrap();
    let (checkpoint, keys) = (lake.checkpoint().await, lake.objects.keys());
    lake.deliver(&stream, 0..4, None).await.unwrap();
    assert_eq!(
        (lake.checkpoint().await, lake.objects.keys()),
        (checkpoint, keys)
    );
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn batches_that_overlap_count_once() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(9));
    for range in [0..4, 2..3, 1..7, 0..5, 5..9] {
        lake.deliver(&stream, range, None).await.unwrap();
        lake.assert_exact(&stream).await;
    }
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn an_object_is_written_also_when_no_row_comes_out() {
    let (lake, stream) = (
        Lake::deployed().await,
        Stream::of(&[vec![Part::Rejected; 3], vec![Part::Rejected]]),
    );
    lake.deliver(&stream, 0..2, None).await.unwrap();
    for speed_log in &lake.speed_logs {
        let spans = lake.spans(speed_log).await;
        assert_eq!(
            spans
                .iter()
                .map(|span| (&span.last, span.events))
                .collect::<Vec<_>>(),
            [(&stream.sequence_number(1), 0)]
        );
    }
    assert_eq!(lake.checkpoint().await.unwrap().totals.rejected, 4);
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn a_new_sandbox_goes_on_where_the_old_one_ended() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(6));
    lake.deliver(&stream, 0..3, None).await.unwrap();
    speed::handler::handle(&lake.sandbox(), stream.event(3..6))
        .await
        .unwrap();
    lake.assert_complete(&stream).await;
}
