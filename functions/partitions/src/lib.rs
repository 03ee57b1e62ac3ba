//! Registers the hourly raw prefixes that exist in the Glue catalog.
