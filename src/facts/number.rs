//! Numbers keep the digits that AWS sent.

/// The number with the digits of the shortest decimal text of `number`: 0.012, where a mere
/// conversion would give 0.012000000104308128. A number that is not finite stays what it is.
pub fn decimal(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| f64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["0.012", "0.1", "23", "0", "-0.05", "1e-10", "16777216", "0.0000001", "3.4e38"]
        {
            let single: f32 = text.parse().unwrap();
            assert_eq!(decimal(single), text.parse::<f64>().unwrap(), "{text}");
        }
        assert!(decimal(f32::NAN).is_nan());
        assert_eq!(decimal(f32::INFINITY), f64::INFINITY);
    }
}
