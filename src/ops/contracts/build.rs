//! `dgov contracts build`.

use camino::Utf8PathBuf;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::{Report, table};

/// What to build, and with what.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folder of the contracts; `contracts` beside the manifest unless given.
    pub path: Option<Utf8PathBuf>,
    /// The compiler: a native `solc`, or a folder that holds npm's package of that name.
    pub solc: Option<Utf8PathBuf>,
}

/// What was built.
#[derive(Debug, Serialize)]
pub struct BuildReport {
    /// Folder of the contracts.
    pub path: String,
    /// Folder of the artifacts.
    pub out: String,
    /// The compiler.
    pub compiler: CompilerReport,
    /// Source files that were compiled in this run, libraries included.
    pub compiled_files: usize,
    /// Source files whose earlier result still holds.
    pub cached_files: usize,
    /// Contracts of the project that have code, in order of their names.
    pub contracts: Vec<Built>,
    /// Artifacts of an earlier build whose contracts are gone; their files were removed.
    pub removed: Vec<String>,
    /// What the compiler warned of in the files that were compiled in this run.
    pub warnings: Vec<Diagnostic>,
}

/// The compiler of a build.
#[derive(Debug, Serialize)]
pub struct CompilerReport {
    /// Its version with the commit.
    pub version: String,
    /// The program, or the folder of npm's package.
    pub program: String,
}

/// One contract.
#[derive(Debug, Serialize)]
pub struct Built {
    /// Name of the contract.
    pub name: String,
    /// Its source, relative to the folder of the contracts.
    pub source: String,
    /// Its artifact.
    pub artifact: String,
    /// Settings that it was compiled with: `default`, or one of `additional_compiler_profiles`.
    pub profile: String,
    /// Bytes of code on the chain; the limit of EIP-170 is 24,576.
    pub code_size: usize,
    /// Bytes of code that deploys it, without constructor arguments; the limit of EIP-3860 is 49,152.
    pub init_code_size: usize,
    /// Whether an earlier result was reused.
    pub cached: bool,
}

