//! The view compiler: one SQL view in, its partial, merge and final statements out.
//!
//! ```text
//! text ── parse ──► syntax tree ── names, types ──► Plan ── render ──► partial · merge · final
//! ```
//!
//! Speed runs the partial statement on DataFusion and batch runs it on Athena, so a view may hold only what means the
//! same in both and what can be merged exactly; everything else is refused with its position, the reason and what to
//! do. No expression that is accepted can fail on an event: one event must not stop a view.

mod column;
mod compile;
mod dialect;
mod error;
mod expression;
mod interval;
mod limits;
mod parse;
mod plan;
mod render;
mod scope;
mod statement;
mod view;

pub use column::ViewColumn;
pub use compile::compile;
pub use dialect::Dialect;
pub use error::Error;
pub use view::{Kind, View};
