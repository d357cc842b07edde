//! A project with the manifest that outside checks use, and data sets: a small one made here, and the real ones.

use std::fs;
use std::path::{Path, PathBuf};

use super::TestEnv;

/// Accounts dev0 to dev4 of the development mnemonic.
pub const DEV: [&str; 5] = [
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
];

/// The manifest of the specification, with the port of a node of this test.
pub fn manifest(port: u16) -> String {
    format!(
        r#"[project]
name = "raccoon-commons"
[networks.local]
kind = "embedded"
[networks.anvil]
rpc-url = "http://127.0.0.1:{port}"
chain-id = 31337
[storage]
targets = ["local"]
[governance]
voting-delay = "1d"
voting-period = "3d"
timelock-delay = "2d"
quorum = "4%"
proposal-threshold = "1%"
[governance.token]
name = "Raccoon Commons"
symbol = "RCN"
supply = "1000000"
[licenses.research]
spdx = "CC-BY-NC-4.0"
allow = ["train-generative", "evaluate"]
price = "0.01 ETH"
duration = "365d"
[royalties]
contributors = "80%"
curators = "10%"
treasury = "10%"
[datasets.raccoon]
path = "data/raccoon"
license = "research"
contributors = "contributors.csv"   # account,shares
"#
    )
}

impl TestEnv {
    /// Writes manifest and contributors: dev1 has 60 shares of 100, dev2 has 40.
    pub fn write_project(&self, port: u16) {
        self.write("dgov.toml", manifest(port));
        self.write("contributors.csv", format!("account,shares\n{},60\n{},40\n", DEV[1], DEV[2]));
    }

    /// A project with the small data set.
    pub fn project() -> Self {
        let env = Self::new();
        env.write_project(1);
        env.write_small_set();
        env
    }

    /// Three images with annotations and a license file; generated.
    pub fn write_small_set(&self) {
        for number in 1..=3 {
            let pixels: Vec<u8> = (0..2_000u32).map(|i| (i * number % 251) as u8).collect();
            self.write(&format!("data/raccoon/images/raccoon-{number}.jpg"), pixels);
            self.write(
                &format!("data/raccoon/annotations/raccoon-{number}.xml"),
                format!("<annotation><filename>raccoon-{number}.jpg</filename></annotation>\n"),
            );
        }
        self.write("data/raccoon/LICENSE", "generated for tests\n");
    }
}

/// The real data sets: where `DGOV_TEST_DATA` says, or beside the checkout. Says so when they are not there.
pub fn real_data(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let root = std::env::var_os("DGOV_TEST_DATA").map_or(beside, PathBuf::from);
    let path = root.join(name);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("SKIPPED: no real data at {}; set DGOV_TEST_DATA", path.display());
    None
}

/// Copies a folder, writable.
pub fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::write(&target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}
