//! A sandbox that was given up on may go on later: its writes arrive when nobody expects them any more.

use twinlake_lake::Store;
use twinlake_pipeline::Position;

use crate::support::{Fate, Lake, Stream};

/// The number of the call with which an invocation on a known shard writes its first object.
const FIRST_OBJECT: usize = 1;

#[tokio::test]
async fn an_object_that_lands_before_the_next_attempt_is_adopted() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(5));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..4, Some((FIRST_OBJECT, Fate::Late)))
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
    lake.deliver(&stream, 1..4, Some((FIRST_OBJECT, Fate::Late)))
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
    // A sandbox that read the head here and then slept …
    let asleep = lake.head().await.unwrap();
    lake.deliver(&stream, 1..3, None).await.unwrap();
    lake.deliver(&stream, 3..5, None).await.unwrap();
    // … while batch took all that is committed, and deleted the objects behind its watermark …
    let watermark = lake.head().await.unwrap().position;
    for chain in &lake.chains {
        let keys = lake
            .objects
            .list(&lake.layout.speed_prefix(chain))
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
    // … wakes up: the head that it holds names positions whose keys are free again.
    let context = lake.sandbox();
    let deployment = context.deployment().await.unwrap();
    let records = stream.event(1..6).into_shards().unwrap().remove(0);
    let batch =
        speed::batch::Batch::decode(records.after(&asleep.position), &deployment.decoding).unwrap();
    for (name, end) in &asleep.chains {
        let chain = speed::chain::Chain {
            store: &*lake.objects,
            layout: &lake.layout,
            partials: &deployment.partials,
            name,
            shard: &asleep.shard,
        };
        assert_eq!(
            chain.extend(end.clone(), &batch).await.unwrap(),
            stream.position(5)
        );
    }
    // Its commit is lost, since the head has moved; so it starts again from the one that is there.
    lake.deliver(&stream, 1..6, None).await.unwrap();

    for chain in &lake.chains {
        let spans = lake.spans(chain).await;
        let seen: Vec<_> = spans
            .iter()
            .filter(|span| span.after >= watermark)
            .collect();
        assert_eq!(seen.len(), 1, "{spans:?}");
        assert_eq!(
            (&seen[0].after, &seen[0].last),
            (&watermark, &stream.position(5))
        );
        assert_eq!(seen[0].events, 2);
    }
    let head = lake.head().await.unwrap();
    assert_eq!(
        head.totals,
        stream.totals(&Position::zero(), &stream.position(5))
    );
}

#[tokio::test]
async fn an_object_that_is_gone_again_frees_its_key() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..2, Some((FIRST_OBJECT, Fate::LosesToNothing)))
        .await
        .unwrap();
    lake.assert_complete(&stream).await;
}
