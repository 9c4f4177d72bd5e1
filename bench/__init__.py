"""Benchmarks: one file each, found by listing this folder; each measures one claim of the documents and tests nothing.

A benchmark's docstring gives the claim, the figures it printed last and the command; its `run` prints new ones and
says whether the claim holds. One that leaves something out, because it takes long, has a `run_all` as well.
"""
