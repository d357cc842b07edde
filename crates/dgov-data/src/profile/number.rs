//! Sums of numbers without rounding, so that neither the order of records nor their division into parts shows in a mean.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use alloy_primitives::Uint;
use serde::{Deserialize, Serialize};

use super::Number;

/// An exact sum: one integer for each exponent, after Kulisch's long accumulator. At most 2,047 of them for doubles, in
/// practice a handful.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sum {
    /// Sums of mantissas by their power of two. A mantissa has 65 bits at most, so 2^62 numbers fit.
    by_exponent: BTreeMap<i16, i128>,
}

/// In units of 2^-1074, the least step of a double: 2,098 bits for one number and 64 for how many there are.
type Wide = Uint<2304, 36>;

impl Sum {
    pub fn integer(&mut self, value: i128) {
        self.add(0, value);
    }

    /// Adds a finite number.
    pub fn float(&mut self, value: f64) {
        let bits = value.to_bits();
        let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i16, (bits & ((1 << 52) - 1)) as i128);
        // Numbers below 2^-1022 have no leading one.
        let (exponent, mantissa) =
            if exponent == 0 { (-1074, fraction) } else { (exponent - 1075, fraction | 1 << 52) };
        self.add(exponent, if value.is_sign_negative() { -mantissa } else { mantissa });
    }

    pub fn join(&mut self, other: &Self) {
        for (exponent, mantissa) in &other.by_exponent {
            self.add(*exponent, *mantissa);
        }
    }

    fn add(&mut self, exponent: i16, mantissa: i128) {
        let sum = self.by_exponent.entry(exponent).or_default();
        *sum = sum.saturating_add(mantissa);
    }

    /// The sum by `count`, rounded once to the nearest double, ties to even. A count of 0 is
    /// taken for 1.
    pub fn mean(&self, count: u64) -> f64 {
        let (mut positive, mut negative) = (Wide::ZERO, Wide::ZERO);
        for (exponent, mantissa) in &self.by_exponent {
            let shifted = Wide::from(mantissa.unsigned_abs()) << (i32::from(*exponent) + 1074) as usize;
            if *mantissa < 0 { negative += shifted } else { positive += shifted }
        }
        let (sign, magnitude) =
            if positive >= negative { (1.0, positive - negative) } else { (-1.0, negative - positive) };
        sign * quotient(magnitude, count.max(1))
    }
}

/// `magnitude` / `count` in units of 2^-1074 as the nearest double.
fn quotient(magnitude: Wide, count: u64) -> f64 {
    let (whole, rest) = magnitude.div_rem(Wide::from(count));
    let bits = whole.bit_len();
    // The lowest bit that a double of this size has; below the normal range it is always the first.
    let low = bits.saturating_sub(53);
    let kept = whole >> low;
    let cut = whole - (kept << low);
    let to_half = match low {
        // What was cut off is rest / count.
        0 => (rest + rest).cmp(&Wide::from(count)),
        _ => match cut.cmp(&(Wide::ONE << (low - 1))) {
            Ordering::Equal if rest > Wide::ZERO => Ordering::Greater,
            order => order,
        },
    };
    let kept: u64 = kept.to();
    let up = to_half == Ordering::Greater || to_half == Ordering::Equal && kept % 2 == 1;
    // The bits of a double count upwards without gaps, from numbers below the normal range (`low` is 0) across all powers
    // of two; the leading one of `kept` is the step from one exponent to the next.
    f64::from_bits(((low as u64) << 52) + kept + u64::from(up))
}

/// Compares two numbers as values, whatever their kinds. Neither is NaN.
pub(super) fn compare(a: Number, b: Number) -> Ordering {
    match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => a.cmp(&b),
        (Number::Float(a), Number::Float(b)) => a.total_cmp(&b),
        (Number::Integer(a), Number::Float(b)) => mixed(a, b),
        (Number::Float(a), Number::Integer(b)) => mixed(b, a).reverse(),
    }
}

fn mixed(integer: i128, float: f64) -> Ordering {
    match (integer as f64).total_cmp(&float) {
        // Rounding the integer may have made them equal; the double is then whole and small enough.
        Ordering::Equal => integer.cmp(&(float as i128)),
        order => order,
    }
}

