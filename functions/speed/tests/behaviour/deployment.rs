//! Parts of the deployment that an invocation needs before it commits anything.

use twinlake_kpl::HashRange;
use twinlake_lake::Store;
use twinlake_lake::layout::SpeedLogName;
use twinlake_lake::state;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::{Genesis, SpeedLogs};
use twinlake_pipeline::SequenceNumber;
use twinlake_telemetry::report;

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
        report(&error).contains("genesis.json: it is not there"),
        "{}",
        report(&error)
    );
    assert_eq!(lake.checkpoint().await, None);

    state::create(&*lake.objects, &genesis, &Genesis::at(GENESIS_MS))
        .await
        .unwrap();
    handle(&context, stream.event(0..2)).await.unwrap();
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn what_arrived_before_the_genesis_moves_sequence_numbers_and_counts_for_nothing() {
    let (lake, mut stream) = (Lake::deployed().await, Stream::of_pairs(5));
    // Arrival times are not in the order of sequence numbers.
    for index in [0, 1, 3] {
        stream.arrive(index, GENESIS_MS - 1);
    }
    stream.arrive(2, GENESIS_MS);
    lake.deliver(&stream, 0..2, None).await.unwrap();
    let checkpoint = lake.checkpoint().await.unwrap();
    assert_eq!(
        (checkpoint.sequence_number.clone(), checkpoint.totals.events),
        (stream.sequence_number(1), 0)
    );
    assert_eq!(checkpoint.cuts, [], "there is nothing to audit");

    lake.deliver(&stream, 2..5, None).await.unwrap();
    lake.assert_complete(&stream).await;
    let checkpoint = lake.checkpoint().await.unwrap();
    assert_eq!(checkpoint.totals.events, 4);
    assert_eq!(checkpoint.cuts[0].arrivals.min_arrival_ms, GENESIS_MS);
}

#[tokio::test]
async fn a_speed_log_that_it_does_not_know_stops_it() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let unknown = SpeedLogName::new("device_activity", "0123456789ab", 1);
    let checkpoint = ShardCheckpoint::new(
        SHARD,
        HashRange::ALL,
        lake.speed_logs.iter().cloned().chain([unknown]),
    );
    state::create(&*lake.objects, &lake.layout.checkpoint(SHARD), &checkpoint)
        .await
        .unwrap();
    let keys = lake.objects.keys();
    let error = lake.deliver(&stream, 0..2, None).await.unwrap_err();
    let error = report(&error);
    assert!(
        error.contains("device_activity/0123456789ab/1, which this version"),
        "{error}"
    );
    assert!(
        error.starts_with("shard shardId-000000000000, records 0"),
        "{error}"
    );
    assert_eq!(
        (lake.checkpoint().await.unwrap(), lake.objects.keys()),
        (checkpoint, keys)
    );
}

#[tokio::test]
async fn who_creates_a_checkpoint_reads_the_list_of_speed_logs_first() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let context = lake.sandbox();
    context.deployment().await.unwrap();
    // A deployment adds a speed log while this sandbox lives on.
    let key = lake.layout.speed_logs();
    lake.objects
        .delete(std::slice::from_ref(&key))
        .await
        .unwrap();
    let added = SpeedLogName::new("device_activity", "0123456789ab", 1);
    let list = SpeedLogs::new(lake.speed_logs.iter().cloned().chain([added]).collect(), 1);
    state::create(&*lake.objects, &key, &list).await.unwrap();
    let error = handle(&context, stream.event(0..2)).await.unwrap_err();
    let error = report(&error);
    assert!(
        error.contains("speed_logs.json names speed log device_activity/0123456789ab/1"),
        "{error}"
    );
    assert_eq!(lake.checkpoint().await, None);
}

#[tokio::test]
async fn a_speed_log_that_a_checkpoint_lacks_stops_it() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let checkpoint = ShardCheckpoint::new(
        SHARD,
        HashRange::ALL,
        lake.speed_logs.iter().skip(1).cloned(),
    );
    state::create(&*lake.objects, &lake.layout.checkpoint(SHARD), &checkpoint)
        .await
        .unwrap();
    let error = lake.deliver(&stream, 0..2, None).await.unwrap_err();
    let error = report(&error);
    assert!(
        error.contains(&format!("has no speed log {}", lake.speed_logs[0])),
        "{error}"
    );
    assert_eq!(lake.checkpoint().await.unwrap(), checkpoint);
}

#[tokio::test]
async fn shards_are_committed_one_by_one() {
    let (lake, stream) = (Lake::deployed().await, Stream::of_pairs(2));
    let mut event = stream.event(0..2);
    event.records[1].event_id = "shardId-000000000001:10".into();
    handle(&lake.sandbox(), event).await.unwrap();
    for (shard, index) in [(SHARD, 0), ("shardId-000000000001", 1)] {
        let checkpoint =
            state::read::<ShardCheckpoint>(&*lake.objects, &lake.layout.checkpoint(shard))
                .await
                .unwrap()
                .unwrap()
                .value;
        assert_eq!(checkpoint.sequence_number, stream.sequence_number(index));
        assert_eq!(checkpoint.totals.events, 2);
        assert!(checkpoint.sequence_number > SequenceNumber::zero());
    }
}
