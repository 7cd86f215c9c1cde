//! The pool by hand: turns, refusals, and callers that go away.

#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{Overloaded, Pool, Slot};

type Entering = Pin<Box<dyn Future<Output = Result<Slot, Overloaded>> + Send>>;

fn look<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A caller who has asked and not been answered.
fn waiter(pool: &Arc<Pool>, tenant: &'static str) -> Entering {
    let pool = Arc::clone(pool);
    let mut entering: Entering = Box::pin(async move { pool.enter(tenant).await });
    assert!(look(entering.as_mut()).is_pending());
    entering
}

fn now(pool: &Arc<Pool>, tenant: &str) -> Result<Slot, Overloaded> {
    match look(pin!(pool.enter(tenant))) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn a_full_queue_refuses_at_once_and_says_when_to_come_back() {
    let pool = Pool::new(2, 1);
    let (first, _second) = (now(&pool, "a").unwrap(), now(&pool, "a").unwrap());
    let mut third = waiter(&pool, "b");
    assert!(pool.full().is_some());
    let refused = now(&pool, "c").unwrap_err();
    assert!(refused.retry_after >= Duration::from_millis(200));
    assert_eq!((pool.taken(), pool.waiting()), (2, 1));
    drop(first);
    assert!(matches!(look(third.as_mut()), Poll::Ready(Ok(_))));
    // The third caller's slot went with the answer above.
    assert_eq!((pool.taken(), pool.waiting()), (1, 0));
    assert!(pool.full().is_none());
}

#[test]
fn tenants_take_turns_whatever_their_numbers() {
    let pool = Pool::new(1, 100);
    let mut held = Some(now(&pool, "loud").unwrap());
    let mut callers: Vec<(&str, Entering)> = Vec::new();
    for tenant in ["loud", "loud", "loud", "loud", "b", "c", "b"] {
        callers.push((tenant, waiter(&pool, tenant)));
    }
    let mut served = Vec::new();
    while !callers.is_empty() {
        held.take();
        let ready = callers.iter_mut().enumerate().find_map(|(k, (tenant, caller))| {
            match look(caller.as_mut()) {
                Poll::Ready(slot) => Some((k, *tenant, slot.unwrap())),
                Poll::Pending => None,
            }
        });
        let (k, tenant, slot) = ready.unwrap();
        drop(callers.remove(k));
        served.push(tenant);
        held = Some(slot);
    }
    assert_eq!(served, ["loud", "b", "c", "loud", "b", "loud", "loud"]);
}

#[test]
fn who_goes_away_leaves_neither_a_place_nor_a_slot_behind() {
    let pool = Pool::new(1, 2);
    let held = now(&pool, "a").unwrap();
    let gone = waiter(&pool, "b");
    let mut stays = waiter(&pool, "c");
    drop(gone);
    assert_eq!(pool.waiting(), 1);
    // The free place is taken again, by one who will be gone after being served.
    let late = waiter(&pool, "b");
    drop(held);
    let Poll::Ready(Ok(slot)) = look(stays.as_mut()) else { panic!("not served") };
    drop(slot);
    assert_eq!((pool.taken(), pool.waiting()), (1, 0), "the slot is on its way to b");
    drop(late);
    assert_eq!((pool.taken(), pool.waiting()), (0, 0));
    assert!(now(&pool, "d").is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_no_slot_is_lost_or_made() {
    let pool = Pool::new(3, 16);
    let most = Arc::new(Mutex::new((0usize, 0usize)));
    let mut tasks = Vec::new();
    for k in 0..400u64 {
        let (pool, most) = (Arc::clone(&pool), Arc::clone(&most));
        tasks.push(tokio::spawn(async move {
            let tenant = ["a", "b", "c", "d"][(k % 4) as usize];
            // Some give up while they wait.
            let patience = Duration::from_micros(k % 7 * 300);
            let entered = tokio::time::timeout(patience, pool.enter(tenant)).await;
            if let Ok(Ok(_slot)) = entered {
                let inside = {
                    let mut most = most.lock().unwrap();
                    most.0 += 1;
                    most.1 = most.1.max(most.0);
                    most.0
                };
                assert!(inside <= 3, "{inside} at once");
                tokio::time::sleep(Duration::from_micros(200)).await;
                most.lock().unwrap().0 -= 1;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!((pool.taken(), pool.waiting()), (0, 0));
    assert_eq!(most.lock().unwrap().0, 0);
}
