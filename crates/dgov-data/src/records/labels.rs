//! Tables of labels: CSV or TSV files with a row for each label and a column that names its image.

use super::annotations::{Names, Slices};
use super::inside::Input;
use super::jcs::Members;
use super::{Field, RecordError, Value, csv};

/// Columns that name the image, the first that is there.
const FILE: [&str; 5] = ["file_name", "filename", "image", "image_path", "path"];
const CLASS: [&str; 4] = ["class", "label", "category", "class_name"];

/// Reads a table.
pub(super) fn read(input: &Input<'_>, names: &Names<'_>) -> Result<Slices, RecordError> {
    let mut slices = Slices::default();
    let mut failed = None;
    csv::read(input, &mut |_, number, fields| {
        match row(input, names, fields, &mut slices) {
            Ok(()) => {}
            Err(reason) => failed = Some(input.damaged(format!("row {number}"), reason)),
        }
        failed.is_none()
    })?;
    match failed {
        None => Ok(slices),
        Some(error) => Err(error),
    }
}

fn row(input: &Input<'_>, names: &Names<'_>, fields: &[Field<'_>], slices: &mut Slices) -> Result<(), String> {
    let place = |known: &[&str]| known.iter().find_map(|name| fields.iter().position(|field| field.name == *name));
    let text = |place: usize| match &fields[place].value {
        Value::Text(text) => &**text,
        _ => "",
    };
    let file = place(&FILE).ok_or_else(|| format!("no column names the image: {}", FILE.join(", ")))?;
    let image = names.find(input.path, text(file))?;
    let others = (0..fields.len()).filter(|place| *place != file);
    let members = Members::of_texts(others.map(|place| (&*fields[place].name, text(place))));
    slices.piece(image, &members.document("label"));
    let number = |name: &str| place(&[name]).and_then(|place| text(place).trim().parse::<f64>().ok());
    let size = number("width").zip(number("height"));
    let facts = slices.notes.facts(image);
    facts.size = facts.size.or(size);
    let corners = match [number("xmin"), number("ymin"), number("xmax"), number("ymax")] {
        [Some(left), Some(top), Some(right), Some(bottom)] => Some([left, top, right, bottom]),
        _ => None,
    };
    slices.notes.object(image, place(&CLASS).map(text).filter(|class| !class.is_empty()), corners);
    Ok(())
}
