"""Amazon's own KPL as a producer of the tests: a small Java program around its native one."""
