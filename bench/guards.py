"""Takes out one guard at a time, in a copy of the sources, and demands that a test notices: `python bench/guards.py`.

A guard whose absence no test notices is printed, and makes the exit code 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Guard:
    """A row of failures, the file of inboxtrack/ and its words that guard against it, what stands there without, tests.

    Where a row holds because something is never used, the guard is what keeps it out.
    """

    row: str
    file: str
    guard: str
    without: str
    tests: str


GUARDS = (
    Guard(
        "A1.1",
        "mail/imap/idle.py",
        "min(seconds, self._session.account.limits.idle)",
        "seconds",
        "test_idle.py -k swallows",
    ),
    Guard(
        "A1.2",
        "mail/imap/idle.py",
        "left = min(FLOOR, seconds)",
        "left = 0 * min(FLOOR, seconds)",
        "test_idle.py -k spin",
    ),
    Guard(
        "A1.3",
        "mail/imap/client.py",
        "self._client.idle_done, self._limits.leave",
        "self._client.idle_done",
        "test_idle.py -k leaving",
    ),
    Guard("A1.4", "mail/imap/idle.py", "uidnext != seen", "uidnext == object()", "test_idle.py -k between"),
    Guard(
        "A1.5",
        "mail/imap/session.py",
        "            if not kept:\n                raise\n",
        "            raise\n",
        "test_imap_connection.py -k renewed",
    ),
    Guard(
        "A1.6",
        "mail/deadline.py",
        "socket.socket.shutdown(sock, socket.SHUT_RDWR)",
        "pass",
        "test_faults_connection.py -k 'dripping and SEARCH'",
    ),
    Guard(
        "A1.7",
        "mail/imap/client.py",
        "            if not isinstance(explained, Refused):\n                self._drop()\n",
        "",
        "test_faults_connection.py -k not_used_again",
    ),
    Guard(
        "A1.9",
        "mail/imap/errors.py",
        "isinstance(error, ssl.SSLError) and doing",
        "False and doing",
        "test_imap_refusals.py -k tls_mode",
    ),
    Guard(
        "A1.10",
        "mail/imap/client.py",
        'self._do("LOGOUT", self._client.logout',
        'self._do("x", lambda: 0',
        "test_faults_search.py -k plainest",
    ),
    Guard(
        "A1.11",
        "mail/imap/errors.py",
        "for rule in LOGIN_RULES:",
        "for rule in ():",
        "test_faults_connection.py -k lost_connection",
    ),
    Guard(
        "A1.12", "mail/imap/session.py", "if len(portion) == 1:", "if portion:", "test_faults_fetch.py -k single_mail"
    ),
    Guard(
        "A2.1",
        "mail/imap/plan.py",
        "position.uidvalidity != folder.uidvalidity",
        "False",
        "test_imap_folders.py -k rebuilt",
    ),
    Guard("A2.3", "mail/imap/client.py", "if uid >= first and (", "if (", "test_imap_connection.py -k below_the_first"),
    Guard(
        "A2.4",
        "mail/imap/plan.py",
        "if uid in sizes and uid in wanted:",
        "if uid in wanted or sizes[uid] < 0:",
        "test_imap_polls.py -k expunge_between",
    ),
    Guard(
        "A2.5",
        "mail/imap/reader.py",
        "for uid, body in bodies.items() if not body}",
        "for uid, body in () if body}",
        "test_faults_fetch.py -k without_a_body",
    ),
    Guard("A2.6", "mail/imap/client.py", "readonly=True", "readonly=False", "test_imap_safety.py -k changes_a_mailbox"),
    Guard(
        "A2.6",
        "mail/imap/client.py",
        'f"BODY.PEEK[]<0.{limit}>"',
        'f"BODY[]<0.{limit}>"',
        "test_faults_search.py -k plainest",
    ),
    Guard(
        "A2.8",
        "mail/imap/__init__.py",
        "replace(start, next_uid=last + 1)",
        "replace(start, next_uid=after)",
        "test_imap_polls.py -k ends_early",
    ),
    Guard("A2.9", "mail/imap/plan.py", "BODY_IDS = 20", "BODY_IDS = 2000", "test_imap_polls.py -k bounded"),
    Guard(
        "A2.10",
        "mail/imap/plan.py",
        "SEARCH_IDS = 80_000",
        "SEARCH_IDS = 80_000_000",
        "test_faults_search.py -k 150000",
    ),
    Guard(
        "A2.11", "mail/imap/plan.py", "BODY_CAP = 262_144", "BODY_CAP = 262_144_000", "test_imap_polls.py -k large_mail"
    ),
    Guard(
        "A2.11",
        "mail/imap/plan.py",
        "BODY_REFUSED = 50_000_000",
        "BODY_REFUSED = 50_000_000_000",
        "test_faults_fetch.py -k 50_mb",
    ),
    Guard(
        "A2.12",
        "mail/imap/client.py",
        "        except Exception as error:\n            explained",
        "        except OSError as error:\n            explained",
        "test_faults_fetch.py -k unreadable",
    ),
    Guard(
        "A2.13",
        "mail/imap/client.py",
        "client.normalise_times = False",
        "pass",
        "test_faults_fetch.py -k impossible_date",
    ),
    Guard(
        "A2.16",
        "mail/imap/client.py",
        "criteria: list[str] = []",
        'criteria: list[str] = ["NOT", "DELETED"]',
        "test_faults_search.py -k plainest",
    ),
    Guard(
        "A2.17",
        "mail/imap/plan.py",
        "received(header, now) >= self.since",
        "True",
        "test_imap_backfill.py -k to_the_minute",
    ),
    Guard(
        "A2.18", "mail/imap/session.py", "by_use.get(name.lower(), name)", "name", "test_imap_folders.py -k special_use"
    ),
    Guard(
        "A2.19",
        "mail/imap/__init__.py",
        "                yield Batch(warnings=(folder.text,))\n                continue\n            position",
        "                raise MailboxError(Kind.CONFIG, folder.text)\n            position",
        "test_imap_folders.py -k stop_the_others",
    ),
    Guard(
        "A2.25",
        "mail/imap/sasl.py",
        "return self._farewell if answer is None else answer",
        "self._first = answer\n        return answer or b''",
        "test_oauth_mailbox.py -k 'renewed_once and True'",
    ),
    Guard(
        "A2.26", "mail/imap/login.py", "(user + secret).isascii() and ", "", "test_imap_connection.py -k beyond_ascii"
    ),
    Guard(
        "A1.8",
        "mail/imap/errors.py",
        'if "BYE" in said or',
        'if "BY\\0E" in said or',
        "test_faults_connection.py -k bye_is",
    ),
    Guard(
        "A1.12", "mail/imap/session.py", "self._connection.throttled:", "False:", "test_throttled.py -k inside_an_ok"
    ),
    Guard("A1.12", "daemon.py", "asked * 2.0 **", "asked * 1.0 **", "test_throttled.py -k grows"),
    Guard(
        "A1.13",
        "mail/imap/errors.py",
        "if _NO_MAILBOX.words.search(said):",
        "if False:",
        "test_throttled.py -k not_connected",
    ),
    Guard(
        "A1.13",
        "app/poll.py",
        "Kind.AUTH if count >= error.refused_after else error.kind",
        "error.kind",
        "test_throttled.py -k not_connected",
    ),
    Guard("A1.14", "daemon.py", "if abs(clock - self._clock) > CLOCK_JUMP:", "if False:", "test_daemon.py -k suspend"),
    Guard("A1.15", "daemon.py", "misfire_grace_time=None", "misfire_grace_time=1", "test_daemon.py -k hours_late"),
    Guard("A1.15", "app/messages.py", "if not slot.fold:", "if True:", "test_daemon.py -k clocks_change"),
    Guard(
        "A2.2",
        "mail/imap/session.py",
        "uidvalidity != folder.uidvalidity",
        "False",
        "test_faults_search.py -k made_anew",
    ),
    Guard("A2.7", "pipeline.py", "content_key(mail.raw)", "str(mail.place)", "test_copies.py"),
    Guard("A2.7", "pipeline.py", "+ body[:_HASHED]", '+ b""', "test_copies.py"),
    Guard("A2.14", "mail/imap/client.py", 'f"BODY.PEEK[]<', 'f"BINARY.PEEK[]<', "test_faults_search.py -k plainest"),
    Guard(
        "A2.15",
        "mail/imap/client.py",
        "self._client.search(criteria)",
        'self._client.search(criteria, "UTF-8")',
        "test_faults_search.py -k plainest",
    ),
    Guard(
        "A2.20",
        "mail/imap/client.py",
        "if self.offers(offer)), None",
        "if offer), None",
        "test_faults_fetch.py -k identity",
    ),
    Guard("A2.21", "mail/imap/client.py", "k.upper().startswith(start) and", "", "test_faults_fetch.py -k unasked"),
    Guard(
        "A2.22",
        "mail/imap/errors.py",
        "    return _mailbox_error(Kind.PROTOCOL, text, account)\n\n\ndef pause_asked",
        "    raise error\n\n\ndef pause_asked",
        "test_faults_search.py -k make_no_sense",
    ),
    Guard(
        "A2.24",
        "mail/imap/plan.py",
        "    except Exception:  # one mail",
        "    except OSError:  # one mail",
        "test_faults_fetch.py -k breaks_the_triage",
    ),
    Guard("B11", "daemon.py", "signal.set_wakeup_fd(daemon.wakes)", "pass", "test_daemon.py -k another_thread"),
    Guard(
        "A1.5",
        "mail/autoconfig/__init__.py",
        "answered=hosts is not None and records is not None",
        "answered=True",
        "test_autoconfig.py -k nothing_found",
    ),
    Guard(
        "A1.5",
        "daemon.py",
        "except (ConfigError, MailboxError) as error:",
        "except ConfigError as error:",
        "test_server_not_found.py -k daemon",
    ),
    Guard(
        "A1.11",
        "daemon.py",
        "if self.source and self.source.renewed():",
        "if True:",
        "test_told_once.py -k password_of_a_command",
    ),
    Guard("A1.11", "app/signin.py", ", key=self._salt", "", "test_daemon.py -k salted"),
    Guard("B12", "app/spells.py", "fcntl.flock(handle, fcntl.LOCK_EX)", "pass", "test_cron.py -k one_process"),
    Guard(
        "C16",
        "mail/imap/errors.py",
        "_CERTIFICATE_CURES.get(error.verify_code, _UNKNOWN_SIGNER)",
        "_UNKNOWN_SIGNER",
        "test_certificates.py",
    ),
    Guard(
        "C2",
        "notifiers/troubles.py",
        "if name in _OURS else value",
        "if name else value",
        "test_troubles_in_german.py -k never_taken",
    ),
    Guard(
        "A1.12",
        "mail/imap/session.py",
        "            if refused.wait:\n",
        "            if False:\n",
        "test_folder_refused.py -k pause",
    ),
    Guard(
        "A2.19",
        "mail/imap/session.py",
        "if there is not None and name not in there and",
        "if",
        "test_folder_refused.py -k stops_no_other",
    ),
    Guard("B11", "app/spells.py", "        if new:\n", "        if True:\n", "test_cron.py -k 'a_mailbox or cause'"),
    Guard(
        "B13",
        "app/spells.py",
        "            if spell.met_by:\n                return\n",
        "",
        "test_cron.py -k nobody_meets",
    ),
    Guard(
        "C3",
        "mail/imap/login.py",
        "        if has_control(text):\n            raise _config(account, f",
        "        if False:\n            raise _config(account, f",
        "test_imap_safety.py -k 'no_setting_can_smuggle'",
    ),
    Guard(
        "C16",
        "mail/imap/login.py",
        'if account.security == "plain" and not',
        "if False and not",
        "test_imap_safety.py -k this_machine_only",
    ),
)


def copy(folder: Path) -> None:
    """The files under version control, as they are now."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, names):
        if name.startswith(("inboxtrack", "tests", "config", "templates", "pyproject")) and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def noticed(guard: Guard, folder: Path) -> bool:
    """Whether the tests fail without the guard."""
    path = folder / "inboxtrack" / guard.file
    text = path.read_text()
    if text.count(guard.guard) < 1:
        print(f"{guard.row}: {guard.file} no longer has {guard.guard!r}")
        return False
    path.write_text(text.replace(guard.guard, guard.without, 1))
    try:
        command = f"{sys.executable} -m pytest -q -x -p no:cacheprovider tests/{guard.tests}"
        return (
            subprocess.run(command, shell=True, cwd=folder, env=_environment(folder), capture_output=True).returncode
            == 1
        )
    finally:
        path.write_text(text)


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def main() -> int:
    """Take out every guard in turn."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="guards") as name:
        folder = Path(name)
        copy(folder)
        for guard in GUARDS:
            seen = noticed(guard, folder)
            missed += not seen
            print(
                f"{guard.row:6} {'noticed' if seen else 'NOT NOTICED'}: {guard.guard.strip().splitlines()[0][:70]}",
                flush=True,
            )
    print(f"{len(GUARDS) - missed} of {len(GUARDS)} guards are noticed when they are gone")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
