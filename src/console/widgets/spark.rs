//! A sparkline: one cell a day, eighths of a cell high.

const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The values between the lowest and the highest of them, in eight steps. All alike: the lowest step.
pub fn spark(values: &[i64]) -> String {
    let (Some(low), Some(high)) = (values.iter().min(), values.iter().max()) else {
        return String::new();
    };
    let low = i128::from(*low);
    let range = i128::from(*high).saturating_sub(low).max(1);
    let step = |value: &i64| {
        let above = i128::from(*value).saturating_sub(low);
        usize::try_from(above.saturating_mul(7) / range).unwrap_or(0)
    };
    values.iter().filter_map(|value| STEPS.get(step(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_and_the_highest_are_told_apart() {
        assert_eq!(spark(&[0, 7, 14]), "▁▄█");
        assert_eq!(spark(&[5, 5]), "▁▁");
        assert_eq!(spark(&[i64::MIN, i64::MAX]), "▁█");
        assert_eq!(spark(&[]), "");
    }
}
