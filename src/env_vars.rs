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
    /// File whose first line is the password of the keystore or of the key of receipts, for CI.
    DGOV_PASSWORD_FILE;
    /// Raw private key in hex; accepted with a warning, never stored, never passed to a plugin.
    DGOV_PRIVATE_KEY;
    /// Bearer token for the RPC of the IPFS node; sent over https or to this machine only.
    DGOV_IPFS_TOKEN;
    /// File with the Arweave wallet that pays for uploads, a JSON Web Key; its path never reaches a plugin.
    DGOV_ARWEAVE_KEYFILE;
    /// Bearer token for the pinning service; sent over https or to this machine only.
    DGOV_PINNING_TOKEN;
    /// Bearer token for the Filecoin service; sent over https or to this machine only.
    DGOV_FILECOIN_TOKEN;
    /// Access key for the bucket of `[storage.s3]`; without it only a public bucket can be read.
    AWS_ACCESS_KEY_ID;
    /// Secret of that key.
    AWS_SECRET_ACCESS_KEY;
    /// Session token of temporary credentials for the bucket.
    AWS_SESSION_TOKEN;
    /// Filter of the diagnostic log on standard error, e.g. `dgov=debug`.
    DGOV_LOG;
    /// Start time of the embedded chain, unix seconds, for reproducible sessions.
    DGOV_EMBEDDED_TIME;
    /// Folder with the real data sets that the tests use when it is there.
    DGOV_TEST_DATA;
    /// Address of an IPFS node's RPC that the tests may write to; `tests/interop/ipfs/run` starts two.
    DGOV_TEST_IPFS;
    /// Address of an S3 server with a bucket `dgov` that the tests may write to; `tests/interop/s3/run` starts one.
    DGOV_TEST_S3;
    /// Debug builds only: abort at the n-th fault point, for the kill tests.
    DGOV_FAULT_AT;
    /// Set for plugins: path of this binary.
    DGOV;
    /// Set for plugins: path of the manifest, when one was given; dgov itself takes it where `DGOV_MANIFEST` is not set.
    DGOV_MANIFEST_PATH;
    /// Set for plugins: `json` or `human`.
    DGOV_OUTPUT;
    /// Set for plugins: version of the JSON envelope.
    DGOV_FORMAT_VERSION;
    /// API key for `dgov contracts verify --service etherscan`.
    ETHERSCAN_API_KEY;
    /// Set to anything but the empty string: no colors.
    NO_COLOR;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::ALL;

    #[test]
    fn the_documentation_lists_exactly_these() {
        let rows: Vec<(&str, &str)> = include_str!("../docs/environment.md")
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "))
            .collect();
        let declared: Vec<(&str, &str)> = ALL.iter().map(|variable| (variable.name, variable.about.trim())).collect();
        assert_eq!(rows, declared);
    }

    #[test]
    fn no_other_source_writes_a_name_out() {
        let mut files = 0;
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |path| {
            if path.components().any(|part| part.as_os_str().to_string_lossy().trim_end_matches(".rs") == "tests") {
                return;
            }
            files += 1;
            let text = std::fs::read_to_string(path).unwrap();
            for name in ALL.iter().map(|variable| variable.name) {
                assert!(!text.contains(&format!("\"{name}\"")), "{} writes {name} out", path.display());
            }
        });
        assert!(files > 50, "{files} files looked at");
    }

    fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, visit);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                visit(&path);
            }
        }
    }
}
