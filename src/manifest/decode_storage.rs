//! `[storage]`: where packages go.

use super::reader::Reader;
use super::types::{
    ArweaveNetwork, ArweaveUpload, FilecoinDataSet, IpfsNode, PinningService, S3Bucket, Storage, StorageTarget,
};
use super::values::{ValueError, did_you_mean};

pub(super) fn storage(table: Reader<'_>) -> Storage {
    let targets = table.list("targets", target);
    let targets: Vec<StorageTarget> = targets.map_or_else(
        || {
            table.defaulted("targets", "[local]");
            Storage::default().targets
        },
        |names| names.into_iter().map(|name| name.0).collect(),
    );
    let copies = table.number("copies", 1..1_001).and_then(|copies| u32::try_from(copies).ok());
    let sources = table.list("sources", |text| Ok(text.to_owned())).unwrap_or_default();
    let ipfs = ipfs(&table.table("ipfs"));
    let s3 = s3(&table.table("s3"));
    let pinning = pinning(&table.table("pinning"));
    let filecoin = filecoin(&table.table("filecoin"));
    let arweave = arweave(&table.table("arweave"), targets.contains(&StorageTarget::Arweave));
    table.finish();
    Storage { targets, copies, sources, ipfs, s3, pinning, filecoin, arweave }
}

fn target(name: &str) -> Result<TargetName, ValueError> {
    if let Some((_, target)) = StorageTarget::ALL.iter().find(|(known, _)| *known == name) {
        return Ok(TargetName(*target));
    }
    let known = StorageTarget::ALL.map(|(name, _)| name);
    let error = ValueError::new(format!("`{name}` is not a storage target"));
    Err(match did_you_mean(name, known) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("use one of: {}", known.join(", "))),
    })
}

fn ipfs(table: &Reader<'_>) -> IpfsNode {
    let default = IpfsNode::default();
    let api = table.parsed("api", |text| Ok(text.to_owned())).unwrap_or_else(|| table.defaulted("api", default.api));
    table.finish();
    IpfsNode { api }
}

fn s3(table: &Reader<'_>) -> S3Bucket {
    let default = S3Bucket::default();
    let bucket = table.plain("bucket").unwrap_or(default.bucket);
    let prefix = table.plain("prefix").unwrap_or(default.prefix);
    let region = table.plain("region").unwrap_or_else(|| table.defaulted("region", default.region));
    let endpoint = table.plain("endpoint");
    table.finish();
    S3Bucket { bucket, prefix, region, endpoint }
}

fn pinning(table: &Reader<'_>) -> PinningService {
    let default = PinningService::default();
    let endpoint = table.plain("endpoint").unwrap_or(default.endpoint);
    let wait = table.value_or("wait", default.wait);
    table.finish();
    PinningService { endpoint, wait }
}

fn filecoin(table: &Reader<'_>) -> FilecoinDataSet {
    let default = FilecoinDataSet::default();
    let service = table.plain("service").unwrap_or(default.service);
    let data_set = table.number("data-set", 0..u64::MAX);
    let wait = table.value_or("wait", default.wait);
    table.finish();
    FilecoinDataSet { service, data_set, wait }
}

fn arweave(table: &Reader<'_>, wanted: bool) -> ArweaveNetwork {
    let default = ArweaveNetwork::default();
    let gateway = table.plain("gateway");
    let upload = table.choice("upload", &ArweaveUpload::ALL);
    let upload = upload.unwrap_or_else(|| {
        table.defaulted("upload", "chunks");
        default.upload
    });
    let bundler = table.plain("bundler");
    let payment = table.plain("payment");
    let token = table.plain("token").unwrap_or_else(|| table.defaulted("token", default.token));
    let gateway = match wanted {
        true => table.required("gateway", gateway, "gateway = \"https://arweave.net\", or a node of your own"),
        false => gateway,
    };
    let bundler = match wanted && upload == ArweaveUpload::Bundler {
        true => table.required("bundler", bundler, "bundler = \"https://upload.ardrive.io\", or another service"),
        false => bundler,
    };
    table.finish();
    ArweaveNetwork { gateway, upload, bundler, payment, token }
}

/// A target, shown by its name.
struct TargetName(StorageTarget);

impl std::fmt::Display for TargetName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}
