//! A bucket in memory that lets a test decide at which call an invocation dies, and how.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use twinlake_lake::memory::{MemoryStore, SeededRandomSource};
use twinlake_lake::store::{Listed, Metadata, Object, Store, Written};
use twinlake_lake::{Error, ErrorKind, RandomSource, Result};

/// The fate of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The call fails, and with it every later one: the sandbox is gone.
    Refused,
    /// The call takes effect, but its answer is lost, and every later call fails.
    AnswerLost,
    /// The call fails, and every later one does. [`Bucket::land`] lets a write take effect after all.
    Late,
    /// The call takes effect, but its answer is lost, so that the client's own retry loses against it.
    LosesToItself,
    /// The call has no effect and loses to a write whose object is gone again at once.
    LosesToNothing,
}

impl Fate {
    /// Reports whether the sandbox lives on.
    pub(crate) fn is_survived(self) -> bool {
        matches!(self, Self::LosesToItself | Self::LosesToNothing)
    }
}

#[derive(Debug)]
enum Write {
    Create(String, Bytes, Metadata),
    Replace(String, Bytes, String),
}

/// The bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    objects: Arc<MemoryStore>,
    calls: AtomicUsize,
    armed: Mutex<Option<(usize, Fate)>>,
    late: Mutex<Vec<Write>>,
    interleaving: SeededRandomSource,
}

impl Bucket {
    /// A bucket over `objects`, whose calls take a time that depends on the seed.
    pub(crate) fn new(objects: Arc<MemoryStore>, seed: u64) -> Self {
        Self {
            objects,
            calls: AtomicUsize::new(0),
            armed: Mutex::new(None),
            late: Mutex::new(Vec::new()),
            interleaving: SeededRandomSource::new(seed),
        }
    }

    /// Lets the call of this number from now (the next one is 0) have a fate; those before it and, without one, all
    /// calls succeed.
    pub(crate) fn arm(&self, fault: Option<(usize, Fate)>) {
        self.calls.store(0, Ordering::SeqCst);
        *self.armed.lock().unwrap() = fault;
    }

    /// Lets every call succeed from now on.
    pub(crate) fn disarm(&self) {
        *self.armed.lock().unwrap() = None;
    }

    /// The number of calls since the bucket was armed.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// The late writes arrive, in the order in which they were sent.
    pub(crate) async fn land(&self) {
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        for write in late {
            self.write(write).await.unwrap();
        }
    }

    async fn write(&self, write: Write) -> Result<Written> {
        match write {
            Write::Create(key, bytes, metadata) => {
                self.objects.create(&key, bytes, &metadata).await
            }
            Write::Replace(key, bytes, etag) => self.objects.replace(&key, bytes, &etag).await,
        }
    }

    /// Lets others run, then says what becomes of this call.
    async fn fate(&self) -> Option<Fate> {
        for _ in 0..self.interleaving.next() % 4 {
            tokio::task::yield_now().await;
        }
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let (fatal, fate) = (*self.armed.lock().unwrap())?;
        match call.cmp(&fatal) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => Some(fate),
            std::cmp::Ordering::Greater => (!fate.is_survived()).then_some(Fate::Refused),
        }
    }

    async fn read(&self) -> Result<()> {
        match self.fate().await {
            Some(fate) if !fate.is_survived() => Err(gone()),
            _ => Ok(()),
        }
    }

    async fn conditional(&self, write: Write) -> Result<Written> {
        match self.fate().await {
            None => self.write(write).await,
            Some(Fate::LosesToItself) => {
                self.write(write).await.map(|_| Written::PreconditionFailed)
            }
            Some(Fate::LosesToNothing) => Ok(Written::PreconditionFailed),
            Some(Fate::AnswerLost) => self.write(write).await.and(Err(gone())),
            Some(Fate::Refused) => Err(gone()),
            Some(Fate::Late) => {
                self.late.lock().unwrap().push(write);
                Err(gone())
            }
        }
    }
}

fn gone() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "reach",
        "the bucket",
        "the sandbox is gone",
    )
}

#[async_trait]
impl Store for Bucket {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        self.read().await?;
        self.objects.get(key).await
    }

    async fn metadata(&self, key: &str) -> Result<Option<Metadata>> {
        self.read().await?;
        self.objects.metadata(key).await
    }

    async fn create(&self, key: &str, bytes: Bytes, metadata: &Metadata) -> Result<Written> {
        self.conditional(Write::Create(key.to_owned(), bytes, metadata.clone()))
            .await
    }

    async fn replace(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written> {
        self.conditional(Write::Replace(key.to_owned(), bytes, etag.to_owned()))
            .await
    }

    async fn beginning(&self, key: &str, limit: u64) -> Result<Option<Bytes>> {
        self.read().await?;
        self.objects.beginning(key, limit).await
    }

    async fn list_after(&self, prefix: &str, after: &str) -> Result<Vec<Listed>> {
        self.read().await?;
        self.objects.list_after(prefix, after).await
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        self.read().await?;
        self.objects.folders(prefix).await
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        self.read().await?;
        self.objects.delete(keys).await
    }
}
