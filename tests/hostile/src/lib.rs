//! Packs that attack: `guest` is one component with a mode for each attack, `tests` runs them in the real sandbox. This crate
//! has no code of its own but the compiler that the sandbox starts.
