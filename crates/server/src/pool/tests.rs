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
    assert!(pool.full("c").is_some() && pool.is_full());
    let refused = now(&pool, "c").unwrap_err();
    assert!(refused.retry_after >= Duration::from_millis(200));
    assert_eq!((pool.taken(), pool.waiting()), (2, 1));
    drop(first);
    assert!(matches!(look(third.as_mut()), Poll::Ready(Ok(_))));
    // The third caller's slot went with the answer above.
    assert_eq!((pool.taken(), pool.waiting()), (1, 0));
    assert!(pool.full("c").is_none() && !pool.is_full());
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
fn a_loud_tenant_does_not_shut_others_out() {
    let pool = Pool::new(1, 4);
    let held = now(&pool, "loud").unwrap();
    let mut loud: Vec<Entering> = (0..4).map(|_| waiter(&pool, "loud")).collect();
    assert!(now(&pool, "loud").is_err(), "its own queue is full");
    assert!(pool.full("loud").is_some() && pool.full("b").is_none());
    // Each of these takes the place of the loud tenant's last, until they have as many.
    let mut others = [waiter(&pool, "b"), waiter(&pool, "b")];
    assert!(now(&pool, "b").is_err(), "it has its half");
    for last in loud.drain(2..) {
        assert!(matches!(look(pin!(last)), Poll::Ready(Err(_))));
    }
    assert_eq!(pool.waiting(), 4);
    drop(held);
    let mut served = 0;
    for caller in loud.iter_mut().zip(&mut others).flat_map(|(a, b)| [a, b]) {
        assert!(matches!(look(caller.as_mut()), Poll::Ready(Ok(_))));
        served += 1;
    }
    assert_eq!((served, pool.waiting(), pool.taken()), (4, 0, 0));
}

#[test]
fn a_tenant_that_overloads_the_server_has_few_places_until_it_lets_up() {
    let pool = Pool::new(1, 100);
    // Solves that take next to nothing.
    (0..200).for_each(|_| drop(now(&pool, "a").unwrap()));
    let held = now(&pool, "a").unwrap();
    let mut first = waiter(&pool, "a");
    // A burst is taken in.
    let burst: Vec<Entering> = (0..50).map(|_| waiter(&pool, "a")).collect();
    std::thread::sleep(2 * super::queue::SOON);
    assert!(pool.full("a").is_some() && now(&pool, "a").is_err());
    // What others wait for is their own matter.
    let other: Vec<Entering> = (0..2).map(|_| waiter(&pool, "b")).collect();
    drop((burst, other));
    drop(held);
    let Poll::Ready(Ok(held)) = look(first.as_mut()) else { panic!("not served") };
    // It still counts as overloading: one may wait behind one slot, and each refusal counts.
    let next = waiter(&pool, "a");
    for _ in 0..3 {
        assert!(pool.full("a").is_some());
        std::thread::sleep(super::queue::SOON / 2);
    }
    assert!(now(&pool, "a").is_err());
    drop(next);
    // It asks for no more than it has places for: soon it has all places again.
    std::thread::sleep(2 * super::queue::SOON);
    let burst: Vec<Entering> = (0..50).map(|_| waiter(&pool, "a")).collect();
    assert_eq!(pool.waiting(), burst.len());
    drop(held);
}

#[tokio::test]
async fn displaced_work_is_told_so_and_never_begins() {
    let pool = Pool::new(1, 2);
    let held = pool.enter("loud").await.unwrap();
    let begun = Arc::new(Mutex::new(Vec::new()));
    let work = |name: &'static str| {
        let (pool, begun) = (Arc::clone(&pool), Arc::clone(&begun));
        let tenant = if name == "b" { "b" } else { "loud" };
        tokio::spawn(
            async move { pool.run(tenant, move || begun.lock().unwrap().push(name)).await },
        )
    };
    let first = work("first");
    let second = work("second");
    while pool.waiting() < 2 {
        tokio::task::yield_now().await;
    }
    let other = work("b");
    assert!(second.await.unwrap().is_err());
    drop(held);
    assert_eq!(first.await.unwrap(), Ok(Some(())));
    assert_eq!(other.await.unwrap(), Ok(Some(())));
    assert_eq!(*begun.lock().unwrap(), ["first", "b"]);
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

/// Work of so many callers, behind a slot that is held until all of them wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_thread_does_all_work_that_waits_in_turn() {
    let pool = Pool::new(1, 100);
    let held = now(&pool, "loud").unwrap();
    let done = Arc::new(Mutex::new(Vec::new()));
    let mut callers = Vec::new();
    let tenants = ["loud", "loud", "gone", "b", "enters", "c", "b"];
    for (k, tenant) in tenants.into_iter().enumerate() {
        let (pool, done) = (Arc::clone(&pool), Arc::clone(&done));
        let before = pool.waiting();
        let caller = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move {
                if tenant == "enters" {
                    let slot = pool.enter(tenant).await.unwrap();
                    done.lock().unwrap().push((tenant, None));
                    drop(slot);
                    return Some(k);
                }
                let work = move || {
                    done.lock().unwrap().push((tenant, Some(std::thread::current().id())));
                    // The pool must outlive whatever is wrong with the work.
                    assert_ne!(tenant, "c", "on purpose");
                    k
                };
                pool.run(tenant, work).await.unwrap()
            }
        });
        while pool.waiting() == before {
            tokio::task::yield_now().await;
        }
        callers.push((tenant, caller));
    }
    for (tenant, caller) in &callers {
        if *tenant == "gone" {
            caller.abort();
        }
    }
    while pool.waiting() == callers.len() {
        tokio::task::yield_now().await;
    }
    drop(held);
    for (k, (tenant, caller)) in callers.into_iter().enumerate() {
        match tenant {
            "gone" => assert!(caller.await.unwrap_err().is_cancelled()),
            "c" => assert_eq!(caller.await.unwrap(), None),
            _ => assert_eq!(caller.await.unwrap(), Some(k)),
        }
    }
    // The answer is told before the slot is free.
    while pool.taken() > 0 {
        tokio::task::yield_now().await;
    }
    let done = done.lock().unwrap();
    let order: Vec<&str> = done.iter().map(|(tenant, _)| *tenant).collect();
    assert_eq!(order, ["loud", "b", "enters", "c", "loud", "b"]);
    assert_eq!(done[0].1, done[1].1, "no thread was woken for what was next");
    assert_eq!((pool.taken(), pool.waiting()), (0, 0));
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
            let inside = {
                let most = Arc::clone(&most);
                move |by: usize| {
                    let mut most = most.lock().unwrap();
                    most.0 += by;
                    most.1 = most.1.max(most.0);
                    if by == 0 {
                        most.0 -= 1;
                    }
                }
            };
            let pause = Duration::from_micros(200);
            if k % 3 == 0 {
                let work = move || {
                    inside(1);
                    std::thread::sleep(pause);
                    inside(0);
                };
                let _ = tokio::time::timeout(patience, pool.run(tenant, work)).await;
                return;
            }
            let entered = tokio::time::timeout(patience, pool.enter(tenant)).await;
            if let Ok(Ok(_slot)) = entered {
                inside(1);
                tokio::time::sleep(pause).await;
                inside(0);
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    // Work whose caller gave up goes on.
    while pool.taken() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pool.waiting(), 0);
    let most = most.lock().unwrap();
    assert!(most.0 == 0 && (2..=3).contains(&most.1), "{most:?}");
}
