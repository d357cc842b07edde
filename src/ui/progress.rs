//! Notices and progress on standard error; silent when asked or when nobody watches.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::output::{Warning, write_stderr};

/// How to talk while working.
pub struct Ui {
    quiet: bool,
    json: bool,
    terminal: bool,
    warnings: Mutex<Vec<Warning>>,
    /// All bars that are shown, one below the other.
    bars: MultiProgress,
}

impl Ui {
    /// `quiet` and `json` as the flags say.
    pub fn new(quiet: bool, json: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { quiet, json, terminal, warnings: Mutex::new(Vec::new()), bars: MultiProgress::new() }
    }

    /// Whether questions can be asked: a person at a terminal who did not ask for JSON.
    pub fn interactive(&self) -> bool {
        self.terminal && std::io::stdin().is_terminal() && !self.json
    }

    /// Whether the result is one JSON document.
    pub fn json(&self) -> bool {
        self.json
    }

    /// One line about what is happening.
    pub fn notice(&self, line: impl AsRef<str>) {
        if !self.quiet && !self.json {
            self.bars.suspend(|| write_stderr(&format!("{}\n", line.as_ref())));
        }
    }

    /// A part of a long result that is told while it happens (`quickstart`); with `--json` it is in the document only.
    pub fn tell(&self, text: impl AsRef<str>) {
        if !self.json {
            super::output::write_stdout(text.as_ref(), 0);
        }
    }

    /// A warning; printed, or part of the envelope.
    pub fn warn(&self, warning: Warning) {
        if let Ok(mut warnings) = self.warnings.lock() {
            warnings.push(warning);
        }
    }

    /// The warnings so far, emptied.
    pub fn take_warnings(&self) -> Vec<Warning> {
        self.warnings.lock().map(|mut warnings| std::mem::take(&mut *warnings)).unwrap_or_default()
    }

    /// A bar over `total` bytes with what was done, the rate and the time that remains; hidden when nobody watches.
    pub fn bytes(&self, label: &str, total: u64) -> ProgressBar {
        if self.quiet || self.json || !self.terminal {
            return ProgressBar::hidden();
        }
        let bar = self.bars.add(ProgressBar::new(total).with_message(label.to_owned()));
        if let Ok(style) =
            ProgressStyle::with_template("{msg:20} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {eta} left")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        bar
    }

    /// A spinner for a wait of unknown length, hidden when nobody watches.
    pub fn spinner(&self, label: &str) -> ProgressBar {
        if self.quiet || self.json || !self.terminal {
            return ProgressBar::hidden();
        }
        let bar = self.bars.add(ProgressBar::new_spinner().with_message(label.to_owned()));
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}
