//! Tables for people, with columns as wide as their widest cell.

/// The side of a column at which its cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// The side of texts.
    Left,
    /// The side of numbers, so that their digits stand below each other.
    Right,
}

/// A table as lines of text: the names of the columns, a rule, the rows. Each row has a cell for each column.
pub fn render(columns: &[(String, Align)], rows: &[Vec<String>]) -> String {
    let width = |index: usize| {
        let cells = rows.iter().map(|row| row[index].chars().count());
        cells
            .max()
            .unwrap_or(0)
            .max(columns[index].0.chars().count())
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(columns).zip(&widths);
        let padded = cells.map(|((cell, (_, align)), width)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        let line = padded.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let rows = rows.iter().map(|row| line(row));
    [line(&names), line(&rules)]
        .into_iter()
        .chain(rows)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_below_each_other() {
        let columns = [
            ("name".to_owned(), Align::Left),
            ("n".to_owned(), Align::Right),
        ];
        let rows = [["é", "1"], ["longer", "1000"]].map(|row| row.map(str::to_owned).to_vec());
        let expected = "name       n\n------  ----\né          1\nlonger  1000\n";
        assert_eq!(render(&columns, &rows), expected);
    }

    #[test]
    fn a_table_without_rows_still_names_its_columns() {
        assert_eq!(render(&[("a".to_owned(), Align::Left)], &[]), "a\n-\n");
    }
}
