//! `dgov man`.

use camino::Utf8PathBuf;
use clap_mangen::Man;
use serde::Serialize;

use crate::cli;
use crate::error::{Error, Result};
use crate::ui::{Outcome, Report};

/// Write the manual pages
///
/// Example: dgov man --out /usr/local/share/man/man1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder for one page a verb; without it the main page goes to standard output
    #[arg(long, value_name = "DIR")]
    out: Option<Utf8PathBuf>,
}

#[derive(Serialize)]
struct ManReport {
    files: Vec<Utf8PathBuf>,
}

impl Report for ManReport {
    fn human(&self) -> String {
        format!("wrote {} pages\n", self.files.len())
    }
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let mut tree = cli::command_tree();
    tree.build();
    let Some(dir) = &args.out else {
        return Ok(Outcome::raw(page(tree)?));
    };
    fs_err::create_dir_all(dir)?;
    let mut files = Vec::new();
    write_pages(&tree, "dgov", dir, &mut files)?;
    Outcome::of(&ManReport { files })
}

fn write_pages(command: &clap::Command, name: &str, dir: &Utf8PathBuf, files: &mut Vec<Utf8PathBuf>) -> Result<()> {
    let path = dir.join(format!("{name}.1"));
    let title: &'static str = String::leak(name.to_owned());
    fs_err::write(&path, page(command.clone().name(title).display_name(title))?)?;
    files.push(path);
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        write_pages(verb, &format!("{name}-{}", verb.get_name()), dir, files)?;
    }
    Ok(())
}

fn page(command: clap::Command) -> Result<String> {
    let mut text = Vec::new();
    Man::new(command).render(&mut text).map_err(|error| Error::bug("a manual page failed").caused_by(&error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
