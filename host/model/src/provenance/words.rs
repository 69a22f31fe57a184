//! What was found out about a pack, in words.

use super::{Examination, Finding, Provenance, Worth};

impl Worth {
    /// What the signature is worth, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Counts => "有效",
            Self::UnknownAlgorithm => "不计：不认识这种签名算法，请用 ed25519 或 sm2 重新签名",
            Self::UnknownKey => "不计：本中心没有登记这把密钥",
            Self::OtherAlgorithm => "不计：算法与登记的密钥不符",
            Self::Revoked => "不计：密钥已吊销",
            Self::Expired => "不计：密钥已过有效期",
            Self::NotForPack => "不计：这把密钥无权签这个插件或这个发布部门的插件",
            Self::Wrong => "无效：与本文件不符。文件在签名后被改动过，或者这是另一个插件的签名",
            Self::Repeated => "不计：同一把密钥已签过，只算一次",
        }
    }
}

impl Finding {
    /// The signature in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let key = match (&self.key, &self.holder) {
            (Some(key), Some(holder)) if !holder.is_empty() => format!("{key}（{holder}）"),
            (Some(key), _) => key.clone(),
            (None, _) => "未登记的密钥".into(),
        };
        format!(
            "{key}，签名人“{}”，{}，密钥 {}…：{}",
            self.signer,
            self.algorithm,
            self.key_id.short(),
            self.worth.words()
        )
    }
}

impl Examination {
    /// Why the pack is not in order, with what to do; none where it is. In development mode it may be let pass all the same.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        let title = self.claim.title();
        if let Some(refused) = &self.refused {
            return Some(format!("插件 {title} 被拒绝：{refused}"));
        }
        let lacks = self.lacks.as_ref()?;
        let found = if self.signatures.is_empty() {
            "没有签名".to_owned()
        } else {
            let lines: Vec<_> = self.signatures.iter().map(Finding::line).collect();
            format!("已有的签名：{}", lines.join("；"))
        };
        Some(format!(
            "插件 {title} 的签名不足。{found}。还缺：{lacks}。请由持有这些密钥的部门用 anshu pack sign 签名，\
             把签名文件（.wasm.sig）与插件放在一起再试；可信的密钥和规则写在 anshu.toml 的 [provenance] 中"
        ))
    }
}

impl Provenance {
    /// What must be said loudly of a pack that was accepted without the signatures that it needs.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let lacks = self.lacks.as_ref()?;
        Some(format!(
            "！！开发模式：插件 {} 的签名不足（还缺：{lacks}），只因 provenance.development = true 才被接受；不得用于真实数据！！",
            self.claim.title()
        ))
    }
}
