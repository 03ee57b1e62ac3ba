//! The batch layer: runs the batch views in Athena, audits both layers against each other, and moves the watermark.
//!
//! `batch` is a reconciler. Each invocation reads the present state and does the next step, so it can be killed anywhere
//! and run again, also twice at once. A decision is written before it is acted on. Only two kinds of step change an answer
//! or delete anything: the publish ([`mod@publish`]), which is one compare-and-swap, and the deletion ([`cleanup`]) of
//! objects that no query can still be reading.
//!
//! | step | writes | a crash before it | a crash after it |
//! | --- | --- | --- | --- |
//! | audit ([`mod@audit`]) | `audit.json`, by compare-and-swap | counted again | nothing is repeated |
//! | plan ([`planning`]) | the view's document, by compare-and-swap | another plan, of the same or a later range | the same plan is carried out |
//! | run ([`mod@run`]) | objects under a prefix of the run's own | asked again | the same token returns the same query |
//! | registration | a partition that no view names | registered again | found registered |
//! | take-in | the view's document, by compare-and-swap | the old answer; the output is found again | the old answer; the new one is shown next |
//! | publish | the view's table, by compare-and-swap | the old answer | the new answer |
//! | deletion ([`cleanup`]) | removes objects that no state of the last hour names | deleted later | nothing is left |

pub mod activate;
pub mod audit;
pub mod cleanup;
pub mod context;
pub mod document;
pub mod error;
pub mod handler;
pub mod migrate;
pub mod planning;
pub mod publish;
pub mod reconciler;
pub mod report;
pub mod run;
pub mod stretches;
pub mod tables;
pub mod tick;
