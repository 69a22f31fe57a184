//! The names behind codes: units, divisions, matter and risk types, forms. Gathered once for each answer.

use std::collections::HashMap;
use std::sync::Arc;

use anshu_model::Id;
use anshu_model::calendar::Calendar;
use anshu_model::context::PackRef;
use anshu_model::division::{Division, Register};
use anshu_model::instant::Instant;
use anshu_model::manifest::{ActionDeclaration, FacetDeclaration, Form, Manifest, MatterType};
use anshu_model::schema::Schemas;
use anshu_sandbox::Pack;

/// Everything that an answer needs to be read by people.
#[derive(Debug)]
pub struct Words {
    /// Now.
    pub now: Instant,
    /// The holiday data.
    pub calendar: Arc<Calendar>,
    /// The divisions.
    pub divisions: Arc<Register>,
    /// Units by id.
    pub units: HashMap<Id, String>,
    /// The packs in force: of each the newest version.
    pub packs: Vec<Arc<Pack>>,
    /// Versions that are stored and decide nothing, oldest law first. Records may still bear their names.
    pub resting: Vec<Arc<Pack>>,
    /// What versions declared that were removed, the latest last. Records may still bear their names too.
    pub gone: Vec<Arc<Manifest>>,
    /// What the centre's own purposes are called, by code.
    pub purposes: HashMap<String, String>,
    /// The schemas that data was checked against.
    pub schemas: Arc<Schemas>,
}

impl Words {
    /// An instant as the API writes it.
    #[must_use]
    pub fn at(&self, instant: Instant) -> String {
        instant.rfc3339(self.calendar.offset())
    }

    /// A division's name.
    #[must_use]
    pub fn division(&self, division: &Division) -> String {
        self.divisions.name(division).to_owned()
    }

    /// A unit's name; its id where it is not known.
    #[must_use]
    pub fn unit(&self, unit: &Id) -> String {
        self.units.get(unit).cloned().unwrap_or_else(|| unit.to_string())
    }

    /// The manifests in force.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.packs.iter().map(|pack| &pack.manifest)
    }

    /// The manifests in force, and behind them those of versions that rest or are gone: a record keeps its name when its pack
    /// leaves. For names alone; what may be done is said by the manifests in force.
    fn known(&self) -> impl Iterator<Item = &Manifest> {
        let resting = self.resting.iter().rev().map(|pack| &pack.manifest);
        let gone = self.gone.iter().rev().map(Arc::as_ref);
        self.manifests().chain(resting).chain(gone)
    }

    /// A matter type with its pack.
    #[must_use]
    pub fn matter(&self, name: &str) -> Option<(&Manifest, &MatterType)> {
        self.manifests().find_map(|pack| {
            pack.matters.iter().find(|matter| matter.name == name).map(|matter| (pack, matter))
        })
    }

    /// What a matter type is called.
    #[must_use]
    pub fn matter_title(&self, name: &str) -> String {
        self.known()
            .flat_map(|pack| &pack.matters)
            .find(|matter| matter.name == name)
            .map_or_else(|| name.to_owned(), |matter| matter.title.clone())
    }

    /// What a risk type is called.
    #[must_use]
    pub fn risk_title(&self, name: &str) -> String {
        self.known()
            .flat_map(|pack| &pack.risks)
            .find(|risk| risk.name == name)
            .map_or_else(|| name.to_owned(), |risk| risk.title.clone())
    }

    /// A facet's declaration.
    #[must_use]
    pub fn facet(&self, name: &str) -> Option<&FacetDeclaration> {
        self.manifests().flat_map(|pack| &pack.facets).find(|facet| facet.name == name)
    }

    /// What a facet is called.
    #[must_use]
    pub fn facet_title(&self, name: &str) -> String {
        self.known()
            .flat_map(|pack| &pack.facets)
            .find(|facet| facet.name == name)
            .map_or_else(|| name.to_owned(), |facet| facet.title.clone())
    }

    /// What is counted under a name: a matter type, a risk type, a facet, or the duties of a pack.
    #[must_use]
    pub fn counted(&self, name: &str) -> String {
        let titles = [
            self.matter_title(name),
            self.risk_title(name),
            self.facet_title(name),
            self.pack_named(name),
        ];
        titles.into_iter().find(|title| title != name).unwrap_or_else(|| name.to_owned())
    }

    /// A form's title: a matter's own form, or an action's.
    #[must_use]
    pub fn form_title(&self, name: &str) -> String {
        let of = |pack: &'_ Manifest| -> Option<String> {
            let forms = pack.matters.iter().flat_map(|matter| &matter.forms);
            let forms: Vec<&Form> =
                forms.chain(pack.actions.iter().map(|action| &action.form)).collect();
            let qualified =
                |form: &Form| form.name == name || format!("{}.{}", pack.name, form.name) == name;
            forms.into_iter().find(|form| qualified(form)).map(|form| form.title.clone())
        };
        self.known().find_map(of).unwrap_or_else(|| name.to_owned())
    }

    /// A purpose as the log writes it, code and ground, with what it is called instead of its code.
    #[must_use]
    pub fn purpose(&self, written: &str) -> String {
        let (code, ground) = written.split_once(' ').unwrap_or((written, ""));
        let declared = self.known().flat_map(|pack| &pack.purposes);
        let declared = declared.map(|purpose| (purpose.code.as_str(), purpose.title.as_str()));
        let own = self.purposes.iter().map(|(code, title)| (code.as_str(), title.as_str()));
        let title = match code {
            "sign-in" => "登录",
            _ => own
                .chain(declared)
                .find(|(known, _)| *known == code)
                .map_or(code, |(_, title)| title),
        };
        if ground.is_empty() { title.to_owned() } else { format!("{title}（{ground}）") }
    }

    /// A pack in force, by name.
    #[must_use]
    pub fn pack(&self, name: &str) -> Option<&Arc<Pack>> {
        self.packs.iter().find(|pack| pack.reference.name == name)
    }

    /// A declared action with its pack.
    #[must_use]
    pub fn action(&self, pack: &str, name: &str) -> Option<(&Arc<Pack>, &ActionDeclaration)> {
        let pack = self.pack(pack)?;
        pack.manifest.actions.iter().find(|action| action.name == name).map(|action| (pack, action))
    }

    /// What a record's pack is called, and whether that pack is here.
    #[must_use]
    pub fn pack_title(&self, pack: &PackRef) -> (String, bool) {
        (self.pack_named(&pack.name), self.pack(&pack.name).is_some())
    }

    /// What a pack is called, whether it is here or was.
    #[must_use]
    pub fn pack_named(&self, name: &str) -> String {
        self.known()
            .find(|pack| pack.name == name)
            .map_or_else(|| name.to_owned(), |pack| pack.title.clone())
    }

    /// A schema's JSON, by digest.
    #[must_use]
    pub fn schema(&self, digest: &str) -> serde_json::Value {
        self.schemas
            .get(digest)
            .map_or_else(|| serde_json::json!({}), |schema| schema.json().clone())
    }
}
