//! Data cards: Croissant 1.0 and 1.1 with RAI (docs.mlcommons.org/croissant). Reading cards of anybody, a linter that is
//! stricter than the reference library, writing cards, and the block in a hub's README.

mod card;
pub mod contradictions;
pub mod facts;
pub mod lint;
mod names;
mod placeholder;
pub mod readme;
pub mod write;

pub use card::{Card, CardError, Origin, Resource, ResourceKind};
pub use lint::{CardProfile, Finding, Severity, lint};
pub use placeholder::{MARK, is_placeholder};

/// The eight fields that NeurIPS asks for (evaluations and datasets track).
pub const NEURIPS_FIELDS: [&str; 8] = [
    "rai:dataLimitations",
    "rai:dataBiases",
    "rai:personalSensitiveInformation",
    "rai:dataUseCases",
    "rai:dataSocialImpact",
    "rai:hasSyntheticData",
    "prov:wasDerivedFrom",
    "prov:wasGeneratedBy",
];
