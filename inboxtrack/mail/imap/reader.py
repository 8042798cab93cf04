"""Reading one open folder: headers, then the bodies of candidates, in batches that can be kept one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

from inboxtrack.mail.imap import plan as plans
from inboxtrack.mail.imap.plan import Folder, Header, Plan, Run
from inboxtrack.mail.imap.session import Session
from inboxtrack.mail.message import Mail
from inboxtrack.mail.source import Batch, Fetched, Pending, Place, Trouble

NO_HEADER = "the server gives no header for it"
NO_BODY = "the server gives no text for it"
HUGE = "it is larger than 50 MB: only its header was read"
REBUILT = "its folder was rebuilt before it could be read"
_EMPTY = frozenset({NO_HEADER, NO_BODY})


class FolderReader:
    """Reads mails of one folder at one time. Its methods raise MailboxError."""

    def __init__(self, session: Session, folder: Folder, now: dt.datetime) -> None:
        self._session = session
        self._folder = folder
        self._now = now

    def batches(self, uids: Sequence[int], plan: Plan, wanted: Callable[[Mail], bool]) -> Iterator[tuple[int, Batch]]:
        """Mails by UID, ascending; each batch with the highest UID that is dealt with once it is kept."""
        for portion in plans.portions(uids, plans.TRIAGE_IDS):
            headers, failed = self._session.headers(self._folder, portion)
            failed |= {uid: NO_HEADER for uid, header in headers.items() if not header.raw}
            usable = {uid: h for uid, h in headers.items() if h.raw and plan.admits(h, self._now)}
            sizes = {uid: header.size for uid, header in usable.items()}
            candidates = {uid for uid, header in usable.items() if plans.triage(header, wanted)}
            reached = 0
            for run in plans.runs(portion, sizes, candidates):
                here = {uid: why for uid, why in failed.items() if reached < uid <= run.last}
                yield run.last, self._batch(run, usable, here)
                reached = run.last

    def again(self, uids: Sequence[int], before: Mapping[int, Pending], limit: int = plans.BODY_CAP) -> Batch:
        """Known mails once more, whole up to `limit` bytes. Those that no longer exist are told as gone."""
        headers, failed = self._session.headers(self._folder, uids)
        huge = [uid for uid in headers if headers[uid].size > plans.BODY_REFUSED]
        bodies, more = self._session.bodies(self._folder, [uid for uid in headers if uid not in huge], limit)
        failed |= more | {uid: NO_BODY for uid, body in bodies.items() if not body}
        mails = [self._fetched(uid, headers[uid], body, limit) for uid, body in bodies.items() if body]
        gone = tuple(self.place(uid) for uid in uids if uid not in bodies and uid not in failed and uid not in huge)
        return Batch(mails=tuple(mails), troubles=self._troubles(failed, before) + self._huge(huge), gone=gone)

    def place(self, uid: int) -> Place:
        """Where a mail of this folder stands."""
        return Place(self._session.account.name, self._folder.name, self._folder.uidvalidity, uid)

    def _batch(self, run: Run, headers: Mapping[int, Header], failed: Mapping[int, str]) -> Batch:
        huge = [uid for uid in run.candidates if headers[uid].size > plans.BODY_REFUSED]
        asked = [uid for uid in run.candidates if uid not in huge]
        bodies, refused = self._session.bodies(self._folder, asked, plans.BODY_CAP)
        empty = {uid: NO_BODY for uid, body in bodies.items() if not body}
        mails = [self._fetched(uid, headers[uid], None) for uid in run.foreign]
        mails += [self._fetched(uid, headers[uid], body) for uid, body in bodies.items() if body]
        troubles = self._troubles({**failed, **refused, **empty}, {})
        troubles += self._huge(huge)
        return Batch(mails=tuple(sorted(mails, key=lambda mail: mail.place.uid)), troubles=troubles)

    def _huge(self, uids: Sequence[int]) -> tuple[Trouble, ...]:
        return tuple(Trouble(place=self.place(uid), reason=HUGE, final=True) for uid in uids)

    def _troubles(self, failed: Mapping[int, str], before: Mapping[int, Pending]) -> tuple[Trouble, ...]:
        return tuple(
            plans.trouble(self.place(uid), why, before.get(uid), empty=why in _EMPTY)
            for uid, why in sorted(failed.items())
        )

    def _fetched(self, uid: int, header: Header, body: bytes | None, cap: int = plans.BODY_CAP) -> Fetched:
        return plans.fetched(self.place(uid), header, body, self._now, cap)
