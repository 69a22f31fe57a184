//! The policies that Anshu ships: files that an integrator can read and change, compiled in so that a centre has them from
//! the first start.

/// What policies may speak of.
pub(crate) const SCHEMA: &str = include_str!("../policies/anshu.cedarschema");

/// The policy files.
pub(crate) const POLICIES: [(&str, &str); 9] = [
    ("rows.cedar", include_str!("../policies/rows.cedar")),
    ("classes.cedar", include_str!("../policies/classes.cedar")),
    ("verbs.cedar", include_str!("../policies/verbs.cedar")),
    ("opening.cedar", include_str!("../policies/opening.cedar")),
    ("sealing.cedar", include_str!("../policies/sealing.cedar")),
    ("sharing.cedar", include_str!("../policies/sharing.cedar")),
    ("export.cedar", include_str!("../policies/export.cedar")),
    ("administration.cedar", include_str!("../policies/administration.cedar")),
    ("persons.cedar", include_str!("../policies/persons.cedar")),
];
