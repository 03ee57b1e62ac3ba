//! Runs the batch views, reconciles both layers and moves the watermark.
//!
//! Each invocation looks at what is and does the next step, so it can be killed anywhere and run again, also twice at
//! once. What is decided is written before it is acted on, and only two kinds of step change an answer or lose
//! anything: the switch ([`reconcile`]), which one compare-and-swap makes, and the deletion ([`cleanup`]) of what no
//! query can still be reading.
//!
//! | step | writes | a crash before it | a crash after it |
//! | --- | --- | --- | --- |
//! | [`proof`] | `proof.json`, by compare-and-swap | counted again | nothing is repeated |
//! | plan ([`planning`]) | `plans/<view>.json`, by compare-and-swap | another plan, of the same or a later range | the same plan is carried out |
//! | run | objects below a prefix of the plan's own | asked again, with another token if it failed | the same token gives the same query |
//! | registration | a partition that no view names | registered again | found registered |
//! | switch | the view's table, by compare-and-swap | the old answer | the new answer; the plan is dead |
//! | deletion | removes what no text of the last hour names | deleted later | nothing is left |

pub mod cleanup;
pub mod context;
pub mod error;
pub mod handler;
pub mod open;
pub mod planning;
pub mod prepare;
pub mod proof;
pub mod reconcile;
pub mod report;
pub mod run;
pub mod tables;
pub mod tick;
