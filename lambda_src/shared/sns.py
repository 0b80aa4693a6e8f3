"""What Amazon SNS wants of a notification."""

from __future__ import annotations

#: Publish (API Reference): ASCII, below 100 characters, no line breaks.
SUBJECT_LENGTH = 99


def subject_of(text: str) -> str:
    """The text as a subject: what SNS does not take becomes `?`, what is too long is cut."""
    plain = "".join(letter if " " <= letter <= "~" else "?" for letter in text)
    return plain if len(plain) <= SUBJECT_LENGTH else f"{plain[: SUBJECT_LENGTH - 3]}..."
