//! Compiled code in memory, and the step from bytes to something that can be called.

use std::ops::Range;

use anshu_model::{Error, Result};
use wasmtime::Engine;
use wasmtime::component::Component;

/// Native code of one component, made by a compiler of this host.
///
/// There is no way to make one of bytes from elsewhere: that is what the one `unsafe` below rests on.
pub struct Compiled {
    bytes: Vec<u8>,
    /// Where the code stands in the bytes.
    code: Range<usize>,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled").field("bytes", &self.code.len()).finish()
    }
}

impl Compiled {
    /// Compiles a component in this process: for the test kit and for the worker itself.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the compiler does not take it.
    pub fn here(engine: &Engine, component: &[u8]) -> Result<Self> {
        let code = engine.precompile_component(component).map_err(|error| unusable(&error))?;
        let whole = 0..code.len();
        Ok(Self::vouched(code, whole))
    }

    /// Code whose origin the caller has made sure of: the worker's answer, or what bore the seal.
    pub(crate) fn vouched(bytes: Vec<u8>, code: Range<usize>) -> Self {
        Self { bytes, code }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        self.bytes.get(self.code.clone()).unwrap_or_default()
    }

    /// Makes it executable.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it was compiled for another engine, configuration or processor.
    #[expect(unsafe_code, reason = "executing compiled code is what this crate is for")]
    pub fn load(&self, engine: &Engine) -> Result<Component> {
        // SAFETY: `deserialize` demands bytes that `Engine::precompile_component` made and nobody changed since. A
        // `Compiled` is made by three functions alone. `here` has just called it. `Worker::compile` takes what this host's
        // own program, started for this one component, wrote into a pipe that nobody else holds. `Shelf::take` takes a file
        // only after HMAC-SHA256, with a key that only this host holds, has vouched for every byte of exactly the buffer
        // that is executed; what it seals is a `Compiled` again. That it fits this engine, wasmtime's version, settings and
        // processor, `deserialize` checks itself, and answers an error where not.
        unsafe { Component::deserialize(engine, self.code()) }.map_err(|error| unusable(&error))
    }
}

/// What the compiler or the engine does not take.
pub(crate) fn unusable(error: &wasmtime::Error) -> Error {
    Error::invalid(
        "组件",
        format!("不能装入（{error:#}）"),
        "符合合约和限额的组件；请用受支持的开发包重新构建",
    )
}