/// Least and greatest. Of two equal ones that are written differently the integer is taken, whatever came first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Range {
    #[serde(with = "exact")]
    pub min: Number,
    #[serde(with = "exact")]
    pub max: Number,
}

impl Range {
    pub fn of(number: Number) -> Self {
        Self { min: number, max: number }
    }

    pub fn join(&mut self, other: Self) {
        if precedes(other.min, self.min, Ordering::Less) {
            self.min = other.min;
        }
        if precedes(other.max, self.max, Ordering::Greater) {
            self.max = other.max;
        }
    }
}

fn precedes(new: Number, old: Number, wanted: Ordering) -> bool {
    match compare(new, old) {
        Ordering::Equal => matches!((new, old), (Number::Integer(_), Number::Float(_))),
        order => order == wanted,
    }
}

/// A number in a file between two runs: readers of JSON may be one bit off in a decimal fraction, in bits they can't.
mod exact {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Number;

    #[derive(Serialize, Deserialize)]
    enum Form {
        Integer(i128),
        Bits(u64),
    }

    pub fn serialize<S: Serializer>(number: &Number, serializer: S) -> Result<S::Ok, S::Error> {
        match *number {
            Number::Integer(value) => Form::Integer(value),
            Number::Float(value) => Form::Bits(value.to_bits()),
        }
        .serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        Ok(match Form::deserialize(deserializer)? {
            Form::Integer(value) => Number::Integer(value),
            Form::Bits(bits) => Number::Float(f64::from_bits(bits)),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mean(values: &[f64]) -> f64 {
        let mut sum = Sum::default();
        values.iter().for_each(|value| sum.float(*value));
        sum.mean(values.len() as u64)
    }

    /// Known answers of Python: `float(sum(map(Fraction, values)) / len(values))`.
    #[test]
    fn means_are_rounded_once() {
        for (values, expected) in [
            (&[0.1, 0.2, 0.3][..], 0.2),
            (&[1e308, 1e308, -1e308], 3.333_333_333_333_333e307),
            (&[1e16, 1.0, -1e16], 0.333_333_333_333_333_3),
            (&[f64::MAX, f64::MAX], f64::MAX),
            (&[5e-324, 0.0], 0.0),
            (&[5e-324, 5e-324, 0.0], 5e-324),
            (&[5e-324, 1e-323], 1e-323),
            (&[-2.5, 2.0], -0.25),
            (&[2.225_073_858_507_201e-308, 2.225_073_858_507_201_4e-308], 2.225_073_858_507_201_4e-308),
        ] {
            assert_eq!(mean(values), expected, "{values:?}");
        }
        let mut sum = Sum::default();
        sum.integer(i128::from(u64::MAX));
        sum.integer(i128::from(i64::MIN));
        sum.float(0.5);
        assert_eq!(sum.mean(3), 3_074_457_345_618_258_602.5);
    }

    #[test]
    fn integers_and_floats_compare_as_values() {
        let (big, near) = (Number::Integer((1 << 53) + 1), Number::Float(9_007_199_254_740_992.0));
        assert_eq!(compare(big, near), Ordering::Greater);
        assert_eq!(compare(near, big), Ordering::Less);
        assert_eq!(compare(Number::Integer(i128::from(u64::MAX)), Number::Float(1.9e19)), Ordering::Less);
    }

    proptest! {
        #[test]
        fn one_number_is_its_own_mean(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL) {
            prop_assert_eq!(mean(&[value]).to_bits(), value.to_bits());
            prop_assert_eq!(mean(&[value, value, value]).to_bits(), value.to_bits());
        }

        #[test]
        fn order_does_not_show(mut values in prop::collection::vec(prop::num::f64::NORMAL, 1..40), at in 0_usize..40) {
            let whole = mean(&values);
            values.reverse();
            let (left, right) = values.split_at(at.min(values.len()));
            let (mut a, mut b) = (Sum::default(), Sum::default());
            left.iter().for_each(|value| a.float(*value));
            right.iter().for_each(|value| b.float(*value));
            b.join(&a);
            prop_assert_eq!(b.mean(values.len() as u64).to_bits(), whole.to_bits());
        }
    }
}
