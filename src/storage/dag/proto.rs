//! The protobuf message inside a UnixFS node.

/// Fields of `unixfs.pb.Data`; those that are not here don't matter for content.
#[derive(Default)]
pub(super) struct Data<'a> {
    pub kind: u64,
    pub content: &'a [u8],
    pub size: Option<u64>,
    pub block_sizes: Vec<u64>,
    pub hash: Option<u64>,
    pub fanout: Option<u64>,
}

impl<'a> Data<'a> {
    /// `None` for what is no such message.
    pub fn parse(mut bytes: &'a [u8]) -> Option<Self> {
        let mut data = Self::default();
        let mut kind = None;
        while !bytes.is_empty() {
            let tag = varint(&mut bytes)?;
            match (tag >> 3, tag & 7) {
                (1, 0) => kind = Some(varint(&mut bytes)?),
                (2, 2) => data.content = delimited(&mut bytes)?,
                (3, 0) => data.size = Some(varint(&mut bytes)?),
                (4, 0) => data.block_sizes.push(varint(&mut bytes)?),
                (4, 2) => {
                    let mut packed = delimited(&mut bytes)?;
                    while !packed.is_empty() {
                        data.block_sizes.push(varint(&mut packed)?);
                    }
                }
                (5, 0) => data.hash = Some(varint(&mut bytes)?),
                (6, 0) => data.fanout = Some(varint(&mut bytes)?),
                (_, wire) => skip(wire, &mut bytes)?,
            }
        }
        data.kind = kind?;
        Some(data)
    }
}

fn skip(wire: u64, bytes: &mut &[u8]) -> Option<()> {
    match wire {
        0 => varint(bytes).map(drop),
        1 => take(8, bytes).map(drop),
        2 => delimited(bytes).map(drop),
        5 => take(4, bytes).map(drop),
        _ => None,
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(first & 0x7f);
        if bits << shift >> shift != bits {
            return None;
        }
        value |= bits << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn delimited<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(varint(bytes)?).ok()?;
    take(len, bytes)
}

fn take<'a>(len: usize, bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(head)
}
