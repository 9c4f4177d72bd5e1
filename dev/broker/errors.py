"""What the broker answers when it refuses: an AMQP condition, a status for requests, and words; logs nothing."""


class BrokerError(Exception):
    """A refusal of one request, message or link; the connection goes on."""

    def __init__(self, condition: str, text: str, status: int = 400) -> None:
        """Takes the AMQP condition, an explanation, and the status where a request is answered by one."""
        super().__init__(text)
        self.condition, self.text, self.status = condition, text, status


class ConnectionRefused(Exception):
    """A break of the protocol that ends the connection; the others go on."""

    def __init__(self, condition: str, text: str) -> None:
        """Takes the AMQP condition and an explanation."""
        super().__init__(text)
        self.condition, self.text = condition, text


def lock_lost() -> BrokerError:
    """The lock has run out, or the message is gone."""
    text = "The lock supplied is invalid. Either the lock expired, or the message has already been removed."
    return BrokerError("com.microsoft:message-lock-lost", text, 410)


def message_not_found(sequence: int) -> BrokerError:
    """No message of this number is deferred or scheduled."""
    return BrokerError("com.microsoft:message-not-found", f"There is no message with the number {sequence}.", 404)


def entity_not_found(path: str) -> BrokerError:
    """The configuration has no such queue, topic or subscription."""
    return BrokerError("amqp:not-found", f"The messaging entity '{path}' could not be found.", 404)


def not_allowed(text: str) -> BrokerError:
    """What this entity never does."""
    return BrokerError("amqp:not-allowed", text)


def unauthorized(text: str) -> BrokerError:
    """No valid token covers the entity."""
    return BrokerError("amqp:unauthorized-access", text, 401)


def bad_argument(text: str) -> BrokerError:
    """A request that lacks something, or has it wrong."""
    return BrokerError("com.microsoft:argument-error", text)


def too_large(size: int, limit: int) -> BrokerError:
    """A message above the limit; sizes are bytes."""
    text = f"The received message (size:{size} bytes) exceeds the limit ({limit} bytes) currently allowed on the link."
    return BrokerError("amqp:link:message-size-exceeded", text)


def server_busy() -> BrokerError:
    """The namespace is throttled."""
    text = "The request was terminated because the namespace is being throttled. Please wait 10 seconds and try again."
    return BrokerError("com.microsoft:server-busy", text, 503)
