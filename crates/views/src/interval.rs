//! Interval arithmetic: bounds of the values that an expression can take.
//!
//! The engines differ on extreme values. Where an integer overflows, Athena fails and DataFusion wraps around. DataFusion
//! orders doubles by the `totalOrder` predicate of IEEE 754, in which -0.0 is less than 0.0 and NaN equals itself.
//! Intervals show which expressions can meet such a value. They start from the columns' rules and may be too wide, never
//! too narrow. NULL counts as no value.

use twinlake_pipeline::ColumnType;

/// The values that an expression can take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Interval {
    /// Values of an int or a bigint.
    Integer(IntegerInterval),
    /// Values of a double.
    Double(DoubleInterval),
    /// Values of any other type, of which nothing is known.
    Other,
}

impl Interval {
    /// All values of a type that a column of the stream or of a reference table can hold.
    pub(crate) fn of_type(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Int => Self::Integer(IntegerInterval::INT),
            ColumnType::BigInt => Self::Integer(IntegerInterval::BIGINT),
            ColumnType::Double => Self::Double(DoubleInterval::FINITE),
            ColumnType::String | ColumnType::Boolean | ColumnType::Timestamp | ColumnType::Date => {
                Self::Other
            }
        }
    }

    /// The values of either interval. Both are of one type.
    pub(crate) fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Self::Integer(left.union(right)),
            (Self::Double(left), Self::Double(right)) => Self::Double(left.union(right)),
            _ => Self::Other,
        }
    }

    /// The values without zero.
    pub(crate) fn without_zero(self) -> Self {
        match self {
            Self::Integer(interval) => Self::Integer(IntegerInterval {
                zero: false,
                ..interval
            }),
            Self::Double(interval) => Self::Double(DoubleInterval {
                zero: false,
                ..interval
            }),
            Self::Other => Self::Other,
        }
    }
}

/// The integers from `min` to `max`. The bounds have more bits than a bigint, so that they show an overflow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct IntegerInterval {
    /// The least value.
    pub(crate) min: i128,
    /// The greatest value.
    pub(crate) max: i128,
    /// `true` if zero is among the values; always `false` if zero is outside the bounds.
    pub(crate) zero: bool,
}

impl IntegerInterval {
    /// The values of an int.
    pub(crate) const INT: Self = Self {
        min: i32::MIN as i128,
        max: i32::MAX as i128,
        zero: true,
    };
    /// The values of a bigint.
    pub(crate) const BIGINT: Self = Self {
        min: i64::MIN as i128,
        max: i64::MAX as i128,
        zero: true,
    };

    /// The numbers from `min` to `max`, zero included if it is between them.
    pub(crate) fn new(min: i128, max: i128) -> Self {
        Self {
            min,
            max,
            zero: min <= 0 && 0 <= max,
        }
    }

    /// Reports whether `other` holds every value.
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

    /// The interval of `left + right`. Bounds saturate far beyond bigint.
    pub(crate) fn add(self, other: Self) -> Self {
        Self::new(
            self.min.saturating_add(other.min),
            self.max.saturating_add(other.max),
        )
    }

    /// The interval of `left - right`.
    pub(crate) fn subtract(self, other: Self) -> Self {
        Self::new(
            self.min.saturating_sub(other.max),
            self.max.saturating_sub(other.min),
        )
    }

    /// The interval of `left * right`.
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

    /// The interval of `left % right`, which has the sign of `left`.
    pub(crate) fn remainder(self, other: Self) -> Self {
        let largest = other
            .min
            .saturating_abs()
            .max(other.max.saturating_abs())
            .saturating_sub(1)
            .max(0);
        Self::new(self.min.clamp(-largest, 0), self.max.clamp(0, largest))
    }

    /// The interval of `-value`.
    pub(crate) fn negate(self) -> Self {
        Self {
            min: self.max.saturating_neg(),
            max: self.min.saturating_neg(),
            zero: self.zero,
        }
    }

    /// The interval of `abs(value)`.
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

