//! What is known of the values that an expression can take.
//!
//! The engines part where values are extreme: Athena fails on an integer that overflows where DataFusion wraps, and
//! DataFusion orders doubles as IEEE 754's `totalOrder` does, in which -0.0 is less than 0.0 and NaN equals itself.
//! Ranges tell apart the expressions that can meet such a value from those that cannot. They begin at the columns'
//! rules and are never too narrow; NULL is not a value here.

use twinlake_pipeline::ColumnType;

/// The values that an expression can take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Range {
    /// Of an int or a bigint.
    Integer(Integers),
    /// Of a double.
    Double(Doubles),
    /// Of any other type: nothing is known.
    Other,
}

impl Range {
    /// All values of a type that the stream and the reference tables can hold.
    pub(crate) fn of_type(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Int => Self::Integer(Integers::INT),
            ColumnType::BigInt => Self::Integer(Integers::BIGINT),
            ColumnType::Double => Self::Double(Doubles::FINITE),
            ColumnType::String | ColumnType::Boolean | ColumnType::Timestamp | ColumnType::Date => {
                Self::Other
            }
        }
    }

    /// The values of either range; both are of one type.
    pub(crate) fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Self::Integer(left.union(right)),
            (Self::Double(left), Self::Double(right)) => Self::Double(left.union(right)),
            _ => Self::Other,
        }
    }

    /// The values but zero.
    pub(crate) fn without_zero(self) -> Self {
        match self {
            Self::Integer(range) => Self::Integer(Integers {
                zero: false,
                ..range
            }),
            Self::Double(range) => Self::Double(Doubles {
                zero: false,
                ..range
            }),
            Self::Other => Self::Other,
        }
    }
}

/// Whole numbers from `min` to `max`. The bounds are wider than bigint, so that they show an overflow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Integers {
    /// The least value.
    pub(crate) min: i128,
    /// The greatest value.
    pub(crate) max: i128,
    /// Whether zero is among the values; it never is outside the bounds.
    pub(crate) zero: bool,
}

impl Integers {
    /// What an int can hold.
    pub(crate) const INT: Self = Self {
        min: i32::MIN as i128,
        max: i32::MAX as i128,
        zero: true,
    };
    /// What a bigint can hold.
    pub(crate) const BIGINT: Self = Self {
        min: i64::MIN as i128,
        max: i64::MAX as i128,
        zero: true,
    };

    /// The numbers from `min` to `max`.
    pub(crate) fn new(min: i128, max: i128) -> Self {
        Self {
            min,
            max,
            zero: min <= 0 && 0 <= max,
        }
    }

    /// Whether every value lies in `other` as well.
    pub(crate) fn within(self, other: Self) -> bool {
        other.min <= self.min && self.max <= other.max
    }

    fn union(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            zero: self.zero || other.zero,
        }
    }

    /// The range of `left + right`. Bounds saturate, far beyond bigint.
    pub(crate) fn add(self, other: Self) -> Self {
        Self::new(
            self.min.saturating_add(other.min),
            self.max.saturating_add(other.max),
        )
    }

    /// The range of `left - right`.
    pub(crate) fn subtract(self, other: Self) -> Self {
        Self::new(
            self.min.saturating_sub(other.max),
            self.max.saturating_sub(other.min),
        )
    }

    /// The range of `left * right`.
    pub(crate) fn multiply(self, other: Self) -> Self {
        let corners = [
            self.min.saturating_mul(other.min),
            self.min.saturating_mul(other.max),
            self.max.saturating_mul(other.min),
            self.max.saturating_mul(other.max),
        ];
        let least = corners.into_iter().fold(i128::MAX, i128::min);
        let greatest = corners.into_iter().fold(i128::MIN, i128::max);
        Self::new(least, greatest)
    }

    /// The range of `left % right`, whose sign is that of `left`.
    pub(crate) fn remainder(self, other: Self) -> Self {
        let largest = other
            .min
            .saturating_abs()
            .max(other.max.saturating_abs())
            .saturating_sub(1)
            .max(0);
        Self::new(self.min.clamp(-largest, 0), self.max.clamp(0, largest))
    }

    /// The range of `-value`.
    pub(crate) fn negate(self) -> Self {
        Self {
            min: self.max.saturating_neg(),
            max: self.min.saturating_neg(),
            zero: self.zero,
        }
    }

    /// The range of `abs(value)`.
    pub(crate) fn absolute(self) -> Self {
        let (low, high) = (self.min.saturating_abs(), self.max.saturating_abs());
        let min = if self.min <= 0 && 0 <= self.max {
            0
        } else {
            low.min(high)
        };
        Self {
            min,
            max: low.max(high),
            zero: self.zero,
        }
    }

    /// The range of the same values as doubles.
    pub(crate) fn to_double(self) -> Doubles {
        Doubles {
            min: self.min as f64,
            max: self.max as f64,
            zero: self.zero,
            nan: false,
        }
    }
}

