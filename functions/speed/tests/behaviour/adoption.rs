//! Objects that an invocation wrote and whose commit was lost: whoever comes next takes over where they end.

use crate::support::{Fate, Lake, Stream};

/// The number of the call with which an invocation replaces the head, after reading it and writing three objects.
const COMMIT: usize = 4;
/// The number of the call with which it writes the second of three objects.
const SECOND_OBJECT: usize = 2;

#[tokio::test]
async fn an_object_that_ends_later_is_adopted() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(6));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..5, Some((COMMIT, Fate::Refused)))
        .await
        .unwrap_err();
    lake.deliver(&stream, 1..3, None).await.unwrap();

    let head = lake.head().await.unwrap();
    assert_eq!(
        head.position,
        stream.position(2),
        "the ledger counts what this invocation held"
    );
    assert!(
        head.chains.values().all(|end| *end == stream.position(4)),
        "{:?}",
        head.chains
    );
    assert_eq!(head.marks.len(), 1, "ledger and chains are apart");
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

    for chain in &lake.chains {
        let ends: Vec<_> = lake
            .spans(chain)
            .await
            .into_iter()
            .map(|span| span.last)
            .collect();
        assert_eq!(
            ends,
            [stream.position(0), stream.position(2), stream.position(5)]
        );
    }
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn each_chain_adopts_for_itself_only() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(6));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..6, Some((SECOND_OBJECT, Fate::Refused)))
        .await
        .unwrap_err();
    lake.deliver(&stream, 1..4, None).await.unwrap();

    let head = lake.head().await.unwrap();
    let adopted = head
        .chains
        .values()
        .filter(|end| **end == stream.position(5))
        .count();
    let written = head
        .chains
        .values()
        .filter(|end| **end == stream.position(3))
        .count();
    assert_eq!((adopted, written), (1, 2));
    lake.assert_exact(&stream).await;

    lake.deliver(&stream, 4..6, None).await.unwrap();
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn a_chain_of_several_objects_is_walked_to_its_end() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(8));
    lake.deliver(&stream, 0..1, None).await.unwrap();
    lake.deliver(&stream, 1..3, Some((COMMIT, Fate::Refused)))
        .await
        .unwrap_err();
    // It finds each chain's object, reads where it ends, writes the next one, and dies as well.
    lake.deliver(&stream, 1..5, Some((COMMIT + 6, Fate::Refused)))
        .await
        .unwrap_err();
    assert_eq!(lake.head().await.unwrap().position, stream.position(0));
    lake.deliver(&stream, 1..8, None).await.unwrap();
    for chain in &lake.chains {
        assert_eq!(lake.spans(chain).await.len(), 4);
    }
    lake.assert_complete(&stream).await;
}
