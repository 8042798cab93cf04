"""Tracking numbers: which carrier could own one, where it stands in a mail, and its page."""
