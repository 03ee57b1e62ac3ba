//! Materializes the speed views from the stream.
