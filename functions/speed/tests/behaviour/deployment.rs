//! What the function needs before it may commit anything.

use twinlake_lake::Store;
use twinlake_lake::layout::ChainName;
use twinlake_lake::state;
use twinlake_lake::state::deployment::{Chains, Genesis};
use twinlake_lake::state::head::Head;
use twinlake_pipeline::Position;

use speed::handler::handle;

use crate::support::{GENESIS_MS, Lake, SHARD, Stream};

#[tokio::test]
async fn without_a_genesis_it_fails_and_with_one_it_goes_on() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let genesis = lake.layout.genesis();
    lake.objects
        .delete(std::slice::from_ref(&genesis))
        .await
        .unwrap();
    let context = lake.sandbox();
    let error = handle(&context, stream.event(0..2)).await.unwrap_err();
    assert!(
        error.report().contains("genesis.json: it is not there"),
        "{}",
        error.report()
    );
    assert_eq!(lake.head().await, None);

    state::create(&*lake.objects, &genesis, &Genesis::at(GENESIS_MS))
        .await
        .unwrap();
    handle(&context, stream.event(0..2)).await.unwrap();
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn what_arrived_before_the_genesis_moves_positions_and_counts_for_nothing() {
    let (lake, mut stream) = (Lake::deployed().await, Stream::of_pairs(5));
    // Arrival times are not in the order of positions.
    for index in [0, 1, 3] {
        stream.arrive(index, GENESIS_MS - 1);
    }
    stream.arrive(2, GENESIS_MS);
    lake.deliver(&stream, 0..2, None).await.unwrap();
    let head = lake.head().await.unwrap();
    assert_eq!(
        (head.position.clone(), head.totals.events),
        (stream.position(1), 0)
    );
    assert_eq!(head.marks, [], "there is nothing to prove");

    lake.deliver(&stream, 2..5, None).await.unwrap();
    lake.assert_complete(&stream).await;
    let head = lake.head().await.unwrap();
    assert_eq!(head.totals.events, 4);
    assert_eq!(head.marks[0].arrivals.min_arrival_ms, GENESIS_MS);
}

#[tokio::test]
async fn a_chain_that_it_does_not_know_stops_it() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let unknown = ChainName::new("device_activity", "0123456789ab", 1);
    let head = Head::new(SHARD, lake.chains.iter().cloned().chain([unknown]));
    state::create(&*lake.objects, &lake.layout.head(SHARD), &head)
        .await
        .unwrap();
    let keys = lake.objects.keys();
    let error = lake
        .deliver(&stream, 0..2, None)
        .await
        .unwrap_err()
        .report();
    assert!(
        error.contains("device_activity/0123456789ab/1, which this version"),
        "{error}"
    );
    assert!(
        error.starts_with("shard shardId-000000000000, records 0"),
        "{error}"
    );
    assert_eq!(
        (lake.head().await.unwrap(), lake.objects.keys()),
        (head, keys)
    );
}

#[tokio::test]
async fn who_creates_a_head_reads_the_list_of_chains_first() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let context = lake.sandbox();
    context.deployment().await.unwrap();
    // A deployment adds a chain while this sandbox lives on.
    let key = lake.layout.chains();
    lake.objects
        .delete(std::slice::from_ref(&key))
        .await
        .unwrap();
    let added = ChainName::new("device_activity", "0123456789ab", 1);
    let list = Chains::new(lake.chains.iter().cloned().chain([added]).collect(), 1);
    state::create(&*lake.objects, &key, &list).await.unwrap();
    let error = handle(&context, stream.event(0..2))
        .await
        .unwrap_err()
        .report();
    assert!(
        error.contains("chains.json names chain device_activity/0123456789ab/1"),
        "{error}"
    );
    assert_eq!(lake.head().await, None);
}

#[tokio::test]
async fn a_chain_that_a_head_lacks_stops_it() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let head = Head::new(SHARD, lake.chains.iter().skip(1).cloned());
    state::create(&*lake.objects, &lake.layout.head(SHARD), &head)
        .await
        .unwrap();
    let error = lake
        .deliver(&stream, 0..2, None)
        .await
        .unwrap_err()
        .report();
    assert!(
        error.contains(&format!("has no chain {}", lake.chains[0])),
        "{error}"
    );
    assert_eq!(lake.head().await.unwrap(), head);
}

#[tokio::test]
async fn shards_are_committed_one_by_one() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let mut event = stream.event(0..2);
    event.records[1].event_id = "shardId-000000000001:10".into();
    handle(&lake.sandbox(), event).await.unwrap();
    for (shard, index) in [(SHARD, 0), ("shardId-000000000001", 1)] {
        let head = state::read::<Head>(&*lake.objects, &lake.layout.head(shard))
            .await
            .unwrap()
            .unwrap()
            .value;
        assert_eq!(head.position, stream.position(index));
        assert_eq!(head.totals.events, 2);
        assert!(head.position > Position::zero());
    }
}
