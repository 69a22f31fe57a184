//! Sizes and forms of what a guest sends: everything is bounded before it is used.

use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::{Error, Problem, Result};

use super::Call;

impl Call {
    /// A text that must say something.
    pub(crate) fn text(&self, at: &str, text: String) -> Result<String> {
        if text.trim().is_empty() {
            return Err(Error::invalid(at, "空", "非空的文字"));
        }
        self.remark(at, text)
    }

    /// A text that may be empty.
    pub(crate) fn remark(&self, at: &str, text: String) -> Result<String> {
        let most = self.settings.text_bytes;
        if text.len() > most {
            return Err(Error::invalid(
                at,
                format!("{} 字节", text.len()),
                format!("不超过 {most} 字节"),
            ));
        }
        Ok(text)
    }

    /// A JSON text's size.
    pub(crate) fn json(&self, at: &str, json: &str) -> Result<()> {
        let most = self.settings.json_bytes;
        if json.len() > most {
            return Err(Error::invalid(
                at,
                format!("{} 字节", json.len()),
                format!("不超过 {most} 字节"),
            ));
        }
        Ok(())
    }

    /// A list's length.
    pub(crate) fn list<T>(&self, at: &str, items: &[T]) -> Result<()> {
        let most = self.settings.list_items;
        if items.len() > most {
            return Err(Error::invalid(
                at,
                format!("{} 项", items.len()),
                format!("不超过 {most} 项"),
            ));
        }
        Ok(())
    }

    /// A division's code.
    pub(crate) fn division(&self, at: &str, code: &str) -> Result<Division> {
        Division::parse(code).map_err(|error| moved(at, error))
    }

    /// An instant within the years that dates can be counted in.
    pub(crate) fn instant(&self, at: &str, milliseconds: i64) -> Result<Instant> {
        /// 1800-01-01 and 2300-01-01.
        const YEARS: std::ops::Range<i64> = -5_364_662_400_000..10_413_792_000_000;
        if YEARS.contains(&milliseconds) {
            Ok(Instant(milliseconds))
        } else {
            Err(Error::invalid(
                at,
                format!("{milliseconds} 毫秒"),
                "1800 年至 2299 年之间的时刻（毫秒）",
            ))
        }
    }
}

/// Puts a place in front of the places of an error's problems.
pub(crate) fn moved(at: &str, error: Error) -> Error {
    match error {
        Error::Invalid(problems) => Error::Invalid(
            problems
                .into_iter()
                .map(|problem| Problem { at: format!("{at}{}", slash(&problem.at)), ..problem })
                .collect(),
        ),
        other => other,
    }
}

fn slash(at: &str) -> String {
    if at.is_empty() || at.starts_with('/') { at.to_owned() } else { format!("/{at}") }
}
