//! The policies that Anshu ships: files that an integrator can read and change, compiled in so that a centre has them from
//! the first start.

/// What policies may speak of.
pub(crate) const SCHEMA: &str = include_str!("../policies/anshu.cedarschema");

/// The policy files.
pub(crate) const POLICIES: [(&str, &str); 3] = [
    ("rows.cedar", include_str!("../policies/rows.cedar")),
    ("classes.cedar", include_str!("../policies/classes.cedar")),
    ("verbs.cedar", include_str!("../policies/verbs.cedar")),
];
