//! The journal of a replay: its progress, in a file that outlives it.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::replay::input::FileIdentity;
use crate::{Error, Result};

/// The version of [`State`] that this code writes and reads.
const FORMAT: u32 = 1;

/// A replay and its progress, as the file holds them in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    format: u32,
    /// The replay.
    pub replay: Identity,
    /// The progress.
    pub progress: Progress,
}

/// The identity of a replay. All of it must be the same for the replay to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The file.
    pub file: FileIdentity,
    /// The stream.
    pub destination: Destination,
    /// The number of lines, if not all.
    pub events: Option<u64>,
    /// The column of the partition key, if there is one.
    pub partition_key: Option<String>,
    /// The columns whose times are moved to now.
    pub time_columns: Vec<String>,
}

/// The address of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The stream's name.
    pub stream: String,
    /// The region, where the settings name one.
    pub region: Option<String>,
    /// The address of the service, where it is not AWS's own.
    pub endpoint: Option<String>,
}

/// The progress of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Lines from the file's beginning that are dealt with: sent, or passed over at the user's request.
    pub lines: u64,
    /// Lines of these that are in the stream.
    pub sent: u64,
    /// The span in milliseconds by which times are moved, where they are moved.
    pub shift_ms: Option<i64>,
}

/// The state of a running replay, and the file that holds it.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    replay: Identity,
    start: Progress,
}

impl Journal {
    /// Begins the journal of a replay that goes on from `start`, and writes it to the file at `path`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(path: PathBuf, replay: Identity, start: Progress) -> Result<Self> {
        let mut journal = Self {
            path,
            replay,
            start,
        };
        journal.note(0)?;
        Ok(journal)
    }

    /// Writes that `sent` lines more than at the start are in the stream. The file is replaced as a whole, so a reader
    /// never finds half of it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn note(&mut self, sent: u64) -> Result<()> {
        let state = State {
            format: FORMAT,
            replay: self.replay.clone(),
            progress: Progress {
                lines: self.start.lines + sent,
                sent: self.start.sent + sent,
                ..self.start
            },
        };
        write(&self.path, &state).map_err(|error| {
            Error::refused_with(
                format!(
                    "cannot write the progress of the replay to {}: {error}",
                    self.path.display()
                ),
                "name another file with --state",
            )
        })
    }

    /// Removes the file of a complete replay.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub fn finish(self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::file("remove", self.path, error))
            }
            _ => Ok(()),
        }
    }
}

fn write(path: &Path, state: &State) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, state)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

impl State {
    /// Reads the state of an incomplete replay; `None` if there is no file.
    ///
    /// # Errors
    /// If the file cannot be read, or holds no state of this version.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file("read", path, error)),
        };
        let state = serde_json::from_slice(&text).ok();
        let state = state.filter(|state: &Self| state.format == FORMAT);
        state.map(Some).ok_or_else(|| {
            Error::refused_with(
                format!(
                    "{} does not hold the state of a replay that this version of twinlake has written",
                    path.display()
                ),
                "remove it to begin again, or name another file with --state",
            )
        })
    }

    /// Checks that `replay` is the one that was interrupted.
    ///
    /// # Errors
    /// If anything differs, with both values of it.
    pub fn check(&self, replay: &Identity) -> Result<()> {
        let (before, now) = (&self.replay, replay);
        let mut differences = String::new();
        let mut compare = |what: &str, before: String, now: String| {
            if before != now {
                write!(differences, "\n  {what}: {before} before, {now} now")
                    .expect("writing to memory succeeds");
            }
        };
        compare("file", before.file.path.clone(), now.file.path.clone());
        compare(
            "its length in bytes",
            before.file.bytes.to_string(),
            now.file.bytes.to_string(),
        );
        let (hash_before, hash_now) = (&before.file.start_sha256, &now.file.start_sha256);
        compare(
            "SHA-256 of its first 64 KiB",
            hash_before.clone(),
            hash_now.clone(),
        );
        compare(
            "stream",
            before.destination.to_string(),
            now.destination.to_string(),
        );
        compare("--events", option(before.events), option(now.events));
        let (key_before, key_now) = (before.partition_key.as_ref(), now.partition_key.as_ref());
        compare("--partition-key", option(key_before), option(key_now));
        let columns = |replay: &Identity| match replay.time_columns.as_slice() {
            [] => "none".to_owned(),
            columns => columns.join(", "),
        };
        compare("columns moved to now", columns(before), columns(now));
        match differences.is_empty() {
            true => Ok(()),
            false => Err(Error::refused_with(
                format!("the interrupted replay cannot go on, it was another one:{differences}"),
                format!(
                    "leave out --resume to begin again, with --skip {} behind the lines that were dealt with",
                    self.progress.lines
                ),
            )),
        }
    }
}

