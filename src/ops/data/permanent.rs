//! Asking once more before the contributor list goes where nobody can delete it (`docs/spec.md`, section Packages).

use dgov_data::unixfs::Package;

use crate::error::{Error, Result};
use crate::manifest;
use crate::session::Session;
use crate::ui::prompt::confirm;

/// Asks about every permanent store that does not have the documents yet. `--yes` answers for people only where the
/// manifest says `contributors-public = true` in so many words.
///
/// # Errors
/// `contributors.permanent`, `confirm.not_asked`, `confirm.declined`; those of the store.
pub async fn agree(session: &Session<'_>, dataset: &str, contributors: usize, documents: &Package) -> Result<()> {
    if contributors == 0 {
        return Ok(());
    }
    let yes = session.context.global.yes;
    for backend in session.backends()?.iter().filter(|backend| backend.is_permanent()) {
        // A store that can't be asked fails, or does not, when the package is sent; until then nothing goes there.
        if backend.holds(&documents.cid()).await.unwrap_or(false) {
            continue;
        }
        let name = backend.name();
        if yes && !is_written(session, dataset) {
            let message = format!("`{dataset}` does not say that its contributor list may be public for ever");
            return Err(Error::unauthorized("contributors.permanent", message).hint(format!(
                "write `contributors-public = true` into [datasets.{dataset}], or run without --yes and answer"
            )));
        }
        let list = format!("accounts and shares of {contributors} contributors");
        confirm(&session.context.ui, yes, &format!("{name} makes the {list} public, and can never delete them"))?;
    }
    Ok(())
}

/// Whether the manifest itself says so: a default is not somebody's word.
fn is_written(session: &Session<'_>, dataset: &str) -> bool {
    let key = format!("datasets.{dataset}.contributors-public");
    let sourced = session.loaded.sources().iter().find(|value| value.key == key);
    sourced.is_some_and(|value| value.source != manifest::Source::Default)
}
