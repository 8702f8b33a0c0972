//! Tokens: what an application holds is a slot and its generation, never an address, so a stale handle is an error.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

use super::{CancelSlot, Environment, Family};
use crate::convert::WideChar;
use crate::ffi::consts::Handle;
use crate::ffi::fork::ForkMutex;

/// What a token stands for.
#[derive(Clone)]
pub enum Entry {
    Env(Arc<Environment>),
    Dbc(Arc<Family>),
    Stmt(Arc<StatementEntry>),
    Desc(Arc<DescriptorEntry>),
}

/// A statement: its family and its place there.
pub struct StatementEntry {
    pub family: Arc<Family>,
    pub key: usize,
    pub cancel: CancelSlot,
    /// SQLCancel came for data at execution while the family was busy: the statement's next call gives them up.
    pub abandoned: AtomicBool,
    /// SQL_ATTR_ASYNC_ENABLE, which the statement sets under its lock.
    pub asynchronous: Arc<AtomicBool>,
    /// The connection's SQLWCHAR, which is settled before there are statements.
    pub wide: WideChar,
    pub pending: ForkMutex<Option<Pending>>,
}

/// A call that goes on asynchronously.
pub struct Pending {
    /// Its SQL_API id: only the same call asks for the answer.
    pub function: u16,
    /// Of the process that it runs in.
    pub generation: u32,
    pub answer: Receiver<i16>,
}

pub struct DescriptorEntry {
    pub family: Arc<Family>,
    pub key: usize,
}

struct Slot {
    generation: usize,
    entry: Option<Entry>,
}

/// Slots are spread so that threads with connections of their own do not wait for one another.
const SHARDS: usize = 16;
const SLOT_BITS: u32 = 20;
const SLOT_MASK: usize = (1 << SLOT_BITS) - 1;

struct Shard {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

static REGISTRY: [ForkMutex<Shard>; SHARDS] = [const {
    ForkMutex::new(Shard {
        slots: Vec::new(),
        free: Vec::new(),
    })
}; SHARDS];
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A new token for `entry`; None when a million handles are alive.
pub fn insert(entry: Entry) -> Option<usize> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
    let mut shard = REGISTRY[number].lock();
    let index = match shard.free.pop() {
        Some(index) => index,
        None if shard.slots.len() * SHARDS > SLOT_MASK - SHARDS => return None,
        None => {
            shard.slots.push(Slot {
                generation: 1,
                entry: None,
            });
            shard.slots.len() - 1
        }
    };
    let slot = &mut shard.slots[index];
    slot.entry = Some(entry);
    Some((slot.generation << SLOT_BITS) | (index * SHARDS + number))
}

fn place(token: usize) -> (usize, usize, usize) {
    let slot = token & SLOT_MASK;
    (slot % SHARDS, slot / SHARDS, token >> SLOT_BITS)
}

/// The entry of a live token.
pub fn find(handle: Handle) -> Option<Entry> {
    let (number, index, generation) = place(handle as usize);
    let shard = REGISTRY[number].lock();
    let slot = shard.slots.get(index)?;
    (slot.generation == generation).then(|| slot.entry.clone()).flatten()
}

/// Takes the token out of use for good.
pub fn remove(token: usize) -> Option<Entry> {
    let (number, index, generation) = place(token);
    let mut shard = REGISTRY[number].lock();
    let slot = shard
        .slots
        .get_mut(index)
        .filter(|slot| slot.generation == generation)?;
    let entry = slot.entry.take()?;
    slot.generation = (slot.generation + 1) & (usize::MAX >> SLOT_BITS);
    if slot.generation == 0 {
        slot.generation = 1;
    }
    shard.free.push(index);
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_foreign_and_freed_handles_are_nobody() {
        assert!(find(std::ptr::null_mut()).is_none());
        let local = 5u64;
        assert!(find((&raw const local) as Handle).is_none());
        let token = insert(Entry::Env(Environment::new())).unwrap();
        assert!(matches!(find(token as Handle), Some(Entry::Env(_))));
        assert!(remove(token).is_some());
        assert!(find(token as Handle).is_none());
        assert!(remove(token).is_none());
    }

    #[test]
    fn a_reused_slot_has_another_token() {
        let mut tokens = std::collections::HashSet::new();
        for _ in 0..100 {
            let token = insert(Entry::Env(Environment::new())).unwrap();
            assert!(tokens.insert(token));
            remove(token);
        }
    }
}
