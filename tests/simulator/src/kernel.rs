//! Deterministic execution of invocations that run at once.
//!
//! An invocation is a future that stops at every call to a service, until the simulator releases the call with a
//! [`Fate`]. Between two calls it runs alone. The order in which calls are released is thus the only nondeterminism, and
//! it comes from the history's seed. A crash drops the future, a freeze leaves it unreleased.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// The kind of a call, which decides what may befall it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallKind {
    /// A read.
    Read,
    /// A conditional write to the bucket.
    Write,
    /// A change without a condition, such as a deletion.
    Change,
    /// A wait of the invocation itself, in milliseconds.
    Sleep(i64),
}

/// A call that waits for its release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The kind.
    pub kind: CallKind,
    /// The operation and its subject, for traces: `create speed/…/shardId-0_after-0.parquet`.
    pub what: String,
}

/// The fate of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The call takes effect and is answered.
    Answered,
    /// The service refuses the call for the moment. It has no effect.
    Throttled,
    /// The call takes effect, but the answer is lost: the client reports a failure.
    AnswerLost,
    /// The call takes effect, its answer is lost, and the client's own retry meets the effect.
    Repeated,
}

/// The identity of a call within its invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(u64);

/// The gate through which all calls of one invocation pass.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Mutex<Calls>>);

#[derive(Debug, Default)]
struct Calls {
    waiting: BTreeMap<CallId, Call>,
    wakers: BTreeMap<CallId, Waker>,
    released: BTreeMap<CallId, Fate>,
    count: u64,
}

impl Gate {
    /// Waits for the release of a call.
    pub async fn pass(&self, kind: CallKind, what: impl Into<String>) -> Fate {
        let what = what.into();
        let id = self.calls().register(Call { kind, what });
        poll_fn(|context| {
            let mut calls = self.calls();
            match calls.released.remove(&id) {
                Some(fate) => Poll::Ready(fate),
                None => {
                    calls.wakers.insert(id, context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    fn register(&mut self, call: Call) -> CallId {
        let id = CallId(self.count);
        self.count += 1;
        self.waiting.insert(id, call);
        id
    }
}

/// An invocation under way. Dropping it is a crash.
pub struct Process<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    gate: Gate,
}

impl<T> Process<T> {
    /// An invocation whose calls pass `gate`. It does not run before [`Process::run`].
    pub fn new(gate: Gate, future: impl Future<Output = T> + 'static) -> Self {
        Self {
            future: Box::pin(future),
            gate,
        }
    }

    /// Runs until the invocation has ended or each of its branches waits for a call.
    ///
    /// # Panics
    /// If it waits for something else than a call: no simulated invocation may depend on another source of events.
    pub fn run(&mut self) -> Poll<T> {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        loop {
            woken.0.store(false, Ordering::SeqCst);
            if let Poll::Ready(outcome) = self.future.as_mut().poll(&mut context) {
                return Poll::Ready(outcome);
            }
            if !woken.0.load(Ordering::SeqCst) {
                break;
            }
        }
        assert!(
            !self.gate.calls().waiting.is_empty(),
            "an invocation waits for something that is no call"
        );
        Poll::Pending
    }

    /// The calls that wait for their release, in the order in which they were made.
    pub fn waiting(&self) -> Vec<(CallId, Call)> {
        let calls = self.gate.calls();
        let waiting = calls.waiting.iter();
        waiting.map(|(id, call)| (*id, call.clone())).collect()
    }

    /// Releases a waiting call, and runs on.
    ///
    /// # Panics
    /// If the call does not wait.
    pub fn release(&mut self, id: CallId, fate: Fate) -> Poll<T> {
        let waker = {
            let mut calls = self.gate.calls();
            let waited = calls.waiting.remove(&id);
            assert!(waited.is_some(), "{id:?} does not wait");
            calls.released.insert(id, fate);
            calls.wakers.remove(&id)
        };
        // A branch that is polled by itself must know that it can go on.
        if let Some(waker) = waker {
            waker.wake();
        }
        self.run()
    }
}

/// A waker that remembers that it was called.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join;

    use super::*;

    fn what(process: &Process<Vec<Fate>>) -> Vec<String> {
        let waiting = process.waiting().into_iter();
        waiting.map(|(_, call)| call.what).collect()
    }

    #[test]
    fn an_invocation_runs_from_call_to_call() {
        let gate = Gate::default();
        let calls = gate.clone();
        let mut process = Process::new(gate, async move {
            let one = async {
                let first = calls.pass(CallKind::Read, "one").await;
                tokio::task::yield_now().await;
                [first, calls.pass(CallKind::Write, "two").await]
            };
            let (pair, other) = join(one, calls.pass(CallKind::Read, "other")).await;
            vec![pair[0], pair[1], other]
        });
        assert!(process.run().is_pending());
        assert_eq!(what(&process), ["one", "other"]);
        let (other, _) = process.waiting().remove(1);
        assert!(process.release(other, Fate::Throttled).is_pending());
        let (one, _) = process.waiting().remove(0);
        assert!(process.release(one, Fate::Answered).is_pending());
        assert_eq!(what(&process), ["two"]);
        let (two, _) = process.waiting().remove(0);
        assert_eq!(
            process.release(two, Fate::AnswerLost),
            Poll::Ready(vec![Fate::Answered, Fate::AnswerLost, Fate::Throttled])
        );
    }
}
