//! The kit: plugins, a centre in memory, a clock.

mod act;
mod look;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::calendar::Calendar;
use anshu_model::capability::Grant;
use anshu_model::context::{DutyPrincipal, OpContext, Principal, Purpose};
use anshu_model::decision::{Decision, Input};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::manifest::Manifest;
use anshu_model::org::Unit;
use anshu_model::{Error, Id};
use anshu_sandbox::golden::{Golden, without_nulls};
use anshu_sandbox::memory::{MemoryCentre, outline};
use anshu_sandbox::{Request, Sandbox};
use serde::Serialize;

pub use act::Act;

use crate::build::{self, Built};
use crate::people::Person;
use crate::{fail, must};

/// A centre with one plugin, or with several neighbours. See the crate's documentation.
pub struct Kit {
    folders: Vec<PathBuf>,
    packs: Vec<Built>,
    grants: Arc<Mutex<Vec<Grant>>>,
    sandbox: Sandbox,
    centre: MemoryCentre,
    runtime: tokio::runtime::Runtime,
    now: Instant,
    made: u64,
}

impl std::fmt::Debug for Kit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kit")
            .field("folders", &self.folders)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl Kit {
    /// A centre with the plugin of a folder (`env!("CARGO_MANIFEST_DIR")`), built if its sources have changed, under a grant
    /// of all that it asks for. It is 2026-03-02 10:00. Working days of years without announced holidays are estimated.
    #[track_caller]
    #[must_use]
    pub fn build(folder: &str) -> Self {
        Self::with_calendar(folder, Calendar::default().estimating())
    }

    /// The same with announced holidays: files as the centre imports them. Other years are refused.
    #[track_caller]
    #[must_use]
    pub fn with_holidays(folder: &str, files: &[&str]) -> Self {
        let mut calendar = Calendar::default();
        for file in files {
            must("节假日安排", calendar.import(file, Instant(0)));
        }
        Self::with_calendar(folder, calendar)
    }

    #[track_caller]
    fn with_calendar(folder: &str, calendar: Calendar) -> Self {
        let packs = vec![build::pack(folder)];
        let folders = vec![PathBuf::from(folder)];
        let sandbox = build::sandbox(&folders, &packs);
        let grants = Arc::new(Mutex::new(
            packs.iter().map(|pack| build::whole_grant(&pack.manifest)).collect(),
        ));
        let kit = Self {
            folders,
            packs,
            centre: centre(calendar, &grants, &sandbox),
            grants,
            sandbox,
            runtime: must(
                "异步运行时",
                tokio::runtime::Builder::new_current_thread().enable_all().build(),
            ),
            now: at("2026-03-02T10:00"),
            made: 0,
        };
        kit.centre.add_unit(Unit {
            id: build::duty_unit(),
            name: "样例职责单位".into(),
            division: division(build::CITY),
            functions: std::iter::empty().collect(),
        });
        kit
    }

    /// Runs the golden cases of a pack on the version that is installed here.
    pub(crate) fn golden(&self, built: &Built) -> Result<Golden, Error> {
        let installed = self.sandbox.packs();
        let pack = installed.iter().find(|pack| pack.manifest == built.manifest);
        let pack = pack.ok_or_else(|| Error::NotFound(built.manifest.name.clone()))?;
        self.runtime.block_on(self.sandbox.golden(&pack.reference, &built.golden))
    }

    /// Adds a neighbour: the plugin of another folder, under a grant of all that it asks for.
    #[track_caller]
    pub fn install(&mut self, folder: &str) -> &mut Self {
        let built = build::pack(folder);
        self.grants().push(build::whole_grant(&built.manifest));
        self.folders.push(PathBuf::from(folder));
        self.packs.push(built);
        self.sandbox = build::sandbox(&self.folders, &self.packs);
        self.centre.use_schemas(self.sandbox.schemas());
        self
    }

    /// Changes a pack's grant, as an integrator would who allows less. Answers what installing it under that grant says.
    ///
    /// # Errors
    /// [`Error::Denied`] with the interfaces that the component wants and is not granted. The old grant stays then.
    #[track_caller]
    pub fn grant(&mut self, pack: &str, change: impl FnOnce(&mut Grant)) -> Result<(), Error> {
        let mut grants = self.grants().clone();
        let Some(index) = grants.iter().position(|grant| grant.pack == pack) else {
            fail(&format!("没有装入插件 {pack}"))
        };
        if let Some(grant) = grants.get_mut(index) {
            change(grant);
        }
        // A sandbox of this test's own: others share the one with whole grants.
        let sandbox = must("沙箱", Sandbox::new(anshu_sandbox::Settings::default()));
        for (built, grant) in self.packs.iter().zip(&grants) {
            sandbox.install(&built.bytes, grant)?;
        }
        self.sandbox = sandbox;
        *self.grants() = grants;
        self.centre.use_schemas(self.sandbox.schemas());
        Ok(())
    }

    /// A unit with a function in a division of 12 digits.
    #[track_caller]
    pub fn unit(&mut self, function: &str, code: &str) -> Unit {
        let unit = Unit {
            id: self.next_id(),
            name: format!("样例单位（{function}）"),
            division: division(code),
            functions: std::iter::once(function.to_owned()).collect(),
        };
        self.centre.add_unit(unit.clone());
        unit
    }

    /// A member of staff, who may do nothing until the next words say so.
    pub fn person(&self, name: &str) -> Person {
        Person::new(name, division(build::CITY))
    }

    /// Sets the clock, at UTC+8 unless the text says otherwise: `2026-03-01T10:00`. Timers do not fire by this.
    #[track_caller]
    pub fn clock(&mut self, text: &str) -> &mut Self {
        self.now = at(text);
        self
    }

    /// The clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Something that a person does: a declared action with what they filled in. It happens with [`Act::expect_ok`] or
    /// [`Act::fails_with`].
    #[track_caller]
    pub fn act<'a>(
        &'a mut self,
        person: &Person,
        action: &str,
        answers: impl Serialize,
    ) -> Act<'a> {
        let mut answers = must("表单内容", serde_json::to_value(answers));
        without_nulls(&mut answers);
        Act::new(self, person.clone(), action, answers)
    }

    /// Delivers what was published to everybody who hears it, and what that publishes, until all is quiet. Answers the
    /// decisions that came of it; a failure ends the test.
    #[track_caller]
    pub fn deliver_events(&mut self) -> Vec<Arc<Decision>> {
        let mut decisions = Vec::new();
        loop {
            let events = self.centre.take_events();
            if events.is_empty() {
                return decisions;
            }
            for event in events {
                let Input::Event { topic, .. } = &event else { continue };
                let hear: Vec<_> = self
                    .grants()
                    .iter()
                    .filter(|grant| grant.allows.hears.contains(topic))
                    .map(|grant| grant.pack.clone())
                    .collect();
                for pack in hear {
                    let result = self.wake(&pack, event.clone());
                    decisions.push(must(&format!("插件 {pack} 处理 {topic} 失败"), result));
                }
            }
        }
    }

    /// Moves the clock on, and fires every timer that becomes due on the way, each at its own time. Answers the decisions
    /// that came of it; a failure ends the test.
    #[track_caller]
    pub fn advance(&mut self, hours: i64) -> Vec<Arc<Decision>> {
        let end = self.now.plus(hours.saturating_mul(3_600_000));
        let mut decisions = Vec::new();
        loop {
            let mut due = self.centre.due_timers(end);
            due.sort_by_key(|(_, timer)| due_at(timer));
            let Some((pack, timer)) = due.into_iter().next() else { break };
            self.now = self.now.max(due_at(&timer));
            let result = self.wake(&pack, timer);
            decisions.push(must(&format!("插件 {pack} 的定时失败"), result));
        }
        self.now = end;
        decisions
    }

    pub(crate) fn run(&self, request: Request) -> Result<Arc<Decision>, Error> {
        self.runtime.block_on(self.sandbox.invoke(&self.centre, request))
    }

    /// Calls a pack with its own named duty.
    pub(crate) fn wake(&mut self, pack: &str, input: Input) -> Result<Arc<Decision>, Error> {
        let grant = self.grants().iter().find(|grant| grant.pack == pack).cloned();
        let (Some(grant), Some(manifest)) = (grant, self.manifest(pack)) else {
            fail(&format!("没有装入插件 {pack}"))
        };
        let principal = Principal::Duty(DutyPrincipal {
            pack: pack.to_owned(),
            title: manifest.duty.title.clone(),
            unit: grant.duty_unit,
            division: grant.duty_division,
            clearance: grant.allows.ceiling,
        });
        let purpose =
            manifest.purposes.first().map(|purpose| purpose.code.clone()).unwrap_or_default();
        let context = self.context(pack, principal, &purpose);
        self.run(Request { context, pack: pack.to_owned(), input })
    }

    pub(crate) fn context(&mut self, pack: &str, principal: Principal, purpose: &str) -> OpContext {
        let ground = self
            .manifest(pack)
            .and_then(|manifest| manifest.purposes.iter().find(|declared| declared.code == purpose))
            .map(|declared| declared.ground.clone())
            .unwrap_or_default();
        OpContext {
            id: self.next_id(),
            principal,
            pack: None,
            purpose: Purpose { code: purpose.to_owned(), ground, serves: None },
            now: self.now,
        }
    }

    pub(crate) fn packs(&self) -> &[Built] {
        &self.packs
    }

    pub(crate) fn centre(&self) -> &MemoryCentre {
        &self.centre
    }

    pub(crate) fn next_id(&mut self) -> Id {
        self.made += 1;
        Id::derived(&Id::from_text("testkit"), self.made)
    }

    fn manifest(&self, pack: &str) -> Option<&Manifest> {
        self.packs.iter().map(|built| &built.manifest).find(|manifest| manifest.name == pack)
    }

    fn grants(&self) -> std::sync::MutexGuard<'_, Vec<Grant>> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn centre(calendar: Calendar, grants: &Arc<Mutex<Vec<Grant>>>, sandbox: &Sandbox) -> MemoryCentre {
    let in_force = Arc::clone(grants);
    let centre = MemoryCentre::new(calendar, move |context| {
        outline(context, &in_force.lock().unwrap_or_else(PoisonError::into_inner))
    });
    centre.use_schemas(sandbox.schemas());
    centre
}

fn due_at(timer: &Input) -> Instant {
    match timer {
        Input::Timer { due, .. } => *due,
        Input::Action { .. } | Input::Event { .. } => Instant(i64::MAX),
    }
}

#[track_caller]
pub(crate) fn division(code: &str) -> Division {
    must(&format!("区划“{code}”"), Division::parse(code))
}

/// `2026-03-01T10:00`, with seconds and offset where they are written.
#[track_caller]
pub(crate) fn at(text: &str) -> Instant {
    let clock = text.split_once('T').map_or("", |(_, clock)| clock);
    let offset = clock.contains(['Z', '+', '-']);
    let seconds = clock.matches(':').count() >= 2;
    let full = match (seconds, offset) {
        (true, true) => text.to_owned(),
        (true, false) => format!("{text}+08:00"),
        (false, false) => format!("{text}:00+08:00"),
        (false, true) => fail(&format!("时刻“{text}”应写明秒")),
    };
    must(&format!("时刻“{text}”"), full.parse::<Instant>())
}
