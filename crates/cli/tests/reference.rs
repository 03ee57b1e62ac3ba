//! `docs/cli.md` shows the command line as it is. `UPDATE_GOLDEN=1 cargo test -p twinlake-cli --test reference` rewrites it.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, ArgAction, Command, CommandFactory};

const BEGINNING: &str = "\
# Command line

<!-- Made of crates/cli and crates/produce by `UPDATE_GOLDEN=1 cargo test -p twinlake-cli --test reference`. -->

`twinlake` finds AWS by the usual settings (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_PROFILE`, …). Results go to standard
output, everything else to standard error. The exit status is 0 after success, 1 after an error, 2 after a mistake in the
command line and 130 after an interruption.
";

#[test]
fn the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let current = page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert_eq!(page, current, "run with UPDATE_GOLDEN=1");
}

#[test]
fn every_argument_has_a_meaning() {
    let mut command = twinlake_cli::Command::command();
    command.build();
    for command in command.get_subcommands() {
        for argument in command.get_arguments() {
            let help = argument.get_help().map(ToString::to_string);
            assert!(
                help.is_some_and(|help| !help.is_empty()),
                "{} {}",
                command.get_name(),
                argument.get_id()
            );
        }
    }
}

fn page() -> String {
    let mut command = twinlake_cli::Command::command();
    command.build();
    let mut page = BEGINNING.to_owned();
    let global: Vec<_> = own(&command)
        .filter(|argument| argument.is_global_set())
        .collect();
    write!(page, "\n## Every command\n\n{}", table(&global)).unwrap();
    let subcommands = command
        .get_subcommands()
        .filter(|command| command.get_name() != "help");
    for subcommand in subcommands {
        describe(&mut page, subcommand);
    }
    page
}

/// The arguments of a command, without `--help` and `--version`.
fn own(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|argument| {
        !matches!(
            argument.get_action(),
            ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
        )
    })
}

fn describe(page: &mut String, command: &Command) {
    let about = command.get_about().unwrap();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let name = command.get_name();
    write!(
        page,
        "\n## `twinlake {name}`\n\n{about}.\n\n```text\n{usage}\n```\n"
    )
    .unwrap();
    let arguments: Vec<_> = own(command)
        .filter(|argument| !argument.is_global_set())
        .collect();
    let mut headings: Vec<_> = arguments
        .iter()
        .map(|argument| argument.get_help_heading())
        .collect();
    headings.sort_unstable();
    headings.dedup();
    for heading in headings {
        let of_heading: Vec<_> = arguments
            .iter()
            .copied()
            .filter(|argument| argument.get_help_heading() == heading)
            .collect();
        if let Some(heading) = heading {
            write!(page, "\n### {heading}\n").unwrap();
        }
        write!(page, "\n{}", table(&of_heading)).unwrap();
    }
}

fn table(arguments: &[&Arg]) -> String {
    let mut table =
        "| argument | meaning | default | environment |\n| --- | --- | --- | --- |\n".to_owned();
    for argument in arguments {
        let (meaning, default) = meaning(argument);
        let environment = argument.get_env().map(|name| code(&name.to_string_lossy()));
        writeln!(
            table,
            "| {} | {meaning} | {default} | {} |",
            code(&spelling(argument)),
            environment.unwrap_or_default()
        )
        .unwrap();
    }
    table
}

/// The argument as it is written, such as `--format <FORMAT>` or `<SQL>`.
fn spelling(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let takes_value = argument.get_action().takes_values();
    let value = names.first().filter(|_| takes_value);
    let value = value.map(|name| format!("<{name}>"));
    let mut parts = Vec::new();
    if let Some(short) = argument.get_short() {
        parts.push(format!("-{short},"));
    }
    if let Some(long) = argument.get_long() {
        parts.push(format!("--{long}"));
    }
    parts.extend(value);
    parts.join(" ")
}

/// The meaning of an argument, with the values that it may have, and its default.
fn meaning(argument: &Arg) -> (String, String) {
    let help = argument.get_long_help().or(argument.get_help()).unwrap();
    let mut help = help.to_string().replace("\n\n", "<br>").replace('\n', " ");
    let mut default = match argument.get_default_values() {
        [value] if argument.get_action().takes_values() => code(&value.to_string_lossy()),
        _ => String::new(),
    };
    // Defaults that depend on something stand in parentheses at the end of the first paragraph.
    if let Some((before, rest)) = help.split_once(" (default: ") {
        let (told, after) = rest.split_once(')').unwrap();
        default = told.to_owned();
        help = format!("{before}{after}");
    }
    let mut meaning = help.trim_end_matches('.').to_owned();
    let values = argument.get_possible_values();
    if argument.get_action().takes_values() {
        for value in values {
            let help = value.get_help().map(ToString::to_string);
            let name = code(value.get_name());
            let help = help.unwrap_or_default();
            write!(meaning, "<br>{name}: {}", help.trim_end_matches('.')).unwrap();
        }
    }
    (meaning.replace('|', "\\|"), default.replace('|', "\\|"))
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
