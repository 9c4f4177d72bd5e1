"""The job pipeline: submit, claim, render, complete, retry, wait; the row is the truth, a message only a doorbell."""
