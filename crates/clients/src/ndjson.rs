//! Lines both ways: requests are made from lines as they are asked for, answers are read as they come.

use std::convert::Infallible;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use reqwest::{Body, Method};
use serde::de::DeserializeOwned;

use crate::ClientError;
use crate::client::{Client, send};

/// Lines are sent in parts of about this size.
const PART_BYTES: usize = 64 * 1024;

impl Client {
    /// Posts `lines` (without line ends) and hands every answered line to `on_answer`. Returns how many there were.
    pub(crate) async fn exchange<L, T>(
        &self,
        path: &str,
        query: &[(&str, String)],
        lines: impl IntoIterator<Item = L, IntoIter: Send + 'static>,
        mut on_answer: impl FnMut(T),
    ) -> Result<u64, ClientError>
    where
        L: AsRef<[u8]>,
        T: DeserializeOwned,
    {
        let mut lines = lines.into_iter();
        let parts = std::iter::from_fn(move || part(&mut lines)).map(Ok::<_, Infallible>);
        let request = self
            .request(Method::POST, path)
            .query(query)
            .header("content-type", "application/x-ndjson")
            .body(Body::wrap_stream(stream::iter(parts)));
        let mut answer = send(request).await?.bytes_stream();
        let mut buffer = BytesMut::new();
        let mut count = 0;
        let mut take = |line: &[u8]| -> Result<(), ClientError> {
            if !line.iter().all(u8::is_ascii_whitespace) {
                on_answer(serde_json::from_slice(line).map_err(|error| ClientError::Answer(Box::new(error)))?);
                count += 1;
            }
            Ok(())
        };
        while let Some(part) = answer.next().await {
            buffer.extend_from_slice(&part.map_err(ClientError::Unreachable)?);
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                take(&buffer[..end])?;
                buffer.advance(end + 1);
            }
        }
        take(&buffer)?;
        Ok(count)
    }
}

fn part<L: AsRef<[u8]>>(lines: &mut impl Iterator<Item = L>) -> Option<Bytes> {
    let mut part = BytesMut::with_capacity(PART_BYTES);
    while part.len() < PART_BYTES
        && let Some(line) = lines.next()
    {
        part.extend_from_slice(line.as_ref());
        part.extend_from_slice(b"\n");
    }
    (!part.is_empty()).then(|| part.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_travel_in_parts_and_none_is_lost() {
        let long = "x".repeat(40_000);
        let mut lines = vec!["a".to_owned(), long.clone(), long.clone(), "b".to_owned()].into_iter();
        let first = part(&mut lines).unwrap();
        assert!(first.starts_with(b"a\nx") && first.ends_with(b"x\n"));
        assert_eq!(part(&mut lines).unwrap(), &b"b\n"[..]);
        assert_eq!(part(&mut lines), None);
    }
}
