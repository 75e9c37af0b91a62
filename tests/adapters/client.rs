//! Clients: one that behaves, over HTTP/1.1 or HTTP/2, and one that writes what it likes.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Sends one request on a connection of its own; an HTTP/2 one without asking first.
pub(crate) async fn send(address: SocketAddr, mut request: Request<Full<Bytes>>) -> Response {
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let response = if request.version() == Version::HTTP_2 {
        let path = request.uri().path_and_query().unwrap();
        let uri = format!("http://{address}{path}");
        *request.uri_mut() = uri.parse::<Uri>().unwrap();
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream)
            .await
            .unwrap();
        tokio::spawn(connection);
        sender.send_request(request).await.unwrap()
    } else {
        let host = address.to_string().parse().unwrap();
        request.headers_mut().entry("host").or_insert(host);
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        sender.send_request(request).await.unwrap()
    };
    let (parts, body) = response.into_parts();
    Response {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

/// A connection on which anything may be written.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Writes; tells whether the other side still takes it.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok()
    }

    /// The next response, whose body is as long as its head says. `None` if the other
    /// side ends the connection without one.
    pub(crate) async fn response(&mut self) -> Option<Response> {
        timeout(PATIENCE, read(&mut self.0)).await.unwrap()
    }

    /// Writes a head, and one chunk again and again, until the response is there. Tells
    /// it, and how many bytes the other side's system took.
    pub(crate) async fn write_without_end(
        self,
        head: impl AsRef<[u8]>,
        chunk: impl AsRef<[u8]>,
    ) -> (Response, u64) {
        let (mut reads, mut writes) = self.0.into_split();
        let mut written = 0;
        writes.write_all(head.as_ref()).await.unwrap();
        let writing = async {
            while writes.write_all(chunk.as_ref()).await.is_ok() {
                written += chunk.as_ref().len() as u64;
            }
            std::future::pending::<()>().await;
        };
        let response = tokio::select! {
            () = writing => None,
            response = timeout(PATIENCE, read(&mut reads)) => response.unwrap(),
        };
        (response.unwrap(), written)
    }

    /// Ends what it sends, and still reads.
    pub(crate) async fn end(&mut self) {
        self.0.shutdown().await.unwrap();
    }
}

/// Longer than any scenario means to wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

async fn read(from: &mut (impl AsyncRead + Unpin)) -> Option<Response> {
    let mut bytes = Vec::new();
    loop {
        if let Some(response) = parse(&bytes) {
            return Some(response);
        }
        match from.read_buf(&mut bytes).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => return None,
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(&bytes[..end]).unwrap().split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, value.trim().parse().unwrap());
    }
    let length = headers
        .get("content-length")
        .map_or("0", |length| length.to_str().unwrap());
    let body = bytes.get(end + 4..)?.get(..length.parse().unwrap())?;
    Some(Response {
        status: StatusCode::from_bytes(status.as_bytes()).unwrap().as_u16(),
        headers,
        body: Bytes::copy_from_slice(body),
    })
}
