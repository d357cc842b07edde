//! Stubs of trustless gateways, written from their specification, and hostile ones that break it in every way.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use super::blocks::Blocks;

/// A gateway on this machine until it is dropped.
pub struct Gateway {
    pub url: String,
    asked: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
}

impl Gateway {
    /// Every request is answered by `answer`, which gets its number from 1 and the CID, and has the connection to itself.
    pub fn start(answer: impl Fn(usize, &str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, end, answer) = (Arc::clone(&asked), Arc::clone(&closed), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(SeqCst) {
                    break;
                }
                let (Ok(mut stream), count, answer) = (stream, Arc::clone(&count), Arc::clone(&answer)) else {
                    continue;
                };
                std::thread::spawn(move || {
                    if let Some(cid) = cid_of_request(&stream) {
                        answer(count.fetch_add(1, SeqCst) + 1, &cid, &mut stream);
                    }
                });
            }
        });
        Self { url, asked, closed }
    }

    /// One that has these blocks and does what it should.
    pub fn honest(blocks: Blocks) -> Self {
        Self::start(move |_, cid, stream| match blocks.0.get(cid) {
            Some(block) => respond(stream, 200, block),
            None => respond(stream, 404, b"not here"),
        })
    }

    /// Requests so far.
    pub fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.closed.store(true, SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

/// A whole answer. That the other side has gone is not the stub's business.
pub fn respond(stream: &mut TcpStream, status: u16, body: &[u8]) {
    head(stream, status, &format!("content-length: {}\r\n", body.len()));
    let _ = stream.write_all(body);
}

/// The beginning of an answer, with further header lines.
pub fn head(stream: &mut TcpStream, status: u16, lines: &str) {
    let _ = write!(stream, "HTTP/1.1 {status} Whatever\r\nconnection: close\r\n{lines}\r\n");
}

fn cid_of_request(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    // The answer begins when the request is over, so that it is not reset.
    lines.by_ref().map_while(Result::ok).find(String::is_empty)?;
    let path = first.split(' ').nth(1)?;
    Some(path.strip_prefix("/ipfs/")?.split('?').next()?.to_owned())
}
