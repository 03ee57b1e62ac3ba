//! Runs the batch views, reconciles both layers and moves the watermark.
