"""Tracking numbers and carriers: shapes, check digits, links and statuses, as data and pure functions."""
