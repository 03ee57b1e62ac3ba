//! From the files of a pipeline to its definition: YAML and folders in, checked data or diagnostics out.

mod bundle;
mod columns;
mod csv;
mod document;
mod folder;
mod reading;
mod rules;
#[cfg(test)]
mod schema;
mod sections;
mod simulation;
mod yaml;

pub use folder::Folder;
