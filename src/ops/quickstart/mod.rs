//! `dgov quickstart`: the whole story in an empty folder, told with the commands that a reader can repeat.

mod card;
mod images;

use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde_json::Value;

use crate::cli::run_line;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::edit::Editor;
use crate::ui::Report;

/// How many images are made.
const IMAGES: usize = 24;

/// The story.
#[derive(Serialize)]
pub struct QuickstartReport {
    /// The project that was left behind.
    pub dir: String,
    /// What was run, with the results.
    pub steps: Vec<Step>,
    /// How long it took.
    pub seconds: f64,
}

/// A command and its result.
#[derive(Serialize)]
pub struct Step {
    /// What it is for.
    pub about: &'static str,
    /// The command line, to be repeated.
    pub command: String,
    /// Its `data` with `--json`.
    pub data: Value,
}

impl Report for QuickstartReport {
    fn human(&self) -> String {
        format!(
            "\nDone in {:.1} s. The project is in {}: dgov.toml is what you want, dgov.lock what is on chain, .dgov/ the\n\
             embedded chain and the store. Go on with `dgov status`, `dgov --help`, or a project of your own: `dgov init`.\n",
            self.seconds, self.dir
        )
    }
}

/// Part of the story.
enum Scene {
    /// A sentence and a command.
    Run(&'static str, &'static [&'static str]),
    /// A sentence and an edit of the manifest: key and new value.
    Edit(&'static str, &'static str, &'static str),
    /// Makes the images.
    MakeImages,
    /// Writes into the card what only the steward knows.
    WriteCard,
    /// Makes a picture that is in no version.
    MakeStranger,
}

use Scene::{Edit, MakeImages, MakeStranger, Run, WriteCard};

const STORY: &[Scene] = &[
    Run("A project starts with a manifest", &["init", "--template", "image-annotation", "--name", "quickstart"]),
    MakeImages,
    Run("The gate, with no chain at all: may a generative model be trained on this, today?", &["check"]),
    Run(
        "It may not: nobody says where the images come from. A data card has a place for that",
        &["data", "card", "init", "photos"],
    ),
    WriteCard,
    Edit("The project names its card", "datasets.photos.card", "cards/photos/croissant.json"),
    Run("Now it may", &["check"]),
    Run("For a commercial model it still may not: the license says so", &["check", "--commercial"]),
    Run("What does the manifest ask for that the chain does not have?", &["plan"]),
    Run("Contracts: a DAO with its token, timelock and governor; registries, vault and passes", &["deploy"]),
    Run("Package the images, store them, record the version on chain", &["data", "push", "photos"]),
    Run("Are these bytes what the chain says? Every byte is hashed again", &["data", "verify", "photos"]),
    Run("The gate knows the chain now. A lab asks; it has no pass", &["check", "--from", "dev3"]),
    Run(
        "A lab buys the license; the price goes to the pool of this version",
        &["license", "buy", "photos", "--from", "dev3"],
    ),
    Run("And may train", &["check", "--from", "dev3"]),
    Edit("The stewards want another price. They edit the manifest", "licenses.research.price", "0.02 ETH"),
    Run("Prices belong to the DAO: the difference becomes a proposal", &["gov", "propose"]),
    Run("A day passes on the embedded chain, and the vote opens", &["chain", "advance", "1d"]),
    Run("The holder votes", &["gov", "vote", "latest", "yes", "--reason", "the first price was a trial"]),
    Run("Three days pass, and the vote is over", &["chain", "advance", "3d"]),
    Run("The decision waits in the timelock", &["gov", "queue", "latest"]),
    Run("Two days pass", &["chain", "advance", "2d"]),
    Run("And it takes effect", &["gov", "execute", "latest"]),
    Run("Manifest and chain agree again", &["plan"]),
    Run("Who is owed what?", &["royalties", "show", "--for", "dev1"]),
    Run("A contributor claims over all datasets, in one transaction", &["royalties", "claim", "--from", "dev1"]),
    Run(
        "A record can be proved to be in a version",
        &["data", "prove", "photos", "--record", "images/shape-01.bmp", "--on-chain"],
    ),
    MakeStranger,
    Run("And another one not to be in it", &["data", "prove", "photos", "--absent", "stranger.bmp", "--on-chain"]),
];

/// Tells the story in `dir`; see [`own_folder`] for where when nothing is said.
pub async fn quickstart(context: &Context, dir: Option<&Utf8Path>) -> Result<QuickstartReport> {
    let start = Instant::now();
    let dir = &dir.map_or_else(own_folder, |dir| Ok(dir.to_owned()))?;
    fs_err::create_dir_all(dir)?;
    if !is_empty(dir)? {
        return Err(Error::input("quickstart.not_empty", format!("{dir} is not empty"))
            .hint("run it in an empty folder: mkdir demo && cd demo && dgov quickstart"));
    }
    // Every command of the story runs where the reader would run it.
    std::env::set_current_dir(dir)?;
    let mut steps = Vec::new();
    for scene in STORY {
        if let Some(step) = play(context, scene).await? {
            steps.push(step);
        }
    }
    let dir = std::env::current_dir()?.display().to_string();
    Ok(QuickstartReport { dir, steps, seconds: start.elapsed().as_secs_f64() })
}

/// The current folder when it is empty, else a new one in it: run from a checkout, the story must not mix with it.
fn own_folder() -> Result<Utf8PathBuf> {
    let here = Utf8PathBuf::from(".");
    if is_empty(&here)? {
        return Ok(here);
    }
    let numbered = (2..).map(|number| format!("dgov-quickstart-{number}"));
    let mut names = std::iter::once("dgov-quickstart".to_owned()).chain(numbered).map(Utf8PathBuf::from);
    names.find(|name| !name.exists()).ok_or_else(|| Error::bug("no folder name is free"))
}

fn is_empty(dir: &Utf8Path) -> Result<bool> {
    Ok(fs_err::read_dir(dir)?.next().is_none())
}

async fn play(context: &Context, scene: &Scene) -> Result<Option<Step>> {
    match scene {
        Run(about, args) => {
            let command = format!("dgov {}", args.iter().map(|arg| quoted(arg)).collect::<Vec<_>>().join(" "));
            context.ui.tell(format!("\n# {about}\n$ {command}\n"));
            // The story is about this folder and its embedded chain, whatever the environment says.
            let line = [&["--network", "local", "--manifest", "dgov.toml", "--yes", "--quiet"], *args].concat();
            let line = if args.contains(&"--from") || args[0] == "init" {
                line
            } else {
                [&line[..], &["--from", "dev0"]].concat()
            };
            let outcome = run_line(&line).await?;
            context.ui.tell(outcome.human());
            Ok(Some(Step { about, command, data: outcome.data().clone() }))
        }
        Edit(about, key, value) => {
            context.ui.tell(format!("\n# {about}\n$ $EDITOR dgov.toml    # {key} = \"{value}\"\n"));
            let path = Utf8Path::new("dgov.toml");
            let mut editor = Editor::open(path)?;
            editor.set(key, *value)?;
            editor.save(path)?;
            Ok(None)
        }
        MakeImages => {
            let dir = Utf8Path::new("data/photos");
            images::write(dir, IMAGES)?;
            context.ui.tell(format!(
                "\n# {IMAGES} labeled images, generated here (drawn shapes, no photographs), in {dir}/images and {dir}/annotations\n"
            ));
            Ok(None)
        }
        WriteCard => {
            let path = Utf8Path::new("cards/photos/croissant.json");
            card::write(path)?;
            context.ui.tell(format!("\n# The steward writes what only people know\n$ $EDITOR {path}    # where the images come from, and what they are for\n"));
            Ok(None)
        }
        MakeStranger => {
            fs_err::write("stranger.bmp", images::bitmap(IMAGES + 1).0)?;
            Ok(None)
        }
    }
}

fn quoted(arg: &str) -> String {
    if arg.contains(' ') { format!("\"{arg}\"") } else { arg.to_owned() }
}
