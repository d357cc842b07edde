//! `dgov init`: a new project from a template that travels inside the binary.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::manifest::FILE_NAME;
use crate::manifest::edit::Editor;
use crate::manifest::values::{Slug, ValueError};
use crate::ui::{Report, table};

/// A kind of project to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// Images, each with its annotation documents.
    ImageAnnotation,
    /// Texts, one JSON object a line.
    TextCorpus,
    /// Rows, one JSON object a line.
    Tabular,
}

/// What a template is made of.
struct Parts {
    manifest: &'static str,
    card: &'static str,
    /// Name of its dataset.
    dataset: &'static str,
    /// Folders for the data.
    folders: &'static [&'static str],
}

impl Template {
    fn parts(self) -> Parts {
        match self {
            Self::ImageAnnotation => Parts {
                manifest: include_str!("../../templates/image-annotation/dgov.toml"),
                card: include_str!("../../templates/image-annotation/card.md"),
                dataset: "photos",
                folders: &["data/photos/images", "data/photos/annotations"],
            },
            Self::TextCorpus => Parts {
                manifest: include_str!("../../templates/text-corpus/dgov.toml"),
                card: include_str!("../../templates/text-corpus/card.md"),
                dataset: "corpus",
                folders: &["data/corpus"],
            },
            Self::Tabular => Parts {
                manifest: include_str!("../../templates/tabular/dgov.toml"),
                card: include_str!("../../templates/tabular/card.md"),
                dataset: "table",
                folders: &["data/table"],
            },
        }
    }
}

const CONTRIBUTORS: &str = include_str!("../../templates/common/contributors.csv");
const CHARTER: &str = include_str!("../../templates/common/CHARTER.md");
const GITHUB: &str = include_str!("../../templates/common/github-workflow.yml");
const GITLAB: &str = include_str!("../../templates/common/gitlab-ci.yml");
const GITIGNORE: &str = include_str!("../../templates/common/gitignore");

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileAction {
    /// It is new.
    Created,
    /// It was there with other content, which is gone.
    Overwritten,
    /// It was there, and lines were added at its end.
    Extended,
    /// It was there as it should be.
    Unchanged,
}

/// A file of the new project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InitFile {
    /// Path in the project.
    pub path: Utf8PathBuf,
    /// What became of it.
    pub action: FileAction,
}

/// What `init` did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InitReport {
    /// Directory of the project.
    pub dir: Utf8PathBuf,
    /// Name of the project.
    pub name: String,
    /// The template.
    pub template: Template,
    /// All files of the template.
    pub files: Vec<InitFile>,
}

impl Report for InitReport {
    fn human(&self) -> String {
        let rows: Vec<_> =
            self.files.iter().map(|file| vec![file.action.word().to_owned(), file.path.to_string()]).collect();
        format!(
            "project {} in {} (template {})\n{}next: put your data into place, edit dgov.toml, then `dgov plan` and `dgov deploy`\n",
            self.name,
            self.dir,
            self.template.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned()),
            table::render(&["", "file"], &rows)
        )
    }
}

