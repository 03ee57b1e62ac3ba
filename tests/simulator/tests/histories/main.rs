//! Histories that are not random: those made by hand, months of steady traffic, and those that are not answered right yet.

mod by_hand;
mod months;
mod not_yet;