/// Doubles from `min` to `max`, which may be infinite, and perhaps NaN.
///
/// Bounds are computed in doubles as well: rounding is monotone, so that a computed bound is one of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Doubles {
    /// The least value.
    pub(crate) min: f64,
    /// The greatest value.
    pub(crate) max: f64,
    /// Whether 0.0 or -0.0 is among the values.
    pub(crate) zero: bool,
    /// Whether NaN is among the values.
    pub(crate) nan: bool,
}

impl Doubles {
    /// What a column can hold: a decoded event never holds NaN or an infinity.
    pub(crate) const FINITE: Self = Self {
        min: f64::MIN,
        max: f64::MAX,
        zero: true,
        nan: false,
    };

    /// Any double at all.
    pub(crate) const ANY: Self = Self {
        min: f64::NEG_INFINITY,
        max: f64::INFINITY,
        zero: true,
        nan: true,
    };

    /// The numbers from `min` to `max`.
    pub(crate) fn new(min: f64, max: f64) -> Self {
        // A bound of infinity minus infinity tells nothing.
        let min = if min.is_nan() { f64::NEG_INFINITY } else { min };
        let max = if max.is_nan() { f64::INFINITY } else { max };
        Self {
            min,
            max,
            zero: min <= 0.0 && 0.0 <= max,
            nan: false,
        }
    }

    fn or_nan(self, nan: bool) -> Self {
        Self {
            nan: self.nan || nan,
            ..self
        }
    }

    fn infinite(self) -> bool {
        self.min.is_infinite() || self.max.is_infinite()
    }

