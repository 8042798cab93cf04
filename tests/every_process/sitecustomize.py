"""Every Python process that a test starts logs at DEBUG into the file that `tests.leaks` names and searches."""

import logging
import os

if "LEAKS_LOG" in os.environ:
    logging.raiseExceptions = False  # on a full disk of a test the log is as short as everything else
    logging.basicConfig(level=logging.DEBUG, filename=os.environ["LEAKS_LOG"], encoding="utf-8")
