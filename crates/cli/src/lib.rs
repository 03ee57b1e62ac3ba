//! The twinlake command.
