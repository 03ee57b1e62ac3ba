# The rules that tflint carries for the language itself. Its rules for AWS are a plugin, downloaded from GitHub at the first
# use, and the checks need no network beyond package registries; `terraform validate` and the tests in infra/tests cover a
# part of them.
config {
  call_module_type = "local"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}