    /// The interval of the same values as doubles.
    pub(crate) fn to_double(self) -> DoubleInterval {
        DoubleInterval {
            min: self.min as f64,
            max: self.max as f64,
            zero: self.zero,
            nan: false,
        }
    }
}

/// The doubles from `min` to `max`, which may be infinite, and perhaps NaN.
///
/// Bounds are computed in doubles like the values. Rounding is monotone, so that no computed value lies beyond a computed
/// bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DoubleInterval {
    /// The least value.
    pub(crate) min: f64,
    /// The greatest value.
    pub(crate) max: f64,
    /// `true` if 0.0 or -0.0 is among the values.
    pub(crate) zero: bool,
    /// `true` if NaN is among the values.
    pub(crate) nan: bool,
}

impl DoubleInterval {
    /// The values of a column: the decoder rejects NaN and infinities.
    pub(crate) const FINITE: Self = Self {
        min: f64::MIN,
        max: f64::MAX,
        zero: true,
        nan: false,
    };

    /// All doubles, infinities and NaN included.
    pub(crate) const ANY: Self = Self {
        min: f64::NEG_INFINITY,
        max: f64::INFINITY,
        zero: true,
        nan: true,
    };

    /// The numbers from `min` to `max`, zero included if it is between them.
    pub(crate) fn new(min: f64, max: f64) -> Self {
        // The bound infinity - infinity is unknown.
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

    /// The interval of `left + right`. Infinities of opposite signs give NaN.
    pub(crate) fn add(self, other: Self) -> Self {
        let opposite = (self.max == f64::INFINITY && other.min == f64::NEG_INFINITY)
            || (self.min == f64::NEG_INFINITY && other.max == f64::INFINITY);
        Self::new(self.min + other.min, self.max + other.max)
            .or_nan(self.nan || other.nan || opposite)
    }

    /// The interval of `left - right`.
    pub(crate) fn subtract(self, other: Self) -> Self {
        self.add(other.negate())
    }

    /// The interval of `left * right`. Zero times an infinity gives NaN.
    pub(crate) fn multiply(self, other: Self) -> Self {
        let undefined = (self.zero && other.infinite()) || (self.infinite() && other.zero);
        Self::of_corners(self, other, |left, right| left * right).or_nan(undefined)
    }

    /// The interval of `left / right`. Zero by zero and infinity by infinity give NaN.
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

    /// The interval of `-value`.
    pub(crate) fn negate(self) -> Self {
        Self {
            min: -self.max,
            max: -self.min,
            ..self
        }
    }

    /// The interval of `abs(value)`.
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

    /// The interval of `rounding(value)`, for a monotone function such as floor or ceil.
    pub(crate) fn round(self, rounding: impl Fn(f64) -> f64) -> Self {
        Self::new(rounding(self.min), rounding(self.max)).or_nan(self.nan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn integers() -> impl Strategy<Value = (IntegerInterval, i128)> {
        (-100_i128..100, 0_i128..100, 0.0..1.0).prop_map(|(min, size, at)| {
            (
                IntegerInterval::new(min, min + size),
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

    fn doubles() -> impl Strategy<Value = (DoubleInterval, f64)> {
        (corner(), corner(), corner()).prop_map(|(one, two, three)| {
            let mut ordered = [one, two, three];
            ordered.sort_by(f64::total_cmp);
            (DoubleInterval::new(ordered[0], ordered[2]), ordered[1])
        })
    }

    fn holds_integer(interval: IntegerInterval, value: i128) -> bool {
        interval.min <= value && value <= interval.max && (value != 0 || interval.zero)
    }

    fn holds(interval: DoubleInterval, value: f64) -> bool {
        if value.is_nan() {
            return interval.nan;
        }
        interval.min <= value && value <= interval.max && (value != 0.0 || interval.zero)
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
        let temperatures = DoubleInterval::new(-50.0, 150.0);
        assert!(temperatures.divide(DoubleInterval::FINITE).nan);
        let Interval::Double(divisor) = Interval::Double(DoubleInterval::FINITE).without_zero()
        else {
            unreachable!()
        };
        assert!(!temperatures.divide(divisor).nan);
    }
}
