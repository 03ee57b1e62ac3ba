//! `twinlake produce`: what it sends, simulated or from a file, whatever the stream and the file are like.

#![allow(clippy::unwrap_used)]

mod command;
mod dry_run;
mod forms_of_files;
mod headers;
mod long_line;
mod moody;
mod replaying;
mod resharding;
mod resumed;
mod steady_flow;
mod throttled_stream;
mod times;
mod whole_file;
