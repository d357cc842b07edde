//! What a person writes into the card of the quickstart's images. All of it is true: they are drawn here.

use camino::Utf8Path;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::lockfile::write_atomically;

/// Fills in the members that `data card init` leaves to people.
pub fn write(path: &Utf8Path) -> Result<()> {
    let malformed = |error: serde_json::Error| Error::bug("the card of the quickstart is malformed").caused_by(&error);
    let mut card: Value = serde_json::from_slice(&fs_err::read(path)?).map_err(malformed)?;
    for (key, value) in [
        ("url", json!("https://example.org/quickstart")),
        ("creator", json!({ "@type": "sc:Organization", "name": "dgov quickstart" })),
        ("datePublished", json!(jiff::Timestamp::now().strftime("%Y-%m-%d").to_string())),
        ("rai:dataCollection", json!("Drawn by `dgov quickstart`: one rectangle an image; no photographs.")),
        ("rai:dataLimitations", json!("Twenty-four drawings: good for a demonstration, and for nothing else.")),
        ("rai:dataBiases", json!("Every image has exactly one rectangle; nothing else of the world is shown.")),
        ("rai:personalSensitiveInformation", json!("None: no person, place or text is drawn.")),
        ("rai:dataUseCases", json!("Showing what dgov does.")),
        ("rai:dataSocialImpact", json!("None is expected of drawn rectangles.")),
        ("rai:hasSyntheticData", json!(true)),
        ("prov:wasDerivedFrom", json!("https://example.org/quickstart#drawn-from-nothing")),
        ("prov:wasGeneratedBy", json!("A program that draws a rectangle and writes its bounding box.")),
    ] {
        card[key] = value;
    }
    let mut bytes = serde_json::to_vec_pretty(&card).map_err(malformed)?;
    bytes.push(b'\n');
    write_atomically(path, &bytes)
}