    fn union(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            zero: self.zero || other.zero,
            nan: self.nan || other.nan,
        }
    }

    /// The range of `left + right`: NaN comes of infinities of opposite signs.
    pub(crate) fn add(self, other: Self) -> Self {
        let opposite = (self.max == f64::INFINITY && other.min == f64::NEG_INFINITY)
            || (self.min == f64::NEG_INFINITY && other.max == f64::INFINITY);
        Self::new(self.min + other.min, self.max + other.max)
            .or_nan(self.nan || other.nan || opposite)
    }

    /// The range of `left - right`.
    pub(crate) fn subtract(self, other: Self) -> Self {
        self.add(other.negate())
    }

    /// The range of `left * right`: NaN comes of zero times an infinity.
    pub(crate) fn multiply(self, other: Self) -> Self {
        let undefined = (self.zero && other.infinite()) || (self.infinite() && other.zero);
        Self::of_corners(self, other, |left, right| left * right).or_nan(undefined)
    }

    /// The range of `left / right`: NaN comes of zero by zero and of infinity by infinity.
    pub(crate) fn divide(self, other: Self) -> Self {
        let undefined = (self.zero && other.zero) || (self.infinite() && other.infinite());
        let divisor_spans_zero = other.min <= 0.0 && 0.0 <= other.max;
        let quotients = if divisor_spans_zero {
            Self::new(f64::NEG_INFINITY, f64::INFINITY)
        } else {
            Self::of_corners(self, other, |left, right| left / right)
        };
        quotients.or_nan(self.nan || other.nan || undefined)
    }

    fn of_corners(self, other: Self, operation: impl Fn(f64, f64) -> f64) -> Self {
        let corners = [
            operation(self.min, other.min),
            operation(self.min, other.max),
            operation(self.max, other.min),
            operation(self.max, other.max),
        ];
        if corners.iter().any(|corner| corner.is_nan()) {
            return Self::new(f64::NEG_INFINITY, f64::INFINITY).or_nan(self.nan || other.nan);
        }
        let least = corners.into_iter().fold(f64::INFINITY, f64::min);
        let greatest = corners.into_iter().fold(f64::NEG_INFINITY, f64::max);
        Self::new(least, greatest).or_nan(self.nan || other.nan)
    }

    /// The range of `-value`.
    pub(crate) fn negate(self) -> Self {
        Self {
            min: -self.max,
            max: -self.min,
            ..self
        }
    }

    /// The range of `abs(value)`.
    pub(crate) fn absolute(self) -> Self {
        let (low, high) = (self.min.abs(), self.max.abs());
        let min = if self.min <= 0.0 && 0.0 <= self.max {
            0.0
        } else {
            low.min(high)
        };
        Self {
            min,
            max: low.max(high),
            ..self
        }
    }

    /// The range of `floor(value)` or `ceil(value)`, told apart by `rounding`.
    pub(crate) fn round(self, rounding: impl Fn(f64) -> f64) -> Self {
        Self::new(rounding(self.min), rounding(self.max)).or_nan(self.nan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn integers() -> impl Strategy<Value = (Integers, i128)> {
        (-100_i128..100, 0_i128..100, 0.0..1.0).prop_map(|(min, size, at)| {
            (
                Integers::new(min, min + size),
                min + (size as f64 * at) as i128,
            )
        })
    }

    fn corner() -> impl Strategy<Value = f64> {
        prop_oneof![
            Just(0.0),
            Just(-0.0),
            Just(f64::MAX),
            Just(f64::MIN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(f64::MIN_POSITIVE),
            -1e3..1e3
        ]
    }

    fn doubles() -> impl Strategy<Value = (Doubles, f64)> {
        (corner(), corner(), corner()).prop_map(|(one, two, three)| {
            let mut ordered = [one, two, three];
            ordered.sort_by(f64::total_cmp);
            (Doubles::new(ordered[0], ordered[2]), ordered[1])
        })
    }

    fn holds_integer(range: Integers, value: i128) -> bool {
        range.min <= value && value <= range.max && (value != 0 || range.zero)
    }

    fn holds(range: Doubles, value: f64) -> bool {
        if value.is_nan() {
            return range.nan;
        }
        range.min <= value && value <= range.max && (value != 0.0 || range.zero)
    }

    proptest! {
        #[test]
        fn integer_ranges_hold_every_result((left, a) in integers(), (right, b) in integers()) {
            prop_assert!(holds_integer(left.add(right), a + b));
            prop_assert!(holds_integer(left.subtract(right), a - b));
            prop_assert!(holds_integer(left.multiply(right), a * b));
            prop_assert!(holds_integer(left.negate(), -a));
            prop_assert!(holds_integer(left.absolute(), a.abs()));
            prop_assert!(holds_integer(left.union(right), b));
            if b != 0 {
                prop_assert!(holds_integer(left.remainder(right), a % b));
            }
        }

        #[test]
        fn double_ranges_hold_every_result((left, a) in doubles(), (right, b) in doubles()) {
            prop_assert!(holds(left.add(right), a + b));
            prop_assert!(holds(left.subtract(right), a - b));
            prop_assert!(holds(left.multiply(right), a * b));
            prop_assert!(holds(left.divide(right), a / b));
            prop_assert!(holds(left.negate(), -a));
            prop_assert!(holds(left.absolute(), a.abs()));
            prop_assert!(holds(left.round(f64::floor), a.floor()));
            prop_assert!(holds(left.round(f64::ceil), a.ceil()));
            prop_assert!(holds(left.union(right), b));
        }
    }

    #[test]
    fn a_divisor_without_zero_makes_no_nan() {
        let temperatures = Doubles::new(-50.0, 150.0);
        assert!(temperatures.divide(Doubles::FINITE).nan);
        let Range::Double(divisor) = Range::Double(Doubles::FINITE).without_zero() else {
            unreachable!()
        };
        assert!(!temperatures.divide(divisor).nan);
    }
}
