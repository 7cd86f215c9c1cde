//! Reads numbers off bytes, never past their end.
//!
//! In: the payload of a frame. Out: integers, doubles, lists of a stated length that the
//! bytes at hand can hold. Must not know messages.

use crate::message::DecodeError;

/// The bytes not read yet.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(DecodeError)?;
        self.0 = rest;
        Ok(*head)
    }

    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        self.take::<1>().map(|[byte]| byte)
    }

    /// A byte that is 0 or 1.
    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError),
        }
    }

    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.take().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.take().map(u64::from_le_bytes)
    }

    pub fn double(&mut self) -> Result<f64, DecodeError> {
        self.take().map(f64::from_le_bytes)
    }

    /// A length of items that take `bytes` each at least. Refused if the rest is shorter,
    /// so nothing is allocated that the message does not pay for.
    pub fn length(&mut self, bytes: usize) -> Result<usize, DecodeError> {
        let length = self.u32()? as usize;
        let fits = length.checked_mul(bytes).is_some_and(|whole| whole <= self.0.len());
        if fits { Ok(length) } else { Err(DecodeError) }
    }

    /// A length and as many doubles.
    pub fn doubles(&mut self) -> Result<Vec<f64>, DecodeError> {
        let length = self.length(8)?;
        (0..length).map(|_| self.double()).collect()
    }

    /// A flag, and what `read` reads if it is set.
    pub fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    /// The rest as text; what is no UTF-8 is replaced.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(std::mem::take(&mut self.0)).into_owned()
    }

    /// `value`, if nothing is left.
    pub fn end<T>(self, value: T) -> Result<T, DecodeError> {
        if self.0.is_empty() { Ok(value) } else { Err(DecodeError) }
    }
}
