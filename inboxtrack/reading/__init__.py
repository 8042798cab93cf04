"""What extractors share: labels, phrases, dates, money, and the building of facts with evidence."""
