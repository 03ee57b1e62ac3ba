//! The view compiler: one SQL view in, its partial, merge and final statements out.
//!
//! ```text
//! text ── parse ──► syntax tree ── names, types ──► Plan ── render ──► partial · merge · final
//! ```
//!
//! The speed layer runs the partial statement on DataFusion, the batch layer runs it on Athena. [`compile()`] therefore
//! accepts only SQL that means the same in both engines and that can be merged exactly. Anything else is refused with
//! a [`Diagnostic`](twinlake_pipeline::Diagnostic): the place, the reason and the replacement to write. No accepted
//! expression can fail on an event, since one event must not stop a view.

mod compile;
mod diagnostic;
mod expression;
mod interval;
mod limits;
mod parse;
mod plan;
mod render;
mod scope;
mod statement;
mod view;

pub use compile::compile;
pub use plan::ViewColumn;
pub use render::Dialect;
pub use view::{Kind, View};
