"""Adapters: each port on a real service, and beside it the in-memory twin that passes the same conformance tests."""
