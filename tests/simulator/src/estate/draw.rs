//! Owns the choices of a generated estate: each is a function of the seed and of what it is made
//! for, so nothing is kept.

/// The choices for one resource.
#[derive(Debug, Clone)]
pub struct Draw {
    /// `None`: the first option is always chosen.
    state: Option<u64>,
}

impl Draw {
    /// Choices for something that these numbers identify. Without a seed, the first option is always
    /// chosen.
    pub fn new(seed: Option<u64>, what: &str, of: &[u64]) -> Self {
        let state = seed.map(|seed| {
            let named = what.bytes().fold(seed, |state, byte| mix(state ^ u64::from(byte)));
            of.iter().fold(named, |state, number| mix(state ^ number))
        });
        Self { state }
    }

    fn next(&mut self) -> Option<u64> {
        let state = self.state.as_mut()?;
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Some(mix(*state))
    }

    /// One of several options.
    pub fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        let count = options.len() as u64;
        let chosen = self.next().map_or(0, |number| number % count);
        options[usize::try_from(chosen).unwrap()]
    }

    /// Whether a rare thing is so: for one of that many.
    pub fn one_in(&mut self, count: u64) -> bool {
        self.next().is_some_and(|number| number % count == 0)
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next().map_or(0, |number| number % limit.max(1))
    }
}

/// The finalizer of SplitMix64: nearby numbers become unrelated ones.
pub fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A number between 0 and 1 for these numbers.
pub fn fraction(of: &[u64]) -> f64 {
    let mixed = of.iter().fold(0x9e37_79b9_7f4a_7c15, |state, number| mix(state ^ number));
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number for a text.
pub fn number_of(text: &str) -> u64 {
    text.bytes().fold(0x5bd1_e995, |state, byte| mix(state ^ u64::from(byte)))
}
