//! Every environment variable that dgov reads or sets, declared once (`docs/environment.md` is checked against it).

/// A variable and what it does.
pub struct EnvVar {
    /// Name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
}

macro_rules! declare {
    ($($(#[doc = $about:literal])* $ident:ident;)*) => {
        $($(#[doc = $about])* pub const $ident: &str = stringify!($ident);)*
        /// All of them, in the order of the documentation.
        pub const ALL: &[EnvVar] = &[$(EnvVar { name: stringify!($ident), about: concat!($($about),*) }),*];
    };
}

declare! {
    /// Manifest to use instead of the nearest `dgov.toml` (as `--manifest`).
    DGOV_MANIFEST;
    /// Network to use instead of the first one of the manifest (as `--network`).
    DGOV_NETWORK;
    /// Account to act as (as `--from`).
    DGOV_FROM;
    /// JSON-RPC endpoint for `dgov join` (as `--rpc-url`).
    DGOV_RPC_URL;
    /// Folder of keystores and other per-user state; the platform's configuration folder by default.
    DGOV_HOME;
    /// File whose first line is the keystore password, for CI.
    DGOV_PASSWORD_FILE;
    /// Raw private key in hex; accepted with a warning, never stored, never passed to a plugin.
    DGOV_PRIVATE_KEY;
    /// Filter of the diagnostic log on standard error, e.g. `dgov=debug`.
    DGOV_LOG;
    /// Start time of the embedded chain, unix seconds, for reproducible sessions.
    DGOV_EMBEDDED_TIME;
    /// Folder with the real data sets that the tests use when it is there.
    DGOV_TEST_DATA;
    /// Debug builds only: abort at the n-th fault point, for the kill tests.
    DGOV_FAULT_AT;
    /// Set for plugins: path of this binary.
    DGOV;
    /// Set for plugins: path of the manifest, when there is one.
    DGOV_MANIFEST_PATH;
    /// Set for plugins: `json` or `human`.
    DGOV_OUTPUT;
    /// Set for plugins: version of the JSON envelope.
    DGOV_FORMAT_VERSION;
    /// Set to anything but the empty string: no colors.
    NO_COLOR;
}
