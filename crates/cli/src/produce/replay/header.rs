//! What the first line of a file says about its fields.

use std::collections::BTreeSet;

/// Whether the first line of a file is the header that the pipeline's definition lists, and not data.
///
/// # Errors
/// If it is a header (it holds at least half of the names), but another one: with what differs.
pub fn is_header(first_line: &[String], names: &[String]) -> Result<bool, String> {
    if first_line == names {
        return Ok(true);
    }
    let of_file: BTreeSet<&String> = first_line.iter().collect();
    let listed: BTreeSet<&String> = names.iter().collect();
    if 2 * of_file.intersection(&listed).count() < listed.len() {
        return Ok(false);
    }
    let missing = quoted(listed.difference(&of_file));
    let additional = quoted(of_file.difference(&listed));
    let mut differences = Vec::new();
    if !missing.is_empty() {
        differences.push(format!("it lacks {missing}"));
    }
    if !additional.is_empty() {
        differences.push(format!("it also has {additional}"));
    }
    if differences.is_empty() {
        differences.extend(order(first_line, names));
    }
    Err(differences.join("; "))
}

/// The first field that stands elsewhere, or one time more than it should.
fn order(first_line: &[String], names: &[String]) -> Option<String> {
    let name = |fields: &[String], at: usize| match fields.get(at) {
        Some(name) => format!("`{name}`"),
        None => "missing".to_owned(),
    };
    let at =
        (0..first_line.len().max(names.len())).find(|at| first_line.get(*at) != names.get(*at))?;
    let (found, expected) = (name(first_line, at), name(names, at));
    Some(format!(
        "its field {} is {found} instead of {expected}",
        at + 1
    ))
}

fn quoted<'a>(names: impl Iterator<Item = &'a &'a String>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn the_listed_header_is_one_and_data_is_none() {
        let listed = names("Date,Block,Ward");
        assert_eq!(is_header(&listed, &listed), Ok(true));
        assert_eq!(is_header(&names("01/01/2018,Block,3"), &listed), Ok(false));
        assert_eq!(is_header(&names("date,block,ward"), &listed), Ok(false));
        assert_eq!(is_header(&[], &listed), Ok(false));
    }

    #[test]
    fn another_header_is_told_by_what_differs() {
        let listed = names("Date,Block,Ward");
        let judge = |first_line: &str| is_header(&names(first_line), &listed).unwrap_err();
        assert_eq!(
            judge("Block,Date,Ward"),
            "its field 1 is `Block` instead of `Date`"
        );
        assert_eq!(
            judge("ID,Date,Block,Beat"),
            "it lacks `Ward`; it also has `Beat`, `ID`"
        );
        assert_eq!(
            judge("Date,Block,Ward,Ward"),
            "its field 4 is `Ward` instead of missing"
        );
    }
}
