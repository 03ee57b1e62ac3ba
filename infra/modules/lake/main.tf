locals {
  # Prefixes in which the functions write and delete objects. Age alone never expires a current object there: a view may
  # still read it.
  derived_prefixes = toset(["batch/", "speed/", "state/"])

  results_prefix = "athena/"
}
