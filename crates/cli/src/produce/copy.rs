//! The file that each event is also written to.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Where each event is also written, one a line in the order in which they are drawn.
pub struct CopyFile {
    path: PathBuf,
    output: BufWriter<Box<dyn Write>>,
}

impl CopyFile {
    /// Opens the file at `path`, or standard output if that is `-`. What a file holds is kept if `append` says so.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn open(path: &Path, append: bool) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::new(path, io::stdout()));
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        let options = options.append(append).truncate(!append);
        let file = options
            .open(path)
            .map_err(|error| Error::file(path, error))?;
        Ok(Self::new(path, file))
    }

    /// Writes to `output`, which messages call by the name of `path`.
    pub fn new(path: impl Into<PathBuf>, output: impl Write + 'static) -> Self {
        Self {
            path: path.into(),
            output: BufWriter::new(Box::new(output)),
        }
    }

    /// Writes an event and a line end.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&mut self, event: &[u8]) -> Result<()> {
        let output = &mut self.output;
        let written = output
            .write_all(event)
            .and_then(|()| output.write_all(b"\n"));
        written.map_err(|error| self.failed(error))
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.output.flush().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> Error {
        match self.path == Path::new("-") {
            true => Error::Output(error),
            false => Error::file(&self.path, error),
        }
    }
}
