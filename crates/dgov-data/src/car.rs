//! CAR version 1: a package as one stream of blocks, byte for byte what `ipfs dag export` writes: depth first, parents
//! before children, each block once.

use std::io::Write;

use crate::unixfs::{Package, UnixfsError};

/// Writes the package and returns the number of bytes. Give a buffered writer; nothing is flushed.
///
/// # Errors
/// [`UnixfsError::Write`] for the writer, [`UnixfsError::Changed`] and [`UnixfsError::Io`] for the files.
pub fn write(package: &Package, out: &mut dyn Write) -> Result<u64, UnixfsError> {
    let header = header(package);
    out.write_all(&header).map_err(UnixfsError::Write)?;
    let mut written = header.len() as u64;
    package.for_each_block(&mut |block| {
        let cid = block.cid.to_bytes();
        let section = (cid.len() + block.bytes.len()) as u64;
        let prefix = varint(section);
        written += prefix.len() as u64 + section;
        out.write_all(&prefix)?;
        out.write_all(&cid)?;
        out.write_all(block.bytes)
    })?;
    Ok(written)
}

/// The number of bytes that [`write()`] would write, without reading a file.
///
/// # Errors
/// None that [`crate::unixfs::Plan::hash`] has not found before.
pub fn size(package: &Package) -> Result<u64, UnixfsError> {
    let mut size = header(package).len() as u64;
    let cid = package.cid().to_bytes().len() as u64;
    package.for_each_planned_block(&mut |block| {
        size += varint(cid + block.len).len() as u64 + cid + block.len;
        Ok(())
    })?;
    Ok(size)
}

/// `{"roots": [cid], "version": 1}` in canonical DAG-CBOR, with its length before it.
fn header(package: &Package) -> Vec<u8> {
    let cid = package.cid().to_bytes();
    let mut body = vec![0xa2, 0x65];
    body.extend_from_slice(b"roots");
    // A list of one link: tag 42 on bytes that begin with the identity multibase.
    body.extend_from_slice(&[0x81, 0xd8, 0x2a, 0x58, cid.len() as u8 + 1, 0]);
    body.extend_from_slice(&cid);
    body.push(0x67);
    body.extend_from_slice(b"version");
    body.push(1);
    let mut header = varint(body.len() as u64);
    header.append(&mut body);
    header
}

fn varint(value: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(10);
    crate::unixfs::varint(value, &mut out);
    out
}
