"""AMQP 1.0 as bytes: values, performatives, frames and message sections; knows no socket and no queue."""
