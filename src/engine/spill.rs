//! Where sorts and aggregates spill: files that nobody but this process can open, for they have no name (decision 17).

use std::fs::File;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SpillFile, SpillWriter, TempFileFactory};
use futures::{Stream, StreamExt};

/// Bytes of one read.
const CHUNK: usize = 128 * 1024;

/// Makes files in the system's folder for temporary ones.
pub struct Nameless;

impl TempFileFactory for Nameless {
    fn create_temp_file(&self, _: &str) -> Result<Arc<dyn SpillFile>> {
        Ok(Arc::new(Spilled {
            file: Arc::new(tempfile::tempfile()?),
            size: Arc::default(),
        }))
    }
}

/// Gone with its last reader and writer, however the process ends.
struct Spilled {
    file: Arc<File>,
    size: Arc<AtomicU64>,
}

impl SpillFile for Spilled {
    fn size(&self) -> Option<u64> {
        Some(self.size.load(Ordering::Relaxed))
    }

    fn read_stream(&self) -> Result<Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>> {
        let chunks = futures::stream::unfold(Some((self.file.clone(), 0)), |at| async move {
            let (file, offset) = at?;
            let read = tokio::task::spawn_blocking(move || chunk(&file, offset).map(|bytes| (file, bytes))).await;
            match read.unwrap_or_else(|error| Err(io::Error::other(error))) {
                Ok((_, bytes)) if bytes.is_empty() => None,
                Ok((file, bytes)) => {
                    let next = offset + bytes.len() as u64;
                    Some((Ok(bytes), Some((file, next))))
                }
                Err(error) => Some((Err(DataFusionError::IoError(error)), None)),
            }
        });
        Ok(chunks.boxed())
    }

    fn open_writer(&self) -> Result<Box<dyn SpillWriter>> {
        Ok(Box::new(Writer {
            file: self.file.clone(),
            size: self.size.clone(),
        }))
    }
}

/// Up to `CHUNK` bytes from `offset` on; none at the end. The writer's place in the file is not touched.
fn chunk(file: &File, offset: u64) -> io::Result<Bytes> {
    let mut buffer = vec![0; CHUNK];
    let length = loop {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, &mut buffer, offset);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, &mut buffer, offset);
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    buffer.truncate(length);
    Ok(buffer.into())
}

struct Writer {
    file: Arc<File>,
    size: Arc<AtomicU64>,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = (&*self.file).write(bytes)?;
        self.size.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SpillWriter for Writer {
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_written_is_read_again_and_again() {
        let file = Nameless.create_temp_file("a test").unwrap();
        let bytes: Vec<u8> = (0..CHUNK * 2 + 17).map(|n| n as u8).collect();
        let mut writer = file.open_writer().unwrap();
        writer.write_all(&bytes[..100]).unwrap();
        writer.write_all(&bytes[100..]).unwrap();
        writer.finish().unwrap();
        assert_eq!(file.size(), Some(bytes.len() as u64));
        assert_eq!(file.path(), None, "it has no name");
        for _ in 0..2 {
            let read: Vec<Bytes> = file.read_stream().unwrap().map(|chunk| chunk.unwrap()).collect().await;
            assert_eq!(read.concat(), bytes);
        }
    }
}
