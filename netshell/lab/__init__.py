"""Rootless hosts on a private wire: real kernels, real servers, real faults."""
