//! Two invocations for one shard at the same time: an old one that the mapping has given up on, and a new one.

use proptest::prelude::*;

use crate::support::{Lake, Stream};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_end_well_and_nothing_counts_twice(
        seed in any::<u64>(),
        first in 0_usize..3,
        one in 1_usize..8,
        other in 1_usize..8,
    ) {
        let stream = Stream::of_pairs(12);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let lake = Lake::interleaved(seed).await;
            if first > 0 {
                lake.deliver(&stream, 0..first, None).await.unwrap();
            }
            let (one, other) = lake.deliver_two(&stream, first..first + one, first..first + other).await;
            one.unwrap();
            other.unwrap();
            lake.assert_exact(&stream).await;
            lake.deliver(&stream, first..12, None).await.unwrap();
            lake.assert_complete(&stream).await;
        });
    }
}
