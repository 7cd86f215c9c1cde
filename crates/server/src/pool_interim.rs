//! Interim pool: to be replaced by the real one at the merge.
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pool.
pub struct Pool {
    slots: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}
/// Slot.
pub struct Slot(#[allow(dead_code)] OwnedSemaphorePermit);
/// Overloaded.
#[derive(Debug)]
pub struct Overloaded {
    /// When to come again.
    pub retry_after: Duration,
}
impl Pool {
    /// Makes one.
    pub fn new(slots: usize, queue: usize) -> Arc<Self> {
        Arc::new(Pool {
            slots: Arc::new(Semaphore::new(slots)),
            queue: Arc::new(Semaphore::new(slots + queue)),
        })
    }
    /// Enters.
    pub async fn enter(self: &Arc<Self>, _tenant: &str) -> Result<Slot, Overloaded> {
        let over = Overloaded { retry_after: Duration::from_secs(1) };
        let Ok(_q) = self.queue.clone().try_acquire_owned() else { return Err(over) };
        match self.slots.clone().acquire_owned().await {
            Ok(p) => Ok(Slot(p)),
            Err(_) => Err(over),
        }
    }
}