impl FileAction {
    fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Overwritten => "overwritten",
            Self::Extended => "extended",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Starts a project in `dir`, which is created if it is not there. Without a name the project is named after the
/// directory. Files that are there with other content are overwritten only by `force`, and without it nothing at all is
/// written; an existing `.gitignore` is extended. Run again after a kill, it completes.
///
/// # Errors
/// `ErrorKind::Usage`: `init.name` when the name is not valid, or the directory's gives none; `ErrorKind::Input`:
/// `init.exists` names the files in the way; `ErrorKind::LocalIo` when a file cannot be written.
pub fn init(dir: &Utf8Path, template: Template, name: Option<&str>, force: bool) -> Result<InitReport> {
    let name = match name {
        Some(name) => name.parse::<Slug>().map_err(bad_name)?,
        None => name_of(dir)?,
    };
    let mut planned = Vec::new();
    for (path, content) in contents(template, &name)? {
        let action = plan(dir, &path, &content)?;
        planned.push((path, content, action));
    }
    let in_the_way = planned.iter().filter(|(_, _, action)| *action == FileAction::Overwritten);
    let in_the_way: Vec<&str> = in_the_way.map(|(path, ..)| path.as_str()).collect();
    if !force && !in_the_way.is_empty() {
        let message = format!("{dir} already has {}", in_the_way.join(", "));
        return Err(Error::input("init.exists", message)
            .hint("choose another directory, or overwrite these files with --force"));
    }
    for (path, content, action) in &planned {
        write(&dir.join(path), content, *action)?;
    }
    let files = planned.into_iter().map(|(path, _, action)| InitFile { path, action }).collect();
    Ok(InitReport { dir: dir.to_owned(), name: name.to_string(), template, files })
}

fn bad_name(error: ValueError) -> Error {
    let usage = Error::usage("init.name", error.message);
    match error.hint {
        Some(hint) => usage.hint(hint),
        None => usage,
    }
}

/// A name for the project in that directory.
fn name_of(dir: &Utf8Path) -> Result<Slug> {
    // `.` and `a/..` have no name of their own, and the directory may not be there yet.
    let real = dir.canonicalize_utf8().unwrap_or_else(|_| dir.to_owned());
    real.file_name().and_then(Slug::nearest).ok_or_else(|| {
        Error::usage("init.name", format!("the path {dir} gives no name for the project"))
            .hint("give one: --name raccoon-commons")
    })
}

/// All files with their contents.
fn contents(template: Template, name: &Slug) -> Result<Vec<(Utf8PathBuf, String)>> {
    let parts = template.parts();
    let fill = |text: &str| {
        text.replace("{{project}}", name.as_str())
            .replace("{{version}}", env!("CARGO_PKG_VERSION"))
            .replace("{{rust}}", env!("CARGO_PKG_RUST_VERSION"))
    };
    let mut manifest = Editor::parse(parts.manifest)?;
    manifest.set("project.name", name.as_str())?;
    manifest.set("governance.token.name", name.as_str())?;
    let mut files = vec![
        (Utf8PathBuf::from(FILE_NAME), manifest.to_string()),
        ("contributors.csv".into(), CONTRIBUTORS.to_owned()),
        (format!("cards/{}/README.md", parts.dataset).into(), fill(parts.card)),
        ("CHARTER.md".into(), fill(CHARTER)),
        (".github/workflows/dgov.yml".into(), fill(GITHUB)),
        (".gitlab-ci.yml".into(), fill(GITLAB)),
        (".gitignore".into(), GITIGNORE.to_owned()),
    ];
    // Hidden files are no part of a dataset; git keeps no empty folders.
    files.extend(parts.folders.iter().map(|folder| (format!("{folder}/.gitkeep").into(), String::new())));
    Ok(files)
}

fn plan(dir: &Utf8Path, path: &Utf8Path, content: &str) -> Result<FileAction> {
    let found = match fs_err::read(dir.join(path)) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(FileAction::Created),
        Err(error) => return Err(error.into()),
    };
    let ignores_state = |text: &[u8]| {
        text.split(|byte| *byte == b'\n')
            .any(|line| matches!(line.trim_ascii(), b".dgov" | b".dgov/" | b"/.dgov/" | b"/.dgov"))
    };
    Ok(if found == content.as_bytes() {
        FileAction::Unchanged
    } else if path == ".gitignore" {
        if ignores_state(&found) { FileAction::Unchanged } else { FileAction::Extended }
    } else {
        FileAction::Overwritten
    })
}