/// An error or a warning of the compiler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Source file, relative to the folder of the contracts; none for what concerns the whole build.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in bytes, from 1.
    pub column: Option<usize>,
    /// The compiler's number.
    pub code: Option<u64>,
    /// The compiler's kind, e.g. `TypeError`.
    pub kind: String,
    /// The compiler's words.
    pub message: String,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            if let (Some(line), Some(column)) = (self.line, self.column) {
                write!(f, "{line}:{column}:")?;
            }
            write!(f, " ")?;
        }
        write!(f, "{}", self.kind)?;
        if let Some(code) = self.code {
            write!(f, " {code}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl Report for BuildReport {
    fn human(&self) -> String {
        let mut text = format!(
            "{} contracts of {} in {}: {} files compiled, {} unchanged (solc {})\n",
            self.contracts.len(),
            self.path,
            self.out,
            self.compiled_files,
            self.cached_files,
            self.compiler.version
        );
        let rows: Vec<Vec<String>> = self.contracts.iter().map(row).collect();
        if !rows.is_empty() {
            text.push_str(&table::render(&["contract", "source", "profile", "code", "init code", ""], &rows));
        }
        for name in &self.removed {
            text.push_str(&format!("removed the artifact of {name}, which is no longer in the sources\n"));
        }
        for warning in &self.warnings {
            text.push_str(&format!("{warning}\n"));
        }
        text
    }
}

fn row(contract: &Built) -> Vec<String> {
    vec![
        contract.name.clone(),
        contract.source.clone(),
        contract.profile.clone(),
        contract.code_size.to_string(),
        contract.init_code_size.to_string(),
        if contract.cached { "unchanged" } else { "compiled" }.to_owned(),
    ]
}

/// Compiles the contracts of a project with a compiler that is on this machine; nothing is downloaded.
///
/// # Errors
/// Input: `contracts.no_folder`, `contracts.no_sources`, `contracts.no_compiler`, `contracts.bad_compiler`,
/// `contracts.compiler_version`, `contracts.bad_settings`, `contracts.invalid` (errors of the compiler, in its details
/// too), `contracts.name_twice`; those of the manifest and of files. Usage: `contracts.not_built_in` where this binary
/// has no compiler support.
#[cfg(feature = "compile")]
pub async fn build(context: &Context, options: &Options) -> Result<BuildReport> {
    let place = Place::find(context, options)?;
    let solc = options.solc.clone();
    let spinner = context.ui.spinner("compiling");
    // The compiler blocks its thread for seconds; an interrupt must still be heard.
    let run = tokio::task::spawn_blocking(move || compile(&place, solc.as_deref())).await;
    spinner.finish_and_clear();
    let (report, notes) = run.map_err(|error| Error::bug("the build ended early").caused_by(&error))??;
    for note in notes {
        context.ui.warn(note);
    }
    Ok(report)
}

/// Says that this binary was built without compiler support.
///
/// # Errors
/// Usage: `contracts.not_built_in`, always.
#[cfg(not(feature = "compile"))]
pub async fn build(_context: &Context, _options: &Options) -> Result<BuildReport> {
    Err(Error::usage("contracts.not_built_in", "this dgov was built without compiler support")
        .hint("install it with the default features, or compile with Foundry"))
}

/// The folders of a build.
#[cfg(feature = "compile")]
struct Place {
    /// The contracts.
    folder: Utf8PathBuf,
    /// The project, where npm's packages may be too.
    project: Utf8PathBuf,
    /// Machine-written state of the project.
    state: Utf8PathBuf,
}

#[cfg(feature = "compile")]
impl Place {
    fn find(context: &Context, options: &Options) -> Result<Self> {
        let loaded = match (context.manifest(), &options.path) {
            (Ok(loaded), _) => Some(loaded),
            // Contracts can be built where there is no project: what is written stays in their own folder then.
            (Err(error), Some(_)) if error.code() == "manifest.not_found" && context.global.manifest.is_none() => None,
            (Err(error), _) => return Err(error),
        };
        let wanted = match (&options.path, &loaded) {
            (Some(path), _) => path.clone(),
            (None, Some(loaded)) => loaded.dir.join("contracts"),
            (None, None) => Utf8PathBuf::from("contracts"),
        };
        if !wanted.is_dir() {
            return Err(Error::input("contracts.no_folder", format!("there is no folder {wanted}"))
                .hint("put the contracts there (sources in src/), or name their folder with --path"));
        }
        let folder = wanted.canonicalize_utf8()?;
        let (project, state) = match loaded {
            Some(loaded) => {
                let dir = loaded.dir.canonicalize_utf8()?;
                let state = dir.join(".dgov");
                (dir, state)
            }
            None => (folder.clone(), folder.join(".dgov")),
        };
        Ok(Self { folder, project, state })
    }
}

#[cfg(feature = "compile")]
fn compile(place: &Place, solc: Option<&camino::Utf8Path>) -> Result<(BuildReport, Vec<crate::ui::Warning>)> {
    use super::{artifacts, compiler, diagnostics, settings};

    let cache = place.state.join("contracts");
    let _guard = crate::storage::local::lock(&cache.join("lock"))?;
    let plan = settings::plan(&place.folder, &cache)?;
    let found = compiler::find(solc, &[&place.folder, &place.project], &cache, &plan)?;
    let (version, program) = (found.version(), found.program.clone());
    let project = plan.project(found)?;
    let output = project.compile().map_err(|error| diagnostics::of_build(&error))?;
    let findings = diagnostics::read(&place.folder, &output, |file| plan.ignores(file));
    if !findings.errors.is_empty() {
        return Err(diagnostics::invalid(&findings.errors));
    }
    let out = place.state.join("artifacts");
    let written = artifacts::write(&output, &project, &place.folder, &out)?;
    let mut notes = plan.notes;
    notes.extend(written.notes);
    let files = |artifacts: &artifacts::Compiled| artifacts.as_ref().len();
    let report = BuildReport {
        path: place.folder.to_string(),
        out: out.to_string(),
        compiler: CompilerReport { version, program },
        compiled_files: files(output.compiled_artifacts()),
        cached_files: files(output.cached_artifacts()),
        contracts: written.contracts,
        removed: written.removed,
        warnings: findings.warnings,
    };
    Ok((report, notes))
}
