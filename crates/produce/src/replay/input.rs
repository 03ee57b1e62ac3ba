//! The file that is replayed.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// The first bytes of gzip data ([RFC 1952](https://www.rfc-editor.org/rfc/rfc1952), section 2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b];
/// The byte-order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
/// The bytes at a file's beginning that its identity depends on.
const IDENTIFYING_BYTES: u64 = 64 << 10;

/// The source of the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input. It can be read only once.
    Standard,
}

/// The identity of a file, which another content does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileIdentity {
    /// The absolute path, without symbolic links.
    pub path: String,
    /// The length in bytes.
    pub bytes: u64,
    /// The SHA-256 of the first 64 KiB in hexadecimal digits.
    pub start_sha256: String,
}

impl Input {
    /// The file at `path`, or standard input if the path is `-`.
    pub fn new(path: &Path) -> Self {
        match path == Path::new("-") {
            true => Self::Standard,
            false => Self::File(path.to_owned()),
        }
    }

    /// A reader of the content from its beginning, without gzip and without a byte-order mark.
    ///
    /// # Errors
    /// If the content cannot be read.
    pub fn open(&self) -> Result<Box<dyn BufRead>> {
        let reader: Box<dyn BufRead> = match self {
            Self::File(path) => Box::new(BufReader::new(
                File::open(path).map_err(|error| self.failed(error))?,
            )),
            Self::Standard => Box::new(io::stdin().lock()),
        };
        unpacked(reader).map_err(|error| self.failed(error))
    }

    /// The identity of a file; `None` for standard input.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn identity(&self) -> Result<Option<FileIdentity>> {
        match self {
            Self::File(path) => identity(path).map(Some).map_err(|error| self.failed(error)),
            Self::Standard => Ok(None),
        }
    }

    /// The error of a failed read.
    pub(crate) fn failed(&self, error: io::Error) -> Error {
        Error::file("read", self.to_string(), error)
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Standard => f.write_str("standard input"),
        }
    }
}

fn unpacked(mut reader: impl BufRead + 'static) -> io::Result<Box<dyn BufRead>> {
    let start = start(&mut reader, GZIP.len())?;
    let is_gzip = start == GZIP;
    let whole = Cursor::new(start).chain(reader);
    match is_gzip {
        true => without_byte_order_mark(BufReader::new(MultiGzDecoder::new(whole))),
        false => without_byte_order_mark(whole),
    }
}

fn without_byte_order_mark(mut reader: impl BufRead + 'static) -> io::Result<Box<dyn BufRead>> {
    let mut start = start(&mut reader, BYTE_ORDER_MARK.len())?;
    if start == BYTE_ORDER_MARK {
        start.clear();
    }
    Ok(Box::new(Cursor::new(start).chain(reader)))
}

/// The first `bytes` bytes; fewer only at the end.
fn start(reader: &mut impl Read, bytes: usize) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    reader.take(bytes as u64).read_to_end(&mut start)?;
    Ok(start)
}

fn identity(path: &Path) -> io::Result<FileIdentity> {
    let path = path.canonicalize()?;
    let mut file = File::open(&path)?;
    let bytes = file.metadata()?.len();
    let mut start = Vec::new();
    file.by_ref()
        .take(IDENTIFYING_BYTES)
        .read_to_end(&mut start)?;
    Ok(FileIdentity {
        path: path.to_string_lossy().into_owned(),
        bytes,
        start_sha256: hex::encode(Sha256::digest(start)),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        // One byte at a time, as a pipe may deliver them.
        let reader = BufReader::with_capacity(1, Cursor::new(bytes));
        unpacked(reader)?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes() {
        let text = b"a,b\n";
        assert_eq!(read(text.to_vec()).unwrap(), text);
        assert_eq!(read(packed(text)).unwrap(), text);
        let members = [packed(b"a,"), packed(b"b\n")].concat();
        assert_eq!(read(members).unwrap(), text, "members follow each other");
        assert_eq!(read(Vec::new()).unwrap(), b"");
        assert_eq!(read(vec![0x1f]).unwrap(), [0x1f]);
    }

    #[test]
    fn gzip_that_breaks_off_is_an_error() {
        let mut half = packed(&[b'a'; 10_000]);
        half.truncate(half.len() - 9);
        assert_eq!(read(half).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn the_byte_order_mark_belongs_to_no_line() {
        let text = "\u{feff}a\u{feff}".as_bytes();
        assert_eq!(read(text.to_vec()).unwrap(), "a\u{feff}".as_bytes());
        assert_eq!(read(packed(text)).unwrap(), "a\u{feff}".as_bytes());
        assert_eq!(read(text[..2].to_vec()).unwrap(), &text[..2]);
    }

    #[test]
    fn a_file_that_is_written_again_has_another_identity() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.csv");
        let identity_of = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Input::new(&path).identity().unwrap()
        };
        let first = identity_of("a\n");
        assert_eq!(identity_of("a\n"), first);
        assert_ne!(identity_of("b\n"), first);
        assert_ne!(identity_of("a\nb\n"), first);
        assert_eq!(Input::new(Path::new("-")).identity().unwrap(), None);
    }
}
