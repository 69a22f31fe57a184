//! What a browser says of itself, by digest and in a few words. It is no proof: it only notices a cookie that has moved.

use crate::secret;

/// A browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The digest of its own words.
    pub digest: [u8; 32],
    /// What a person would call it.
    pub words: String,
}

/// Browsers by what stands in their words; of several the first that fits, as most name their forebears too.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser/", "QQ 浏览器"),
    ("360SE", "360 浏览器"),
    ("MicroMessenger/", "微信"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Systems, likewise.
const SYSTEMS: [(&str, &str); 7] = [
    ("HarmonyOS", "鸿蒙"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// The device of a `User-Agent`.
    #[must_use]
    pub fn of(agent: &str) -> Self {
        let find = |known: &[(&str, &'static str)], otherwise| {
            known.iter().find(|(mark, _)| agent.contains(mark)).map_or(otherwise, |(_, name)| *name)
        };
        let (browser, system) = (find(&BROWSERS, "其他浏览器"), find(&SYSTEMS, "其他系统"));
        Self { digest: secret::digest(agent), words: format!("{browser} · {system}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_what_a_person_would_call_it() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(Device::of(edge).words, "Edge · Windows");
        let phone =
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
        assert_eq!(Device::of(phone).words, "Chrome · Android");
        assert_eq!(Device::of("").words, "其他浏览器 · 其他系统");
    }
}
