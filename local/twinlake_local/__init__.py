"""The local AWS: the MiniStack emulator, and the parts of AWS that it lacks for Twinlake.

A thin layer. It imports the emulator, replaces some of its functions by ones that behave as AWS does, and
starts its server. `docs/local-aws.md` lists the replacements and the differences from AWS that remain.
"""

MINISTACK_VERSION = "1.5.33"
"""The only version whose internals this layer knows."""
