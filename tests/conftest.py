"""All tests run on one thread: programs train so, and two test runs then do not fight for cores."""

import signal

import checkout
import torch

torch.set_num_threads(1)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it, and so its children
checkout.SOURCES.clear()  # an edit beside the tests is no fault of the stages that run in them
