"""The local AWS: the MiniStack emulator, and what it lacks for Twinlake.

A thin layer. It imports the emulator, replaces some of its functions by ones
that behave as AWS does, and starts its server. What is mended, and what still
differs from AWS, stands in `docs/local-aws.md`.
"""

MINISTACK_VERSION = "1.5.33"
"""The only version whose internals this layer knows."""
