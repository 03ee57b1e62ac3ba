//! `docs/environment.md` shows the environment variables as they are. `UPDATE_GOLDEN=1 cargo test -p twinlake-lake --test
//! docs` rewrites its table.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use twinlake_lake::environment;

const BEGIN: &str = "<!-- variables: made of crates/lake/src/environment.rs -->\n";
const END: &str = "<!-- end of variables -->";

#[test]
fn the_table_of_variables_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/environment.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let current = format!("{before}{BEGIN}{}{END}{after}", environment::table());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert_eq!(page, current, "run with UPDATE_GOLDEN=1");
}
