"""The top: settings, addresses, processes. Imports every app and is imported by none."""

import gc

# What a start loads stays as long as the process. To look through it for garbage after every 700 new objects, as Python
# does, takes a sixth of the start; this collects as surely, less often.
gc.set_threshold(10_000, 10, 10)
