//! User records of several lines: each line counts once, in the ledger as in the views.

use twinlake_kpl::Aggregator;
use twinlake_lake::ledger::{Totals, sequence_number_checksum};

use crate::support::{Lake, Stream};

/// A domestic incident.
fn line(block: &str) -> String {
    format!(
        "03/11/2018 02:30:00 AM,{block},BATTERY,SIMPLE,\"SCHOOL, PUBLIC\",false,true,42,41.88,-87.62"
    )
}

fn lines(lines: &[&str]) -> Vec<u8> {
    lines.join("\r\n").into_bytes()
}

#[tokio::test]
async fn each_line_counts_once_and_a_bad_one_disturbs_none() {
    let (first, second, third) = (line("A"), line("B"), line("C"));
    let (fourth, fifth) = (line("D"), line("E"));
    let mut aggregator = Aggregator::default();
    for record in [lines(&[&first, "no,line", &second]), lines(&[&third])] {
        assert!(
            aggregator
                .add("key", None, record.into())
                .unwrap()
                .is_none()
        );
    }
    let lake = Lake::of("crimes", 0).await;
    let mut stream = Stream::default();
    // The contents of these records are asserted below: the stream's own parts do not describe lines.
    stream.push(aggregator.finish().unwrap().data, Vec::new());
    stream.push(lines(&[&fourth, "", &fifth, ""]).into(), Vec::new());
    stream.push(b"\r\n\n".to_vec().into(), Vec::new());
    for _ in 0..2 {
        lake.deliver(&stream, 0..3, None).await.unwrap();
    }

    let mut expected = Totals::default();
    for (record, subsequence_number, line, rejected) in [
        (0, 0, 0, false),
        (0, 0, 1, true),
        (0, 0, 2, false),
        (0, 1, 0, false),
        (1, 0, 0, false),
        (1, 0, 1, false),
        (2, 0, 0, true),
    ] {
        expected.count(
            rejected,
            sequence_number_checksum(&stream.sequence_number(record)),
            subsequence_number,
            line,
        );
    }
    let checkpoint = lake.checkpoint().await.unwrap();
    assert_eq!(checkpoint.totals, expected);
    for speed_log in &lake.speed_logs {
        let spans = lake.spans(speed_log).await;
        let [span] = spans.as_slice() else {
            panic!("{speed_log}: {spans:?}")
        };
        assert_eq!(
            (&span.last, span.events),
            (&stream.sequence_number(2), 5),
            "{speed_log}"
        );
        if let Some(blocks) = &span.ids {
            assert_eq!(*blocks, ["A", "B", "C", "D", "E"]);
        }
    }
}
