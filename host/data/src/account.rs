//! Placeholder until LOG's file lands here.
