//! `events`: what a pack tells the others.

use anshu_model::effect::Effect;
use anshu_model::{Error, Id, Result};

use crate::call::Call;
use crate::contract::events::Host;
use crate::error::Failure;

impl Host for Call {
    async fn publish(
        &mut self,
        topic: String,
        about: Option<String>,
        payload: String,
    ) -> Result<(), Failure> {
        self.enter()?;
        self.count_event(&topic)?;
        self.may_publish(&topic)?;
        self.json("/payload", &payload)?;
        let Some(checker) = self.registry.topic(&self.pack, &topic) else {
            let found = format!("未登记的主题“{topic}”");
            return Err(Error::invalid("/topic", found, "插件清单 topics 中声明的主题").into());
        };
        let payload = checker.read("/payload", &payload)?;
        let about = about.map(Id::from_text);
        if let Some(about) = &about {
            self.anything(about).await?;
        }
        let id = self.make_id();
        self.add(Effect::Publish { id, topic, about, payload })
    }
}
