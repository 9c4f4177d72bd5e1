"""In which state a call was at an instant: its log told from the beginning, event by event."""

from datetime import datetime

from tests.acceptance.oracle.records import Record, World

STATES = ["pending", "assigned", "in_progress", "completed", "cancelled"]
OPEN = STATES[:3]
_ENDS = STATES[3:]
_MEANING = {
    "CREATED": "pending",
    "ASSIGNED": "assigned",
    "STARTED": "in_progress",
    "COMPLETED": "completed",
    "CANCELLED": "cancelled",
}
Story = list[tuple[datetime, int, bool]]  # time, number of the state, and whether it leads on from an end


def told(event: Record) -> str | None:
    """The state that an event leads to."""
    return event["to_status"] if event["to_status"] in STATES else _MEANING.get(event["event_type"])


def logs(world: World) -> dict[str, list[Record]]:
    """The events that tell a state, by call."""
    found: dict[str, list[Record]] = {}
    for event in world.tables["call_events"]:
        if told(event):
            found.setdefault(event["call_id"], []).append(event)
    return found


def story(call: Record, log: list[Record]) -> Story:
    """The call's events in order, or its own times where it has none."""
    if log:
        return sorted((each["at"], STATES.index(str(told(each))), each["from_status"] in _ENDS) for each in log)
    columns = {"pending": "created_at", "assigned": "assigned_at", "in_progress": "started_at"}
    times = [(call[column], STATES.index(state), False) for state, column in columns.items() if call[column]]
    if call["status"] in _ENDS:
        latest = ["completed_at"] * (call["status"] == "completed")
        ends = [call[column] for column in (*latest, "updated_at", "started_at", "assigned_at", "created_at")]
        times.append((next(at for at in ends if at), STATES.index(call["status"]), False))
    return sorted(times)


def state_at(call: Record, told_story: Story, at: datetime) -> str | None:
    """None before there was a call."""
    state = None if call["created_at"] > at else "pending"
    for then, number, leads_on in told_story:
        if then > at:
            break
        if state in _ENDS and STATES[number] in OPEN and not leads_on:
            continue
        state = STATES[number]
    return state
