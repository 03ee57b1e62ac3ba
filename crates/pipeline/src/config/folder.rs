//! A pipeline's folder on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::bundle;
use super::reading::{self, Source};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::definition::{Definition, PIPELINE_FILE, query_file, view_file};
use crate::model::reference::csv_file;

/// The files of a pipeline, not yet checked.
///
/// ```
/// use std::collections::BTreeMap;
/// use twinlake_pipeline::{Definition, Folder};
///
/// let folder = Folder {
///     pipeline: "version: 1\nname: meters\nstream: { format: json }\n\
///                columns: [{ name: temp, type: float }]\n"
///         .to_owned(),
///     views: BTreeMap::from([("hot".to_owned(), "SELECT * FROM events".to_owned())]),
///     queries: BTreeMap::new(),
///     references: BTreeMap::new(),
/// };
/// let found = folder.definition().unwrap_err();
/// assert_eq!(
///     found.render(),
///     "\
/// error: unknown type `float`
///  --> pipeline.yaml:4:31
///   |
/// 4 | columns: [{ name: temp, type: float }]
///   |                               ^^^^^
///   |
///   = help: the types are string, int, bigint, double, boolean, timestamp, date"
/// );
///
/// let right = Folder { pipeline: folder.pipeline.replace("float", "double"), ..folder };
/// assert_eq!(Definition::from_bundle(&right.bundle()), right.definition());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The text of `pipeline.yaml`.
    pub pipeline: String,
    /// The SQL of each file in `views/`, by name without extension.
    pub views: BTreeMap<String, String>,
    /// The SQL of each file in `queries/`, by name without extension.
    pub queries: BTreeMap<String, String>,
    /// The bytes of each file in `reference/`, by name without extension.
    pub references: BTreeMap<String, Vec<u8>>,
}

impl Definition {
    /// Reads and checks a pipeline's folder, its reference tables included.
    ///
    /// # Errors
    /// Files that cannot be read, and every mistake, with its file and where possible its line.
    pub fn from_folder(path: &Path) -> Result<Self, Diagnostics> {
        Folder::read(path)?.definition()
    }
}

impl Folder {
    /// Reads `pipeline.yaml`, `views/*.sql`, `queries/*.sql` and `reference/*.csv`. Other files are ignored.
    ///
    /// # Errors
    /// Files that cannot be read or are not UTF-8.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let pipeline = diagnostics.take(read_text(path, PIPELINE_FILE));
        let views = diagnostics.take(read_texts(path, "views", view_file));
        let queries = diagnostics.take(read_texts(path, "queries", query_file));
        let references = diagnostics.take(read_references(path));
        let folder = (|| {
            Some(Self {
                pipeline: pipeline?,
                views: views?,
                queries: queries?,
                references: references?,
            })
        })();
        diagnostics.finish(folder)
    }

    /// Checks all files and puts them together.
    ///
    /// # Errors
    /// Every mistake, with its file and where possible its line.
    pub fn definition(&self) -> Result<Definition, Diagnostics> {
        let definition = reading::read(&self.source(&self.digests()))?;
        let mut diagnostics = Diagnostics::default();
        for reference in &definition.references {
            if let Some(bytes) = self.references.get(&reference.name) {
                diagnostics.take(reference.read_csv(bytes));
            }
        }
        diagnostics.finish(Some(definition))
    }

    /// The folder as one JSON object, which [`Definition::from_bundle`] reads:
    /// `{"format": 1, "pipeline": text, "views": {name: sql}, "queries": {name: sql}, "reference": {name: sha256}}`.
    pub fn bundle(&self) -> Vec<u8> {
        bundle::write(&self.source(&self.digests()))
    }

    fn source<'a>(&'a self, digests: &'a BTreeMap<String, String>) -> Source<'a> {
        Source {
            pipeline: &self.pipeline,
            views: &self.views,
            queries: &self.queries,
            references: digests,
        }
    }

    fn digests(&self) -> BTreeMap<String, String> {
        self.references
            .iter()
            .map(|(name, bytes)| (name.clone(), hex::encode(Sha256::digest(bytes))))
            .collect()
    }
}

fn read_text(folder: &Path, file: &str) -> Result<String, Diagnostics> {
    fs::read_to_string(folder.join(file)).map_err(|error| unreadable(file, &error))
}

fn read_texts(
    folder: &Path,
    within: &str,
    file: fn(&str) -> String,
) -> Result<BTreeMap<String, String>, Diagnostics> {
    let names = names(folder, within, "sql")?;
    names
        .into_iter()
        .map(|name| read_text(folder, &file(&name)).map(|text| (name, text)))
        .collect()
}

fn read_references(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Diagnostics> {
    let names = names(folder, "reference", "csv")?;
    let read = |name: String| {
        let file = csv_file(&name);
        fs::read(folder.join(&file))
            .map(|bytes| (name, bytes))
            .map_err(|error| unreadable(&file, &error))
    };
    names.into_iter().map(read).collect()
}

/// The names, without extension, of the files with this extension. A missing subfolder has none.
fn names(folder: &Path, within: &str, extension: &str) -> Result<Vec<String>, Diagnostics> {
    let path = folder.join(within);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| unreadable(within, &error))?;
    let files = entries.iter().map(fs::DirEntry::file_name);
    let name = |file: std::ffi::OsString| {
        let name = file.to_str()?.strip_suffix(extension)?.strip_suffix('.')?;
        Some(name.to_owned())
    };
    Ok(files.filter_map(name).collect())
}

fn unreadable(file: &str, error: &std::io::Error) -> Diagnostics {
    Diagnostics::from(Diagnostic::new(file, format!("cannot be read: {error}")))
}
