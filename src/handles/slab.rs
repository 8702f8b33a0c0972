//! Keyed places for the statements and descriptors of one connection.

/// Keys stay valid until removed and are then reused.
pub struct Slab<T> {
    places: Vec<Option<Box<T>>>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { places: Vec::new() }
    }
}

impl<T> Slab<T> {
    pub fn insert(&mut self, value: T) -> usize {
        let value = Some(Box::new(value));
        match self.places.iter().position(Option::is_none) {
            Some(key) => {
                self.places[key] = value;
                key
            }
            None => {
                self.places.push(value);
                self.places.len() - 1
            }
        }
    }

    pub fn get(&self, key: usize) -> Option<&T> {
        self.places.get(key)?.as_deref()
    }

    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        self.places.get_mut(key)?.as_deref_mut()
    }

    /// Two different places at once.
    pub fn pair_mut(&mut self, a: usize, b: usize) -> Option<(&mut T, &mut T)> {
        let [a, b] = self.places.get_disjoint_mut([a, b]).ok()?;
        Some((a.as_deref_mut()?, b.as_deref_mut()?))
    }

    pub fn remove(&mut self, key: usize) -> Option<T> {
        self.places.get_mut(key)?.take().map(|value| *value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.places
            .iter()
            .enumerate()
            .filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut T)> {
        self.places
            .iter_mut()
            .enumerate()
            .filter_map(|(key, value)| Some((key, value.as_deref_mut()?)))
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}
