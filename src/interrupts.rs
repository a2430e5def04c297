//! SIGINT and SIGTERM: the first signal ends a run gracefully, the second one exits at once.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use tokio::sync::Notify;

use crate::exit::Exit;

/// Receives signals for the rest of the process.
#[derive(Debug, Clone)]
pub struct Interrupts {
    received: Arc<Received>,
}

#[derive(Debug)]
struct Received {
    first: OnceLock<&'static str>,
    notify: Notify,
    /// The exit code of a second signal.
    code: AtomicU8,
}

/// Folders to remove on exit.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes a folder when the second signal ends the program, because no destructors run then.
pub fn remove_at_exit(folder: &Path) {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
}

impl Interrupts {
    /// Starts to listen, on a separate thread, so that other work cannot delay the handling of a
    /// signal. A process listens once, however many runs it makes.
    pub fn listen() -> io::Result<Self> {
        static SHARED: Mutex<Option<Interrupts>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*shared {
            return Ok(known.clone());
        }
        Ok(shared.insert(Self::start()?).clone())
    }

    fn start() -> io::Result<Self> {
        let received = Arc::new(Received {
            first: OnceLock::new(),
            notify: Notify::new(),
            code: AtomicU8::new(Exit::CouldNotRun.code()),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let signals = {
            let _context = runtime.enter();
            Signals::new()?
        };
        let listener = received.clone();
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(listen(signals, &listener)))?;
        Ok(Self { received })
    }

    /// The name of the first signal, if one has been received.
    pub fn received(&self) -> Option<&'static str> {
        self.received.first.get().copied()
    }

    /// Sets the exit code of a second signal, which is [`Exit::CouldNotRun`] at first.
    #[cfg(feature = "remediate")]
    pub fn second_exits_with(&self, exit: Exit) {
        self.received.code.store(exit.code(), Ordering::SeqCst);
    }

    /// Waits for the first signal and returns its name.
    pub async fn wait(&self) -> &'static str {
        loop {
            let notified = self.received.notify.notified();
            if let Some(signal) = self.received() {
                return signal;
            }
            notified.await;
        }
    }
}

async fn listen(mut signals: Signals, received: &Received) {
    let first = signals.next().await;
    received.first.set(first).ok();
    received.notify.notify_waiters();
    signals.next().await;
    for folder in TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        std::fs::remove_dir_all(folder).ok();
    }
    std::process::exit(received.code.load(Ordering::SeqCst).into());
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            // Without a handler, the operating system ends the program.
            Err(_) => std::future::pending().await,
        }
    }
}
