"""The rig: a real Home Assistant, local speech, a satellite and a room you can hear.

`scripts/run` starts it for a person, `tests/e2e` and `benchmarks` for a measurement.
"""
