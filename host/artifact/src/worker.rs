//! Compiling in a process of its own, with its own memory, processor time and deadline: a component that is made to keep a
//! compiler busy, or to break one, has only that process.
//!
//! The worker is this host's own program, started for one component: the component on its standard input, on its standard
//! output one byte that says how it went and then the code or the reason. It inherits no environment and no open file.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anshu_model::{Error, Result};
use rustix::process::{Resource, Rlimit, setrlimit};
use wasmtime::Engine;

use crate::Compiled;

/// What a worker may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of its address space.
    pub memory: u64,
    /// Processor time, in seconds, all threads together.
    pub seconds: u64,
    /// When it is stopped whatever it does.
    pub deadline: Duration,
    /// Bytes of compiled code.
    pub code: u64,
}

/// How the worker is started. It is given two more arguments: [`Limits::memory`] and [`Limits::seconds`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// This host's own program.
    pub program: PathBuf,
    /// What makes it a worker.
    pub arguments: Vec<OsString>,
    /// What it may use.
    pub limits: Limits,
}

/// The first byte of an answer.
const MADE: u8 = b'+';
/// See [`MADE`].
const REFUSED: u8 = b'-';
/// Bytes of a reason that are passed on.
const REASON: usize = 2_000;

impl Worker {
    /// Compiles a component in a worker.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the compiler does not take it, or broke a limit over it; [`Error::Unavailable`] where the
    /// worker cannot be started.
    pub fn compile(&self, component: &[u8]) -> Result<Compiled> {
        let started = Instant::now();
        let mut child = self.start()?;
        let answer = self.talk(&mut child, component);
        // Whatever it is doing, it is not needed any more; one that has ended by itself is asked how.
        let status = ended(&mut child, started, self.limits.deadline);
        let mut bytes = answer?;
        match bytes.first() {
            Some(&MADE) if status.is_some_and(|status| status.success()) => {
                if bytes.len() as u64 > self.limits.code {
                    return Err(
                        self.refused(&format!("编译结果超过 {} MiB", self.limits.code >> 20))
                    );
                }
                let code = 1..bytes.len();
                Ok(Compiled::vouched(bytes, code))
            }
            Some(&REFUSED) => {
                bytes.truncate(REASON);
                let reason = bytes.get(1..).map(String::from_utf8_lossy).unwrap_or_default();
                Err(self.refused(&reason))
            }
            _ => Err(self.refused(&died(status))),
        }
    }

    fn start(&self) -> Result<Child> {
        Command::new(&self.program)
            .args(&self.arguments)
            .arg(self.limits.memory.to_string())
            .arg(self.limits.seconds.to_string())
            .env_clear()
            // Each thread reserves address space, of which there is little.
            .env("RAYON_NUM_THREADS", "2")
            .env("MALLOC_ARENA_MAX", "2")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                let program = self.program.display();
                Error::Unavailable(format!(
                    "编译进程 {program} 不能启动（{error}）；请检查程序文件和系统的进程数限制"
                ))
            })
    }

    /// Gives the component and takes the answer, each on a thread of its own, as either may stop at any byte.
    fn talk(&self, child: &mut Child, component: &[u8]) -> Result<Vec<u8>> {
        let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Internal("a worker without pipes".into()));
        };
        let most = self.limits.code.saturating_add(2);
        std::thread::scope(|scope| {
            // A worker that ends before it has read everything says why in its answer.
            scope.spawn(move || to.write_all(component).and_then(|()| to.flush()));
            let (send, receive) = mpsc::channel();
            scope.spawn(move || {
                let mut answer = Vec::new();
                let read = from.take(most).read_to_end(&mut answer);
                let _ = send.send(read.map(|_| answer));
            });
            let answer = receive.recv_timeout(self.limits.deadline);
            if answer.is_err() {
                // The threads end with its pipes.
                let _ = child.kill();
            }
            match answer {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(error)) => Err(Error::Internal(format!("a worker's answer: {error}"))),
                Err(RecvTimeoutError::Timeout) => Err(self.refused(&format!(
                    "编译超过 {} 秒仍未完成，已中止",
                    self.limits.deadline.as_secs_f64()
                ))),
                Err(RecvTimeoutError::Disconnected) => {
                    Err(Error::Internal("a worker's answer was not read".into()))
                }
            }
        })
    }

    fn refused(&self, found: &str) -> Error {
        Error::invalid(
            "组件",
            found,
            format!(
                "能在 {} 秒、{} MiB 内存以内编译的组件；请拆成几个插件，或用 cargo anshu build 重新构建",
                self.limits.deadline.as_secs_f64(),
                self.limits.memory >> 20
            ),
        )
    }
}

/// Waits for a worker that has answered to end, and not longer than until its deadline.
fn ended(child: &mut Child, started: Instant, deadline: Duration) -> Option<ExitStatus> {
    while started.elapsed() < deadline {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => std::thread::sleep(Duration::from_millis(1)),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    child.wait().ok()
}

/// How a worker ended that gave no answer.
fn died(status: Option<ExitStatus>) -> String {
    #[cfg(unix)]
    if let Some(signal) =
        status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status))
    {
        return match signal {
            // SIGABRT is how an allocation ends that does not fit; SIGXCPU says that the time is up.
            6 => "编译占用的内存超过上限，编译进程已中止".into(),
            24 => "编译占用的处理器时间超过上限，编译进程已中止".into(),
            other => format!("编译进程异常终止（信号 {other}）"),
        };
    }
    match status {
        Some(status) => format!("编译进程没有给出结果（{status}）"),
        None => "编译进程没有给出结果".into(),
    }
}

/// The worker's side: limits itself, reads a component, compiles it, writes the answer.
pub fn serve(memory: u64, seconds: u64, engine: impl FnOnce() -> Result<Engine>) -> ExitCode {
    let answer = confine(memory, seconds).and_then(|()| {
        let mut component = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut component)
            .map_err(|error| Error::Internal(format!("standard input: {error}")))?;
        Compiled::here(&engine()?, &component)
    });
    let mut to = std::io::stdout().lock();
    let written = match &answer {
        Ok(compiled) => to.write_all(&[MADE]).and_then(|()| to.write_all(compiled.code())),
        Err(error) => {
            to.write_all(&[REFUSED]).and_then(|()| to.write_all(reason(error).as_bytes()))
        }
    };
    match written.and_then(|()| to.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// From here on this process has so much memory and time, writes no file, leaves no core, and gains no rights.
fn confine(memory: u64, seconds: u64) -> Result<()> {
    let limit = |resource, most| {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit)
            .map_err(|error| Error::Internal(format!("limit {most}: {error}")))
    };
    limit(Resource::As, memory)?;
    limit(Resource::Cpu, seconds)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    #[cfg(target_os = "linux")]
    rustix::thread::set_no_new_privs(true)
        .map_err(|error| Error::Internal(format!("no new privileges: {error}")))?;
    Ok(())
}

/// What is told of an error: what was found, as the parent says where and what would be right.
fn reason(error: &Error) -> String {
    match error {
        Error::Invalid(problems) => {
            problems.iter().map(|problem| problem.found.as_str()).collect::<Vec<_>>().join("；")
        }
        other => other.to_string(),
    }
}