fn write(path: &Utf8Path, content: &str, action: FileAction) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent)?;
    }
    match action {
        FileAction::Unchanged => {}
        FileAction::Overwritten => fs_err::write(path, content)?,
        // A file that has appeared since it was looked for is not overwritten.
        FileAction::Created => {
            fs_err::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(content.as_bytes())?;
        }
        FileAction::Extended => {
            let ends_line = fs_err::read(path)?.last().is_none_or(|byte| *byte == b'\n');
            let mut file = fs_err::OpenOptions::new().append(true).open(path)?;
            file.write_all(format!("{}{content}", if ends_line { "" } else { "\n" }).as_bytes())?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::manifest::{Manifest, Overrides};

    struct Temp {
        _dir: tempfile::TempDir,
        path: Utf8PathBuf,
    }

    fn temp() -> Temp {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        Temp { _dir: dir, path }
    }

    fn actions(report: &InitReport) -> Vec<FileAction> {
        report.files.iter().map(|file| file.action).collect()
    }

    #[test]
    fn every_template_loads_without_a_warning() {
        for template in Template::value_variants() {
            let temp = temp();
            let dir = temp.path.join("My Data");
            let report = init(&dir, *template, None, false).unwrap();
            assert_eq!(report.name, "my-data");
            assert!(actions(&report).iter().all(|action| *action == FileAction::Created));
            let loaded = Manifest::load(Some(&dir.join(FILE_NAME)), &|_| None, &Overrides::default()).unwrap();
            assert_eq!(loaded.warnings, [], "{template:?}");
            assert_eq!(loaded.manifest.project.name, "my-data");
            assert_eq!(loaded.manifest.governance.token.name, "my-data");
            for (name, dataset) in loaded.manifest.datasets.iter() {
                assert!(loaded.resolve(&dataset.path).is_dir(), "{name}");
                assert!(loaded.resolve(dataset.contributors.as_ref().unwrap()).is_file());
                assert!(dir.join(format!("cards/{name}/README.md")).is_file());
            }
            for file in &report.files {
                let text = fs_err::read_to_string(dir.join(&file.path)).unwrap();
                let unfilled = ["{{project}}", "{{version}}", "{{rust}}"].iter().find(|mark| text.contains(**mark));
                assert_eq!(unfilled, None, "{}", file.path);
            }
        }
    }

    #[test]
    fn a_second_run_changes_nothing_and_completes_a_killed_one() {
        let temp = temp();
        let first = init(&temp.path, Template::TextCorpus, Some("p"), false).unwrap();
        fs_err::remove_file(temp.path.join("CHARTER.md")).unwrap();
        let again = init(&temp.path, Template::TextCorpus, Some("p"), false).unwrap();
        assert_eq!(again.files.len(), first.files.len());
        for file in &again.files {
            let expected = if file.path == "CHARTER.md" { FileAction::Created } else { FileAction::Unchanged };
            assert_eq!(file.action, expected, "{}", file.path);
        }
    }

    #[test]
    fn nothing_is_overwritten_without_force() {
        let temp = temp();
        fs_err::write(temp.path.join(FILE_NAME), "mine").unwrap();
        let error = init(&temp.path, Template::Tabular, Some("p"), false).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Input, "init.exists"));
        assert!(error.message().ends_with("already has dgov.toml"), "{error}");
        assert_eq!(fs_err::read_dir(&temp.path).unwrap().count(), 1, "something was written");
        let report = init(&temp.path, Template::Tabular, Some("p"), true).unwrap();
        assert_eq!(report.files[0].action, FileAction::Overwritten);
        assert!(fs_err::read_to_string(temp.path.join(FILE_NAME)).unwrap().contains("name = \"p\""));
    }

    #[test]
    fn an_existing_gitignore_is_extended_once() {
        let temp = temp();
        let path = temp.path.join(".gitignore");
        fs_err::write(&path, "target/").unwrap();
        init(&temp.path, Template::Tabular, Some("p"), false).unwrap();
        let once = fs_err::read_to_string(&path).unwrap();
        assert!(once.starts_with("target/\n#") && once.ends_with("\n.dgov/\n"), "{once}");
        init(&temp.path, Template::Tabular, Some("p"), true).unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), once);
    }

    #[test]
    fn a_directory_without_letters_needs_a_name() {
        let temp = temp();
        let error = init(&temp.path.join("---"), Template::Tabular, None, false).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Usage, "init.name"));
        let error = init(&temp.path, Template::Tabular, Some("My Data"), false).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Usage, "init.name"));
        assert!(error.hints()[0].contains("`my-data`"), "{error:?}");
        assert_eq!(fs_err::read_dir(&temp.path).unwrap().count(), 0);
    }

    #[test]
    fn workflows_install_this_version() {
        let files = contents(Template::Tabular, &"p".parse().unwrap()).unwrap();
        let text = |path: &str| &files.iter().find(|(name, _)| name == path).unwrap().1;
        let install = format!("cargo install --locked --version {} dgov", env!("CARGO_PKG_VERSION"));
        for path in [".github/workflows/dgov.yml", ".gitlab-ci.yml"] {
            assert!(text(path).contains(&install), "{path}");
            assert!(text(path).contains("dgov check "), "{path}");
            assert!(text(path).contains("dgov plan --exit-code") && text(path).contains("dgov data verify"), "{path}");
            assert!(!text(path).contains('\t'), "{path}");
        }
        assert!(text(".github/workflows/dgov.yml").contains("${{ secrets.RPC_KEY }}"));
    }
}
