//! Rules for files and sets of files.

use serde_json::Value;

use super::Cx;
use crate::cards::card::{Resource, ResourceKind, digest_hex};
use crate::cards::placeholder::is_placeholder;

pub(super) fn check(cx: &mut Cx<'_>) {
    let root = cx.card.value();
    let resources = cx.card.distribution();
    if resources.is_empty() {
        let hint = "list the files with their sha256, or sets of files by pattern";
        cx.error("card.distribution", "", "`distribution` is missing or empty: the card describes no bytes", hint);
        return;
    }
    let live = cx.texts(root, "isLiveDataset").iter().any(|text| text == "true");
    let ids: Vec<String> = resources.iter().filter_map(|resource| resource.id.clone()).collect();
    for resource in &resources {
        let Some(node) = root.pointer(&resource.pointer) else { continue };
        common(cx, node, resource, &ids);
        match resource.kind {
            ResourceKind::File => file(cx, node, resource, live),
            ResourceKind::Set => {
                if resource.includes.iter().all(|pattern| pattern.trim().is_empty()) {
                    let hint = "\"includes\": \"images/*.jpg\"";
                    cx.error(
                        "card.includes",
                        &resource.pointer,
                        "a set of files says not which: `includes` is missing",
                        hint,
                    );
                }
            }
            ResourceKind::Other => {
                let hint = "\"@type\": \"cr:FileObject\" or \"cr:FileSet\"";
                cx.error("card.resource-type", &resource.pointer, "neither a file nor a set of files", hint);
            }
        }
    }
    cycles(cx, &resources);
}

fn common(cx: &mut Cx<'_>, node: &Value, resource: &Resource, ids: &[String]) {
    let pointer = &resource.pointer;
    if !node.is_object() {
        cx.error(
            "card.resource-type",
            pointer,
            "not an object",
            "describe the file: @type, @id, name, contentUrl, sha256",
        );
        return;
    }
    let what = resource.content_url.as_deref().map_or_else(|| "a resource".to_owned(), |url| format!("`{url}`"));
    cx.identify(node, pointer, &what);
    if !cx.texts(node, "name").iter().any(|text| !is_placeholder(text)) {
        cx.error("card.resource-name", pointer, format!("{what} has no name"), "usually its file name");
    }
    if resource.encoding_format.is_empty() {
        cx.error(
            "card.encoding-format",
            pointer,
            format!("{what} has no encodingFormat"),
            "its media type: \"text/csv\"",
        );
    }
    for format in &resource.encoding_format {
        let place = cx.at(node, pointer, "encodingFormat");
        let (kind, sub) = format.split_once('/').unwrap_or_default();
        if (kind.is_empty() || sub.is_empty() || format.contains(char::is_whitespace)) && format != "git+https" {
            cx.error(
                "card.encoding-format",
                &place,
                format!("`{format}` is no media type"),
                "type/subtype: \"text/csv\"",
            );
        } else if matches!(format.as_str(), "application/parquet" | "application/vnd.apache.parquet") {
            cx.warn("card.encoding-format", &place, format!("loaders do not know `{format}`"), "application/x-parquet");
        } else if matches!(format.as_str(), "application/x-jsonlines" | "application/x-ndjson" | "text/jsonl") {
            cx.warn("card.encoding-format", &place, format!("loaders do not know `{format}`"), "application/jsonlines");
        }
    }
    for container in &resource.contained_in {
        if !ids.contains(container) {
            let message = format!("containedIn names `{container}`, which no resource is");
            cx.error("card.reference", &cx.at(node, pointer, "containedIn"), message, "use the @id of a resource");
        }
    }
}

fn file(cx: &mut Cx<'_>, node: &Value, resource: &Resource, live: bool) {
    let pointer = &resource.pointer;
    match &resource.content_url {
        None if resource.contained_in.is_empty() => {
            let hint = "a path relative to the dataset's folder, or a URL";
            cx.error("card.content-url", pointer, "a file says not where it is: `contentUrl` is missing", hint);
        }
        Some(url) => content_url(cx, &cx.at(node, pointer, "contentUrl"), url),
        None => {}
    }
    let written = |word: &str| cx.names.value(node, word).is_some();
    let (has_sha256, has_md5) = (written("sha256"), written("md5"));
    if has_sha256 && resource.sha256.is_none() {
        let place = cx.at(node, pointer, "sha256");
        cx.error("card.digest", &place, "`sha256` is no SHA-256 digest", "64 hexadecimal digits");
    }
    if has_md5 && resource.md5.as_deref().is_none_or(|text| digest_hex(text, 16).is_none()) {
        let place = cx.at(node, pointer, "md5");
        cx.error("card.digest", &place, "`md5` is no MD5 digest", "use sha256 instead: MD5 is broken");
    }
    if !has_sha256 && resource.contained_in.is_empty() {
        if has_md5 {
            let hint = "others can make files with the same MD5: add sha256";
            cx.warn("card.digest-weak", pointer, "MD5 is the only digest of the file", hint);
        } else if !live {
            let hint = "`sha256sum FILE`; without a digest the file may be any file";
            cx.error("card.digest", pointer, "a file has no digest: `sha256` is missing", hint);
        }
    }
    if cx.names.value(node, "contentSize").is_some() && resource.size.is_none() {
        let place = cx.at(node, pointer, "contentSize");
        cx.warn(
            "card.content-size",
            &place,
            "contentSize is not an exact number of bytes",
            "\"contentSize\": \"749738 B\"",
        );
    }
}

fn content_url(cx: &mut Cx<'_>, pointer: &str, url: &str) {
    if url.starts_with("ipfs://") {
        let hint = "put it into `sameAs`, and the path in the package here";
        cx.warn("card.content-url-ipfs", pointer, "loaders can't fetch `ipfs://`", hint);
    } else if !url.contains("://")
        && (url.starts_with('/') || url.contains('\\') || url.split('/').any(|part| part == ".."))
    {
        let message = format!("`{url}` leads out of the dataset's folder");
        cx.error("card.content-url", pointer, message, "a path below the folder, with `/` between its parts");
    } else if url.trim().is_empty() {
        cx.error(
            "card.content-url",
            pointer,
            "contentUrl is empty",
            "a path relative to the dataset's folder, or a URL",
        );
    }
}

/// A resource that is contained in itself, over any number of steps.
fn cycles(cx: &mut Cx<'_>, resources: &[Resource]) {
    for start in resources {
        let Some(id) = &start.id else { continue };
        let (mut next, mut steps) = (start.contained_in.first(), 0);
        while let Some(container) = next {
            steps += 1;
            if container == id || steps > resources.len() {
                let message = format!("`{id}` is contained in itself");
                cx.error(
                    "card.reference",
                    &start.pointer,
                    message,
                    "the outermost one has a contentUrl and no containedIn",
                );
                break;
            }
            let found = resources.iter().find(|resource| resource.id.as_ref() == Some(container));
            next = found.and_then(|resource| resource.contained_in.first());
        }
    }
}
