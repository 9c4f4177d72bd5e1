"""The one failure of starting the development host; a failing function is never one."""


class HostError(Exception):
    """The development host cannot serve the app; the message says what to change."""
