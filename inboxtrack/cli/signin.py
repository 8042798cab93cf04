"""`doctor --sign-in MAILBOX`: the user's own sign-in with OAuth."""

from __future__ import annotations

from pathlib import Path

from inboxtrack.cli.frame import WrongUsage, say, settings_of


def run(config: Path | None, name: str) -> None:
    """Let the user sign in to a mailbox of the settings. Raises what `guarded` turns into one line."""
    from inboxtrack.app.signin import sign_in

    settings = settings_of(config)
    found = [mailbox for mailbox in settings.mailboxes if mailbox.name == name]
    if not found:
        names = ", ".join(repr(mailbox.name) for mailbox in settings.mailboxes) or "none"
        raise WrongUsage(f"no mailbox is named {name!r}: {settings.path} has {names}")
    place = sign_in(settings, found[0], say)
    say(f"signed in to mailbox {name!r}; the sign-in is kept in {place}")
