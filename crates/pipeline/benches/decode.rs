//! How fast JSON events become Arrow, on one core.
fn main() {}
