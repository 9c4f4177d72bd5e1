"""The development host: serves a function app's own functions by the rules of the Functions host; ships nowhere.

Where it differs from Azure: a function that passes `functionTimeout` runs on (Azure restarts the worker), no keys are
checked (every function must be anonymous), timers hold no lock across hosts, and nothing of a request is stripped:
neither Azure's front end nor this host removes `X-MS-CLIENT-PRINCIPAL` or other headers that a caller makes up.
"""
