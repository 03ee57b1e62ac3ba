//! Productions of simulated events and of files, to streams that throttle, fail, do not answer and reshard.

#![allow(clippy::unwrap_used)]

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