fn option(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = self.endpoint.as_deref().or(self.region.as_deref());
        write!(f, "{} ({})", self.stream, place.unwrap_or("no region"))
    }
}

/// The path of a replay's state unless the user names another: one file for each input and stream, below
/// `$XDG_STATE_HOME` or `~/.local/state`
/// ([XDG Base Directory](https://specifications.freedesktop.org/basedir/latest/)).
///
/// # Errors
/// If the environment names neither folder.
pub fn default_path(file: &FileIdentity, destination: &Destination) -> Result<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder = absolute("XDG_STATE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local/state")))
        .ok_or_else(|| {
            Error::refused_with(
                "neither XDG_STATE_HOME nor HOME names a folder for the progress of the replay",
                "name a file with --state",
            )
        })?;
    let digest = Sha256::digest(format!("{}\n{destination}", file.path));
    let name = hex::encode(&digest[..8]);
    Ok(folder.join("twinlake/produce").join(format!("{name}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            file: FileIdentity {
                path: "/data/lines.csv".into(),
                bytes: 10,
                start_sha256: "00".into(),
            },
            destination: Destination {
                stream: "twinlake-crimes".into(),
                region: Some("eu-central-1".into()),
                endpoint: None,
            },
            events: None,
            partition_key: Some("block".into()),
            time_columns: Vec::new(),
        }
    }

    #[test]
    fn notes_are_read_until_the_replay_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/state.json");
        assert_eq!(State::read(&path).unwrap(), None);
        let start = Progress {
            lines: 7,
            sent: 5,
            shift_ms: Some(-3),
        };
        let mut journal = Journal::begin(path.clone(), identity(), start).unwrap();
        assert_eq!(State::read(&path).unwrap().unwrap().progress, start);
        journal.note(10).unwrap();
        let expected = Progress {
            lines: 17,
            sent: 15,
            shift_ms: Some(-3),
        };
        let state = State::read(&path).unwrap().unwrap();
        assert_eq!(state.progress, expected);
        state.check(&identity()).unwrap();
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        journal.finish().unwrap();
        assert_eq!(State::read(&path).unwrap(), None);
    }

    #[test]
    fn every_difference_is_named() {
        let state = State {
            format: FORMAT,
            replay: identity(),
            progress: Progress::default(),
        };
        let mut other = identity();
        other.file.bytes = 11;
        other.partition_key = None;
        other.time_columns = vec!["a".into(), "b".into()];
        let error = state.check(&other).unwrap_err().to_string();
        for part in [
            "its length in bytes: 10 before, 11 now",
            "--partition-key: block before, none now",
            "columns moved to now: none before, a, b now",
        ] {
            assert!(error.contains(part), "{error}");
        }
        assert!(!error.contains("stream:"), "{error}");
    }

    #[test]
    fn a_file_that_holds_no_state_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let of_the_future = State {
            format: FORMAT + 1,
            replay: identity(),
            progress: Progress::default(),
        };
        for text in ["", "{}", &serde_json::to_string(&of_the_future).unwrap()] {
            fs::write(&path, text).unwrap();
            let error = State::read(&path).unwrap_err().to_string();
            assert!(
                error.contains("state.json does not hold the state"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_state_that_cannot_be_written_comes_with_help() {
        let path = PathBuf::from("/dev/null/state.json");
        let error = Journal::begin(path, identity(), Progress::default()).unwrap_err();
        assert_eq!(error.help(), Some("name another file with --state"));
    }
}
