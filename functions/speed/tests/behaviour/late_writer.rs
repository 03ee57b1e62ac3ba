//! A sandbox that was given up on may go on later: its writes arrive when nobody expects them any more.

use twinlake_lake::Store;
use twinlake_pipeline::SequenceNumber;

use crate::support::{Fate, Lake, Stream};

/// The number of the call with which an invocation on a known shard writes its first object.
const FIRST_SEGMENT: usize = 1;

#[tokio::test]
async fn an_object_that_lands_before_the_next_attempt_is_published() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(5));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..4, Some((FIRST_SEGMENT, Fate::Late)))
        .await
        .unwrap_err();
    lake.bucket.land().await;
    lake.deliver(&stream, 1..2, None).await.unwrap();
    lake.assert_exact(&stream).await;
    lake.deliver(&stream, 2..5, None).await.unwrap();
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn an_object_that_lands_after_the_next_attempt_is_refused() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(5));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..4, Some((FIRST_SEGMENT, Fate::Late)))
        .await
        .unwrap_err();
    lake.deliver(&stream, 1..2, None).await.unwrap();
    lake.bucket.land().await;
    lake.deliver(&stream, 2..5, None).await.unwrap();
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn what_is_written_again_behind_the_watermark_stays_unseen() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(6));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    // A sandbox that read the checkpoint here and then slept …
    let asleep = lake.checkpoint().await.unwrap();
    lake.deliver(&stream, 1..3, None).await.unwrap();
    lake.deliver(&stream, 3..5, None).await.unwrap();
    // … while batch took all that is committed, and deleted the objects behind its watermark …
    let watermark = lake.checkpoint().await.unwrap().sequence_number;
    for speed_log in &lake.speed_logs {
        let keys = lake
            .objects
            .list(&lake.layout.speed_log_prefix(speed_log))
            .await
            .unwrap();
        lake.objects
            .delete(
                &keys
                    .into_iter()
                    .map(|listed| listed.key)
                    .collect::<Vec<_>>(),
            )
            .await
            .unwrap();
    }
    // … wakes up: the checkpoint that it holds names sequence numbers whose keys are free again.
    let context = lake.sandbox();
    let deployment = context.deployment().await.unwrap();
    let records = stream.event(1..6).into_shards().unwrap().remove(0);
    let batch = speed::decoded_shard::DecodedShard::decode(
        records.after(&asleep.sequence_number),
        &asleep.hash_range,
        &deployment.decoding,
    )
    .unwrap();
    for (name, end) in &asleep.speed_logs {
        let speed_log = speed::speed_log::SpeedLog {
            store: &*lake.objects,
            layout: &lake.layout,
            partials: &deployment.partials,
            name,
            shard: &asleep.shard,
        };
        let extended = speed_log.extend(end.clone(), &batch).await.unwrap();
        assert_eq!(extended.end, stream.sequence_number(5));
    }
    // The late commit is lost, since the checkpoint has moved. The sandbox starts again from the newest one.
    lake.deliver(&stream, 1..6, None).await.unwrap();

    for speed_log in &lake.speed_logs {
        let spans = lake.spans(speed_log).await;
        let seen: Vec<_> = spans
            .iter()
            .filter(|span| span.after >= watermark)
            .collect();
        assert_eq!(seen.len(), 1, "{spans:?}");
        assert_eq!(
            (&seen[0].after, &seen[0].last),
            (&watermark, &stream.sequence_number(5))
        );
        assert_eq!(seen[0].events, 2);
    }
    let checkpoint = lake.checkpoint().await.unwrap();
    assert_eq!(
        checkpoint.totals,
        stream.totals(&SequenceNumber::zero(), &stream.sequence_number(5))
    );
}

#[tokio::test]
async fn an_object_that_is_gone_again_frees_its_key() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..2, Some((FIRST_SEGMENT, Fate::LosesToNothing)))
        .await
        .unwrap();
    lake.assert_complete(&stream).await;
}
