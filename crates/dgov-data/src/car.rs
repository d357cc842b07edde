//! CAR version 1: a package as one stream of blocks, byte for byte what `ipfs dag export` writes: depth first, parents
//! before children, each block once.

mod in_place;

use std::io::Write;

use cid::Cid;

pub use in_place::write_in_place;

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
        let head = section_head(&block.cid, block.bytes.len());
        written += (head.len() + block.bytes.len()) as u64;
        out.write_all(&head)?;
        out.write_all(block.bytes)
    })?;
    Ok(written)
}

/// The number of bytes that [`write()`] would write, without reading a file.
///
/// # Errors
/// None that [`crate::unixfs::Plan::hash`] has not found before.
pub fn size(package: &Package) -> Result<u64, UnixfsError> {
    let mut size = header_len(package);
    package.for_each_planned_block(&mut |block| {
        size += section_len(package, block.len);
        Ok(())
    })?;
    Ok(size)
}

/// What stands before a block's bytes in a CAR file: the length of CID and block as a varint, and the CID.
pub fn section_head(cid: &Cid, len: usize) -> Vec<u8> {
    let cid = cid.to_bytes();
    let mut head = varint((cid.len() + len) as u64);
    head.extend_from_slice(&cid);
    head
}

/// Bytes of a block of `len` bytes in a CAR file of the package.
pub(crate) fn section_len(package: &Package, len: u64) -> u64 {
    let cid = package.profile().cid_len() as u64;
    varint(cid + len).len() as u64 + cid + len
}

/// Bytes of the header of a CAR file of the package.
pub(crate) fn header_len(package: &Package) -> u64 {
    header(package).len() as u64
}

/// The header of a CAR file of the package: `{"roots": [cid], "version": 1}` in canonical DAG-CBOR, with its length before it.
fn header(package: &Package) -> Vec<u8> {
    header_of(&package.cid())
}

/// The header of a CAR file with one root.
pub fn header_of(root: &Cid) -> Vec<u8> {
    let cid = root.to_bytes();
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
